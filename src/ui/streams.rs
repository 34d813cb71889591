//! The process's streams, and what the user wants of them.

use std::io::{IsTerminal, Write};

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set or the terminal is dumb.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What the user asked of the output.
#[derive(Debug, Clone, Copy, Default)]
pub struct Settings {
    /// When to use colour.
    pub color: ColorChoice,
    /// No status lines; warnings and failures still show.
    pub quiet: bool,
}

/// The three streams of the process, as they are found at start.
pub struct Streams {
    /// Where answers go.
    pub out: Box<dyn Write + Send>,
    /// Where everything else goes.
    pub err: Box<dyn Write + Send>,
    /// Whether stdin, stdout and stderr are terminals.
    pub terminal: Terminals,
}

/// Which streams are terminals.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminals {
    /// Stdin.
    pub input: bool,
    /// Stdout.
    pub output: bool,
    /// Stderr.
    pub error: bool,
}

impl Streams {
    /// The streams of this process.
    pub fn of_process() -> Self {
        Streams {
            terminal: Terminals {
                input: std::io::stdin().is_terminal(),
                output: std::io::stdout().is_terminal(),
                error: std::io::stderr().is_terminal(),
            },
            out: Box::new(std::io::BufWriter::new(std::io::stdout())),
            err: Box::new(std::io::stderr()),
        }
    }
}
