//! Reading the files that flags name.

use std::io::Read;

use secrecy::SecretString;

use crate::error::{Error, Kind as ErrorKind, Result};

/// Reads a file that a flag names; `what` is what the file holds.
///
/// # Errors
/// When it cannot be read.
pub(super) fn read_file(path: &str, what: &str) -> Result<Vec<u8>> {
    fs_err::read(path).map_err(|error| {
        let kind = if error.kind() == std::io::ErrorKind::NotFound {
            ErrorKind::NotFound
        } else {
            ErrorKind::Failed
        };
        Error::new(kind, format!("unable to read {what}")).caused_by(error)
    })
}

/// Reads a secret from a file, or from standard input where the path is `-`. Line ends behind it
/// are not part of it.
///
/// # Errors
/// When it cannot be read.
pub(super) fn secret_file(path: &str, what: &str) -> Result<SecretString> {
    let text = if path == "-" {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| Error::failed("cannot read standard input").caused_by(error))?;
        text
    } else {
        String::from_utf8(read_file(path, what)?)
            .map_err(|_| Error::usage(format!("{path}: not text")))?
    };
    Ok(SecretString::from(text.trim_end_matches(['\r', '\n'])))
}
