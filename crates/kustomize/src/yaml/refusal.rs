//! What is wrong with a text, in the words of Go's YAML reader.

use granit_parser::ErrorKind;

/// What a Go program would say of a text that the parser refuses for `kind`.
pub(super) fn problem(kind: &ErrorKind, text: &str) -> String {
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
        ErrorKind::MismatchedFlowCollectionEnd { open, .. } => separator(*open),
        ErrorKind::MisplacedFlowCollectionEnd => "did not find expected node content",
        ErrorKind::UnclosedQuotedScalar => "found unexpected end of stream",
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => "could not find expected ':'",
        ErrorKind::InvalidIndentation => "did not find expected key",
        ErrorKind::BlockEntryInFlowCollection => {
            "block sequence entries are not allowed in this context"
        }
        other => return without_context(&other.to_string()).to_owned(),
    };
    words.to_owned()
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
