//! Columns as kubectl aligns them: cells end at tabs, and are as wide as the widest one above and
//! below.

/// The least width of a column.
const LEAST: usize = 6;
/// The blanks behind the widest cell.
const GAP: usize = 3;

/// Replaces tabs by blanks. The last cell of a line belongs to no column; a column whose cells do
/// not follow each other is at least as wide as it was before.
pub(super) fn align(lines: &[String]) -> String {
    let text = lines.iter().flat_map(|line| line.split('\n'));
    let cells: Vec<Vec<&str>> = text.map(|line| line.split('\t').collect()).collect();
    let widths = widths(&cells);
    let mut text = String::new();
    for (line, widths) in cells.iter().zip(widths) {
        for (index, cell) in line.iter().enumerate() {
            text.push_str(cell);
            if let Some(width) = widths.get(index) {
                let blanks = width.saturating_sub(cell.chars().count());
                text.extend(std::iter::repeat_n(' ', blanks));
            }
        }
        text.push('\n');
    }
    text
}

/// The widths of each line's columns.
fn widths(lines: &[Vec<&str>]) -> Vec<Vec<usize>> {
    let mut widths: Vec<Vec<usize>> = vec![Vec::new(); lines.len()];
    let columns = lines.iter().map(|line| line.len() - 1).max();
    for column in 0..columns.unwrap_or(0) {
        let mut widest = LEAST;
        let has = |index: usize| lines.get(index).is_some_and(|line| line.len() - 1 > column);
        let mut first = 0;
        while first < lines.len() {
            let mut end = first;
            while has(end) {
                widest = widest.max(lines[end][column].chars().count() + GAP);
                end += 1;
            }
            for line in &mut widths[first..end] {
                line.push(widest);
            }
            first = end + 1;
        }
    }
    widths
}
