//! Quoted text in templates, with the escapes of Go's strings.

/// Takes the escapes out of what stands between quotes; nothing where one is not valid.
pub(super) fn unquote(text: &str, quote: char) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c == quote {
            return None;
        }
        if c == '\\' {
            escape(&mut rest, quote, &mut bytes)?;
        } else {
            push(&mut bytes, c);
        }
    }
    // An escape can stand for a byte that is no text by itself.
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn push(bytes: &mut Vec<u8>, c: char) {
    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Reads what follows a backslash.
fn escape(rest: &mut std::str::Chars<'_>, quote: char, bytes: &mut Vec<u8>) -> Option<()> {
    let simple = match rest.next()? {
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 11,
        '\\' => b'\\',
        c if c == quote => u8::try_from(c).ok()?,
        'x' => u8::try_from(digits(rest, 2, 16, 0)?).ok()?,
        'u' => {
            push(bytes, char::from_u32(digits(rest, 4, 16, 0)?)?);
            return Some(());
        }
        'U' => {
            push(bytes, char::from_u32(digits(rest, 8, 16, 0)?)?);
            return Some(());
        }
        c @ '0'..='7' => u8::try_from(digits(rest, 2, 8, c.to_digit(8)?)?).ok()?,
        _ => return None,
    };
    bytes.push(simple);
    Some(())
}

/// Reads that many digits behind those that are already in `number`.
fn digits(rest: &mut std::str::Chars<'_>, count: u8, radix: u32, number: u32) -> Option<u32> {
    (0..count).try_fold(number, |number, _| {
        let digit = rest.next()?.to_digit(radix)?;
        number.checked_mul(radix)?.checked_add(digit)
    })
}
