//! `create secret tls`.

use clap::{ArgMatches, Command};
use secrecy::ExposeSecret;

use super::super::{Noun, Request, leaf};
use super::{TlsArgs, finish, metadata};
use crate::cmd::arguments;
use crate::error::Result;
use crate::manifests::secret;

pub(in super::super) const NOUN: Noun = Noun {
    path: &["secret", "tls"],
    run,
};

pub(super) fn command() -> Command {
    leaf::<TlsArgs>(
        Command::new("tls")
            .about("Create or update a secret with certificates for TLS")
            .after_help(
                "Examples:\n  \
                 # PEM files, to be encrypted and committed\n  \
                 {bin} create secret tls certs --tls-crt-file=./client.crt --tls-key-file=./client.key \\\n    \
                 --ca-crt-file=./ca.crt --export > certs.yaml",
            ),
    )
}

fn run(request: &Request<'_>, matches: &ArgMatches) -> Result<()> {
    let args: TlsArgs = arguments(matches)?;
    let secret = secret::tls(&metadata(request), &args.files()?)?;
    if request.export {
        // Alone of its kind flux ends this document without an empty line.
        let text = secret.to_yaml();
        return request.context.ui.answer(text.expose_secret());
    }
    finish(request, &secret, "tls")
}
