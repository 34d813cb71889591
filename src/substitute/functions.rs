//! What operators do with a value.

use std::borrow::Cow;

use super::characters::{self, lower, upper};
use super::pattern;

/// Whether the operator gives a value to a variable that has none.
pub(super) fn is_default(operator: &[u8]) -> bool {
    matches!(operator, b"=" | b":=" | b":-" | b":+" | b":?")
}

/// The value after the operator. `None` for a substring of negative length.
pub(super) fn apply<'v>(
    operator: &[u8],
    value: &'v [u8],
    arguments: &[Vec<u8>],
) -> Option<Cow<'v, [u8]>> {
    Some(match (operator, arguments) {
        (b",", _) => first(value, lower),
        (b",,", _) => each(value, lower),
        (b"^", _) => first(value, upper),
        (b"^^", _) => each(value, upper),
        (b"#", []) => value.len().to_string().into_bytes().into(),
        (b"#", [glob, ..]) => pattern::without_prefix(value, glob, pattern::Reach::Shortest).into(),
        (b"##", [glob, ..]) => pattern::without_prefix(value, glob, pattern::Reach::Longest).into(),
        (b"%", [glob, ..]) => suffix(value, glob, pattern::Reach::Shortest),
        (b"%%", [glob, ..]) => suffix(value, glob, pattern::Reach::Longest),
        (b":", [offset, rest @ ..]) => {
            return substring(value, offset, rest.first()).map(Cow::Borrowed);
        }
        (b"/#", [old, new]) if value.starts_with(old) => replace(value, old, new, 1),
        (b"/%", [old, new]) if value.ends_with(old) => {
            let kept = value.strip_suffix(old.as_slice()).unwrap_or(value);
            [kept, new].concat().into()
        }
        (b"/#" | b"/%", _) => value.into(),
        (b"/", [old, new @ ..]) => replace(value, old, new.first().map_or(b"", |n| n), 1),
        (b"//", [old, new @ ..]) => replace(value, old, new.first().map_or(b"", |n| n), usize::MAX),
        _ if value.is_empty() => arguments.concat().into(),
        _ => value.into(),
    })
}

fn first(value: &[u8], case: fn(char) -> char) -> Cow<'_, [u8]> {
    let Some((character, width)) = characters::first(value) else {
        return value.into();
    };
    let head = case(character).to_string();
    [head.as_bytes(), value.get(width..).unwrap_or_default()]
        .concat()
        .into()
}

fn each(value: &[u8], case: fn(char) -> char) -> Cow<'_, [u8]> {
    let text: String = characters::all(value).map(case).collect();
    text.into_bytes().into()
}

fn suffix<'v>(value: &'v [u8], glob: &[u8], reach: pattern::Reach) -> Cow<'v, [u8]> {
    let reversed = |text: &[u8]| -> Vec<u8> {
        let characters: Vec<char> = characters::all(text).collect();
        characters
            .into_iter()
            .rev()
            .collect::<String>()
            .into_bytes()
    };
    let (value, glob) = (reversed(value), reversed(glob));
    reversed(pattern::without_prefix(&value, &glob, reach)).into()
}

/// The part of `value` from `offset`, which counts from the end where it is negative. A number
/// that is none changes nothing.
fn substring<'v>(value: &'v [u8], offset: &[u8], length: Option<&Vec<u8>>) -> Option<&'v [u8]> {
    let Some(offset) = number(offset) else {
        return Some(value);
    };
    let start = if offset < 0 {
        let back = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
        value.len().saturating_sub(back)
    } else {
        usize::try_from(offset).unwrap_or(usize::MAX)
    };
    let rest = value.get(start..).unwrap_or_default();
    let Some(length) = length else {
        return Some(rest);
    };
    match number(length) {
        None => Some(value),
        Some(length) => match usize::try_from(length) {
            Ok(length) => Some(rest.get(..length).unwrap_or(rest)),
            // Behind the end there is nothing to shorten.
            Err(_) if behind_end(value, start, length.unsigned_abs()) => Some(b""),
            Err(_) => None,
        },
    }
}

/// Whether the place `back` before `start` is at or behind the end of `value`.
fn behind_end(value: &[u8], start: usize, back: u64) -> bool {
    let back = usize::try_from(back).unwrap_or(usize::MAX);
    start
        .checked_sub(back)
        .is_some_and(|place| place >= value.len())
}

/// A decimal number with or without a sign.
fn number(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// `value` with the first `most` of `old` replaced. An empty `old` stands before every character
/// and at the end.
fn replace<'v>(value: &'v [u8], old: &[u8], new: &[u8], most: usize) -> Cow<'v, [u8]> {
    let mut replaced = Vec::with_capacity(value.len());
    let mut rest = value;
    for _ in 0..most {
        if old.is_empty() {
            replaced.extend_from_slice(new);
            let Some((_, width)) = characters::first(rest) else {
                break;
            };
            replaced.extend_from_slice(&rest[..width]);
            rest = &rest[width..];
        } else {
            let Some(at) = rest.windows(old.len()).position(|window| window == old) else {
                break;
            };
            replaced.extend_from_slice(&rest[..at]);
            replaced.extend_from_slice(new);
            rest = &rest[at + old.len()..];
        }
    }
    replaced.extend_from_slice(rest);
    replaced.into()
}
