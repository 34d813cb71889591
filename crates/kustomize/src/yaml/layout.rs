//! Writes a text again after a value in it was changed, in the layout that kustomize gives to such texts: the order of the
//! keys and the quotes stay, lists stand in line with their keys, blank lines go.
//!
//! That is done for texts of which all can be told from the values and their places. Comments (but for one at the very
//! top), anchors, tags and folded blocks are not followed.

use super::analyze::{Analysis, is_break};
use super::emit::{Style, on_one_line};
use super::error::Position;
use super::node::{Data, Node, Quotes};
use super::scalar::{Dialect, Scalar};

/// The longest key, in bytes, that stands on one line with its value.
const SIMPLE_KEY: usize = 128;
const INDENT: usize = 2;

/// The text `source` with what `changed`, its first document, now holds; `None` where the layout can't be told.
///
/// Single values may have been changed, and added where something was missing.
pub(crate) fn rewritten(source: &str, changed: &Node) -> Option<String> {
    let (comment, body) = split_comment(source);
    if !is_followed(body) {
        return None;
    }
    let source = Source {
        lines: source.lines().collect(),
    };
    let mut out = String::with_capacity(body.len());
    source.block(changed, 0, &mut out)?;
    Some(format!("{comment}{out}").trim().to_owned())
}

/// A single value as kustomize writes it by itself, with its quotes or the mark of its block; `None` where the layout can't be
/// told.
pub(crate) fn scalar_text(node: &Node) -> Option<String> {
    let mut out = String::new();
    Source::scalar(node, 0, &mut out)?;
    Some(out.trim().to_owned())
}

/// The comment at the top of a text, which goes with what follows it and keeps its distance from that, and the rest.
fn split_comment(text: &str) -> (String, &str) {
    let mut comment = String::new();
    let mut rest = text;
    while let Some((line, after)) = rest
        .split_once('\n')
        .filter(|(line, _)| line.starts_with('#'))
    {
        comment.extend([line, "\n"]);
        rest = after;
    }
    if !comment.is_empty() && rest.starts_with('\n') {
        comment.push('\n');
    }
    (comment, rest)
}

/// Whether a text has nothing in it that values do not tell. Some texts that hold nothing of that kind are taken for such.
fn is_followed(text: &str) -> bool {
    let opens = |c: Option<char>| c.is_none_or(|c| matches!(c, ' ' | '[' | '{' | ',' | ':' | '-'));
    let starts_property = |line: &str| {
        let mut before = None;
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            let is_property = match c {
                '#' => true,
                '&' | '*' | '!' => chars.peek().is_some_and(|next| *next != ' '),
                _ => false,
            };
            if is_property && opens(before) {
                return true;
            }
            before = Some(c);
        }
        false
    };
    !text.contains(['\t', '\r', '\u{85}', '\u{2028}', '\u{2029}', '\u{feff}'])
        && !text.contains("<<")
        && !text.lines().any(|line| {
            line.starts_with("---")
                || line.starts_with("...")
                || line.starts_with('%')
                || starts_property(line)
        })
}

/// The text before the change.
struct Source<'t> {
    lines: Vec<&'t str>,
}

impl Source<'_> {
    /// The style of a key, as its first character tells; one that was made has none.
    fn key_style(&self, position: Position) -> Option<Style> {
        let Some(line) = position.line.checked_sub(1) else {
            return Some(Style::Plain);
        };
        let line = self.lines.get(usize::try_from(line).ok()?)?;
        let column = usize::try_from(position.column.checked_sub(1)?).ok()?;
        match line.chars().nth(column)? {
            '"' => Some(Style::Double),
            '\'' => Some(Style::Single),
            '|' | '>' => None,
            _ => Some(Style::Plain),
        }
    }

    /// Adds the lines of a list or mapping, of which the first is indented already.
    fn block(&self, node: &Node, indent: usize, out: &mut String) -> Option<()> {
        match &node.data {
            Data::Sequence(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.line(at, indent, out);
                    out.push('-');
                    match &item.data {
                        Data::Scalar(..) => Self::scalar(item, indent, out)?,
                        _ if is_inline(item) => self.inline(item, out)?,
                        _ => {
                            out.push(' ');
                            self.block(item, indent + INDENT, out)?;
                        }
                    }
                }
            }
            Data::Mapping(entries) => {
                let mut entries: Vec<_> = entries.iter().collect();
                // What was made comes last.
                entries.sort_by_key(|(_, entry)| {
                    (entry.key.line == 0, entry.key.line, entry.key.column)
                });
                for (at, (key, entry)) in entries.into_iter().enumerate() {
                    self.line(at, indent, out);
                    self.key(key, entry.key, false, out)?;
                    let value = &entry.value;
                    match &value.data {
                        Data::Scalar(..) => Self::scalar(value, indent, out)?,
                        _ if is_inline(value) => self.inline(value, out)?,
                        data => {
                            let is_list = matches!(data, Data::Sequence(_));
                            let below = if is_list { indent } else { indent + INDENT };
                            out.push('\n');
                            out.extend(std::iter::repeat_n(' ', below));
                            self.block(value, below, out)?;
                        }
                    }
                }
            }
            Data::Scalar(..) => return None,
        }
        Some(())
    }

    /// Begins a line, but for the first of a block.
    fn line(&self, at: usize, indent: usize, out: &mut String) {
        if at > 0 {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
        }
    }

    /// Adds a key and its colon.
    fn key(&self, key: &str, position: Position, in_flow: bool, out: &mut String) -> Option<()> {
        if key.len() > SIMPLE_KEY || key.contains(is_break) || key.is_empty() {
            return None;
        }
        let style = self.key_style(position)?;
        if style == Style::Plain && Dialect::Resource.resolve(key) != Scalar::Text {
            return None;
        }
        out.push_str(&on_one_line(key, in_braces(key, style, in_flow)));
        out.push(':');
        Some(())
    }

    /// The text of a scalar and the style that kustomize wants for it.
    fn wanted(node: &Node) -> Option<(&str, Style)> {
        let Data::Scalar(text, scalar) = &node.data else {
            return None;
        };
        let style = match node.quotes {
            Quotes::None => Style::Plain,
            Quotes::Single => Style::Single,
            Quotes::Double => Style::Double,
            Quotes::Literal => Style::Literal,
            Quotes::Folded => return None,
        };
        let style = match style {
            Style::Plain if text.contains('\n') => Style::Literal,
            Style::Plain if !node.untagged && *scalar == Scalar::Text => {
                match Dialect::Resource.resolve(text) {
                    Scalar::Text => Style::Plain,
                    _ => Style::Double,
                }
            }
            Style::Single if text.contains('\n') => return None,
            style => style,
        };
        Some((text, style))
    }

    /// Adds a scalar behind a key or a dash, which are indented.
    fn scalar(node: &Node, indent: usize, out: &mut String) -> Option<()> {
        let (text, style) = Self::wanted(node)?;
        if text.is_empty() && style == Style::Plain {
            return Some(());
        }
        out.push(' ');
        if style == Style::Literal && Analysis::of(text).block {
            literal(text, indent + INDENT, out);
        } else {
            let style = match style {
                Style::Literal => Style::Double,
                style => style,
            };
            out.push_str(&on_one_line(text, style));
        }
        Some(())
    }

    /// Adds a list or mapping on the line of its key or dash.
    fn inline(&self, node: &Node, out: &mut String) -> Option<()> {
        out.push(' ');
        self.flow(node, out)
    }

    fn flow(&self, node: &Node, out: &mut String) -> Option<()> {
        match &node.data {
            Data::Scalar(..) => {
                let (text, style) = Self::wanted(node)?;
                out.push_str(&on_one_line(text, in_braces(text, style, true)));
            }
            Data::Sequence(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at > 0 { ", " } else { "" });
                    self.flow(item, out)?;
                }
                out.push(']');
            }
            Data::Mapping(entries) => {
                let mut entries: Vec<_> = entries.iter().collect();
                entries.sort_by_key(|(_, entry)| {
                    (entry.key.line == 0, entry.key.line, entry.key.column)
                });
                out.push('{');
                for (at, (key, entry)) in entries.into_iter().enumerate() {
                    out.push_str(if at > 0 { ", " } else { "" });
                    self.key(key, entry.key, true, out)?;
                    out.push(' ');
                    self.flow(&entry.value, out)?;
                }
                out.push('}');
            }
        }
        Some(())
    }
}

/// Whether a list or mapping stands on one line.
fn is_inline(node: &Node) -> bool {
    node.flow || node.is_empty_collection()
}

/// The style of a scalar that may stand in brackets or braces.
fn in_braces(text: &str, style: Style, in_flow: bool) -> Style {
    let is_special = |c: char| matches!(c, ',' | '?' | '[' | ']' | '{' | '}' | ':');
    match style {
        Style::Plain if in_flow && (text.is_empty() || text.contains(is_special)) => Style::Single,
        Style::Literal => Style::Double,
        style => style,
    }
}

/// Adds a literal block.
fn literal(text: &str, indent: usize, out: &mut String) {
    out.push('|');
    if text.starts_with([' ', '\n']) {
        out.push_str(&INDENT.to_string());
    }
    let content = text.trim_end_matches('\n');
    match text.len() - content.len() {
        0 => out.push('-'),
        1 if !content.is_empty() => {}
        _ => out.push('+'),
    }
    let lines = text.strip_suffix('\n').unwrap_or(text);
    for line in lines.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', indent));
            out.push_str(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::parse;

    fn again(text: &str) -> Option<String> {
        rewritten(text, &parse(text, Dialect::Resource).unwrap()[0])
    }

    #[test]
    fn texts_keep_order_and_quotes() {
        for text in [
            "b: 1\na: \"x\"\nc: 'y'\nd: [a, 'b:c', {e: f}]",
            "# top\n# of it\na:\n  - b: c",
            "a: |\n  b\n   c\nd:\nl: {}\nm: []",
        ] {
            let wanted = text.replace("  - b", "- b");
            assert_eq!(again(text), Some(wanted), "{text}");
        }
        let text = "list:\n    - a:   1\n\n      b: [ x,y ]\n    -   - z\n";
        let wanted = "list:\n- a: 1\n  b: [x, y]\n- - z";
        assert_eq!(again(text).as_deref(), Some(wanted));
    }

    #[test]
    fn what_values_do_not_tell_is_refused() {
        for text in [
            "a: 1 # b",
            "a: &b 1",
            "a: !!str 1",
            "a: >\n  b\n",
            "---\na: 1",
        ] {
            assert_eq!(again(text), None, "{text}");
        }
        for text in ["a: b#c", "a: b&c", "a: b * c"] {
            assert_eq!(again(text).as_deref(), Some(text));
        }
    }
}
