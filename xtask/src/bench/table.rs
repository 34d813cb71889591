//! The figures as a table in Markdown.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_macros,
    reason = "the figures are the answer of this task"
)]

use std::time::Duration;

use anyhow::Result;

use super::measure::{Program, Sample};

/// The rows so far; each is also shown when it is added.
pub(crate) struct Table {
    names: Vec<&'static str>,
    lines: Vec<String>,
}

impl Table {
    pub(crate) fn new(programs: &[Program]) -> Self {
        Table {
            names: programs.iter().map(|p| p.name).collect(),
            lines: Vec::new(),
        }
    }

    /// How large the programs are.
    pub(crate) fn sizes(&mut self, programs: &[Program]) -> Result<()> {
        for program in programs {
            let bytes = fs_err::metadata(&program.path)?.len();
            self.line(format!(
                "| binary size | {} | {:.1} MB | | |",
                program.name,
                bytes as f64 / 1e6
            ));
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
    pub(crate) fn add_for(&mut self, what: &str, name: &str, sample: Sample) {
        let memory = sample.memory.map_or_else(String::new, |bytes| {
            format!("{:.1} MiB", bytes as f64 / 1024.0 / 1024.0)
        });
        let (wall, cpu) = (time(sample.wall), time(sample.cpu));
        self.line(format!("| {what} | {name} | {wall} | {cpu} | {memory} |"));
    }

    /// A row of wall time alone.
    pub(crate) fn add_time(&mut self, what: &str, name: &str, took: Duration) {
        self.line(format!("| {what} | {name} | {} | | |", time(took)));
    }

    fn line(&mut self, line: String) {
        eprintln!("{line}");
        self.lines.push(line);
    }

    pub(crate) fn print(&self) {
        println!("| what | program | wall | CPU | memory |");
        println!("| --- | --- | ---: | ---: | ---: |");
        for line in &self.lines {
            println!("{line}");
        }
    }
}

fn time(duration: Duration) -> String {
    let milliseconds = duration.as_secs_f64() * 1e3;
    if milliseconds < 1000.0 {
        format!("{milliseconds:.1} ms")
    } else {
        format!("{:.2} s", milliseconds / 1e3)
    }
}
