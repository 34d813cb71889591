//! Flag values with rules of their own, one file each, and the Go habits of flags.
//!
//! Parsers answer in flux's words, because the text ends up behind
//! `invalid argument "x" for "--flag" flag:`.

mod chart_source;
mod crds_policy;
mod expansion;
mod go_regex;
mod go_url;
mod helm_chart_source;
mod image_name;
mod int;
mod keys;
mod labels;
mod list;
mod provider;
mod receiver_type;
mod reference;
mod safe_relative_path;
mod source;
mod source_provider;

pub use chart_source::LocalChartSource;
pub use crds_policy::CrdsPolicy;
pub use expansion::group_names;
pub use go_regex::go_regex;
pub use go_url::{GoUrl, go_url};
pub use helm_chart_source::HelmChartSource;
pub use image_name::image_repository;
pub use int::int;
pub use keys::{EcdsaCurve, KeyAlgorithm, RsaKeyBits};
pub use labels::{label_key, label_value};
pub use list::List;
pub use provider::{DecryptionProvider, GitProvider, LogLevel};
pub use receiver_type::ReceiverType;
pub use reference::ObjectReference;
pub use safe_relative_path::SafeRelativePath;
pub use source::KustomizationSource;
pub use source_provider::{BucketProvider, RegistryProvider, VerifyProvider};

use flux_api::Duration;

/// Reads a Go boolean: `1 t T TRUE true True 0 f F FALSE false False`.
///
/// # Errors
/// With the text of Go's `strconv.ParseBool`.
pub fn go_bool(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(false),
        _ => Err(format!(
            "strconv.ParseBool: parsing {text:?}: invalid syntax"
        )),
    }
}

/// Reads a Go duration such as `1m30s`.
///
/// # Errors
/// With the text of Go's `time.ParseDuration`, and what is missing where the unit is.
pub fn duration(text: &str) -> Result<Duration, String> {
    text.parse::<Duration>().map_err(|error| {
        let error = error.to_string();
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            format!("{error} (write {text}s for seconds or {text}m for minutes)")
        } else {
            error
        }
    })
}

/// The duration as the standard library has it; a negative one is none at all.
pub fn std_duration(duration: Duration) -> std::time::Duration {
    duration.try_into().unwrap_or_default()
}

/// The items of a list flag. Clap has split them at commas; an empty flag is an empty list.
pub fn strings(items: &[String]) -> Vec<String> {
    match items {
        [only] if only.is_empty() => Vec::new(),
        items => items.to_vec(),
    }
}

/// Turns an argument into a Go boolean flag: `--flag` is true, `--flag=false` is false, and a
/// separate word never is its value.
pub fn boolean(arg: clap::Arg) -> clap::Arg {
    // A switch that is off by default says so by its action; the new action has no default.
    let off =
        matches!(arg.get_action(), clap::ArgAction::SetTrue) && arg.get_default_values().is_empty();
    let arg = if off { arg.default_value("false") } else { arg };
    arg.action(clap::ArgAction::Set)
        .num_args(0..=1)
        .require_equals(true)
        .default_missing_value("true")
        .hide_default_value(true)
        .hide_possible_values(true)
        .value_parser(go_bool)
        .value_name("BOOL")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans_are_gos() {
        assert_eq!(go_bool("T"), Ok(true));
        assert_eq!(go_bool("0"), Ok(false));
        assert_eq!(
            go_bool("2"),
            Err("strconv.ParseBool: parsing \"2\": invalid syntax".to_owned())
        );
    }

    #[test]
    fn a_bare_number_is_explained() {
        let error = duration("30").unwrap_err();
        assert!(
            error.contains("missing unit in duration") && error.contains("30s"),
            "{error}"
        );
    }
}
