//! Tables with the exact bytes of flux's: columns padded to the widest cell, each ended by a tab,
//! upper-case headers, cells of several lines spread over several rows.

use std::borrow::Cow;

use comfy_table::{Cell, ContentArrangement, ContentLineStyle, Table, TableStyle};

/// A tab between columns and after the last one.
const CELLS: ContentLineStyle = ContentLineStyle::none().junction('\t').right('\t');
const STYLE: TableStyle = TableStyle::new().header_lines(CELLS).content_lines(CELLS);

/// Renders `rows` below `header`; an empty header is left out. The text ends in a newline, and is
/// empty when there is nothing to show.
pub fn render(header: &[&str], rows: &[Vec<String>]) -> String {
    if header.is_empty() && rows.is_empty() {
        return String::new();
    }
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_content_arrangement(ContentArrangement::Disabled);
    if !header.is_empty() {
        table.set_header(header.iter().map(|h| Cell::new(h.to_uppercase())));
    }
    let mut shielded = false;
    for row in rows {
        table.add_row(row.iter().map(|cell| {
            let cell = shield(cell);
            shielded |= matches!(cell, Cow::Owned(_));
            Cell::new(cell)
        }));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 0));
    }
    let mut lines: Vec<String> = table.lines().collect();
    // flux's header ends in a blank where its rows end in a tab.
    if let Some(first) = lines.first_mut().filter(|_| !header.is_empty())
        && first.ends_with('\t')
    {
        first.pop();
        first.push(' ');
    }
    narrow(header, rows, &mut lines);
    lines.push(String::new());
    let text = lines.join("\n");
    if shielded {
        text.chars().map(|c| INVISIBLE.find(c)).collect()
    } else {
        text
    }
}

/// Characters of no width, of which one stands for each character that flux counts as none while
/// widths are taken: control characters, and the sequences that colour a terminal.
struct Invisible(u32);

/// Variation selectors, which no message has.
const INVISIBLE: Invisible = Invisible(0xE0100);

impl Invisible {
    fn stand_in(&self, c: char) -> char {
        let stand_in = char::from_u32(self.0 + u32::from(c));
        stand_in.filter(|_| c.is_ascii()).unwrap_or(c)
    }

    fn find(&self, c: char) -> char {
        let ascii = u32::from(c).checked_sub(self.0).filter(|c| *c < 128);
        ascii.and_then(char::from_u32).unwrap_or(c)
    }
}

/// The text with stand-ins for what has no width; line breaks stay.
fn shield(text: &str) -> Cow<'_, str> {
    let has_width = |byte: u8| !byte.is_ascii_control() || byte == b'\n';
    if text.bytes().all(has_width) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let sequence = if c == '\u{1b}' { escape(rest) } else { 0 };
        if sequence > 0 {
            out.extend(rest[..sequence].chars().map(|c| INVISIBLE.stand_in(c)));
            rest = &rest[sequence..];
            continue;
        }
        out.push(if c.is_ascii_control() && c != '\n' {
            INVISIBLE.stand_in(c)
        } else {
            c
        });
        rest = &rest[c.len_utf8()..];
    }
    Cow::Owned(out)
}

/// How long the sequence that colours is, with which the text begins.
fn escape(text: &str) -> usize {
    let Some(body) = text.strip_prefix("\u{1b}[") else {
        return 0;
    };
    let end = body.find(|c: char| !(c.is_ascii_digit() || c == ';'));
    match end {
        Some(end) if body[end..].starts_with(['m', 'K']) => "\u{1b}[".len() + end + 1,
        _ => 0,
    }
}

/// Puts flux's blanks into columns that are narrower than two: one of nothing at all is nothing
/// wide, and where another cell of the row has more lines, two blanks stand for each.
fn narrow(header: &[&str], rows: &[Vec<String>], lines: &mut [String]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    // Of columns of two and more it does not matter how wide they are, so that the first cell
    // mostly tells.
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let texts = cells.flat_map(|cell| cell.split('\n'));
        let mut texts = header.get(column).copied().into_iter().chain(texts);
        let mut widest = 0;
        while let Some(text) = texts.next().filter(|_| widest < 2) {
            widest = text.chars().take(2).count().max(widest);
        }
        widest
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    if !widths.iter().any(|width| *width < 2) {
        return;
    }
    let mut lines = lines.iter_mut().skip(usize::from(!header.is_empty()));
    for row in rows {
        let height = row.iter().map(|cell| cell.split('\n').count()).max();
        for (place, line) in (0..height.unwrap_or(0)).zip(&mut lines) {
            let mut cells: Vec<&str> = line.splitn(columns, '\t').collect();
            let cells_of_row = cells.iter_mut().zip(&widths).zip(row);
            for (index, ((cell, width), text)) in cells_of_row.enumerate() {
                let end = if index + 1 == columns { "\t" } else { "" };
                match (text.split('\n').nth(place), width, end) {
                    (None, 0 | 1, "") => *cell = "  ",
                    (None, 0 | 1, _) => *cell = "  \t",
                    (Some(_), 0, end) => *cell = end,
                    _ => {}
                }
            }
            *line = cells.join("\t");
        }
    }
}

/// The colour of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tint {
    /// None.
    Plain,
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
    /// Neither.
    Doubtful,
}

/// [`render`], with the cells coloured as `tint` says where `on` is set. Padding is not.
pub fn render_tinted(
    header: &[&str],
    rows: &[Vec<String>],
    on: bool,
    tint: &impl Fn(usize, &str) -> Tint,
) -> String {
    let text = render(header, rows);
    if !on {
        return text;
    }
    let headers = usize::from(!header.is_empty());
    let mut out = String::with_capacity(text.len() * 2);
    for (place, line) in text.lines().enumerate() {
        for (column, cell) in line.split_inclusive('\t').enumerate() {
            let word = cell.trim_end();
            let code = match tint(column, word) {
                _ if place < headers || word.is_empty() => None,
                Tint::Plain => None,
                Tint::Good => Some("32"),
                Tint::Bad => Some("31"),
                Tint::Doubtful => Some("33"),
            };
            match code {
                Some(code) => {
                    out.push_str(&format!(
                        "\u{1b}[{code}m{word}\u{1b}[0m{}",
                        &cell[word.len()..]
                    ));
                }
                None => out.push_str(cell),
            }
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|c| (*c).to_owned()).collect()
    }

    #[test]
    fn cells_are_padded_and_end_in_tabs() {
        let text = render(
            &["Name", "Ready", "Message"],
            &[
                row(&["a", "True", "ok"]),
                row(&["longer", "", "two\nlines"]),
            ],
        );
        assert_eq!(
            text,
            "NAME  \tREADY\tMESSAGE \na     \tTrue \tok     \t\nlonger\t     \ttwo    \t\n      \t     \tlines  \t\n"
        );
    }

    #[test]
    fn columns_of_nothing_are_as_narrow_as_fluxs() {
        let one = |cells| render(&[], &[row(cells)]);
        assert_eq!(one(&["one", "", "False"]), "one\t\tFalse\t\n");
        assert_eq!(one(&["one", "", ""]), "one\t\t\t\n");
        assert_eq!(one(&["one", "", "a\nb"]), "one\t\ta\t\n   \t  \tb\t\n");
        assert_eq!(one(&["a\nb", ""]), "a\t\t\nb\t  \t\n");
        assert_eq!(
            render(&[], &[row(&["one", "", "x"]), row(&["two", "y", "x"])]),
            "one\t \tx\t\ntwo\ty\tx\t\n"
        );
        assert_eq!(
            render(&["Name", "A", "Message"], &[row(&["one", "", "a\n\nb"])]),
            "NAME\tA\tMESSAGE \none \t \ta      \t\n    \t  \t       \t\n    \t  \tb      \t\n"
        );
    }

    #[test]
    fn what_has_no_width_takes_no_blanks() {
        assert_eq!(
            render(&[], &[row(&["a\tb", "x"]), row(&["abc", "x"])]),
            "a\tb \tx\t\nabc\tx\t\n"
        );
        assert_eq!(
            render(
                &[],
                &[row(&["\u{1b}[1;31mred\u{1b}[0m", "x"]), row(&["four", "x"])]
            ),
            "\u{1b}[1;31mred\u{1b}[0m \tx\t\nfour\tx\t\n"
        );
    }

    #[test]
    fn no_header_and_no_rows_is_no_text() {
        assert_eq!(render(&[], &[]), "");
        assert_eq!(render(&[], &[row(&["x"])]), "x\t\n");
    }
}
