//! `create secret notation`.

use clap::{ArgMatches, Args, Command};

use super::super::{Noun, Request, leaf, some};
use super::{finish, metadata, text_file};
use crate::cmd::arguments;
use crate::error::{Error, Result};
use crate::flags::List;
use crate::manifests::secret::{self, PolicyError, TrustedCertificate};

pub(in super::super) const NOUN: Noun = Noun {
    path: &["secret", "notation"],
    run,
};

#[derive(Args)]
struct NotationArgs {
    /// The file with Notation's trust policy, JSON
    #[arg(long, value_name = "FILE")]
    trust_policy_file: Option<String>,
    /// A file with a root certificate, .crt or .pem; commas or repeats for several
    #[arg(long, value_name = "FILE")]
    ca_cert_file: Vec<List>,
}

pub(super) fn command() -> Command {
    leaf::<NotationArgs>(
        Command::new("notation")
            .about("Create or update a secret that says whose Notation signatures count")
            .long_about(
                "Create or update a secret that says whose Notation signatures count: root \
                 certificates and a trust policy.\n\n\
                 This command is a preview and may change.",
            )
            .after_help(
                "Examples:\n  \
                 # To be encrypted and committed\n  \
                 {bin} create secret notation my-notation-cert --ca-cert-file=./my-cert.crt \\\n    \
                 --trust-policy-file=./my-trust-policy.json --export > my-notation-cert.yaml",
            ),
    )
}

fn run(request: &Request<'_>, matches: &ArgMatches) -> Result<()> {
    let args: NotationArgs = arguments(matches)?;
    let files = List::all(&args.ca_cert_file);
    if files.is_empty() {
        return Err(Error::usage("--ca-cert-file is required"));
    }
    let path = some(&args.trust_policy_file)
        .ok_or_else(|| Error::usage("--trust-policy-file is required"))?;
    let policy = text_file(&path, "trust policy file")?;
    secret::check_policy(&policy).map_err(|error| match error {
        PolicyError::Malformed(why) => {
            Error::usage(format!("failed to unmarshal trust policy {path}: {why}"))
        }
        PolicyError::Invalid(why) => Error::usage(format!("invalid trust policy: {why}")),
    })?;
    let certificates = certificates(&files)?;
    let secret = secret::notation(&metadata(request), &certificates, &policy);
    finish(request, &secret, "notation configuration")
}

/// Reads the certificates. Everything that is wrong with them is said at once, a line each.
fn certificates(files: &[String]) -> Result<Vec<TrustedCertificate>> {
    let mut certificates = Vec::new();
    let mut failures: Vec<Error> = Vec::new();
    for path in files {
        match certificate(path) {
            Ok(certificate) => certificates.push(certificate),
            Err(error) => failures.push(error),
        }
    }
    match failures.first().map(Error::kind) {
        None => Ok(certificates),
        Some(kind) => {
            let lines: Vec<String> = failures.iter().map(Error::chain).collect();
            Err(Error::new(kind, lines.join("\n")))
        }
    }
}

fn certificate(path: &str) -> Result<TrustedCertificate> {
    let name = path.rsplit('/').find(|part| !part.is_empty());
    let name = name.unwrap_or(path);
    if !name.ends_with(".crt") && !name.ends_with(".pem") {
        return Err(Error::usage(format!(
            "{name} must end with either .crt or .pem"
        )));
    }
    Ok(TrustedCertificate {
        name: name.to_owned(),
        pem: text_file(path, "TLS CA file")?,
    })
}
