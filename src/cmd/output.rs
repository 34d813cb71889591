//! `-o` of commands: reading it, and the schemas of what it gives.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Command};
use schemars::Schema;
use schemars::generate::SchemaSettings;

use super::{check, input, version};
use crate::bootstrap;
use crate::diff;
use crate::error::{Error, Result};
use crate::output::{self, Asked, Word, journal, objects};
use crate::ui::Ui;

// The flag of commands that tell what they do.
#[derive(clap::Args, Clone)]
pub(super) struct JournalArgs {
    /// Tell what is done as JSON, one object a line: jsonl
    #[arg(long, short = 'o', global = true, value_name = "FORMAT", value_parser = parser(&[Word::JsonLines]))]
    output: Option<Asked>,
}

impl JournalArgs {
    /// Whether it was asked for.
    pub(super) fn is_asked_for(&self) -> bool {
        self.output.is_some()
    }

    /// Begins the journal where it was asked for.
    pub(super) fn begin(&self, ui: &Ui) {
        if self.output.is_some() {
            ui.keep_journal();
        }
    }
}

/// Reads the value of `-o` for a command that offers these formats.
pub fn parser(offered: &'static [Word]) -> FormatParser {
    FormatParser(offered)
}

/// Reads the value of `-o`, and tells completion what there is.
#[derive(Debug, Clone, Copy)]
pub struct FormatParser(&'static [Word]);

impl TypedValueParser for FormatParser {
    type Value = Asked;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Asked, clap::Error> {
        let offered = self.0;
        let parse = move |text: &str| Asked::parse(text, offered);
        TypedValueParser::parse_ref(&parse, command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let words = self.0.iter().map(|word| PossibleValue::new(word.typed()));
        Some(Box::new(words))
    }
}

/// The format that was asked for, with what is in its file.
///
/// # Errors
/// When the file cannot be read or does not hold what it should.
pub fn load(asked: Asked) -> Result<output::Format> {
    asked.load(|path| {
        let text = input::read_file(path, "the file of --output")?;
        String::from_utf8(text).map_err(|_| Error::usage(format!("{path}: not text")))
    })
}

/// The schemas of what commands answer, by the name of the command or the format.
pub fn schemas() -> Vec<(&'static str, Schema)> {
    fn of<T: schemars::JsonSchema>() -> Schema {
        let settings = SchemaSettings::draft2020_12().for_serialize();
        settings.into_generator().into_root_schema_for::<T>()
    }
    vec![
        ("bootstrap-dry-run", of::<bootstrap::report::Report>()),
        ("check", of::<check::Document>()),
        ("diff", of::<diff::Report>()),
        ("get", of::<objects::Answer>()),
        ("jsonl", of::<journal::Entry>()),
        ("version", of::<version::Versions>()),
    ]
}
