//! What is wrong with a text, in the words of Go's YAML reader.

use granit_parser::ErrorKind;

/// What a Go program would say of a text that the parser refuses for `kind` at that character.
pub(super) fn problem(kind: &ErrorKind, text: &str, at: usize) -> String {
    let byte = text.char_indices().nth(at).map_or(text.len(), |(at, _)| at);
    let (before, after) = text.split_at(byte);
    let words = match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::UnexpectedCharacter { .. } => "found character that cannot start any token",
        ErrorKind::TabInIndentation => "found a tab character that violates indentation",
        ErrorKind::UnclosedFlowCollection { open } => unclosed(*open, text),
        ErrorKind::UnexpectedEofFlowSequence | ErrorKind::ExpectedFlowSequenceSeparator => {
            "did not find expected ',' or ']'"
        }
        ErrorKind::UnexpectedEofFlowMapping => "did not find expected ',' or '}'",
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            unclosed(*open, after.split(*close).next().unwrap_or(after))
        }
        ErrorKind::MisplacedFlowCollectionEnd | ErrorKind::UnexpectedEofImplicitFlowMapping => {
            "did not find expected node content"
        }
        // Go's reader takes lines that are indented less for more of the text.
        ErrorKind::UnclosedQuotedScalar | ErrorKind::InvalidQuotedScalarIndent => {
            "found unexpected end of stream"
        }
        ErrorKind::InvalidColonPlacement => match before.chars().rfind(|c| "[]{}".contains(*c)) {
            Some(open @ ('[' | '{')) => separator(open),
            _ => "mapping values are not allowed in this context",
        },
        ErrorKind::UnknownAnchor => return unknown_anchor(after),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => "could not find expected ':'",
        ErrorKind::InvalidIndentation => "did not find expected key",
        ErrorKind::BlockEntryInFlowCollection => {
            "block sequence entries are not allowed in this context"
        }
        other => return without_context(&other.to_string()).to_owned(),
    };
    words.to_owned()
}

fn unknown_anchor(alias: &str) -> String {
    let name = alias.trim_start_matches('*');
    let ends = |c: char| c.is_whitespace() || ",[]{}".contains(c);
    let name = name.split(ends).next().unwrap_or(name);
    format!("unknown anchor '{name}' referenced")
}

/// The problem alone, without what was being read at the time.
fn without_context(message: &str) -> &str {
    match message.split_once(", ") {
        Some((context, problem)) if context.starts_with("while ") => problem,
        _ => message,
    }
}

/// What is missing where a text ends inside of brackets.
fn unclosed(open: char, text: &str) -> &'static str {
    if text.trim_end().ends_with(['[', '{', ',', ':', '?']) {
        "did not find expected node content"
    } else {
        separator(open)
    }
}

fn separator(open: char) -> &'static str {
    if open == '{' {
        "did not find expected ',' or '}'"
    } else {
        "did not find expected ',' or ']'"
    }
}

#[cfg(test)]
mod tests {
    use crate::yaml::{Dialect, parse};

    #[test]
    fn refusals_are_in_the_words_of_go() {
        for (text, words) in [
            ("a: [1, 2\n", "did not find expected ',' or ']'"),
            ("a: [1, 2\nb: 3\n", "did not find expected ',' or ']'"),
            ("a: {b: 1\n", "did not find expected ',' or '}'"),
            ("a: [\n", "did not find expected node content"),
            ("a: [}\n", "did not find expected node content"),
            ("a: ]\n", "did not find expected node content"),
            ("a: \"x\n", "found unexpected end of stream"),
            ("a: *x\n", "unknown anchor 'x' referenced"),
            ("a: @x\n", "found character that cannot start any token"),
            ("a:\n\t- b\n", "found character that cannot start any token"),
            (
                "a: b: c\n",
                "mapping values are not allowed in this context",
            ),
            (
                "a\nb: 1\n",
                "mapping values are not allowed in this context",
            ),
            ("- a\nb: 1\n", "did not find expected '-' indicator"),
        ] {
            let refused = parse(text, Dialect::Resource).unwrap_err();
            assert_eq!(refused.message(), words, "{text}");
            assert!(refused.is_malformed(), "{text}");
        }
    }
}
