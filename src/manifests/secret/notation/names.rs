//! Distinguished names (RFC 4514), as far as Notation takes them for identities.

use std::collections::BTreeMap;

/// The attributes of a name, by type.
pub(super) type Attributes = BTreeMap<Vec<u8>, Vec<u8>>;

/// The attributes that every name must have.
const REQUIRED: [&str; 3] = ["C", "ST", "O"];

/// Reads a name.
///
/// # Errors
/// With Notation's words for the rule that is broken.
pub(super) fn read(name: &str) -> Result<Attributes, String> {
    if name.contains("=#") {
        return Err(format!(
            "unsupported distinguished name (DN) {name:?}: notation does not support x509.subject \
             identities containing \"=#\""
        ));
    }
    let parts = split(name).map_err(|why| {
        format!(
            "parsing distinguished name (DN) {name:?} failed with err: {why}. A valid DN must \
             contain 'C', 'ST' or 'S', and 'O' RDN attributes at a minimum, and follow RFC 4514 \
             standard"
        )
    })?;
    let mut attributes = Attributes::new();
    for part in parts {
        if part.follows_plus || part.precedes_plus {
            return Err(format!(
                "distinguished name (DN) {name:?} has multi-valued RDN attributes, remove \
                 multi-valued RDN attributes as they are not supported"
            ));
        }
        let kind = if part.kind == b"S" {
            b"ST".to_vec()
        } else {
            part.kind
        };
        if attributes.get(&kind).is_some_and(|value| !value.is_empty()) {
            return Err(format!(
                "distinguished name (DN) {name:?} has duplicate RDN attribute for {:?}, DN can \
                 only have unique RDN attributes",
                String::from_utf8_lossy(&kind)
            ));
        }
        attributes.insert(kind, part.value);
    }
    for field in REQUIRED {
        if attributes.get(field.as_bytes()).is_none_or(Vec::is_empty) {
            return Err(format!(
                "distinguished name (DN) {name:?} has no mandatory RDN attribute for {field:?}, it \
                 must contain 'C', 'ST' or 'S', and 'O' RDN attributes at a minimum"
            ));
        }
    }
    Ok(attributes)
}

/// Whether everything that `name` says `other` says, too.
pub(super) fn covers(name: &Attributes, other: &Attributes) -> bool {
    name.iter().all(|(kind, value)| {
        // What is not there is as good as empty.
        other.get(kind).map_or(value.is_empty(), |v| v == value)
    })
}

/// A type and a value.
struct Part {
    kind: Vec<u8>,
    value: Vec<u8>,
    follows_plus: bool,
    precedes_plus: bool,
}

/// Splits a name at its commas, semicolons and plus signs that are not escaped.
fn split(name: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    if name.trim().is_empty() {
        return Ok(parts);
    }
    let mut kind = Vec::new();
    let mut start = 0;
    let mut escaped = false;
    let mut follows_plus = false;
    for (at, byte) in name.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'=' if kind.is_empty() => {
                kind = decode(&name[start..at])?;
                start = at + 1;
            }
            b',' | b';' | b'+' => {
                if kind.is_empty() {
                    return Err("incomplete type, value pair".to_owned());
                }
                let plus = byte == b'+';
                parts.push(Part {
                    kind: std::mem::take(&mut kind),
                    value: decode(&name[start..at])?,
                    follows_plus,
                    precedes_plus: plus,
                });
                follows_plus = plus;
                start = at + 1;
            }
            _ => {}
        }
    }
    if kind.is_empty() {
        return Err("DN ended with incomplete type, value pair".to_owned());
    }
    parts.push(Part {
        kind,
        value: decode(&name[start..])?,
        follows_plus,
        precedes_plus: false,
    });
    Ok(parts)
}

/// Takes spaces off both ends, and escapes out.
fn decode(text: &str) -> Result<Vec<u8>, String> {
    let mut bare = text.trim_matches(' ').to_owned();
    if bare.ends_with('\\') && text.ends_with(' ') {
        bare.push(' ');
    }
    let mut decoded = Vec::with_capacity(bare.len());
    let mut rest = bare.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            decoded.extend(c.encode_utf8(&mut [0; 4]).bytes());
            continue;
        }
        let first = rest
            .next()
            .ok_or_else(|| format!("got corrupted escaped character: '{bare}'"))?;
        if let ' ' | '"' | '#' | '+' | ',' | ';' | '<' | '=' | '>' | '\\' = first {
            decoded.push(first as u8);
            continue;
        }
        let digits = first
            .to_digit(16)
            .zip(rest.next().and_then(|c| c.to_digit(16)));
        let byte = digits.and_then(|(high, low)| u8::try_from(high << 4 | low).ok());
        decoded.push(byte.ok_or_else(|| {
            format!("failed to decode escaped character: '{first}' begins no byte in hexadecimal")
        })?);
    }
    Ok(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_country_state_and_organization() {
        let name = read(r"C=US, S = WA\ ,O=wabbit\, inc\2e;CN=\c3\bc").unwrap();
        let get = |kind: &str| name.get(kind.as_bytes()).unwrap().as_slice();
        assert_eq!(get("ST"), b"WA ");
        assert_eq!(get("O"), b"wabbit, inc.");
        assert_eq!(get("CN"), "\u{fc}".as_bytes());
        assert!(covers(
            &read("C=US,ST=WA,O=x").unwrap(),
            &read("O=x,C=US,ST=WA,CN=y").unwrap()
        ));
        assert!(!covers(
            &read("O=x,C=US,ST=WA,CN=y").unwrap(),
            &read("C=US,ST=WA,O=x").unwrap()
        ));
    }

    #[test]
    fn names_that_are_refused() {
        for (name, why) in [
            ("", "has no mandatory RDN attribute for \"C\""),
            ("C=US,O=x", "has no mandatory RDN attribute for \"ST\""),
            (
                "C=US,ST=WA,O=x,C=DE",
                "has duplicate RDN attribute for \"C\"",
            ),
            (
                "C=US,ST=WA,S=WB,O=x",
                "has duplicate RDN attribute for \"ST\"",
            ),
            ("C=US+ST=WA,O=x", "has multi-valued RDN attributes"),
            ("C=#0a,ST=WA,O=x", "containing \"=#\""),
            ("C,ST=WA", "failed with err: incomplete type, value pair"),
            ("C=US,ST", "failed with err: DN ended with incomplete"),
            ("C=US,ST=\\zz,O=x", "failed to decode escaped character"),
        ] {
            let error = read(name).unwrap_err();
            assert!(error.contains(why), "{name}: {error}");
        }
    }
}
