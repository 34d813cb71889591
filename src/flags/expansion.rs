//! What Go's `regexp` puts in place of a match: text with `$1`, `$name` and `${name}` in it.

use regex::Regex;

/// The names of groups that the text refers to; a number is none, and `$$` stands for a dollar
/// sign.
///
/// # Errors
/// Where a dollar sign has no name behind it. Go would leave it in the text.
pub fn group_names(template: &str) -> Result<Vec<&str>, String> {
    let word = Regex::new(r"\A[\p{L}\p{Nd}_]+").map_err(|error| error.to_string())?;
    let mut names = Vec::new();
    let mut rest = template;
    while let Some((_, after)) = rest.split_once('$') {
        if let Some(after) = after.strip_prefix('$') {
            rest = after;
            continue;
        }
        let (name, after) = reference(&word, after)
            .ok_or_else(|| format!("no name of a group follows at {:?}", format!("${after}")))?;
        if !is_number(name) {
            names.push(name);
        }
        rest = after;
    }
    Ok(names)
}

/// The name behind a dollar sign, and what follows it.
fn reference<'a>(word: &Regex, text: &'a str) -> Option<(&'a str, &'a str)> {
    let braced = text.strip_prefix('{');
    let text = braced.unwrap_or(text);
    let (name, after) = text.split_at(word.find(text)?.end());
    match braced {
        Some(_) => Some((name, after.strip_prefix('}')?)),
        None => Some((name, after)),
    }
}

/// Whether Go takes it for a group's number: no leading zero, and not too large.
fn is_number(name: &str) -> bool {
    let is_digits = name.bytes().all(|b| b.is_ascii_digit());
    is_digits && name.len() <= 9 && (name == "0" || !name.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found() {
        assert_eq!(group_names("$ts"), Ok(vec!["ts"]));
        assert_eq!(group_names("${a}b-$c.$1${2}$$d$0"), Ok(vec!["a", "c"]));
        assert_eq!(group_names("$1x$01"), Ok(vec!["1x", "01"]));
        assert_eq!(group_names("plain$a\u{b2}"), Ok(vec!["a"]));
    }

    #[test]
    fn a_dollar_sign_needs_a_name() {
        for bad in ["$", "a$ b", "${", "${}", "${a", "${a b}", "$-"] {
            assert!(group_names(bad).is_err(), "{bad}");
        }
    }
}
