//! kubectl's `custom-columns`: a table whose cells are paths.

use serde_json::Value;

use super::jsonpath::{Error as PathError, Template};
use super::tabs;
use crate::error::{Error, Result};

/// What stands in a cell where the path leads nowhere.
const NONE: &str = "<none>";

/// The columns of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomColumns {
    columns: Vec<(String, Template)>,
}

impl CustomColumns {
    /// Reads `HEADER:PATH,HEADER:PATH`.
    ///
    /// # Errors
    /// Says which column is not so.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("custom-columns=SPEC needs columns, as NAME:.metadata.name".to_owned());
        }
        let column = |text: &str| {
            let (header, path) = text.split_once(':').ok_or_else(|| {
                format!("{text:?} is not a column: write HEADER:PATH, as NAME:.metadata.name")
            })?;
            named(header, path)
        };
        let columns = text.split(',').map(column).collect::<Result<_, _>>()?;
        Ok(CustomColumns { columns })
    }

    /// Reads a file with a line of headers and a line of paths, each separated by blanks.
    ///
    /// # Errors
    /// Says what is missing.
    pub fn parse_file(text: &str) -> Result<Self, String> {
        let mut lines = text.lines();
        let (Some(headers), Some(paths)) = (lines.next(), lines.next()) else {
            return Err("it must have a line of headers and a line of paths".to_owned());
        };
        let headers: Vec<&str> = headers.split_whitespace().collect();
        let paths: Vec<&str> = paths.split_whitespace().collect();
        if headers.len() != paths.len() {
            return Err(format!(
                "it has {} headers and {} paths",
                headers.len(),
                paths.len()
            ));
        }
        let columns = headers.iter().zip(paths);
        let columns = columns.map(|(header, path)| named(header, path));
        Ok(CustomColumns {
            columns: columns.collect::<Result<_, _>>()?,
        })
    }

    /// The table of these rows.
    ///
    /// # Errors
    /// When a path does not fit a row.
    pub fn render(&self, rows: &[&Value], header: bool) -> Result<String> {
        let mut lines = Vec::with_capacity(rows.len() + 1);
        if header {
            let headers: Vec<&str> = self.columns.iter().map(|(h, _)| h.as_str()).collect();
            lines.push(headers.join("\t"));
        }
        for row in rows {
            let cells = self.columns.iter().map(|(header, path)| {
                cell(path, row).map_err(|error| {
                    Error::failed(format!("column {header:?} does not fit: {error}"))
                })
            });
            lines.push(cells.collect::<Result<Vec<_>>>()?.join("\t"));
        }
        Ok(tabs::align(&lines))
    }
}

fn named(header: &str, path: &str) -> Result<(String, Template), String> {
    let template =
        Template::parse_path(path).map_err(|error| format!("column {header:?}: {error}"))?;
    Ok((header.to_owned(), template))
}

/// Everything the path leads to, with commas between.
fn cell(path: &Template, row: &Value) -> Result<String, PathError> {
    let groups = path.evaluate(row)?;
    let mut texts = Vec::new();
    if groups.first().is_none_or(Vec::is_empty) {
        texts.push(NONE.to_owned());
    }
    texts.extend(groups.iter().flatten().map(|item| escape(&item.text())));
    Ok(texts.join(","))
}

/// Without what would move a terminal's cursor.
fn escape(text: &str) -> String {
    text.replace('\u{1b}', "^[").replace('\r', "\\r")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn render(spec: &str) -> String {
        let rows = [
            json!({"metadata": {"name": "a", "labels": {"b": "x", "a": "y"}}, "n": 1, "l": [1, 2.5, null],
                "o": null, "m": "two\nlines", "e": "\u{1b}[1m\r"}),
            json!({"metadata": {"name": "longer-name"}, "n": 1_000_000.5, "l": []}),
        ];
        let rows: Vec<&Value> = rows.iter().collect();
        CustomColumns::parse(spec)
            .unwrap()
            .render(&rows, true)
            .unwrap()
    }

    // What kubectl prints of the same objects.
    #[test]
    fn tables_are_kubectls() {
        assert_eq!(
            render("NAME:.metadata.name,N:n,L:{.l[*]},LABELS:metadata.labels"),
            "NAME          N               L             LABELS\n\
             a             1               1,2.5,<nil>   map[a:y b:x]\n\
             longer-name   1.0000005e+06   <none>        <none>\n"
        );
        assert_eq!(
            render("O:.o,LIST:.l,E:.e"),
            "O        LIST            E\n\
             <nil>    [1 2.5 <nil>]   ^[[1m\\r\n\
             <none>   []              <none>\n"
        );
        assert_eq!(
            render("M:.m,NAME:.metadata.name"),
            "M     NAME\ntwo\nlines    a\n<none>   longer-name\n"
        );
        assert_eq!(
            render("NAME:.metadata.name,M:.m,N:.n,T:.t"),
            "NAME          M     N     T\n\
             a             two\nlines         1        <none>\n\
             longer-name   <none>   1.0000005e+06   <none>\n"
        );
        assert_eq!(render("X:"), "X\n<none>\n<none>\n");
    }

    #[test]
    fn columns_that_are_none_are_refused() {
        let refusal = |spec| CustomColumns::parse(spec).unwrap_err();
        assert!(refusal("").contains("needs columns"));
        assert!(refusal("NAME").contains("\"NAME\" is not a column"));
        assert!(refusal("NAME:{.a}{.b}").contains("is not a path"));
        assert!(refusal("NAME:.a[").contains("column \"NAME\": unterminated"));
        let columns = CustomColumns::parse("N:.n[0]").unwrap();
        let error = columns.render(&[&json!({"n": 1})], true).unwrap_err();
        assert_eq!(
            error.to_string(),
            "column \"N\" does not fit: a number has no items"
        );
    }

    #[test]
    fn files_have_two_lines() {
        let columns = CustomColumns::parse_file("NAME   SPEC\n.metadata.name {.spec}\n").unwrap();
        assert_eq!(
            columns,
            CustomColumns::parse("NAME:metadata.name,SPEC:.spec").unwrap()
        );
        assert!(CustomColumns::parse_file("NAME").is_err());
        let error = CustomColumns::parse_file("A B\n.a").unwrap_err();
        assert_eq!(error, "it has 2 headers and 1 paths");
    }
}
