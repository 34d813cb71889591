//! The differences of an object below its line, in the form of dyff, as flux shows them.

use similar::{ChangeTag, DiffOp, TextDiff};

use super::compare::{Detail, Difference};
use super::neat::neat;
use super::tree::{Node, Tag};

/// Between texts that stand side by side.
const BETWEEN: &str = "   ";

/// The colours of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tint {
    Plain,
    Path,
    Head,
    Added,
    Removed,
}

impl Tint {
    /// The text, coloured where that is wanted.
    pub(super) fn paint(self, text: &str, colored: bool) -> String {
        let code = match self {
            Tint::Plain => return text.to_owned(),
            Tint::Path => "1",
            Tint::Head => "33",
            Tint::Added => "32",
            Tint::Removed => "31",
        };
        if !colored || text.is_empty() {
            return text.to_owned();
        }
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// How wide the terminal is, and whether it has colours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Screen {
    pub(super) width: usize,
    pub(super) colored: bool,
}

/// A line: texts and their colours.
#[derive(Debug, Clone, Default)]
struct Line(Vec<(Tint, String)>);

impl Line {
    fn of(tint: Tint, text: impl Into<String>) -> Self {
        Line(vec![(tint, text.into())])
    }

    fn length(&self) -> usize {
        self.0.iter().map(|(_, text)| text.chars().count()).sum()
    }

    fn trim_end(&mut self) {
        while let Some((_, text)) = self.0.last_mut() {
            text.truncate(text.trim_end_matches(' ').len());
            if !text.is_empty() {
                break;
            }
            self.0.pop();
        }
    }
}

/// Lines. A text that ends in a line break ends in an empty line here.
#[derive(Debug, Clone, Default)]
struct Block(Vec<Line>);

impl Block {
    /// The lines of a text.
    fn of(tint: Tint, text: &str) -> Self {
        Block(text.split('\n').map(|line| Line::of(tint, line)).collect())
    }

    /// Puts another block behind the last character of this one.
    fn append(&mut self, other: Block) {
        let mut lines = other.0.into_iter();
        match (self.0.last_mut(), lines.next()) {
            (Some(last), Some(first)) => last.0.extend(first.0),
            (None, Some(first)) => self.0.push(first),
            (_, None) => {}
        }
        self.0.extend(lines);
    }

    fn width(&self) -> usize {
        self.0.iter().map(Line::length).max().unwrap_or_default()
    }

    fn text(&self, colored: bool) -> String {
        let line = |line: &Line| -> String {
            let spans = line.0.iter();
            spans
                .map(|(tint, text)| tint.paint(text, colored))
                .collect()
        };
        let lines: Vec<String> = self.0.iter().map(line).collect();
        lines.join("\n")
    }
}

/// The differences in the form of dyff.
pub(super) fn body(differences: &[Difference], screen: Screen) -> String {
    let mut text = String::new();
    for difference in differences {
        let path = if difference.path.is_root() {
            "(root level)".to_owned()
        } else {
            difference.path.dotted()
        };
        let blocks = difference.details.iter().map(|d| detail(d, screen));
        text.push('\n');
        text.push_str(&Tint::Path.paint(&path, screen.colored));
        text.push('\n');
        let blocks: Vec<Block> = blocks.collect();
        text.push_str(&arranged(0, blocks, screen).text(screen.colored));
    }
    text.push('\n');
    text
}

/// Blocks side by side where the terminal is wide enough, otherwise one below the other.
fn arranged(indent: usize, blocks: Vec<Block>, screen: Screen) -> Block {
    let between = BETWEEN.len() * blocks.len().saturating_sub(1);
    let width = indent + between + blocks.iter().map(Block::width).sum::<usize>();
    if width <= screen.width {
        return table(BETWEEN, indent, &blocks);
    }
    let mut lines: Vec<Line> = blocks.into_iter().flat_map(|block| block.0).collect();
    for line in &mut lines {
        line.0.insert(0, (Tint::Plain, " ".repeat(indent)));
    }
    lines.push(Line::default());
    Block(lines)
}

fn table(between: &str, indent: usize, blocks: &[Block]) -> Block {
    let rows = blocks.iter().map(|b| b.0.len()).max().unwrap_or_default();
    let row = |at: usize| {
        let mut row = Line::default();
        for (place, block) in blocks.iter().enumerate() {
            let cell = block.0.get(at).cloned().unwrap_or_default();
            let gap = if place > 0 { between } else { "" };
            let padding = block.width().saturating_sub(cell.length());
            row.0
                .push((Tint::Plain, format!("{gap}{}", " ".repeat(indent))));
            row.0.extend(cell.0);
            row.0.push((Tint::Plain, " ".repeat(padding)));
        }
        row.trim_end();
        row
    };
    Block((0..rows).map(row).collect())
}

fn detail(detail: &Detail, screen: Screen) -> Block {
    match detail {
        Detail::Added(node) => entries("+", "added", node, (Tint::Added, 2), screen),
        Detail::Removed(node) => entries("-", "removed", node, (Tint::Removed, 0), screen),
        Detail::Changed(from, to) => changed(from, to, screen),
        Detail::Reordered(from, to) => reordered(from, to, screen),
    }
}

fn head(text: &str) -> Block {
    Block(vec![Line::of(Tint::Head, text), Line::default()])
}

/// Entries of a map or items of a list that came or went.
fn entries(
    sign: &str,
    word: &str,
    node: &Node,
    (tint, indent): (Tint, usize),
    screen: Screen,
) -> Block {
    let count = match node {
        Node::Map(entries) => plural(entries.len(), "map entry", "map entries"),
        Node::List(items) => plural(items.len(), "list entry", "list entries"),
        Node::Scalar(..) => String::new(),
    };
    let mut node = node.clone();
    node.arrange();
    let mut block = head(&format!("{sign} {count} {word}:"));
    let yaml = Block::of(tint, &neat(&node));
    block.append(arranged(indent, vec![yaml], screen));
    block
}

fn changed(from: &Node, to: &Node, screen: Screen) -> Block {
    if let (Node::Scalar(Tag::Text, from), Node::Scalar(Tag::Text, to)) = (from, to) {
        return texts(from, to, screen);
    }
    let (before, after) = (from.type_name(), to.type_name());
    let mut block = if before == after {
        head("± value change")
    } else {
        head(&format!("± type change from {before} to {after}"))
    };
    let text = |node: &Node| match node {
        Node::Scalar(Tag::Null, _) => "<nil>".to_owned(),
        node => neat(node).trim_end_matches('\n').to_owned(),
    };
    block.append(prefixed("- ", Tint::Removed, &text(from)));
    block.append(prefixed("+ ", Tint::Added, &text(to)));
    block
}

fn texts(from: &str, to: &str, screen: Screen) -> Block {
    let ends: &[char] = &[' ', '\n'];
    if from.trim_matches(ends) == to.trim_matches(ends) {
        let shown = |text: &str| text.replace('\n', "↵\n").replace(' ', "·");
        let mut block = head("± whitespace only change");
        let sides = vec![
            prefixed("- ", Tint::Removed, &shown(from)),
            prefixed("+ ", Tint::Added, &shown(to)),
        ];
        block.append(arranged(0, sides, screen));
        return block;
    }
    if from.contains('\n') || to.contains('\n') {
        return long_texts(from, to);
    }
    let mut block = head("± value change");
    block.append(prefixed("- ", Tint::Removed, from));
    block.append(prefixed("+ ", Tint::Added, to));
    block
}

/// The lines that came and went.
fn long_texts(from: &str, to: &str) -> Block {
    let diff = TextDiff::from_lines(from, to);
    let count = |counts: fn(&DiffOp) -> bool| diff.ops().iter().filter(|op| counts(op)).count();
    let inserts = count(|op| matches!(op, DiffOp::Insert { .. } | DiffOp::Replace { .. }));
    let deletions = count(|op| matches!(op, DiffOp::Delete { .. } | DiffOp::Replace { .. }));
    let mut block = head(&format!(
        "± value change in multiline text ({}, {})",
        plural(inserts, "insert", "inserts"),
        plural(deletions, "deletion", "deletions")
    ));
    let mut lines = Vec::new();
    for change in diff.iter_all_changes() {
        let (sign, tint) = match change.tag() {
            ChangeTag::Equal => continue,
            ChangeTag::Insert => ("+ ", Tint::Added),
            ChangeTag::Delete => ("- ", Tint::Removed),
        };
        let line = change.value().trim_end_matches('\n');
        lines.push(Line::of(tint, format!("{sign}{line}")));
    }
    lines.push(Line::default());
    lines.push(Line::default());
    block.append(Block(lines));
    block
}

fn reordered(from: &[Node], to: &[Node], screen: Screen) -> Block {
    let texts = |items: &[Node]| -> Vec<String> {
        let text = |item: &Node| match item.text() {
            "" => neat(item),
            text => text.to_owned(),
        };
        items.iter().map(text).collect()
    };
    let (before, after) = (texts(from), texts(to));
    let mut block = head("⇆ order changed");
    let (before_line, after_line) = (before.join(", "), after.join(", "));
    let longest = before_line.chars().count().max(after_line.chars().count());
    if longest < screen.width / 2 {
        block.append(Block::of(Tint::Removed, &format!("- {before_line}\n")));
        block.append(Block::of(Tint::Added, &format!("+ {after_line}\n")));
    } else {
        let sides = [
            Block::of(Tint::Removed, &before.join("\n")),
            Block::of(Tint::Added, &after.join("\n")),
        ];
        block.append(table(" ", 2, &sides));
    }
    block
}

/// A text behind a sign, its other lines below its first.
fn prefixed(sign: &str, tint: Tint, text: &str) -> Block {
    let line = |(place, line): (usize, &str)| {
        let start = if place == 0 { sign } else { "  " };
        Line::of(tint, format!("{start}{line}"))
    };
    let mut lines: Vec<Line> = text.split('\n').enumerate().map(line).collect();
    lines.push(Line::default());
    Block(lines)
}

/// A count in words.
fn plural(count: usize, one: &str, many: &str) -> String {
    const WORDS: [&str; 13] = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve",
    ];
    let noun = if count == 1 { one } else { many };
    match WORDS.get(count) {
        Some(word) => format!("{word} {noun}"),
        None => format!("{count} {noun}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::compare::differences;
    use super::*;

    fn shown(from: &Value, to: &Value) -> String {
        let found = differences(&Node::of(from), &Node::of(to));
        let screen = Screen {
            width: 80,
            colored: false,
        };
        body(&found, screen)
    }

    #[test]
    fn what_comes_and_goes_stands_side_by_side() {
        let from = json!({"data": {"drift-key": "*****"}});
        let to = json!({"data": {"token": "*****"}});
        assert_eq!(
            shown(&from, &to),
            "\ndata\n- one map entry removed:   + one map entry added:\n\
             drift-key: \"*****\"           token: \"*****\"\n\n"
        );
    }

    #[test]
    fn long_sides_stand_below_each_other() {
        let (from, to) = (json!({"a": "x".repeat(60)}), json!({"b": "y".repeat(60)}));
        let text = shown(&from, &to);
        let want = format!(
            "\n(root level)\n- one map entry removed:\na: {}\n\n+ one map entry added:\n  b: {}\n\n\n",
            "x".repeat(60),
            "y".repeat(60)
        );
        assert_eq!(text, want);
    }

    #[test]
    fn scalars() {
        let cases = [
            (json!(9899), json!(9898), "± value change\n- 9899\n+ 9898\n"),
            (
                json!(80),
                json!("80"),
                "± type change from int to string\n- 80\n+ 80\n",
            ),
            (
                json!(null),
                json!({"a": 1, "b": 2}),
                "± type change from <nil> to map\n- <nil>\n+ a: 1\n  b: 2\n",
            ),
            (
                json!("a"),
                json!("a\n"),
                "± whitespace only change\n- a   + a↵\n\n",
            ),
            (
                json!("a\nb\nc\n"),
                json!("a\nx\nc\nd\n"),
                "± value change in multiline text (two inserts, one deletion)\n- b\n+ x\n+ d\n\n",
            ),
            (
                json!(["a", "b"]),
                json!(["b", "a"]),
                "⇆ order changed\n- a, b\n+ b, a\n",
            ),
        ];
        for (from, to, want) in cases {
            let text = shown(&json!({"k": from}), &json!({"k": to}));
            assert_eq!(text, format!("\nk\n{want}\n"));
        }
    }

    #[test]
    fn colours_are_for_those_who_want_them() {
        let (from, to) = (Node::of(&json!({"a": 1})), Node::of(&json!({"a": 2})));
        let screen = Screen {
            width: 80,
            colored: true,
        };
        let text = body(&differences(&from, &to), screen);
        assert!(
            text.contains("\u{1b}[31m- 1\u{1b}[0m\n\u{1b}[32m+ 2\u{1b}[0m"),
            "{text:?}"
        );
    }
}
