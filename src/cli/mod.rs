//! The command line: the global flags, the verbs, and Go's habits laid over clap.
//!
//! Verbs declare their flags with clap's derive. What all of them share is done here, once, over
//! the whole tree: booleans take `--flag` and `--flag=false`, a repeated flag's last value counts,
//! and clap's refusals are told in flux's words.

mod refusal;

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use flux_api::Duration;
use secrecy::SecretString;

use crate::cmd::{VERBS, Verb, nouns};
use crate::error::Error;
use crate::flags;
use crate::identity::{ExitCodes, Identity};
use crate::ui::{ColorChoice, Ui};
use refusal::refuse;

/// Flags that every command takes.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// The namespace to work in [default: flux-system]
    #[arg(long, short = 'n', global = true)]
    pub namespace: Option<String>,
    /// How long the command may take, as a Go duration
    #[arg(long, global = true, value_parser = flags::duration, default_value = "5m0s")]
    pub timeout: Duration,
    /// Print generated objects
    #[arg(long, global = true)]
    pub verbose: bool,
    /// Take the namespace from the kubeconfig context; so does FLUX_NS_FOLLOWS_KUBE_CONTEXT
    #[arg(long, global = true)]
    pub ns_follows_kube_context: bool,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
    /// Show no status lines, only answers, warnings and failures
    #[arg(long, global = true)]
    pub quiet: bool,
    /// Which cluster, as whom.
    #[command(flatten)]
    pub kube: KubeArgs,
}

/// Flags that say which cluster to talk to, as whom.
#[derive(Args, Debug, Clone, Default)]
#[command(next_help_heading = "Cluster options")]
pub struct KubeArgs {
    /// The kubeconfig file
    #[arg(long, global = true)]
    pub kubeconfig: Option<String>,
    /// The kubeconfig context
    #[arg(long, global = true)]
    pub context: Option<String>,
    /// The kubeconfig cluster
    #[arg(long, global = true)]
    pub cluster: Option<String>,
    /// The kubeconfig user
    #[arg(long, global = true)]
    pub user: Option<String>,
    /// The user to impersonate; a service account is system:serviceaccount:NAMESPACE:NAME
    #[arg(long = "as", global = true, value_name = "USER")]
    pub as_user: Option<String>,
    /// A group to impersonate; may be repeated
    #[arg(long, global = true, value_name = "GROUP", action = ArgAction::Append)]
    pub as_group: Vec<String>,
    /// The UID to impersonate
    #[arg(long, global = true, value_name = "UID")]
    pub as_uid: Option<String>,
    /// An extra attribute of the user to impersonate, as key=value; may be repeated
    #[arg(long, global = true, value_name = "KEY=VALUE", action = ArgAction::Append)]
    pub as_user_extra: Vec<String>,
    /// The address of the Kubernetes API server
    #[arg(long, global = true)]
    pub server: Option<String>,
    /// The bearer token for the Kubernetes API server
    #[arg(long, global = true, value_parser = secret)]
    pub token: Option<SecretString>,
    /// The name that the Kubernetes API server's certificate must carry
    #[arg(long, global = true, value_name = "NAME")]
    pub tls_server_name: Option<String>,
    /// The file of the authority that signed the Kubernetes API server's certificate
    #[arg(long, global = true, value_name = "FILE")]
    pub certificate_authority: Option<String>,
    /// The client certificate file for the Kubernetes API server
    #[arg(long, global = true, value_name = "FILE")]
    pub client_certificate: Option<String>,
    /// The client key file for the Kubernetes API server
    #[arg(long, global = true, value_name = "FILE")]
    pub client_key: Option<String>,
    /// Do not check the Kubernetes API server's certificate, which makes the connection insecure
    #[arg(long, global = true)]
    pub insecure_skip_tls_verify: bool,
    /// Ask the Kubernetes API server for uncompressed answers
    #[arg(long, global = true)]
    pub disable_compression: bool,
    /// The folder for cached discovery; accepted for flux's sake, discovery is not cached
    #[arg(long, global = true, value_name = "DIR")]
    pub cache_dir: Option<String>,
    /// How long one request may take, as a Go duration
    #[arg(long, global = true, value_parser = flags::duration, value_name = "DURATION")]
    pub request_timeout: Option<Duration>,
    /// Accepted for flux's sake: the server's own flow control limits requests
    #[arg(long, global = true, default_value = "50", value_name = "NUMBER")]
    pub kube_api_qps: f32,
    /// Accepted for flux's sake: the server's own flow control limits requests
    #[arg(long, global = true, default_value = "300", value_name = "NUMBER")]
    pub kube_api_burst: i64,
}

/// Reads a flag's value into a secret.
///
/// # Errors
/// Never; the signature is clap's.
pub fn secret(text: &str) -> Result<SecretString, String> {
    Ok(SecretString::from(text.to_owned()))
}

/// A command line that makes sense.
pub struct Parsed {
    /// The global flags.
    pub globals: GlobalArgs,
    /// The verb.
    pub verb: &'static Verb,
    /// The verb's own flags and words.
    pub matches: ArgMatches,
}

/// A command line that ends before any verb runs.
pub enum Stop {
    /// Help or the version was asked for.
    Answer(String),
    /// It makes no sense.
    Refusal(Box<Error>),
}

impl Stop {
    /// Prints the answer or the refusal and returns the exit code.
    pub fn finish(self, ui: &Ui, identity: Identity, exit_codes: ExitCodes) -> u8 {
        match self {
            Stop::Answer(text) => {
                let done = ui.answer(&text).and_then(|()| ui.flush());
                u8::from(done.is_err())
            }
            Stop::Refusal(error) => {
                ui.error(&error, identity.name());
                exit_codes.of(error.kind())
            }
        }
    }
}

/// Reads the arguments; the first is the program's name.
///
/// # Errors
/// [`Stop`] where no verb is to be run.
pub fn parse(identity: Identity, arguments: Vec<OsString>) -> Result<Parsed, Stop> {
    // To put the flags of all verbs in order takes longer than most commands. A command line that makes sense needs no
    // more than what it names; what is told of any other is told of the whole tree.
    let named = |verb: &Verb| arguments.iter().any(|word| word == verb.name);
    match read(tree(identity, named), identity, arguments.clone()) {
        Ok(parsed) => return Ok(parsed),
        Err(Stop::Answer(text)) if text == version(identity) => return Err(Stop::Answer(text)),
        Err(_) => {}
    }
    read(root(identity), identity, arguments)
}

/// What `--version` prints.
fn version(identity: Identity) -> String {
    format!("{}\n", identity.version_line())
}

fn read(mut root: Command, identity: Identity, arguments: Vec<OsString>) -> Result<Parsed, Stop> {
    let mut matches = match root.try_get_matches_from_mut(arguments) {
        Ok(matches) => matches,
        Err(error) => return Err(refuse(&error)),
    };
    if matches.get_flag("version") {
        return Err(Stop::Answer(version(identity)));
    }
    for id in hidden(&root, &matches) {
        // It is among the arguments: nothing else is asked for.
        let _ = matches.try_clear_id(&id);
    }
    let globals = GlobalArgs::from_arg_matches(&matches).map_err(|e| refuse(&e))?;
    let Some((name, verb_matches)) = matches.remove_subcommand() else {
        return Err(Stop::Answer(root.render_help().to_string()));
    };
    let Some(verb) = VERBS.iter().find(|v| v.name == name) else {
        return Err(Stop::Refusal(Box::new(Error::usage(format!(
            "unknown command {name:?} for {:?}",
            identity.name()
        )))));
    };
    // A group without the word that completes it is a question about the group.
    if let Some(help) = incomplete(&mut root, &name, &verb_matches) {
        return Err(Stop::Answer(help));
    }
    Ok(Parsed {
        globals,
        verb,
        matches: verb_matches,
    })
}

/// The verb of a command line that is refused, as far as there is one.
pub fn verb_of(identity: Identity, arguments: Vec<OsString>) -> Option<String> {
    let lenient = root(identity).ignore_errors(true);
    let matches = lenient.try_get_matches_from(arguments).ok()?;
    matches.subcommand_name().map(str::to_owned)
}

/// The whole tree of commands.
pub fn root(identity: Identity) -> Command {
    tree(identity, |_| true)
}

/// The tree of commands, with the verbs that are `wanted`.
fn tree(identity: Identity, wanted: impl Fn(&Verb) -> bool) -> Command {
    let name = identity.name();
    let root = GlobalArgs::augment_args(Command::new(name))
        .bin_name(name)
        .about("Command line for GitOps on Kubernetes with Flux")
        .long_about(
            "Command line for GitOps on Kubernetes with Flux: installs it, makes and watches its \
             sources and Kustomizations, and says why when something does not converge.",
        )
        .after_help(EXAMPLES)
        .disable_version_flag(true)
        .arg(
            Arg::new("version")
                .long("version")
                .short('v')
                .help("Print the version")
                .action(ArgAction::SetTrue),
        );
    let verbs = VERBS.iter().filter(|verb| wanted(verb));
    let root = root.subcommands(verbs.map(|verb| (verb.command)()));
    with_go_habits(root, name)
}

const EXAMPLES: &str = "\
Examples:
  # Check prerequisites
  {bin} check --pre

  # Make a cluster follow a repository on GitHub
  {bin} bootstrap github --owner=me --repository=fleet --personal --path=clusters/home

  # Create a source for a public Git repository
  {bin} create source git webapp --url=https://github.com/stefanprodan/podinfo --branch=master

  # List sources and their status
  {bin} get sources git";

/// Lays Go's habits over a command and all below it.
fn with_go_habits(command: Command, name: &str) -> Command {
    let help = command.get_after_help().map(ToString::to_string);
    let command = match help {
        Some(text) if text.contains("{bin}") => {
            command.after_help(StyledStr::from(text.replace("{bin}", name)))
        }
        _ => command,
    };
    command
        .args_override_self(true)
        .disable_help_subcommand(true)
        .mut_args(|arg| {
            let is_bool = arg.get_value_parser().type_id() == std::any::TypeId::of::<bool>();
            if is_bool && !arg.is_positional() {
                flags::boolean(arg)
            } else if !arg.is_positional() && arg.get_action().takes_values() {
                // Whatever follows is the value, a password that begins with a dash, too.
                arg.allow_hyphen_values(true)
            } else {
                arg
            }
        })
        .mut_subcommands(|sub| with_go_habits(sub, name))
}

/// The flags of the command that hide global ones: `create secret receiver` has a `--token` that is
/// not the cluster's, and clap hands its value to both.
fn hidden(root: &Command, matches: &ArgMatches) -> Vec<String> {
    let (mut command, mut matches) = (root, matches);
    while let Some((next, below)) = matches.subcommand() {
        let Some(found) = command.find_subcommand(next) else {
            return Vec::new();
        };
        (command, matches) = (found, below);
    }
    let global = |id: &str| {
        let mut all = root.get_arguments();
        all.any(|arg| arg.is_global_set() && arg.get_id() == id)
    };
    command
        .get_arguments()
        .filter(|arg| !arg.is_global_set() && global(arg.get_id().as_str()))
        .map(|arg| arg.get_id().to_string())
        .collect()
}

/// The help of the deepest command the words lead to, where that is a group and not a leaf.
fn incomplete(root: &mut Command, name: &str, matches: &ArgMatches) -> Option<String> {
    let mut words = vec![name];
    let mut matches = matches;
    while let Some((next, below)) = matches.subcommand() {
        matches = below;
        words.push(next);
    }
    let mut command = &*root;
    for word in &words {
        command = command.find_subcommand(word)?;
    }
    let picks = command
        .get_arguments()
        .any(|arg| arg.get_id() == nouns::OBJECTS)
        && nouns::picks(matches);
    if !command.has_subcommands() || picks {
        return None;
    }
    root.build();
    let mut command = root;
    for word in words {
        command = command.find_subcommand_mut(word)?;
    }
    Some(command.render_help().to_string())
}

#[cfg(test)]
mod tests;
