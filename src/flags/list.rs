//! Lists as Go's flags have them: a line of CSV.

use std::str::FromStr;

/// What a list flag was given at one place: texts with commas between them. A text that holds a
/// comma stands in double quotes, and a double quote inside of those is doubled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List(Vec<String>);

impl List {
    /// The items of a flag that was given several times, in order.
    pub fn all(given: &[List]) -> Vec<String> {
        given.iter().flat_map(|list| list.0.clone()).collect()
    }
}

impl FromStr for List {
    type Err = String;

    /// Reads the first line that is not empty, as Go's `encoding/csv` does; nothing is no item.
    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(List::default());
        }
        let mut lines = Lines { text, line: 0 };
        let mut record = lines.next().ok_or("EOF")?;
        while record == "\n" {
            record = lines.next().ok_or("EOF")?;
        }
        let mut reader = Reader {
            start: lines.line,
            column: 1,
            rest: record,
            lines,
        };
        let mut items = Vec::new();
        loop {
            let (item, more) = reader.field()?;
            items.push(item);
            if !more {
                return Ok(List(items));
            }
        }
    }
}

/// The lines of a text, line ends made one `\n`, with the number of the last one.
#[derive(Clone)]
struct Lines<'a> {
    text: &'a str,
    line: usize,
}

impl Iterator for Lines<'_> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        if self.text.is_empty() {
            return None;
        }
        self.line += 1;
        let (line, rest) = match self.text.split_once('\n') {
            Some((line, rest)) => (format!("{}\n", without_return(line)), rest),
            None => (without_return(self.text).to_owned(), ""),
        };
        self.text = rest;
        Some(line)
    }
}

fn without_return(line: &str) -> &str {
    line.strip_suffix('\r').unwrap_or(line)
}

/// Reads the fields of one record.
struct Reader<'a> {
    /// The line that the record begins at.
    start: usize,
    /// Where `rest` begins in its line, in bytes from 1.
    column: usize,
    rest: String,
    lines: Lines<'a>,
}

impl Reader<'_> {
    /// The next field, and whether another one follows.
    fn field(&mut self) -> Result<(String, bool), String> {
        if self.rest.starts_with('"') {
            self.advance(1);
            return self.quoted();
        }
        let end = self.rest.find(',').unwrap_or(self.rest.len());
        let field = self.rest[..end].trim_end_matches('\n').to_owned();
        if let Some(quote) = field.find('"') {
            return Err(self.refusal(self.column + quote, "bare \" in non-quoted-field"));
        }
        let more = end < self.rest.len();
        self.advance(end + usize::from(more));
        Ok((field, more))
    }

    /// The rest of a field whose opening quote has been read; it may go over several lines.
    fn quoted(&mut self) -> Result<(String, bool), String> {
        const WRONG: &str = "extraneous or missing \" in quoted-field";
        let mut field = String::new();
        loop {
            let Some(quote) = self.rest.find('"') else {
                field.push_str(&self.rest);
                let end = self.column + self.rest.len();
                let Some(next) = self.lines.next() else {
                    return Err(self.refusal(end, WRONG));
                };
                (self.rest, self.column) = (next, 1);
                continue;
            };
            field.push_str(&self.rest[..quote]);
            self.advance(quote + 1);
            match self.rest.as_bytes().first() {
                Some(b'"') => {
                    field.push('"');
                    self.advance(1);
                }
                Some(b',') => {
                    self.advance(1);
                    return Ok((field, true));
                }
                None | Some(b'\n') => return Ok((field, false)),
                Some(_) => return Err(self.refusal(self.column - 1, WRONG)),
            }
        }
    }

    fn advance(&mut self, bytes: usize) {
        self.rest.drain(..bytes);
        self.column += bytes;
    }

    fn refusal(&self, column: usize, why: &str) -> String {
        let (start, line) = (self.start, self.lines.line);
        let place = format!("parse error on line {line}, column {column}: {why}");
        if start == line {
            place
        } else {
            format!("record on line {start}; {place}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_split_as_go_splits_them() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            ("a", &["a"]),
            ("a,b c,", &["a", "b c", ""]),
            (",", &["", ""]),
            (" a, b", &[" a", " b"]),
            ("\"a,b\",c", &["a,b", "c"]),
            ("\"say \"\"x\"\"\"", &["say \"x\""]),
            ("\"\"", &[""]),
            ("\n\r\na\r\nb", &["a"]),
            ("\"a\r\nb\",c\r", &["a\nb", "c"]),
        ];
        for (text, want) in cases {
            let list: List = text.parse().unwrap();
            assert_eq!(List::all(&[list]), *want, "{text:?}");
        }
    }

    #[test]
    fn refusals_are_gos() {
        let cases = [
            ("\n", "EOF"),
            (
                "a\"b",
                "parse error on line 1, column 2: bare \" in non-quoted-field",
            ),
            (
                "x,\"a\"b",
                "parse error on line 1, column 5: extraneous or missing \" in quoted-field",
            ),
            (
                "\"abc",
                "parse error on line 1, column 5: extraneous or missing \" in quoted-field",
            ),
            (
                "\"a\nb\"c",
                "record on line 1; parse error on line 2, column 2: extraneous or missing \" in \
                 quoted-field",
            ),
        ];
        for (text, want) in cases {
            assert_eq!(text.parse::<List>(), Err(want.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn nothing_adds_nothing() {
        let given: Vec<List> = ["a", "", "b,c"]
            .iter()
            .map(|t| t.parse().unwrap())
            .collect();
        assert_eq!(List::all(&given), ["a", "b", "c"]);
    }
}
