//! Whole numbers as Go's flags read them.

/// Reads a whole number: decimal, or with `0x`, `0o`, `0b` or a leading zero in another base;
/// underscores may stand between the digits.
///
/// # Errors
/// With the text of Go's `strconv.ParseInt`.
pub fn int(text: &str) -> Result<i64, String> {
    let refused = |why: &str| format!("strconv.ParseInt: parsing {text:?}: {why}");
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let (base, number) = base(digits);
    let prefixed = base != 10;
    let number = separated(number, prefixed).ok_or_else(|| refused("invalid syntax"))?;
    if number.is_empty() || !number.chars().all(|c| c.is_digit(base)) {
        return Err(refused("invalid syntax"));
    }
    let sign = if negative { "-" } else { "" };
    i64::from_str_radix(&format!("{sign}{number}"), base).map_err(|_| refused("value out of range"))
}

/// The base that the prefix names, and what follows it.
fn base(digits: &str) -> (u32, &str) {
    let lower = digits.to_ascii_lowercase();
    for (prefix, base) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if lower.starts_with(prefix) {
            return (base, &digits[2..]);
        }
    }
    match digits.strip_prefix('0') {
        Some(rest) if !rest.is_empty() => (8, rest),
        _ => (10, digits),
    }
}

/// The digits without underscores, which must stand between two of them, or behind a prefix.
fn separated(number: &str, prefixed: bool) -> Option<String> {
    let misplaced =
        number.ends_with('_') || number.contains("__") || (number.starts_with('_') && !prefixed);
    (!misplaced).then(|| number.replace('_', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_gos() {
        for (text, want) in [
            ("10", 10),
            ("-3", -3),
            ("+0", 0),
            ("0x1F", 31),
            ("0b11", 3),
            ("0o17", 15),
            ("017", 15),
            ("0x_1F", 31),
            ("0_17", 15),
            ("1_000", 1000),
        ] {
            assert_eq!(int(text), Ok(want), "{text}");
        }
        for (text, why) in [
            ("", "invalid syntax"),
            ("x", "invalid syntax"),
            ("1.5", "invalid syntax"),
            ("09", "invalid syntax"),
            ("0x", "invalid syntax"),
            ("1__0", "invalid syntax"),
            ("_1", "invalid syntax"),
            ("1_", "invalid syntax"),
            ("9223372036854775808", "value out of range"),
        ] {
            let want = format!("strconv.ParseInt: parsing {text:?}: {why}");
            assert_eq!(int(text), Err(want));
        }
    }
}
