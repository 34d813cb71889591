//! Shell patterns: `*`, `?`, `[a-z]`, `[^a-z]`, and a backslash before what is meant as it is.

use super::characters;

/// How much a removal takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// The least that fits, but something.
    Shortest,
    /// The most that fits.
    Longest,
}

/// A pattern that is malformed.
pub(super) struct Malformed;

/// `value` without the part at its start that `pattern` fits. A malformed pattern fits nothing.
pub(super) fn without_prefix<'v>(value: &'v [u8], pattern: &[u8], reach: Reach) -> &'v [u8] {
    let mut cut = 0;
    // From the longest part down, which decides whether a malformed pattern is noticed.
    for end in (1..=value.len()).rev() {
        match fits(pattern, &value[..end]) {
            Err(Malformed) => return value,
            Ok(false) => {}
            Ok(true) => {
                cut = end;
                if reach == Reach::Longest {
                    break;
                }
            }
        }
    }
    &value[cut..]
}

/// Whether the pattern fits the whole of `text`.
pub(super) fn fits(mut pattern: &[u8], mut text: &[u8]) -> Result<bool, Malformed> {
    'pattern: while !pattern.is_empty() {
        let (star, chunk, rest) = next_chunk(pattern);
        pattern = rest;
        if star && chunk.is_empty() {
            return Ok(true);
        }
        let last = pattern.is_empty();
        // Without a star the chunk stands here or nowhere.
        let furthest = if star { text.len() } else { 0 };
        for start in 0..=furthest {
            if let Some(behind) = fits_start(chunk, &text[start..])?
                && (behind.is_empty() || !last)
            {
                text = behind;
                continue 'pattern;
            }
        }
        return Ok(false);
    }
    Ok(text.is_empty())
}

/// Whether stars lead, the pattern up to the next star, and the pattern from there.
fn next_chunk(pattern: &[u8]) -> (bool, &[u8], &[u8]) {
    let stars = pattern.iter().take_while(|byte| **byte == b'*').count();
    let pattern = &pattern[stars..];
    let mut in_class = false;
    let mut at = 0;
    while let Some(byte) = pattern.get(at) {
        match byte {
            b'\\' if at + 1 < pattern.len() => at += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'*' if !in_class => break,
            _ => {}
        }
        at += 1;
    }
    (stars > 0, &pattern[..at], &pattern[at..])
}

/// What is behind the part of `text` that the chunk fits.
fn fits_start<'t>(mut chunk: &[u8], mut text: &'t [u8]) -> Result<Option<&'t [u8]>, Malformed> {
    while let Some(&sign) = chunk.first() {
        let Some((character, width)) = characters::first(text) else {
            return Ok(None);
        };
        match sign {
            b'[' => {
                let (fits, rest) = fits_class(&chunk[1..], character)?;
                if !fits {
                    return Ok(None);
                }
                (chunk, text) = (rest, &text[width..]);
            }
            b'?' => (chunk, text) = (&chunk[1..], &text[width..]),
            _ => {
                if sign == b'\\' {
                    chunk = &chunk[1..];
                }
                let meant = chunk.first().ok_or(Malformed)?;
                if *meant != text[0] {
                    return Ok(None);
                }
                (chunk, text) = (&chunk[1..], &text[1..]);
            }
        }
    }
    Ok(Some(text))
}

/// Whether a class, without the bracket before it, has the character, and what is behind it.
fn fits_class(mut class: &[u8], character: char) -> Result<(bool, &[u8]), Malformed> {
    let negated = class.first() == Some(&b'^');
    if negated {
        class = &class[1..];
    }
    let mut found = false;
    for range in 0.. {
        if range > 0 && class.first() == Some(&b']') {
            class = &class[1..];
            break;
        }
        let low;
        (low, class) = class_character(class)?;
        let mut high = low;
        if class.first() == Some(&b'-') {
            (high, class) = class_character(&class[1..])?;
        }
        found |= (low..=high).contains(&character);
    }
    Ok((found != negated, class))
}

/// The first character of a class, which something has to follow.
fn class_character(mut class: &[u8]) -> Result<(char, &[u8]), Malformed> {
    if let Some(b'-' | b']') = class.first() {
        return Err(Malformed);
    }
    if class.first() == Some(&b'\\') {
        class = &class[1..];
    }
    let (character, width) = characters::first(class).ok_or(Malformed)?;
    let rest = &class[width..];
    let broken = character == char::REPLACEMENT_CHARACTER && width == 1;
    if broken || rest.is_empty() {
        return Err(Malformed);
    }
    Ok((character, rest))
}
