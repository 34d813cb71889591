//! A live line for each of many things, on a terminal only.

use std::time::Duration;

use dialoguer::console::Term;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::progress::{OnScreen, Slot};
use super::{Ui, lock};

/// A block of live lines; it leaves the screen when dropped.
pub struct Lines {
    slot: Slot,
    block: Option<Block>,
}

struct Block {
    all: MultiProgress,
    lines: Vec<Option<ProgressBar>>,
    /// How many are not on the screen, because it is not high enough.
    hidden: ProgressBar,
}

impl Ui {
    /// Shows a line with a spinner for each text, as far as the terminal has room. Without a
    /// terminal, nothing shows.
    pub fn lines(&self, texts: impl Iterator<Item = String>) -> Lines {
        let slot = self.progress_slot();
        let mut current = lock(&slot.0);
        if !self.is_interactive() || current.is_some() {
            drop(current);
            return Lines { slot, block: None };
        }
        let (rows, columns) = Term::stderr().size();
        let room = usize::from(rows.saturating_sub(6).clamp(1, 20));
        let width = columns.saturating_sub(14).max(20);
        let style = ProgressStyle::with_template(&format!(
            "{{spinner}} {{msg:{width}!.dim}} ({{elapsed}})"
        ))
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let all = MultiProgress::new();
        let mut lines = Vec::new();
        for text in texts {
            lines.push((lines.len() < room).then(|| {
                let bar = all.add(
                    ProgressBar::new_spinner()
                        .with_style(style.clone())
                        .with_message(text),
                );
                bar.enable_steady_tick(Duration::from_millis(100));
                bar
            }));
        }
        let hidden = all.add(ProgressBar::new_spinner());
        if let Ok(style) = ProgressStyle::with_template("{msg:.dim}") {
            hidden.set_style(style);
        }
        *current = Some(OnScreen::Block(all.clone()));
        drop(current);
        let block = Block { all, lines, hidden };
        block.count_hidden();
        Lines {
            slot,
            block: Some(block),
        }
    }
}

impl Lines {
    /// Changes the text of a line.
    pub fn set(&self, place: usize, text: impl Into<String>) {
        let line = self
            .block
            .as_ref()
            .and_then(|b| b.lines.get(place)?.as_ref());
        if let Some(line) = line {
            line.set_message(text.into());
        }
    }

    /// Takes a line off the screen.
    pub fn finish(&self, place: usize) {
        let Some(block) = &self.block else {
            return;
        };
        if let Some(Some(line)) = block.lines.get(place) {
            line.finish_and_clear();
            block.all.remove(line);
        }
    }
}

impl Block {
    fn count_hidden(&self) {
        let hidden = self.lines.iter().filter(|line| line.is_none()).count();
        if hidden > 0 {
            self.hidden.set_message(format!("  and {hidden} more"));
        }
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        if let Some(block) = self.block.take() {
            lock(&self.slot.0).take();
            // Nothing can be done about a terminal that is gone.
            let _ = block.all.clear();
        }
    }
}
