//! Kubernetes' rules for label keys and values, with its words for what breaks them.

const NAME_RULE: &str = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE_RULE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const PREFIX_RULE: &str = "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/// Checks a label's key: an optional DNS subdomain and a slash, then a name.
///
/// # Errors
/// With Kubernetes' words for the rule that is broken.
pub fn label_key(key: &str) -> Result<(), String> {
    let (prefix, name) = match key.split('/').collect::<Vec<_>>()[..] {
        [name] => (None, name),
        [prefix, name] => (Some(prefix), name),
        _ => {
            return Err(format!(
                "a valid label key must have at most one slash; {}",
                NAME_RULE.replace("name part", "its name")
            ));
        }
    };
    if let Some(prefix) = prefix {
        if prefix.is_empty() {
            return Err("prefix part must be non-empty".to_owned());
        }
        if prefix.len() > 253 {
            return Err("prefix part must be no more than 253 bytes".to_owned());
        }
        if !prefix.split('.').all(crate::context::is_dns_label) {
            return Err(PREFIX_RULE.to_owned());
        }
    }
    if name.is_empty() {
        return Err(format!("name part must be non-empty {NAME_RULE}"));
    }
    if name.len() > 63 {
        return Err("name part must be no more than 63 bytes".to_owned());
    }
    if is_name(name) {
        Ok(())
    } else {
        Err(NAME_RULE.to_owned())
    }
}

/// Checks a label's value: empty, or a name of at most 63 bytes.
///
/// # Errors
/// With Kubernetes' words for the rule that is broken.
pub fn label_value(value: &str) -> Result<(), String> {
    if value.len() > 63 {
        return Err("must be no more than 63 bytes".to_owned());
    }
    if value.is_empty() || is_name(value) {
        Ok(())
    } else {
        Err(VALUE_RULE.to_owned())
    }
}

fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        && bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values() {
        for good in ["a", "app.kubernetes.io/name", "A_b.c-d"] {
            assert_eq!(label_key(good), Ok(()), "{good}");
        }
        for bad in ["", "/a", "a/", "a/b/c", "-a", "UPPER/x", "a b"] {
            assert!(label_key(bad).is_err(), "{bad}");
        }
        assert_eq!(label_value(""), Ok(()));
        assert!(label_value("-").is_err());
        assert!(label_value(&"a".repeat(64)).is_err());
    }
}
