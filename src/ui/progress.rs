//! A spinner for what can take long, on a terminal only.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use dialoguer::console::Term;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::{Ui, lock};

/// Holds what moves on the screen, so that lines can be written above it.
#[derive(Default, Clone)]
pub(super) struct Slot(pub(super) Arc<Mutex<Option<OnScreen>>>);

/// What moves on the screen.
pub(super) enum OnScreen {
    Spinner(ProgressBar),
    Block(MultiProgress),
}

impl Slot {
    pub(super) fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        match lock(&self.0).as_ref() {
            Some(OnScreen::Spinner(bar)) => bar.suspend(write),
            Some(OnScreen::Block(block)) => block.suspend(write),
            None => write(),
        }
    }

    /// Starts a spinner, unless something moves on the screen already.
    fn start(&self, interactive: bool, text: String) -> Progress {
        let mut current = lock(&self.0);
        let bar = (interactive && current.is_none()).then(|| spinner(text));
        if let Some(bar) = &bar {
            *current = Some(OnScreen::Spinner(bar.clone()));
        }
        drop(current);
        Progress {
            slot: self.clone(),
            bar,
        }
    }
}

/// A spinner; it leaves the screen when dropped.
pub struct Progress {
    slot: Slot,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Changes the text beside the spinner.
    pub fn set(&self, text: impl Into<String>) {
        if let Some(bar) = &self.bar {
            bar.set_message(text.into());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.take() {
            lock(&self.slot.0).take();
            bar.finish_and_clear();
        }
    }
}

/// Shows spinners where there is no [`Ui`] at hand, as on other threads.
#[derive(Clone)]
pub struct Spinners {
    slot: Slot,
    interactive: bool,
}

impl Spinners {
    /// Shows a spinner with `text` until the value is dropped. Where there is one already, its text
    /// changes. Without a terminal, nothing shows.
    pub fn show(&self, text: impl Into<String>) -> Progress {
        let text = text.into();
        if let Some(OnScreen::Spinner(bar)) = lock(&self.slot.0).as_ref() {
            bar.set_message(text.clone());
        }
        self.slot.start(self.interactive, text)
    }
}

fn spinner(text: String) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(text);
    // The line stays clear of the edge: the terminal's own echo of Ctrl-C must not wrap it.
    let (_, columns) = Term::stderr().size();
    let room = columns.saturating_sub(14).max(20);
    let template = format!("{{spinner}} {{msg:{room}!.dim}} ({{elapsed}})");
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

impl Ui {
    /// What shows spinners on any thread.
    pub fn spinners(&self) -> Spinners {
        Spinners {
            slot: self.progress.clone(),
            interactive: self.interactive,
        }
    }

    /// Shows a spinner with `text` until the value is dropped. Without a terminal, nothing shows.
    pub fn progress(&self, text: impl Into<String>) -> Progress {
        self.progress.start(self.interactive, text.into())
    }
}
