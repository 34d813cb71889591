//! Values as dyff shows them: YAML for people, not for programs.

use super::tree::{Node, Tag};

/// A value in lines, each ended.
pub(super) fn neat(node: &Node) -> String {
    let mut text = String::new();
    write(node, "", false, &mut text);
    text
}

/// Writes a value behind what stands on the line already. With `begun`, its first line has its
/// indentation.
fn write(node: &Node, indent: &str, begun: bool, text: &mut String) {
    match node {
        Node::Map(entries) => {
            for (place, (key, value)) in entries.iter().enumerate() {
                if place > 0 || !begun {
                    text.push_str(indent);
                }
                text.push_str(key);
                text.push(':');
                entry(value, indent, text);
            }
        }
        Node::List(items) => {
            for (place, item) in items.iter().enumerate() {
                if place > 0 || !begun {
                    text.push_str(indent);
                }
                text.push_str("- ");
                if let Some(empty) = empty(item) {
                    text.push_str(empty);
                    text.push('\n');
                } else {
                    write(item, &format!("{indent}  "), true, text);
                }
            }
        }
        Node::Scalar(tag, value) => scalar(*tag, value, indent, text),
    }
}

/// Writes what stands behind a key.
fn entry(value: &Node, indent: &str, text: &mut String) {
    if let Some(empty) = empty(value) {
        text.push(' ');
        text.push_str(empty);
        text.push('\n');
        return;
    }
    match value {
        Node::Map(_) => {
            text.push('\n');
            write(value, &format!("{indent}  "), false, text);
        }
        Node::List(_) => {
            text.push('\n');
            write(value, indent, false, text);
        }
        Node::Scalar(tag, scalar_text) => {
            text.push(' ');
            scalar(*tag, scalar_text, &format!("{indent}  "), text);
        }
    }
}

fn empty(node: &Node) -> Option<&'static str> {
    match node {
        Node::Map(entries) if entries.is_empty() => Some("{}"),
        Node::List(items) if items.is_empty() => Some("[]"),
        _ => None,
    }
}

fn scalar(tag: Tag, value: &str, indent: &str, text: &mut String) {
    if value.contains('\n') {
        text.push_str("|\n");
        let lines: Vec<String> = value.split('\n').map(|l| format!("{indent}{l}")).collect();
        text.push_str(&lines.join("\n"));
    } else if tag == Tag::Text && needs_quotes(value) {
        text.push_str(&quoted(value));
    } else {
        text.push_str(value);
    }
    text.push('\n');
}

fn needs_quotes(text: &str) -> bool {
    matches!(text, "true" | "false" | "null")
        || text.starts_with('-')
        || text.contains([' ', '*', '&', ':', ','])
}

/// A text as Go quotes it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            c if c.is_ascii_control() => quoted.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_in_lines() {
        let node = Node::of(&json!({
            "a": "x", "b": "x y", "c": "true", "d": true, "e": "", "f": {}, "g": [],
            "h": ["x", {"y": 1, "z": [2]}, [3], {}], "i": {"j": "l1\nl2\n"}, "k": "t\t \"q\"",
        }));
        let want = "a: x\nb: \"x y\"\nc: \"true\"\nd: true\ne: \nf: {}\ng: []\nh:\n- x\n- y: 1\n  \
            z:\n  - 2\n- - 3\n- {}\ni:\n  j: |\n    l1\n    l2\n    \nk: \"t\\t \\\"q\\\"\"\n";
        assert_eq!(neat(&node), want);
    }
}
