//! The figures as a table in Markdown, with reflux's share of what its peer takes.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_macros,
    reason = "the figures are the answer of this task"
)]

use std::fmt;
use std::time::Duration;

use anyhow::Result;

use super::measure::{Program, Sample};

/// The rows so far; each is also shown when it is added.
pub(crate) struct Table {
    names: Vec<&'static str>,
    rows: Vec<Row>,
}

/// What one program takes for one thing.
struct Row {
    what: String,
    program: &'static str,
    /// Wall time, or what else is the point of the row; processor; memory.
    figures: [Option<Figure>; 3],
}

#[derive(Clone, Copy)]
enum Figure {
    Time(Duration),
    Bytes(u64),
}

impl Figure {
    fn amount(self) -> f64 {
        match self {
            Figure::Time(duration) => duration.as_secs_f64(),
            Figure::Bytes(bytes) => bytes as f64,
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Figure::Time(duration) if *duration < Duration::from_secs(1) => {
                write!(f, "{:.1} ms", duration.as_secs_f64() * 1e3)
            }
            Figure::Time(duration) => write!(f, "{:.2} s", duration.as_secs_f64()),
            Figure::Bytes(bytes) => write!(f, "{:.1} MiB", *bytes as f64 / 1024.0 / 1024.0),
        }
    }
}

impl Table {
    pub(crate) fn new(programs: &[Program]) -> Self {
        Table {
            names: programs.iter().map(|p| p.name).collect(),
            rows: Vec::new(),
        }
    }

    /// How large the programs are.
    pub(crate) fn sizes(&mut self, programs: &[Program]) -> Result<()> {
        for program in programs {
            let bytes = fs_err::metadata(&program.path)?.len();
            let figures = [Some(Figure::Bytes(bytes)), None, None];
            self.row("binary size", program.name, figures);
        }
        Ok(())
    }

    /// A row for each program.
    pub(crate) fn add(&mut self, what: &str, results: Vec<Sample>) {
        for (name, sample) in self.names.clone().into_iter().zip(results) {
            self.add_for(what, name, sample);
        }
    }

    /// A row for one program.
    pub(crate) fn add_for(&mut self, what: &str, program: &'static str, sample: Sample) {
        let figures = [
            Some(Figure::Time(sample.wall)),
            Some(Figure::Time(sample.cpu)),
            sample.memory.map(Figure::Bytes),
        ];
        self.row(what, program, figures);
    }

    /// A row of wall time alone.
    pub(crate) fn add_time(&mut self, what: &str, program: &'static str, took: Duration) {
        self.row(what, program, [Some(Figure::Time(took)), None, None]);
    }

    fn row(&mut self, what: &str, program: &'static str, figures: [Option<Figure>; 3]) {
        let row = Row {
            what: what.to_owned(),
            program,
            figures,
        };
        eprintln!("{}", row.line());
        self.rows.push(row);
    }

    /// The rows, those about the same thing together, each but the first program's followed by what
    /// the first takes of it.
    pub(crate) fn print(&self) {
        println!("| what | program | wall | CPU | memory |");
        println!("| --- | --- | ---: | ---: | ---: |");
        for (place, first) in self.rows.iter().enumerate() {
            let is_about = |row: &&Row| row.what == first.what;
            if self.rows[..place].iter().any(|row| is_about(&row)) {
                continue;
            }
            println!("{}", first.line());
            for peer in self.rows[place + 1..].iter().filter(is_about) {
                println!("{}", peer.line());
                println!("{}", first.ratio(peer));
            }
        }
    }
}

impl Row {
    fn line(&self) -> String {
        let cells = self
            .figures
            .map(|figure| figure.map_or_else(String::new, |f| f.to_string()));
        line(&self.what, self.program, &cells)
    }

    fn ratio(&self, peer: &Row) -> String {
        let mut cells = [const { String::new() }; 3];
        for (cell, pair) in cells.iter_mut().zip(self.figures.iter().zip(&peer.figures)) {
            if let (Some(own), Some(peer)) = pair {
                *cell = format!("{:.2}", own.amount() / peer.amount());
            }
        }
        line(
            &self.what,
            &format!("{}/{}", self.program, peer.program),
            &cells,
        )
    }
}

fn line(what: &str, who: &str, cells: &[String; 3]) -> String {
    format!("| {what} | {who} | {} |", cells.join(" | "))
}
