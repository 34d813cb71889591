//! Telling: every command before its output, and how long each step took.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_macros,
    reason = "the story is the answer of this task"
)]

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use pty_process::blocking;
use secrecy::{ExposeSecret, SecretString};

/// A story and its clock.
pub(crate) struct Story {
    steps: Vec<(String, Duration)>,
    open: Option<(String, Instant)>,
    started: Instant,
}

impl Story {
    pub(crate) fn new() -> Self {
        Story {
            steps: Vec::new(),
            open: None,
            started: Instant::now(),
        }
    }

    /// A heading.
    pub(crate) fn chapter(&mut self, title: &str) {
        println!("\n### {title}\n");
    }

    /// A remark.
    pub(crate) fn say(&self, text: &str) {
        note(text);
    }

    /// Starts the clock of a step that is no command.
    pub(crate) fn begin(&mut self, what: &str) {
        self.open = Some((what.to_owned(), Instant::now()));
    }

    /// Stops it.
    pub(crate) fn finish(&mut self) {
        if let Some((what, started)) = self.open.take() {
            self.steps.push((what, started.elapsed()));
        }
    }

    /// Runs a command, its output below it.
    pub(crate) fn run(&mut self, command: &mut Command) -> Result<()> {
        let shown = words(command.get_program(), command.get_args());
        println!("$ {shown}");
        self.begin(&shown);
        let status = command.status().with_context(|| shown.clone())?;
        self.finish();
        println!();
        if !status.success() {
            bail!("{shown}: {status}");
        }
        Ok(())
    }

    /// Runs a command on a terminal of its own and types the secret at its first question.
    pub(crate) fn ask(&mut self, command: Asked, secret: &SecretString) -> Result<()> {
        println!("$ {}", command.shown);
        self.begin(&command.shown);
        let (mut terminal, child_side) = blocking::open()?;
        terminal.resize(pty_process::Size::new(50, 120))?;
        let mut child = command.command.spawn(child_side)?;
        let mut typed = false;
        let mut seen = Vec::new();
        let mut buffer = [0u8; 4096];
        // A terminal whose other side is gone answers with an error: that is its end.
        while let Ok(count @ 1..) = terminal.read(&mut buffer) {
            std::io::stdout().write_all(&buffer[..count])?;
            std::io::stdout().flush()?;
            seen.extend_from_slice(&buffer[..count]);
            if !typed && String::from_utf8_lossy(&seen).contains("(PAT)") {
                terminal.write_all(secret.expose_secret().as_bytes())?;
                terminal.write_all(b"\r")?;
                typed = true;
            }
        }
        let status = child.wait()?;
        self.finish();
        println!();
        if String::from_utf8_lossy(&seen).contains(secret.expose_secret()) {
            bail!("the token was shown on the terminal");
        }
        if !status.success() {
            bail!("{}: {status}", command.shown);
        }
        Ok(())
    }

    /// How long everything took.
    pub(crate) fn end(&self) {
        println!("\n### How long it took\n");
        for (what, took) in &self.steps {
            let what: String = what.chars().take(100).collect();
            println!("{:>7.2}s  {what}", took.as_secs_f64());
        }
        println!("{:>7.2}s  in all", self.started.elapsed().as_secs_f64());
    }
}

/// A command that asks, and how it is shown.
pub(crate) struct Asked {
    pub(crate) command: blocking::Command,
    pub(crate) shown: String,
}

/// A remark of the story.
pub(crate) fn note(text: &str) {
    println!("# {text}");
}

/// The command as a user would type it.
pub(crate) fn words<'a>(program: &OsStr, args: impl Iterator<Item = &'a OsStr>) -> String {
    let name = Path::new(program).file_name().unwrap_or(program);
    let mut text = name.to_string_lossy().into_owned();
    for arg in args {
        text.push(' ');
        text.push_str(&arg.to_string_lossy());
    }
    text
}
