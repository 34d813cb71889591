//! Reads YAML texts into nodes, document by document.

use std::borrow::Cow;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError};

use super::comments::{self, Comments};
use super::compose::{Composer, Duplicates, MAX_DEPTH, too_deep};
use super::error::{Error, Position};
use super::key::Misnamed;
use super::node::Node;
use super::refusal::problem;
use super::scalar::Dialect;

/// The documents of a text that hold anything.
pub(crate) fn documents(
    text: &str,
    dialect: Dialect,
    duplicates: Duplicates,
) -> Result<Vec<Node>, Error> {
    let composer = Composer::new(dialect, duplicates, Misnamed::Refuse);
    composed(text, composer)
}

/// The documents of a text of partial resources. Keys in them may be no texts, as what they are merged into may have them
/// as texts; [`Node::misnamed`] tells which are left.
pub(crate) fn partial_documents(text: &str) -> Result<Vec<Node>, Error> {
    let composer = Composer::new(Dialect::Resource, Duplicates::Refuse, Misnamed::Keep);
    composed(text, composer)
}

fn composed(text: &str, mut composer: Composer) -> Result<Vec<Node>, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    check_characters(text)?;
    match composer.dialect() {
        Dialect::Kubernetes => read(text, 0, usize::MAX, &mut composer),
        Dialect::Resource => {
            let text = if text.contains("\r\n") {
                Cow::Owned(text.replace("\r\n", "\n"))
            } else {
                Cow::Borrowed(text)
            };
            let mut documents = Vec::new();
            for (first_line, part) in split(&text)? {
                documents.extend(read(part, first_line, 1, &mut composer)?);
            }
            Ok(documents)
        }
    }
}

/// The first document of a text, whether it holds anything or not. What follows it is not read, and of entries with one
/// key the last one counts.
pub(crate) fn first(text: &str) -> Result<Option<Node>, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    check_characters(text)?;
    let mut composer = Composer::new(Dialect::Kubernetes, Duplicates::Replace, Misnamed::Refuse);
    Ok(read(text, 0, 1, &mut composer)?.pop())
}

/// Refuses the characters that Go's readers refuse.
fn check_characters(text: &str) -> Result<(), Error> {
    // Most texts are plain ASCII, which is seen a byte at a time.
    let plain = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    if text.bytes().all(plain) {
        return Ok(());
    }
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..);
    let Some((at, _)) = text.char_indices().find(|(_, c)| !allowed(*c)) else {
        return Ok(());
    };
    let position = position_at(text.as_bytes(), at);
    Err(Error::malformed(
        position,
        "control characters are not allowed",
    ))
}

/// The place of the byte at `at` in a text, which is one up to there.
pub(crate) fn position_at(text: &[u8], at: usize) -> Position {
    let before = String::from_utf8_lossy(text.get(..at).unwrap_or(text));
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Position::new(
        before.matches('\n').count() + 1,
        before[line_start..].chars().count() + 1,
    )
}

/// Cuts a text at lines that begin with `---`, as kustomize does before it parses; the parts come with the number of
/// lines before them.
fn split(text: &str) -> Result<Vec<(usize, &str)>, Error> {
    let mut parts = Vec::new();
    let (mut start, mut first_line, mut at) = (0, 0, 0);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        // A separator follows a line break and ends with one; it can't share its line break with the one before.
        if number > 0 && at > start && line.starts_with("---") && line.ends_with('\n') {
            let rest = line["---".len()..].trim();
            if !rest.is_empty() && !rest.starts_with('#') {
                let position = Position::new(number + 1, 1);
                let message = format!("invalid document separator: {}", line.trim());
                return Err(Error::new(position, message));
            }
            parts.push((first_line, &text[start..at]));
            start = at + line.len();
            first_line = number + 1;
        }
        at += line.len();
    }
    parts.push((first_line, &text[start..]));
    Ok(parts)
}

/// Reads up to `limit` documents.
fn read(
    text: &str,
    lines_before: usize,
    limit: usize,
    composer: &mut Composer,
) -> Result<Vec<Node>, Error> {
    // Most texts have no comments that say anything.
    let emit_comments = composer.dialect() == Dialect::Resource && comments::may_be_in(text);
    let mut comments = Comments::of(text);
    let options = granit_parser::options! {
        emit_comments: emit_comments,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut documents = Vec::new();
    let mut ended = 0;
    let open_end = (!text.ends_with('\n')).then(|| text.chars().count());
    for event in Parser::new_from_str_with_options(text, options) {
        let (mut event, span) = event.map_err(|error| refusal(&error, lines_before, text))?;
        if let Event::Comment(comment, placement) = &event {
            let line = place(span.start, lines_before).line;
            comments.add(comment, *placement, span, line);
            continue;
        }
        if open_end.is_some_and(|end| span.end.index() >= end) {
            keep_open(&mut event);
        }
        let position = place(span.start, lines_before);
        let end = matches!(event, Event::DocumentEnd);
        let mut document = composer.event(event, span, position)?;
        if let Some(document) = &mut document {
            comments.attach(document);
        }
        documents.extend(document);
        ended += usize::from(end);
        if ended >= limit {
            break;
        }
    }
    Ok(documents)
}

/// A block that ends with the text, and not with a line break, has none at its end, as in Go.
fn keep_open(event: &mut Event<'_>) {
    if let Event::Scalar(text, ScalarStyle::Literal | ScalarStyle::Folded, ..) = event
        && text.ends_with('\n')
    {
        text.to_mut().pop();
    }
}

fn place(marker: granit_parser::Marker, lines_before: usize) -> Position {
    Position::new(marker.line() + lines_before, marker.col() + 1)
}

fn refusal(error: &ScanError, lines_before: usize, text: &str) -> Error {
    let position = place(*error.marker(), lines_before);
    match error.kind() {
        ErrorKind::RecursionLimitExceeded => too_deep(position),
        kind => Error::malformed(position, problem(kind, text, error.marker().index())),
    }
}
