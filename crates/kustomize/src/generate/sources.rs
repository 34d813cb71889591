//! Where the content of what is generated comes from: literals, files and environment files.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::Error;
use crate::kustomization::{Generator, Located};
use crate::load::Directory;

/// The keys and contents that a generator's sources give: environment files, literals and files.
pub(super) fn contents(
    directory: Directory<'_>,
    generator: &Generator,
) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let mut found = BTreeMap::new();
    let mut add = |key: String, content: Vec<u8>| {
        if found.contains_key(&key) {
            let message = format!(
                "configmap {} illegally repeats the key `{key}`",
                generator.name
            );
            return Err(Error::new(message));
        }
        found.insert(key, content);
        Ok(())
    };
    let wrap = |kind: &str, sources: &[Located], error: &Error| {
        let sources: Vec<&str> = sources.iter().map(|source| source.text.as_str()).collect();
        Error::new(format!(
            "loading KV pairs: {kind} [{}]: {}",
            sources.join(" "),
            error.message()
        ))
    };
    for source in &generator.envs {
        let failed = |error: Error| wrap("env source files:", &generator.envs, &error);
        let content = directory.read(&source.text).map_err(failed)?;
        for (key, value) in env_lines(&content).map_err(failed)? {
            add(key, value.into_bytes())?;
        }
    }
    for source in &generator.literals {
        let (key, value) = literal(&source.text)
            .map_err(|error| wrap("literal sources", &generator.literals, &error))?;
        add(key.to_owned(), value.as_bytes().to_vec())?;
    }
    for source in &generator.files {
        let failed = |error: Error| wrap("file sources:", &generator.files, &error);
        let (key, path) = file_source(&source.text).map_err(failed)?;
        add(key, directory.read(path).map_err(failed)?)?;
    }
    Ok(found)
}

/// `key=value`; one pair of quotes around the value is not part of it.
fn literal(source: &str) -> Result<(&str, &str), Error> {
    let invalid = || {
        Error::new(format!(
            "invalid literal source {source}, expected key=value"
        ))
    };
    let (key, value) = source
        .split_once('=')
        .filter(|(key, _)| !key.is_empty())
        .ok_or_else(invalid)?;
    let unquoted = ['"', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    Ok((key, unquoted.unwrap_or(value)))
}

/// `path` or `key=path`.
fn file_source(source: &str) -> Result<(String, &str), Error> {
    let refuse = |message: String| Err(Error::new(message));
    match source.split('=').collect::<Vec<_>>().as_slice() {
        [path] => {
            let name = Path::new(path)
                .file_name()
                .map_or(*path, |name| name.to_str().unwrap_or(path));
            Ok((name.to_owned(), source))
        }
        ["", path] => refuse(format!(
            "missing key name for file path \"{path}\" in source \"{source}\""
        )),
        [key, ""] => refuse(format!(
            "missing file path for key name \"{key}\" in source \"{source}\""
        )),
        [key, path] => Ok(((*key).to_owned(), *path)),
        _ => refuse(format!(
            "source \"{source}\" key name or file path contains '='"
        )),
    }
}

/// The assignments in an environment file; a key alone has no value.
fn env_lines(content: &[u8]) -> Result<Vec<(String, String)>, Error> {
    let text = std::str::from_utf8(content).map_err(|_| Error::new("invalid utf8 bytes"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text
        .lines()
        .map(str::trim_start)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(lines
        .map(|line| {
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            (key.to_owned(), value.to_owned())
        })
        .filter(|(key, _)| !key.is_empty())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_lose_one_pair_of_quotes() {
        for (source, value) in [
            ("a=b", "b"),
            ("a=\"b\"", "b"),
            ("a='\"b\"'", "\"b\""),
            ("a=\"b", "\"b"),
            ("a=b=c", "b=c"),
            ("a=\"", "\""),
        ] {
            assert_eq!(literal(source).unwrap(), ("a", value), "{source}");
        }
        assert!(literal("=b").is_err() && literal("b").is_err());
    }

    #[test]
    fn environment_files_are_read_line_by_line() {
        let lines = env_lines("\u{feff}A=1\r\n  # no\n\n  B = 2=3 \nC\n".as_bytes()).unwrap();
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(lines, [pair("A", "1"), pair("B ", " 2=3 "), pair("C", "")]);
    }
}
