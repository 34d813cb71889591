//! The token for the Git host: from a file, the environment, a terminal, or what is piped in.

use std::io::{BufRead as _, IsTerminal as _};

use secrecy::{ExposeSecret as _, SecretString};

use crate::cmd::input::secret_file;
use crate::context::Context;
use crate::error::{Error, Result};

/// Finds the token: the file that the flag names, else the variable, else it is asked for. Where
/// nobody can be asked, the first line of standard input is it, as for flux.
///
/// # Errors
/// When there is none.
pub(super) fn find(
    context: &Context,
    file: Option<&str>,
    variable: Option<&SecretString>,
) -> Result<SecretString> {
    const QUESTION: &str = "Please enter your GitHub personal access token (PAT)";
    let missing = || {
        Error::usage("no token for GitHub is given")
            .hint("set GITHUB_TOKEN, or name a file that holds the token with --token-file")
    };
    let token = match (file, variable) {
        (Some(path), _) => secret_file(path, "token file")?,
        (None, Some(token)) => token.clone(),
        (None, None) if context.ui.can_ask() => context
            .ui
            .secret(QUESTION, "set GITHUB_TOKEN or use --token-file")?,
        (None, None) if std::io::stdin().is_terminal() => return Err(missing()),
        (None, None) => first_line()?,
    };
    let token = SecretString::from(token.expose_secret().trim());
    if token.expose_secret().is_empty() {
        return Err(missing());
    }
    Ok(token)
}

fn first_line() -> Result<SecretString> {
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Error::failed("could not read token").caused_by(error))?;
    Ok(SecretString::from(line))
}
