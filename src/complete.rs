//! Live completion: the shell's script calls the program back, which answers from the command tree
//! and, for names, from the cluster.
//!
//! Whoever presses TAB waits, so the cluster has a second, and whatever goes wrong is silence.

use std::ffi::{OsStr, OsString};
use std::time::Duration;

use clap::{Arg, Command};
use clap_complete::ArgValueCompleter;
use clap_complete::engine::CompletionCandidate;
use clap_complete::env::{EnvCompleter, Shells};
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{Api, ListParams};

use crate::cli::{self, KubeArgs};
use crate::cluster::{Cluster, Scope, config};
use crate::cmd::nouns;
use crate::context::DEFAULT_NAMESPACE;
use crate::env::{self, Env};
use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::kinds::{self, Kind};

/// How long the cluster may take.
const PATIENCE: Duration = Duration::from_secs(1);
/// How many names are worth showing.
const MANY: u32 = 500;

/// The shells there are scripts for.
pub const SHELLS: [&str; 5] = ["bash", "zsh", "fish", "powershell", "elvish"];

/// The script that makes a shell call the program back.
///
/// # Errors
/// When there is none for that shell.
pub fn script(shell: &str, identity: Identity) -> Result<String> {
    let name = identity.name();
    let mut text = Vec::new();
    completer(shell)?
        .write_registration(env::COMPLETE, name, name, name, &mut text)
        .map_err(|error| Error::failed("cannot write the completion script").caused_by(error))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Answers a call of the shell's script: what may follow `arguments`, in the shell's own form.
///
/// # Errors
/// When the shell is not known.
pub fn answer(
    shell: &str,
    identity: Identity,
    arguments: Vec<OsString>,
    env: &Env,
) -> Result<String> {
    // The script puts the user's words behind two dashes.
    let words: Vec<OsString> = arguments
        .into_iter()
        .skip_while(|word| word != "--")
        .skip(1)
        .collect();
    if words.is_empty() {
        return script(shell, identity);
    }
    let mut root = with_names(cli::root(identity), &words, env);
    root.build();
    let mut text = Vec::new();
    completer(shell)?
        .write_complete(&mut root, words, None, &mut text)
        .map_err(|error| Error::failed("cannot complete").caused_by(error))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn completer(shell: &str) -> Result<&'static dyn EnvCompleter> {
    let stem = std::path::Path::new(shell).file_stem();
    let name = stem.and_then(OsStr::to_str).unwrap_or(shell);
    Shells::builtins()
        .0
        .iter()
        .copied()
        .find(|c| c.is(name))
        .ok_or_else(|| Error::usage(format!("there is no completion for {shell:?}")))
}

/// Tells the tree where names of objects, namespaces and contexts come from.
fn with_names(root: Command, words: &[OsString], env: &Env) -> Command {
    let source = Source {
        kube: KubeArgs {
            kubeconfig: value(words, &["--kubeconfig"]),
            context: value(words, &["--context"]),
            ..KubeArgs::default()
        },
        namespace: value(words, &["--namespace", "-n"]),
        env: env.clone(),
    };
    let namespaces = source.clone();
    let contexts = source.clone();
    let root = root
        .mut_arg("namespace", |arg| {
            completed(arg, move || namespaces.namespaces())
        })
        .mut_arg("context", |arg| completed(arg, move || contexts.contexts()));
    let root = root.mut_subcommands(|verb| {
        let source = source.clone();
        let takes_objects = verb
            .get_arguments()
            .any(|arg| arg.get_id() == nouns::OBJECTS);
        if !takes_objects {
            return verb;
        }
        verb.mut_arg(nouns::OBJECTS, |arg| {
            arg.add(ArgValueCompleter::new(move |current: &OsStr| {
                source.across(&current.to_string_lossy())
            }))
        })
    });
    nouns::walk(root, &mut |leaf, kind| {
        let source = source.clone();
        leaf.mut_arg(nouns::NAMES, |arg| {
            completed(arg, move || source.objects(kind))
        })
    })
}

fn completed(arg: Arg, names: impl Fn() -> Vec<String> + Send + Sync + 'static) -> Arg {
    arg.add(ArgValueCompleter::new(move |current: &OsStr| {
        let current = current.to_string_lossy();
        names()
            .into_iter()
            .filter(|name| name.starts_with(&*current))
            .map(CompletionCandidate::new)
            .collect()
    }))
}

/// The value of a flag among words that need not make sense yet.
fn value(words: &[OsString], flags: &[&str]) -> Option<String> {
    let mut found = None;
    let mut words = words.iter().filter_map(|w| w.to_str()).peekable();
    while let Some(word) = words.next() {
        for flag in flags {
            if word == *flag {
                found = words.peek().map(|next| (*next).to_owned());
            } else if let Some(rest) = word.strip_prefix(flag) {
                found = rest.strip_prefix('=').map(str::to_owned).or(found);
            }
        }
    }
    found.filter(|text| !text.is_empty())
}

/// Where names come from.
#[derive(Clone)]
struct Source {
    kube: KubeArgs,
    namespace: Option<String>,
    env: Env,
}

impl Source {
    fn contexts(&self) -> Vec<String> {
        config::context_names(&self.kube, &self.env).unwrap_or_default()
    }

    fn namespaces(&self) -> Vec<String> {
        self.ask(async |cluster| {
            let api: Api<Namespace> = Api::all(cluster.client().clone());
            let list = api
                .list_metadata(&ListParams::default().limit(MANY))
                .await?;
            Ok(list
                .items
                .into_iter()
                .filter_map(|o| o.metadata.name)
                .collect())
        })
    }

    fn objects(&self, kind: &'static Kind) -> Vec<String> {
        let namespace = self
            .namespace
            .as_deref()
            .or_else(|| self.env.get(env::FLUX_SYSTEM_NAMESPACE))
            .unwrap_or(DEFAULT_NAMESPACE);
        self.ask(async |cluster| {
            let api = cluster.objects(kind, Scope::Namespace(namespace));
            let list = api
                .list_metadata(&ListParams::default().limit(MANY))
                .await?;
            Ok(list
                .items
                .into_iter()
                .filter_map(|o| o.metadata.name)
                .collect())
        })
    }

    /// What may follow the beginning of a `kind/name`. Without a slash, the words of the verb are
    /// enough to choose from.
    fn across(&self, current: &str) -> Vec<CompletionCandidate> {
        let Some((word, name)) = current.split_once('/') else {
            return Vec::new();
        };
        let Some(kind) = kinds::by_word(word) else {
            return Vec::new();
        };
        self.objects(kind)
            .into_iter()
            .filter(|known| known.starts_with(name))
            .map(|known| CompletionCandidate::new(format!("{word}/{known}")))
            .collect()
    }

    /// Asks the cluster; no answer in time is no names.
    fn ask(&self, question: impl AsyncFnOnce(Cluster) -> kube::Result<Vec<String>>) -> Vec<String> {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
        else {
            return Vec::new();
        };
        let names = runtime.block_on(async {
            tokio::time::timeout(PATIENCE, async {
                let config = config::load(&self.kube, &self.env).await.ok()?;
                question(Cluster::connect(config).ok()?).await.ok()
            })
            .await
        });
        runtime.shutdown_background();
        names.ok().flatten().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_found_among_unfinished_words() {
        let words: Vec<OsString> = ["flux", "get", "ks", "-n", "apps", "--context=prod", ""]
            .iter()
            .map(OsString::from)
            .collect();
        assert_eq!(
            value(&words, &["--namespace", "-n"]).as_deref(),
            Some("apps")
        );
        assert_eq!(value(&words, &["--context"]).as_deref(), Some("prod"));
        assert_eq!(value(&words, &["--kubeconfig"]), None);
    }

    #[test]
    fn scripts_call_the_program_back() {
        for shell in SHELLS {
            let text = script(shell, Identity::Flux).unwrap();
            assert!(
                text.contains("flux") && text.contains(env::COMPLETE),
                "{shell}"
            );
            assert!(!text.contains("reflux"), "{shell}");
        }
        assert!(script("tcsh", Identity::Flux).is_err());
    }
}
