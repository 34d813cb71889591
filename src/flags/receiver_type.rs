//! Who calls a Receiver.

use std::fmt;
use std::str::FromStr;

use super::provider::word;

word!(
    /// Who calls a Receiver, which says how a call is checked and read.
    ReceiverType,
    [
        "generic",
        "generic-hmac",
        "github",
        "gitlab",
        "bitbucket",
        "harbor",
        "dockerhub",
        "quay",
        "gcr",
        "nexus",
        "acr",
        "cdevents"
    ],
    |_: &[&str]| "no receiver type given, please specify the receiver type".to_owned(),
    |text: &str, words: &[&str]| format!(
        "receiver type '{text}' is not supported, must be one of: {}",
        words.join(", ")
    )
);
