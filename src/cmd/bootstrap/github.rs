//! `bootstrap github`.

use std::time::Instant;

use clap::{Arg, ArgMatches, Args, Command};
use flux_api::Duration;

use super::{BootstrapArgs, PlanFormat, token};
use crate::bootstrap::prepare::prepare;
use crate::bootstrap::provider::github::{Access, Client, PUBLIC_HOST, Permission, api_url};
use crate::bootstrap::report;
use crate::bootstrap::request::{Auth, Request};
use crate::bootstrap::run::Run;
use crate::cluster::proxy;
use crate::cmd::arguments;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::flags::{self, SafeRelativePath};
use crate::manifests::sync;

pub(super) const NAME: &str = "github";

/// Words that belong to no flag.
const STRAY: &str = "stray";

#[derive(Args)]
struct GitHubArgs {
    /// The user or organization that owns the repository
    #[arg(long, default_value = "", hide_default_value = true)]
    owner: String,
    /// The repository
    #[arg(
        long,
        default_value = "",
        hide_default_value = true,
        value_name = "NAME"
    )]
    repository: String,
    /// Teams of the organization to let in, as team or team:permission; commas or repeats for several
    #[arg(long, value_delimiter = ',', value_name = "TEAM[:PERMISSION]")]
    team: Vec<String>,
    /// The owner is a user, not an organization
    #[arg(long)]
    personal: bool,
    /// Make the repository private
    #[arg(long, default_value = "true")]
    private: bool,
    /// How often the cluster looks at the repository, as a Go duration
    #[arg(long, value_parser = flags::duration, default_value = "1m0s")]
    interval: Duration,
    /// The host, where it is not github.com
    #[arg(long, default_value = PUBLIC_HOST, value_name = "HOST")]
    hostname: String,
    /// The cluster's folder in the repository
    #[arg(long)]
    path: Option<SafeRelativePath>,
    /// Let the deploy key write, too
    #[arg(long)]
    read_write_key: bool,
    /// Bring the settings of an existing repository in line, too
    #[arg(long)]
    reconcile: bool,
}

pub(super) fn command() -> Command {
    GitHubArgs::augment_args(
        Command::new(NAME)
            .about("Deploy Flux on a cluster connected to a GitHub repository")
            .long_about(
                "Deploy Flux on a cluster connected to a GitHub repository.\n\n\
                 The token, the repository, the branch and the cluster are looked at before \
                 anything is written. The repository is made where there is none. The manifests \
                 are committed through GitHub's API, the components installed, and the cluster \
                 given a key that reads the repository. Then it is waited for until everything \
                 runs. Running it again does what is missing.\n\n\
                 The token comes from GITHUB_TOKEN, from --token-file, or is asked for.",
            )
            .after_help(EXAMPLES)
            .arg(Arg::new(STRAY).num_args(0..).hide(true)),
    )
}

const EXAMPLES: &str = "\
Examples:
  # A private repository of an organization
  {bin} bootstrap github --owner=my-org --repository=fleet --path=clusters/production

  # A repository of one's own, public, with the token in a file
  {bin} bootstrap github --owner=me --repository=fleet --personal --private=false \\
    --path=clusters/home --token-file=token.txt

  # GitHub Enterprise with a private authority, the cluster using the token
  {bin} bootstrap github --hostname=git.corp.example --ca-file=ca.pem --token-auth \\
    --owner=my-org --repository=fleet --path=clusters/production

  # See what would be done
  {bin} bootstrap github --owner=my-org --repository=fleet --path=clusters/production --dry-run";

pub(super) fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let args: BootstrapArgs = arguments(matches)?;
    let github: GitHubArgs = arguments(matches)?;
    stray_words(matches)?;
    match args.output {
        PlanFormat::Json if !args.dry_run => {
            return Err(Error::usage("--output=json is for --dry-run"));
        }
        PlanFormat::Jsonl if args.dry_run => {
            return Err(Error::usage("--dry-run answers with --output=text or json"));
        }
        PlanFormat::Jsonl => context.ui.keep_journal(),
        PlanFormat::Text | PlanFormat::Json => {}
    }
    let request = request(context, &args, &github)?;
    context.block_on(work(context, &args, &request))
}

/// Refuses words that no flag takes, and explains the likely mistake.
fn stray_words(matches: &ArgMatches) -> Result<()> {
    let words: Vec<&str> = matches
        .get_many::<String>(STRAY)
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let Some(word) = words.first() else {
        return Ok(());
    };
    let error = Error::usage(format!("unexpected argument {word:?}"));
    Err(if flags::go_bool(word).is_ok() {
        error.hint(format!(
            "switches take their value after an equals sign: write --personal={word}, not \
             --personal {word}"
        ))
    } else {
        error.hint("every argument of bootstrap is a flag: see {bin} bootstrap github --help")
    })
}

fn request(context: &Context, args: &BootstrapArgs, github: &GitHubArgs) -> Result<Request> {
    for (value, flag) in [
        (&github.owner, "--owner"),
        (&github.repository, "--repository"),
    ] {
        if value.is_empty() {
            return Err(Error::usage(format!("{flag} is required"))
                .hint("name the repository with --owner and --repository"));
        }
    }
    name_rules(github)?;
    api_url(&github.hostname)?;
    args.check(context)?;
    let teams = teams(context, github)?;
    let signer = args.signing.signer()?;
    let namespace = context.namespace()?;
    let path = github.path.as_ref().map_or("", SafeRelativePath::as_str);
    if let Some(moved) = github.path.as_ref().filter(|path| path.was_moved()) {
        context.ui.warning(format!(
            "--path leads out of the repository, it is taken as {moved}"
        ));
    }
    let install = args.install(&namespace, path)?;
    let auth = auth(args, github)?;
    let image_pull = args.components.pull_secret(&install)?;
    let ca = args.ca()?;
    let token = token::find(
        context,
        args.token_file.as_deref(),
        context.env.github_token(),
    )?;
    let mut request = Request {
        host: github.hostname.clone(),
        owner: github.owner.clone(),
        repository: github.repository.clone(),
        personal: github.personal,
        private: github.private,
        reconcile: github.reconcile,
        create: if args.dry_run {
            Some(true)
        } else {
            args.create_repository
        },
        teams,
        branch: args.branch.clone(),
        sync: sync::Options {
            interval: github.interval,
            name: namespace.clone(),
            namespace,
            branch: args.branch.clone(),
            secret: args.secret_name.clone(),
            target_path: path.to_owned(),
            recurse_submodules: args.recurse_submodules,
            sparse_checkout: flags::strings(&args.sparse_checkout),
            ..sync::Options::default()
        },
        install,
        auth,
        token,
        ca,
        author: args.author(),
        appendix: args.commit_message_appendix.clone(),
        signer,
        image_pull,
        force: args.force,
        rotate: args.rotate_credentials,
    };
    request.sync.url = request.sync_url();
    Ok(request)
}

/// GitHub's rules for names, so far as they keep a name from being part of an address.
fn name_rules(github: &GitHubArgs) -> Result<()> {
    let is_name = |text: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        text.chars().all(plain) && text != "." && text != ".."
    };
    for (value, flag) in [
        (&github.owner, "--owner"),
        (&github.repository, "--repository"),
    ] {
        if !is_name(value) {
            return Err(Error::usage(format!(
                "invalid argument {value:?} for {flag:?} flag: a name has letters, digits, \
                 dashes, underscores and dots"
            )));
        }
    }
    Ok(())
}

fn auth(args: &BootstrapArgs, github: &GitHubArgs) -> Result<Auth> {
    if args.token_auth {
        return Ok(Auth::Token);
    }
    let ssh_host = args.ssh_hostname.as_deref().filter(|host| !host.is_empty());
    Ok(Auth::DeployKey {
        spec: args.key_spec(),
        read_only: !github.read_write_key,
        ssh_host: ssh_host.unwrap_or(&github.hostname).to_owned(),
        known_hosts: args.known_hosts()?,
    })
}

/// Teams and what they are to be allowed: `maintain` unless said.
fn teams(context: &Context, github: &GitHubArgs) -> Result<Vec<(String, Permission)>> {
    let given = flags::strings(&github.team);
    if github.personal && !given.is_empty() {
        context
            .ui
            .warning("--team has no effect with --personal: a user has no teams");
        return Ok(Vec::new());
    }
    given
        .iter()
        .map(|text| {
            let (team, permission) = match text.split_once(':') {
                Some((team, permission)) => (team, permission.parse()),
                None => (text.as_str(), Ok(Permission::Maintain)),
            };
            let permission = permission.map_err(|why| {
                Error::usage(format!(
                    "invalid argument {text:?} for \"--team\" flag: {why}"
                ))
            })?;
            Ok((team.to_owned(), permission))
        })
        .collect()
}

async fn work(context: &Context, args: &BootstrapArgs, request: &Request) -> Result<()> {
    let address: http::Uri = api_url(&request.host)?
        .as_str()
        .parse()
        .map_err(|error| Error::usage("the host makes no address").caused_by(error))?;
    let proxy = proxy::of_address(&address, &context.env)?;
    let client = Client::new(&Access {
        host: &request.host,
        token: &request.token,
        ca: request.ca.as_deref(),
        proxy: proxy.as_ref(),
        deadline: Instant::now() + context.remaining(),
    })?;
    let cluster = context.cluster().await?;
    let prepared = prepare(context, request, &client, &cluster).await?;
    if args.dry_run {
        if let Some((fact, _)) = prepared.findings.standing.takeover() {
            context.ui.warning(fact);
        }
        let plan = report::plan(request, &client, &cluster, &prepared).await?;
        return context.ui.answer(&match args.output {
            PlanFormat::Text | PlanFormat::Jsonl => plan.to_text(),
            PlanFormat::Json => plan.to_json()?,
        });
    }
    let run = Run {
        context,
        request,
        client: &client,
        cluster: &cluster,
    };
    run.execute(&prepared).await
}
