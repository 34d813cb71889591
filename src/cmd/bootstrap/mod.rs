//! `bootstrap`: put the manifests into a repository and make the cluster follow it.

mod github;
mod signing;
mod token;

use clap::{ArgMatches, Args, Command};

use super::Verb;
use super::components::ComponentArgs;
use super::input::read_file;
use crate::bootstrap::names;
use crate::bootstrap::request::Author;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::flags::{EcdsaCurve, KeyAlgorithm, RsaKeyBits};
use crate::manifests::keys::KeySpec;
use crate::manifests::{components, install};

pub(super) const VERB: Verb = Verb {
    name: "bootstrap",
    command,
    run,
};

// Flags of every `bootstrap` command.
#[derive(Args)]
#[command(next_help_heading = "Bootstrap options")]
struct BootstrapArgs {
    #[command(flatten)]
    components: ComponentArgs,
    /// The branch to commit to
    #[arg(long, default_value = "main")]
    branch: String,
    /// Fetch submodules, too
    #[arg(long)]
    recurse_submodules: bool,
    /// Folders to check out instead of all; commas or repeats for several
    #[arg(long, value_delimiter = ',', value_name = "PATH")]
    sparse_checkout: Vec<String>,
    /// Let the cluster use the token instead of a deploy key
    #[arg(long)]
    token_auth: bool,
    /// The secret with the credentials for the repository
    #[arg(long, default_value = "flux-system", value_name = "NAME")]
    secret_name: String,
    /// The algorithm of the deploy key: rsa, ecdsa or ed25519
    #[arg(long, default_value = "ecdsa", value_name = "ALGORITHM")]
    ssh_key_algorithm: KeyAlgorithm,
    /// The size of an RSA deploy key in bits: a multiple of 8, at least 1024
    #[arg(long, default_value = "2048", value_name = "BITS")]
    ssh_rsa_bits: RsaKeyBits,
    /// The curve of an ECDSA deploy key: p256, p384 or p521
    #[arg(long, default_value = "p384", value_name = "CURVE")]
    ssh_ecdsa_curve: EcdsaCurve,
    /// Accepted for flux's sake: every kind of host key that the server has is stored
    #[arg(long, value_delimiter = ',', value_name = "ALGORITHM")]
    ssh_hostkey_algos: Vec<String>,
    /// The SSH server, where it is another host than the web server
    #[arg(long, value_name = "HOST[:PORT]")]
    ssh_hostname: Option<String>,
    /// The file with the SSH server's keys, as known_hosts has them
    #[arg(long, value_name = "FILE")]
    known_hosts_file: Option<String>,
    /// The file with the authorities that may sign the server's certificate
    #[arg(long, value_name = "FILE")]
    ca_file: Option<String>,
    /// Accepted for flux's sake: the deploy key is made here
    #[arg(long, value_name = "FILE")]
    private_key_file: Option<String>,
    /// The author of the commits
    #[arg(long, default_value = "Flux", value_name = "NAME")]
    author_name: String,
    /// The address of the author
    #[arg(
        long,
        default_value = "",
        hide_default_value = true,
        value_name = "ADDRESS"
    )]
    author_email: String,
    /// Text behind the commits' messages, such as [ci skip]
    #[arg(
        long,
        default_value = "",
        hide_default_value = true,
        value_name = "TEXT"
    )]
    commit_message_appendix: String,
    #[command(flatten)]
    signing: signing::SigningArgs,
    /// Take over an installation by another tool without asking
    #[arg(long)]
    force: bool,
    /// Make new credentials for the cluster, and remove the old deploy key
    #[arg(long)]
    rotate_credentials: bool,
    /// Print what would be done, as differences, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// The format of --dry-run's answer, text or json; or jsonl, to tell what is done as JSON
    #[arg(long, short = 'o', value_enum, default_value_t = PlanFormat::Text, value_name = "FORMAT")]
    output: PlanFormat,
    /// The file with the token for the Git host; - is standard input
    #[arg(long, value_name = "FILE")]
    token_file: Option<String>,
    /// Make the repository without asking where there is none; =false never makes it
    #[arg(long)]
    create_repository: Option<bool>,
}

/// The format of a plan, or of what is told of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum PlanFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// What is done, one JSON object a line.
    Jsonl,
}

fn command() -> Command {
    let group = BootstrapArgs::augment_args(
        Command::new("bootstrap")
            .about("Deploy Flux on a cluster the GitOps way")
            .long_about(
                "Deploy Flux on a cluster the GitOps way: put its manifests into a Git repository \
                 and make the cluster follow that repository. Running it again repairs or upgrades \
                 what is there, and changes nothing else.",
            ),
    );
    // The group's flags stand behind the host's word, too.
    group
        .mut_args(|arg| arg.global(true))
        .subcommand(github::command())
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    match matches.subcommand() {
        Some((github::NAME, leaf)) => github::run(context, leaf),
        Some((other, _)) => Err(Error::usage(format!("unknown command {other:?}"))),
        None => Err(Error::usage(
            "a Git host is required, such as: bootstrap github",
        )),
    }
}

impl BootstrapArgs {
    /// Checks what can be checked without any server, and says what is ignored.
    fn check(&self, context: &Context) -> Result<()> {
        names::branch(&self.branch)?;
        if self.private_key_file.is_some() {
            context
                .ui
                .warning("--private-key-file has no effect: the deploy key is made here");
        }
        Ok(())
    }

    /// The components, for the folder `path` in the repository.
    fn install(&self, namespace: &str, path: &str) -> Result<install::Options> {
        let options = install::Options {
            target_path: path.to_owned(),
            ..self.components.options(namespace)?
        };
        components::require(options.component_names())?;
        Ok(options)
    }

    fn key_spec(&self) -> KeySpec {
        KeySpec::new(
            self.ssh_key_algorithm,
            self.ssh_ecdsa_curve,
            self.ssh_rsa_bits,
        )
    }

    fn author(&self) -> Author {
        Author {
            name: self.author_name.clone(),
            email: self.author_email.clone(),
        }
    }

    fn ca(&self) -> Result<Option<String>> {
        text_file(self.ca_file.as_deref(), "TLS CA file")
    }

    fn known_hosts(&self) -> Result<Option<String>> {
        text_file(self.known_hosts_file.as_deref(), "known hosts file")
    }
}

/// The text of a file that a flag may name.
fn text_file(path: Option<&str>, what: &str) -> Result<Option<String>> {
    let Some(path) = path.filter(|p| !p.is_empty()) else {
        return Ok(None);
    };
    let bytes = read_file(path, what)?;
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|_| Error::usage(format!("{path}: the {what} is not text")))
}
