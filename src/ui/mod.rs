//! The one door to the terminal.
//!
//! Commands ask for a role (answer, status, warning, hint, progress, question) and this module
//! decides how it looks and whether it shows at all. Answers go to stdout, everything else to
//! stderr. Nothing else in reflux writes to either.

mod about;
mod lines;
mod progress;
mod prompt;
mod streams;
mod symbols;
pub mod table;

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use dialoguer::console::Term;
use jiff::Timestamp;

use crate::env::{self, Env};
use crate::error::{Error, Kind, Result};
use crate::output::journal::{Entry, Phase, Summary};
pub use about::About;
pub use lines::Lines;
pub use progress::{Progress, Spinners};
pub use streams::{ColorChoice, Settings, Streams, Terminals};
pub use symbols::Role;
use symbols::Symbols;

/// The terminal, or what stands in for it.
pub struct Ui {
    out: Mutex<Box<dyn Write + Send>>,
    err: Mutex<Box<dyn Write + Send>>,
    terminal: Terminals,
    interactive: bool,
    symbols: Symbols,
    color_err: bool,
    color_out: bool,
    quiet: bool,
    /// Whether talk is written to stdout, for programs.
    journal: AtomicBool,
    /// Whether whoever read stdout has gone.
    unread: AtomicBool,
    progress: progress::Slot,
}

impl Ui {
    /// Opens the door on `streams` for a user whose environment and wishes these are.
    pub fn new(streams: Streams, env: &Env, settings: Settings) -> Self {
        let Streams { out, err, terminal } = streams;
        let color_on = |is_terminal: bool| match settings.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if env.get(env::CLICOLOR_FORCE).is_some_and(|v| v != "0") => true,
            ColorChoice::Auto => {
                is_terminal && !env.is_set(env::NO_COLOR) && env.get(env::TERM) != Some("dumb")
            }
        };
        Ui {
            journal: AtomicBool::new(false),
            unread: AtomicBool::new(false),
            interactive: terminal.error
                && !settings.quiet
                && !env.is_set(env::CI)
                && env.get(env::TERM) != Some("dumb"),
            color_err: color_on(terminal.error),
            color_out: color_on(terminal.output),
            symbols: Symbols::for_locale(env.first(&env::LOCALE), terminal.error),
            quiet: settings.quiet,
            progress: progress::Slot::default(),
            out: Mutex::new(out),
            err: Mutex::new(err),
            terminal,
        }
    }

    /// Writes an answer to stdout, as it is.
    ///
    /// # Errors
    /// When stdout cannot take it. A closed pipe is not an error: the reader had enough.
    pub fn answer(&self, text: &str) -> Result<()> {
        self.answer_bytes(text.as_bytes())
    }

    /// [`Ui::answer`] for what need not be text.
    ///
    /// # Errors
    /// As those of [`Ui::answer`].
    pub fn answer_bytes(&self, bytes: &[u8]) -> Result<()> {
        let written = lock(&self.out).write_all(bytes);
        self.heard(written)
    }

    /// Whether anybody reads stdout, as far as is known. Who writes without an end asks.
    pub fn is_read(&self) -> bool {
        !self.unread.load(Ordering::Relaxed)
    }

    fn heard(&self, written: std::io::Result<()>) -> Result<()> {
        match written {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
                self.unread.store(true, Ordering::Relaxed);
                Ok(())
            }
            written => written
                .map_err(|error| Error::failed("cannot write to standard output").caused_by(error)),
        }
    }

    /// Writes what is left of the answers out.
    ///
    /// # Errors
    /// When stdout cannot take it.
    pub fn flush(&self) -> Result<()> {
        let flushed = lock(&self.out).flush();
        self.heard(flushed)
    }

    /// From now on, talk is written to stdout as `-o jsonl` has it.
    pub fn keep_journal(&self) {
        self.journal.store(true, Ordering::Relaxed);
    }

    /// Whether talk is written as `-o jsonl` has it.
    pub fn keeps_journal(&self) -> bool {
        self.journal.load(Ordering::Relaxed)
    }

    /// Says in the journal how many objects ended how.
    pub fn summary(&self, summary: Summary) {
        if self.keeps_journal() {
            self.record(&Entry::of_summary(Timestamp::now(), summary));
        }
    }

    /// Writes a line of the journal.
    fn record(&self, entry: &Entry) {
        let Ok(line) = entry.to_line() else {
            return;
        };
        let mut out = lock(&self.out);
        // Whoever reads it wants each line as it comes; a reader that has gone wants none.
        let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
    }

    /// `► text`: something is being done.
    pub fn action(&self, text: impl AsRef<str>) {
        self.status(Role::Action, text.as_ref());
    }

    /// `✚ text`: something is being generated.
    pub fn generate(&self, text: impl AsRef<str>) {
        self.status(Role::Generate, text.as_ref());
    }

    /// `◎ text`: something is being waited for.
    pub fn waiting(&self, text: impl AsRef<str>) {
        self.status(Role::Wait, text.as_ref());
    }

    /// `✔ text`: something is done.
    pub fn success(&self, text: impl AsRef<str>) {
        self.status(Role::Success, text.as_ref());
    }

    /// `⚠️ text`: something the user should know; shown even when quiet.
    pub fn warning(&self, text: impl AsRef<str>) {
        self.line(Role::Warning, text.as_ref());
    }

    /// `✗ text`: something failed; shown even when quiet.
    pub fn failure(&self, text: impl AsRef<str>) {
        self.line(Role::Failure, text.as_ref());
    }

    /// A line of talk without a symbol, such as a prompt's explanation or a hint.
    pub fn note(&self, text: impl AsRef<str>) {
        if self.keeps_journal() {
            let text = text.as_ref().trim();
            self.record(&Entry::new(Timestamp::now(), Phase::Note, text));
        } else if !self.quiet {
            self.write_err(text.as_ref());
        }
    }

    /// Shows a failure with its causes and hints, unless the command has already shown it. In
    /// hints, `{bin}` stands for the program's name.
    pub fn error(&self, error: &Error, program: &str) {
        if !error.is_reported() {
            if self.keeps_journal() {
                self.record(&Entry::of_error(Timestamp::now(), error));
            }
            let line = self
                .symbols
                .line(Role::Failure, &error.chain(), self.color_err);
            self.write_err(&line);
        }
        for hint in error.hints() {
            self.line(Role::Hint, &hint.replace("{bin}", program));
        }
    }

    /// Whether the user can be asked something.
    pub fn can_ask(&self) -> bool {
        self.terminal.input && self.terminal.error
    }

    /// Whether answers go to a terminal.
    pub fn is_output_terminal(&self) -> bool {
        self.terminal.output
    }

    /// How many columns an answer may have: those of the terminal, or 80.
    pub fn width(&self) -> usize {
        if self.terminal.output {
            usize::from(Term::stdout().size().1)
        } else {
            80
        }
    }

    /// Whether answers may be coloured.
    pub fn tints(&self) -> bool {
        self.color_out
    }

    fn progress_slot(&self) -> progress::Slot {
        self.progress.clone()
    }

    /// Whether there is a terminal that can redraw a line.
    pub fn is_interactive(&self) -> bool {
        self.interactive
    }

    fn status(&self, role: Role, text: &str) {
        if !self.quiet || self.keeps_journal() {
            self.line(role, text);
        }
    }

    fn line(&self, role: Role, text: &str) {
        if self.keeps_journal() {
            return self.record(&Entry::new(Timestamp::now(), role.phase(), text));
        }
        self.write_err(&self.symbols.line(role, text, self.color_err));
    }

    fn write_err(&self, text: &str) {
        // What was answered before is seen before; a failure to write it shows at the end.
        let _ = lock(&self.out).flush();
        self.progress.suspend(|| {
            let mut err = lock(&self.err);
            // There is nowhere left to tell that stderr is gone.
            let _ = writeln!(err, "{text}").and_then(|()| err.flush());
        });
    }

    fn no_terminal(question: &str, way_out: &str) -> Error {
        Error::new(
            Kind::Usage,
            format!("cannot ask \"{question}\": there is no terminal"),
        )
        .hint(way_out)
    }
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A thread that panicked while writing leaves nothing half-done that matters here.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[derive(Clone, Default)]
    pub(super) struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, buf: &[u8]) -> std::io::Result<usize> {
            lock(&self.0).extend_from_slice(buf);
            Ok(buf.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Sink {
        fn text(&self) -> String {
            String::from_utf8_lossy(&lock(&self.0)).into_owned()
        }
    }

    fn ui(settings: Settings, env: &Env, terminal: Terminals) -> (Ui, Sink, Sink) {
        let (out, err) = (Sink::default(), Sink::default());
        let streams = Streams {
            out: Box::new(out.clone()),
            err: Box::new(err.clone()),
            terminal,
        };
        (Ui::new(streams, env, settings), out, err)
    }

    fn lang(value: &'static str) -> Env {
        Env::from_lookup(move |name| (name == "LANG").then(|| value.into()))
    }

    #[test]
    fn answers_and_talk_go_to_their_own_streams() {
        let (ui, out, err) = ui(Settings::default(), &lang("C.UTF-8"), Terminals::default());
        assert!(ui.answer("data\n").is_ok());
        ui.action("acting");
        ui.success("done");
        assert_eq!(out.text(), "data\n");
        assert_eq!(err.text(), "► acting\n✔ done\n");
    }

    #[test]
    fn quiet_keeps_warnings_and_failures() {
        let settings = Settings {
            quiet: true,
            ..Settings::default()
        };
        let (ui, _, err) = ui(settings, &lang("C.UTF-8"), Terminals::default());
        ui.action("acting");
        ui.warning("careful");
        ui.error(&Error::failed("broken").hint("{bin} mend"), "flux");
        assert_eq!(err.text(), "⚠️ careful\n✗ broken\nhint: flux mend\n");
    }

    #[test]
    fn a_terminal_that_cannot_show_symbols_gets_ascii() {
        let terminal = Terminals {
            error: true,
            ..Terminals::default()
        };
        let (ui, _, err) = ui(
            Settings {
                color: ColorChoice::Never,
                quiet: false,
            },
            &lang("C"),
            terminal,
        );
        ui.action("acting");
        assert_eq!(err.text(), "> acting\n");
    }

    #[test]
    fn colour_is_for_terminals_and_for_those_who_ask() {
        let env = lang("C.UTF-8");
        let terminal = Terminals {
            error: true,
            output: true,
            input: true,
        };
        let (ui_auto, _, err) = ui(Settings::default(), &env, terminal);
        ui_auto.success("done");
        assert!(err.text().contains("\u{1b}["), "{:?}", err.text());
        let no_color = Env::from_lookup(|n| match n {
            "NO_COLOR" => Some("1".into()),
            "LANG" => Some("C.UTF-8".into()),
            _ => None,
        });
        let (ui_plain, _, err) = ui(Settings::default(), &no_color, terminal);
        ui_plain.success("done");
        assert_eq!(err.text(), "✔ done\n");
    }
}
