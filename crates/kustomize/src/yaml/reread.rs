//! What becomes of a value when kustomize writes it as YAML, in the style in which it was, and reads that again.
//!
//! It does so before it writes the objects that were built, and before it applies a JSON patch. Not all styles keep what
//! they hold.

use std::iter::repeat_n;

use super::analyze::{Analysis, is_break};
use super::node::{Data, Node, Quotes};
use super::scalar::Scalar;

const NEXT_LINE: char = '\u{85}';

impl Node {
    /// Does to the value what writing and reading does: what was left blank becomes an empty text in brackets or braces,
    /// and some folded texts gain line breaks.
    pub(crate) fn reread(&mut self) {
        self.reread_in(false);
    }

    fn reread_in(&mut self, in_flow: bool) {
        let in_flow = in_flow || self.flow;
        match &mut self.data {
            Data::Scalar(text, scalar) => {
                if in_flow && *scalar == Scalar::Null && text.is_empty() {
                    *scalar = Scalar::Blank;
                }
                if self.quotes == Quotes::Folded
                    && !in_flow
                    && let Some(again) = refolded(text)
                {
                    *text = again;
                }
            }
            Data::Sequence(items) => items.iter_mut().for_each(|item| item.reread_in(in_flow)),
            Data::Mapping(entries) => entries
                .values_mut()
                .for_each(|entry| entry.value.reread_in(in_flow)),
        }
    }
}

/// Does to the values of an object what `kustomize` does as it makes YAML of their JSON: a next line (U+0085) is no escape
/// in JSON, and a line break to who reads that as YAML.
pub(crate) fn fold_next_lines(node: &mut Node) {
    match &mut node.data {
        Data::Scalar(text, _) => {
            if text.contains(NEXT_LINE) {
                *text = without_next_lines(text);
            }
        }
        Data::Sequence(items) => items.iter_mut().for_each(fold_next_lines),
        Data::Mapping(entries) => entries
            .values_mut()
            .for_each(|entry| fold_next_lines(&mut entry.value)),
    }
}

/// A text in double quotes with the lines that a next line divides it into folded: one becomes a space, of several each
/// but the first becomes a line feed; spaces around them are lost.
fn without_next_lines(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((line, after)) = rest.split_once(NEXT_LINE) {
        folded.push_str(line.trim_end_matches(' '));
        rest = after.trim_start_matches([' ', NEXT_LINE]);
        let more = &after[..after.len() - rest.len()];
        match more.matches(NEXT_LINE).count() {
            0 => folded.push(' '),
            count => folded.extend(repeat_n('\n', count)),
        }
    }
    folded.push_str(rest);
    folded
}

/// A text after it was written to a folded block and read again.
///
/// The writer doubles the first of the line breaks behind a line that does not begin with a blank. It should not where the
/// text ends, or where the next line begins with one: reading does not fold these.
fn refolded(text: &str) -> Option<String> {
    let is_exact = |c: char| c != '\n' && is_break(c);
    // What a block does not hold is in quotes, which keep it.
    if !text.contains('\n') || text.contains(is_exact) || !Analysis::of(text).block {
        return None;
    }
    let is_blank = |line: &str| line.starts_with([' ', '\t']);
    // It looks at the beginning of the text where it should look behind the line breaks.
    let doubles = !is_blank(text.trim_start_matches('\n'));
    let (content, end) = split_end(text);
    let mut again = String::with_capacity(text.len() + 8);
    let mut before: Option<&str> = None;
    let mut breaks = 0;
    for line in content.split('\n') {
        if line.is_empty() {
            breaks += 1;
            continue;
        }
        match before {
            // One break more than between the lines of the text: that of the line before.
            Some(before) => {
                let written = breaks + 1 + usize::from(doubles && !is_blank(before));
                let folded = !is_blank(before) && !is_blank(line);
                match (folded, written) {
                    (true, 1) => again.push(' '),
                    (true, _) => again.extend(repeat_n('\n', written - 1)),
                    (false, _) => again.extend(repeat_n('\n', written)),
                }
            }
            None => again.extend(repeat_n('\n', breaks)),
        }
        again.push_str(line);
        (before, breaks) = (Some(line), 0);
    }
    let doubled = doubles && before.is_some_and(|line| !is_blank(line));
    // A single line break at the end is clipped, several are kept.
    let end = if end > 1 {
        end + usize::from(doubled)
    } else {
        end
    };
    again.extend(repeat_n('\n', end));
    (again != text).then_some(again)
}

/// A text without the line breaks at its end, and how many these are. A text of nothing else is its end.
fn split_end(text: &str) -> (&str, usize) {
    let content = text.trim_end_matches('\n');
    (content, text.len() - content.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_lines_are_folded() {
        for (text, wanted) in [
            ("\u{85}", " "),
            ("a\u{85}b", "a b"),
            ("a \u{85} b\u{85}", "a b "),
            ("a\u{85} \u{85}\u{85}b\nc", "a\n\nb\nc"),
        ] {
            assert_eq!(without_next_lines(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn folded_texts_gain_line_breaks() {
        for (text, wanted) in [
            ("a b", None),
            ("a\n", None),
            ("a\nb\n\nc\n", None),
            ("a\n\n", Some("a\n\n\n")),
            ("a\n  b\nc", Some("a\n\n  b\nc")),
            ("a\n\n  b\n  c\n\nd\n", Some("a\n\n\n  b\n  c\n\nd\n")),
            (" a\nb\nc\n", Some(" a\nb c\n")),
            ("\n\na\n b", Some("\n\na\n\n b")),
            ("a \n b", None),
            ("😀\n b", None),
        ] {
            assert_eq!(refolded(text).as_deref(), wanted, "{text:?}");
        }
    }
}
