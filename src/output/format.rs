//! The formats of `-o`, and the writer.

use serde::Serialize;
use serde_json::Value;

use super::{CustomColumns, jsonpath::Template};
use crate::error::{Error, Result};
use crate::yaml;

/// A format that a command can offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// `json`.
    Json,
    /// `yaml`.
    Yaml,
    /// `name`.
    Name,
    /// `wide`.
    Wide,
    /// `jsonl`.
    JsonLines,
    /// `unified`.
    Unified,
    /// `markdown`.
    Markdown,
    /// `github`.
    GitHub,
    /// `gitlab`.
    GitLab,
    /// `jsonpath=`, `jsonpath-as-json=` and `jsonpath-file=`.
    JsonPath,
    /// `custom-columns=` and `custom-columns-file=`.
    CustomColumns,
}

impl Word {
    /// What is typed: the whole format, or its beginning up to the equals sign.
    pub fn typed(self) -> &'static str {
        match self {
            Word::Json => "json",
            Word::Yaml => "yaml",
            Word::Name => "name",
            Word::Wide => "wide",
            Word::JsonLines => "jsonl",
            Word::Unified => "unified",
            Word::Markdown => "markdown",
            Word::GitHub => "github",
            Word::GitLab => "gitlab",
            Word::JsonPath => "jsonpath=",
            Word::CustomColumns => "custom-columns=",
        }
    }

    /// As it stands in a list of what there is.
    fn described(self) -> &'static str {
        match self {
            Word::JsonPath => "jsonpath=TEMPLATE",
            Word::CustomColumns => "custom-columns=SPEC",
            word => word.typed(),
        }
    }
}

/// A format, ready to write.
#[derive(Debug, Clone, PartialEq)]
pub enum Format {
    /// One JSON document.
    Json,
    /// One YAML document.
    Yaml,
    /// Names, one a line.
    Name,
    /// A table with all columns.
    Wide,
    /// JSON documents, one a line, as things happen.
    JsonLines,
    /// Differences in the form of `diff -u`.
    Unified,
    /// Text in Markdown.
    Markdown,
    /// A comment on a pull request of GitHub.
    GitHub,
    /// A comment on a merge request of GitLab.
    GitLab,
    /// What a template makes of the document.
    JsonPath(Template),
    /// What a template finds in the document, as JSON.
    JsonPathAsJson(Template),
    /// A table of paths.
    CustomColumns(CustomColumns),
}

/// A format as it was asked for: some are in files.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// It is all there.
    Ready(Format),
    /// The template is in that file.
    JsonPathFile(String),
    /// The columns are in that file.
    CustomColumnsFile(String),
}

impl Asked {
    /// Reads the value of `-o` for a command that offers these formats.
    ///
    /// # Errors
    /// Lists what the command offers where it is something else; says what is wrong with a template
    /// or a column. For clap.
    pub fn parse(text: &str, offered: &[Word]) -> Result<Self, String> {
        let (name, argument) = match text.split_once('=') {
            Some((name, argument)) => (name, Some(argument)),
            None => (text, None),
        };
        let word = match (name, argument) {
            ("json", None) => Word::Json,
            ("yaml", None) => Word::Yaml,
            ("name", None) => Word::Name,
            ("wide", None) => Word::Wide,
            ("jsonl", None) => Word::JsonLines,
            ("unified", None) => Word::Unified,
            ("markdown", None) => Word::Markdown,
            ("github", None) => Word::GitHub,
            ("gitlab", None) => Word::GitLab,
            ("jsonpath" | "jsonpath-as-json" | "jsonpath-file", _) => Word::JsonPath,
            ("custom-columns" | "custom-columns-file", _) => Word::CustomColumns,
            _ => return Err(offers(offered)),
        };
        if !offered.contains(&word) {
            return Err(offers(offered));
        }
        let argument = argument.unwrap_or_default();
        let format = match word {
            Word::Json => Format::Json,
            Word::Yaml => Format::Yaml,
            Word::Name => Format::Name,
            Word::Wide => Format::Wide,
            Word::JsonLines => Format::JsonLines,
            Word::Unified => Format::Unified,
            Word::Markdown => Format::Markdown,
            Word::GitHub => Format::GitHub,
            Word::GitLab => Format::GitLab,
            Word::JsonPath if argument.is_empty() => {
                return Err(format!("{name}= needs a template, as {{.metadata.name}}"));
            }
            Word::JsonPath if name == "jsonpath-file" => {
                return Ok(Asked::JsonPathFile(argument.to_owned()));
            }
            Word::JsonPath => {
                let template = Template::parse(argument).map_err(|error| error.to_string())?;
                if name == "jsonpath" {
                    Format::JsonPath(template)
                } else {
                    Format::JsonPathAsJson(template)
                }
            }
            Word::CustomColumns if name == "custom-columns-file" => {
                return Ok(Asked::CustomColumnsFile(argument.to_owned()));
            }
            Word::CustomColumns => Format::CustomColumns(CustomColumns::parse(argument)?),
        };
        Ok(Asked::Ready(format))
    }

    /// The format, with what `read` finds in its file.
    ///
    /// # Errors
    /// When the file cannot be read or does not hold what it should.
    pub fn load(self, read: impl FnOnce(&str) -> Result<String>) -> Result<Format> {
        match self {
            Asked::Ready(format) => Ok(format),
            Asked::JsonPathFile(path) => Template::parse(&read(&path)?)
                .map(Format::JsonPath)
                .map_err(|error| Error::usage(format!("{path}: {error}"))),
            Asked::CustomColumnsFile(path) => CustomColumns::parse_file(&read(&path)?)
                .map(Format::CustomColumns)
                .map_err(|error| Error::usage(format!("{path}: {error}"))),
        }
    }
}

/// What there is to choose from.
fn offers(offered: &[Word]) -> String {
    let words: Vec<&str> = offered.iter().map(|word| word.described()).collect();
    match words.split_last() {
        Some((last, [])) => format!("must be {last}"),
        Some((last, others)) => format!("must be {} or {last}", others.join(", ")),
        None => "there is no other format".to_owned(),
    }
}

impl Format {
    /// The document in this format; nothing where that is for the command to write: names, tables
    /// and lines. `rows` is the JSON pointer of the list whose items are the rows of custom columns;
    /// without one, the document is the only row.
    ///
    /// # Errors
    /// When a template or a column does not fit the document.
    pub fn write(&self, document: &impl Serialize, rows: Option<&str>) -> Result<Option<String>> {
        let text = match self {
            Format::Name
            | Format::Wide
            | Format::JsonLines
            | Format::Unified
            | Format::Markdown
            | Format::GitHub
            | Format::GitLab => return Ok(None),
            Format::Json => serde_json::to_string_pretty(document).map_err(unwritten)? + "\n",
            Format::Yaml => yaml::to_string(document)?,
            Format::JsonPath(template) => template.render(&value(document)?).map_err(unfit)?,
            Format::JsonPathAsJson(template) => {
                template.render_json(&value(document)?).map_err(unfit)?
            }
            Format::CustomColumns(columns) => {
                let document = value(document)?;
                let rows = match rows {
                    None => vec![&document],
                    Some(place) => {
                        let items = document.pointer(place).and_then(Value::as_array);
                        items.into_iter().flatten().collect()
                    }
                };
                columns.render(&rows, true)?
            }
        };
        Ok(Some(text))
    }
}

fn value(document: &impl Serialize) -> Result<Value> {
    serde_json::to_value(document).map_err(unwritten)
}

fn unwritten(error: serde_json::Error) -> Error {
    Error::failed("cannot write JSON").caused_by(error)
}

fn unfit(error: super::jsonpath::Error) -> Error {
    Error::failed("the jsonpath template does not fit").caused_by(error)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ALL: &[Word] = &[
        Word::Json,
        Word::Yaml,
        Word::Name,
        Word::Wide,
        Word::JsonLines,
        Word::JsonPath,
        Word::CustomColumns,
    ];

    fn write(format: &str, rows: Option<&str>) -> Option<String> {
        let document = json!({"b": [{"x": 1}, {"x": "<2>"}], "a": "no"});
        let format = Asked::parse(format, ALL).unwrap();
        let format = format.load(|_| unreachable!()).unwrap();
        format.write(&document, rows).unwrap()
    }

    #[test]
    fn one_writer_for_all() {
        let written = |format, rows| write(format, rows).unwrap();
        assert!(written("json", None).starts_with("{\n  \"a\": \"no\",\n"));
        assert_eq!(written("yaml", None), "a: \"no\"\nb:\n- x: 1\n- x: <2>\n");
        assert_eq!(written("jsonpath={.b[*].x}={.a}\n", None), "1 <2>=no\n");
        assert_eq!(
            written("jsonpath-as-json={.b[1]}", None),
            "[\n    {\n        \"x\": \"\\u003c2\\u003e\"\n    }\n]\n"
        );
        assert_eq!(written("custom-columns=A:.a", None), "A\nno\n");
        assert_eq!(written("custom-columns=X:.x", Some("/b")), "X\n1\n<2>\n");
        for own in ["name", "wide", "jsonl"] {
            assert_eq!(write(own, None), None);
        }
    }

    #[test]
    fn refusals_list_what_there_is() {
        let refusal = |text: &str, words: &[Word]| Asked::parse(text, words).unwrap_err();
        assert_eq!(
            refusal("xml", ALL),
            "must be json, yaml, name, wide, jsonl, jsonpath=TEMPLATE or custom-columns=SPEC"
        );
        assert_eq!(
            refusal("name", &[Word::Json, Word::Yaml]),
            "must be json or yaml"
        );
        assert_eq!(refusal("jsonpath={.a}", &[Word::Json]), "must be json");
        assert_eq!(refusal("json=x", &[Word::Json]), "must be json");
        assert!(refusal("jsonpath", ALL).contains("needs a template"));
        assert!(refusal("custom-columns", ALL).contains("needs columns"));
        assert_eq!(refusal("jsonpath={.a", ALL), "unclosed action");
    }

    #[test]
    fn templates_can_be_in_files() {
        let load = |format: &str, text: &str| {
            let asked = Asked::parse(format, ALL).unwrap();
            asked.load(|path| {
                assert_eq!(path, "a=b");
                Ok(text.to_owned())
            })
        };
        let template = Template::parse("{.a}").unwrap();
        let format = load("jsonpath-file=a=b", "{.a}").unwrap();
        assert_eq!(format, Format::JsonPath(template));
        assert!(load("custom-columns-file=a=b", "A B\n.a .b\n").is_ok());
        let error = load("custom-columns-file=a=b", "A").unwrap_err();
        assert_eq!(
            error.to_string(),
            "a=b: it must have a line of headers and a line of paths"
        );
    }
}
