//! `--columns`: which columns of a table, in which order.

use crate::error::{Error, Result};

/// The places of the columns that were asked for, in the order asked for. Words are compared
/// without regard to case; a blank in a header may be written as a dash or left out.
///
/// # Errors
/// A usage error that lists the columns, where there is none of that name, or none was named.
pub fn choose(headers: &[&str], asked: &[String]) -> Result<Vec<usize>> {
    let list = || {
        let words: Vec<String> = headers.iter().map(|header| word(header)).collect();
        words.join(", ")
    };
    if asked.iter().all(|name| name.trim().is_empty()) {
        return Err(Error::usage(format!(
            "--columns needs names; there are: {}",
            list()
        )));
    }
    let place = |name: &String| {
        let found = headers.iter().position(|h| plain(h) == plain(name));
        found.ok_or_else(|| {
            Error::usage(format!(
                "there is no column {:?}; there are: {}",
                name.trim(),
                list()
            ))
        })
    };
    asked.iter().map(place).collect()
}

/// The header as one types it.
fn word(header: &str) -> String {
    header.to_lowercase().replace(' ', "-")
}

fn plain(name: &str) -> String {
    let letters = name.chars().filter(|c| !matches!(c, ' ' | '-' | '_'));
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(asked: &str) -> Result<Vec<usize>> {
        let asked: Vec<String> = asked.split(',').map(str::to_owned).collect();
        choose(&["Namespace", "Name", "Last scan", "Ready"], &asked)
    }

    #[test]
    fn columns_come_as_asked() {
        assert_eq!(chosen("ready,NAME").unwrap(), [3, 1]);
        assert_eq!(chosen("last-scan, LastScan,Last Scan").unwrap(), [2, 2, 2]);
    }

    #[test]
    fn unknown_ones_are_refused_with_a_list() {
        let error = chosen("name,readiness").unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no column \"readiness\"; there are: namespace, name, last-scan, ready"
        );
        assert_eq!(error.kind(), crate::error::Kind::Usage);
        assert!(chosen("").is_err());
    }
}
