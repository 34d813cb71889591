//! Questions. Without a terminal a question is an error that names the way to answer it.

use dialoguer::{Confirm, Password};
use secrecy::SecretString;

use super::Ui;
use crate::error::{Error, Kind, Result};

impl Ui {
    /// Asks a yes-or-no question; no is the default.
    ///
    /// # Errors
    /// Without a terminal, with `way_out` as the hint; when the user presses Ctrl-C.
    pub fn confirm(&self, question: &str, way_out: &str) -> Result<bool> {
        if !self.can_ask() {
            return Err(Ui::no_terminal(question, way_out));
        }
        self.progress.suspend(|| {
            Confirm::new()
                .with_prompt(question)
                .default(false)
                .interact()
                .map_err(|error| interrupted(&error))
        })
    }

    /// Asks for a secret, without showing what is typed.
    ///
    /// # Errors
    /// Without a terminal, with `way_out` as the hint; when the user presses Ctrl-C.
    pub fn secret(&self, question: &str, way_out: &str) -> Result<SecretString> {
        if !self.can_ask() {
            return Err(Ui::no_terminal(question, way_out));
        }
        self.progress.suspend(|| {
            Password::new()
                .with_prompt(question)
                .interact()
                .map(|text| SecretString::from(text.trim().to_owned()))
                .map_err(|error| interrupted(&error))
        })
    }
}

fn interrupted(error: &dialoguer::Error) -> Error {
    Error::new(Kind::Interrupted, format!("no answer was given: {error}"))
}
