//! What clap refuses, in flux's words.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::Stop;
use crate::error::{Error, Kind};

/// Tells clap's refusal in flux's words.
pub(super) fn refuse(error: &clap::Error) -> Stop {
    let text = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(list)) => Some(list.join(", ")),
        _ => None,
    };
    let arg = text(ContextKind::InvalidArg).unwrap_or_default();
    let value = text(ContextKind::InvalidValue).unwrap_or_default();
    let message = match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            return Stop::Answer(error.render().to_string());
        }
        ErrorKind::ValueValidation | ErrorKind::InvalidValue
            if !value.is_empty() || !is_missing(error) =>
        {
            let reason = std::error::Error::source(error).map_or_else(
                || match text(ContextKind::ValidValue) {
                    Some(valid) => format!("must be one of: {valid}"),
                    None => "it is not valid".to_owned(),
                },
                ToString::to_string,
            );
            format!(
                "invalid argument {value:?} for {:?} flag: {reason}",
                flag(&arg)
            )
        }
        ErrorKind::InvalidValue
        | ErrorKind::NoEquals
        | ErrorKind::WrongNumberOfValues
        | ErrorKind::TooFewValues => {
            format!("flag needs an argument: {}", flag(&arg))
        }
        ErrorKind::UnknownArgument if arg.starts_with("--") => format!("unknown flag: {arg}"),
        ErrorKind::UnknownArgument if arg.starts_with('-') => {
            let letter: String = arg.chars().skip(1).take(1).collect();
            format!("unknown shorthand flag: '{letter}' in {arg}")
        }
        ErrorKind::UnknownArgument => format!("unexpected argument {arg:?}"),
        ErrorKind::InvalidSubcommand => {
            let word = text(ContextKind::InvalidSubcommand).unwrap_or_default();
            format!("unknown command {word:?}")
        }
        ErrorKind::MissingRequiredArgument => {
            let names = arg.split(", ").map(|arg| flag(arg).trim_start_matches('-'));
            let names: Vec<String> = names.map(|name| format!("{name:?}")).collect();
            format!("required flag(s) {} not set", names.join(", "))
        }
        _ => first_line(error),
    };
    let mut refusal = Error::new(Kind::Usage, message);
    for kind in [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg] {
        if let Some(word) = text(kind) {
            refusal = refusal.hint(format!("did you mean {word:?}?"));
        }
    }
    Stop::Refusal(Box::new(refusal))
}

fn first_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let line = text.lines().next().unwrap_or_default();
    line.trim_start_matches("error: ").to_owned()
}

fn is_missing(error: &clap::Error) -> bool {
    error.kind() == ErrorKind::InvalidValue && std::error::Error::source(error).is_none()
}

/// The flag without the value's name that clap writes behind it: `--interval <INTERVAL>`.
fn flag(arg: &str) -> &str {
    arg.split([' ', '=', '[']).next().unwrap_or(arg)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::super::parse;
    use super::*;
    use crate::identity::Identity;

    fn refusal(arguments: &[&str]) -> String {
        let arguments = arguments.iter().map(OsString::from).collect();
        match parse(Identity::Flux, arguments) {
            Err(Stop::Refusal(error)) => error.chain(),
            Err(Stop::Answer(text)) => panic!("an answer: {text}"),
            Ok(_) => panic!("accepted"),
        }
    }

    #[test]
    fn refusals_are_in_fluxs_words() {
        assert_eq!(
            refusal(&["flux", "version", "--nope"]),
            "unknown flag: --nope"
        );
        assert_eq!(
            refusal(&["flux", "frobnicate"]),
            "unknown command \"frobnicate\""
        );
        assert_eq!(
            refusal(&["flux", "version", "--timeout"]),
            "flag needs an argument: --timeout"
        );
        assert_eq!(
            refusal(&["flux", "diff", "all"]),
            "required flag(s) \"base\" not set"
        );
        assert_eq!(
            refusal(&["flux", "version", "--client=2"]),
            "invalid argument \"2\" for \"--client\" flag: strconv.ParseBool: parsing \"2\": invalid syntax"
        );
    }
}
