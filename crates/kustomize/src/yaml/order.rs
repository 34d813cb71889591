//! The order in which Go's YAML encoder writes the keys of a mapping.
//!
//! Runs of digits compare as numbers (`b9` before `b10`), anything that is not a letter comes before letters. The
//! relation is not transitive (`a10 < a1b < a2 < a10`), so the sort of the standard library, which may panic on such
//! an order, is not used.

use std::cmp::Ordering;
use std::sync::LazyLock;

use regex::Regex;

#[expect(
    clippy::expect_used,
    reason = "a constant pattern, compiled by every test"
)]
static LETTER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^\p{L}").expect("valid pattern"));
#[expect(
    clippy::expect_used,
    reason = "a constant pattern, compiled by every test"
)]
static DIGIT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^\p{Nd}").expect("valid pattern"));

fn is_letter(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphabetic()
    } else {
        LETTER.is_match(c.encode_utf8(&mut [0; 4]))
    }
}

fn is_digit(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_digit()
    } else {
        DIGIT.is_match(c.encode_utf8(&mut [0; 4]))
    }
}

/// The run of digits that starts `text`, as a number (Go's wrapping arithmetic) and as a count of characters.
fn number(text: &str, start: i64) -> (i64, usize) {
    let mut value = start;
    let mut length = 0;
    for digit in text.chars().take_while(|c| is_digit(*c)) {
        let digit = i64::from(u32::from(digit)).wrapping_sub(i64::from(u32::from('0')));
        value = value.wrapping_mul(10).wrapping_add(digit);
        length += 1;
    }
    (value, length)
}

/// Whether the digits just before a zero make that zero significant (`10`) or leave it a leading one (`00`).
fn follows_nonzero_digit(before: &str) -> bool {
    before
        .chars()
        .rev()
        .take_while(|c| is_digit(*c))
        .any(|c| c != '0')
}

/// Compares two keys as Go's encoder does.
pub(super) fn compare(left: &str, right: &str) -> Ordering {
    let mut rest = left.char_indices().zip(right.chars());
    let Some(((at, l), r)) = rest.find(|((_, l), r)| l != r) else {
        return left.len().cmp(&right.len());
    };
    match (is_letter(l), is_letter(r)) {
        (true, true) => return l.cmp(&r),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let zero = l == '0' || r == '0';
    let start = i64::from(zero && follows_nonzero_digit(&left[..at]));
    let (left_number, left_digits) = number(&left[at..], start);
    let (right_number, right_digits) = number(&right[at..], start);
    left_number
        .cmp(&right_number)
        .then(left_digits.cmp(&right_digits))
        .then(l.cmp(&r))
}

/// Sorts entries by key: a merge sort, which ends with some order even where [`compare`] goes round in circles.
pub(super) fn sort<V: Copy>(entries: &mut Vec<(&str, V)>) {
    // Without digits the relation is an order, so that what is sorted stays as it is.
    let plain = |key: &str| key.bytes().all(|b| b.is_ascii() && !b.is_ascii_digit());
    if entries.iter().all(|(key, _)| plain(key))
        && entries.is_sorted_by(|left, right| compare(left.0, right.0).is_le())
    {
        return;
    }
    let mut width = 1;
    while width < entries.len() {
        let mut merged = Vec::with_capacity(entries.len());
        for pair in entries.chunks(width * 2) {
            let (mut left, mut right) = pair.split_at(width.min(pair.len()));
            while let (Some(l), Some(r)) = (left.first(), right.first()) {
                if compare(l.0, r.0).is_le() {
                    merged.push(*l);
                    left = &left[1..];
                } else {
                    merged.push(*r);
                    right = &right[1..];
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        *entries = merged;
        width *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(keys: &[&'static str]) -> Vec<&'static str> {
        let mut entries: Vec<(&str, ())> = keys.iter().map(|key| (*key, ())).collect();
        sort(&mut entries);
        entries.into_iter().map(|(key, ())| key).collect()
    }

    #[test]
    fn digits_compare_as_numbers() {
        assert_eq!(sorted(&["b10", "b9", "b1", "b"]), ["b", "b1", "b9", "b10"]);
        assert_eq!(sorted(&["v01", "v1.10", "v1.9"]), ["v1.9", "v1.10", "v01"]);
    }

    #[test]
    fn letters_come_last() {
        assert_eq!(
            sorted(&["ab", "a-b", "a.b", "a1", "aB"]),
            ["a-b", "a.b", "a1", "aB", "ab"]
        );
    }

    #[test]
    fn circular_orders_still_end() {
        let mut keys = sorted(&["a10", "a1b", "a2"]);
        keys.sort_unstable();
        assert_eq!(keys, ["a10", "a1b", "a2"]);
    }
}
