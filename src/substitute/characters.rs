//! Characters in bytes that need not be UTF-8, as Go sees them.

use std::sync::LazyLock;

use regex::Regex;

/// The first character of `text` and its length in bytes. A byte that begins none counts as
/// U+FFFD. `None` at the end.
pub(super) fn first(text: &[u8]) -> Option<(char, usize)> {
    let byte = *text.first()?;
    if byte.is_ascii() {
        return Some((char::from(byte), 1));
    }
    let head = text.get(..4).unwrap_or(text);
    let whole = head.utf8_chunks().next()?.valid().chars().next();
    Some(whole.map_or((char::REPLACEMENT_CHARACTER, 1), |c| (c, c.len_utf8())))
}

/// The characters of `text`.
pub(super) fn all(mut text: &[u8]) -> impl Iterator<Item = char> {
    std::iter::from_fn(move || {
        let (character, width) = first(text)?;
        text = text.get(width..)?;
        Some(character)
    })
}

/// Whether a variable's name may hold the character: letters and decimal digits of any script.
pub(super) fn is_of_name(character: char) -> bool {
    // The standard library's idea of alphabetic and numeric is wider than Go's.
    static OTHER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[\p{L}\p{Nd}]$").ok());
    match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => true,
        character if character.is_ascii() => false,
        character => OTHER
            .as_ref()
            .is_some_and(|other| other.is_match(character.encode_utf8(&mut [0; 4]))),
    }
}

/// The character in lower case, if that is one character.
pub(super) fn lower(character: char) -> char {
    match character {
        'İ' => 'i',
        _ => single(character, character.to_lowercase()),
    }
}

/// The character in upper case, if that is one character.
pub(super) fn upper(character: char) -> char {
    let shifted = |by: u32| char::from_u32(u32::from(character) + by).unwrap_or(character);
    match character {
        // The one-character forms of what is written out as two in full.
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => shifted(8),
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => shifted(9),
        _ => single(character, character.to_uppercase()),
    }
}

fn single(character: char, mut forms: impl ExactSizeIterator<Item = char>) -> char {
    match (forms.len(), forms.next()) {
        (1, Some(form)) => form,
        _ => character,
    }
}
