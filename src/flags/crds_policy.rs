//! What an upgrade does with the CRDs of a chart.

use std::fmt;
use std::str::FromStr;

use super::provider::word;

word!(
    /// What an upgrade does with the CRDs of a chart.
    CrdsPolicy,
    ["Skip", "Create", "CreateReplace"],
    |words: &[&str]| format!(
        "no upgrade CRDs policy given, must be one of: {}",
        words.join(", ")
    ),
    |text: &str, words: &[&str]| format!(
        "unsupported upgrade CRDs policy '{text}', must be one of: {}",
        words.join(", ")
    )
);
