//! Every environment variable reflux reads, and the only place that reads them.
//!
//! [`Env`] is a snapshot taken once in `main`. Tests build theirs from pairs. Variables that a
//! library reads for itself are listed here as well, so that the list is complete.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use secrecy::SecretString;

/// The token for GitHub, used by `bootstrap github`.
pub const GITHUB_TOKEN: &str = "GITHUB_TOKEN";
/// The OIDC token for `trigger receiver`, where no flag says another.
pub const FLUX_TRIGGER_RECEIVER_OIDC_TOKEN: &str = "FLUX_TRIGGER_RECEIVER_OIDC_TOKEN";
/// Set in jobs of GitHub Actions and Forgejo Actions: where they can ask for an OIDC token.
pub const ACTIONS_ID_TOKEN_REQUEST_URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
/// Set in the same jobs: the token for that.
pub const ACTIONS_ID_TOKEN_REQUEST_TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
/// The namespace Flux runs in, where `--namespace` is not given.
pub const FLUX_SYSTEM_NAMESPACE: &str = "FLUX_SYSTEM_NAMESPACE";
/// Any value but an empty one takes the namespace from the kubeconfig context.
pub const FLUX_NS_FOLLOWS_KUBE_CONTEXT: &str = "FLUX_NS_FOLLOWS_KUBE_CONTEXT";
/// `meaning` or `flux`: how failures exit, whatever name the program was called by.
pub const REFLUX_EXIT_CODES: &str = "REFLUX_EXIT_CODES";
/// Kubeconfig files, separated as in `PATH`.
pub const KUBECONFIG: &str = "KUBECONFIG";
/// The user's home folder; `~/.kube/config` lies in it.
pub const HOME: &str = "HOME";
/// The user's folder for what can be fetched again, instead of `~/.cache`.
pub const XDG_CACHE_HOME: &str = "XDG_CACHE_HOME";
/// Any value but an empty one switches colour off.
pub const NO_COLOR: &str = "NO_COLOR";
/// Any value but `0` switches colour on, terminal or not.
pub const CLICOLOR_FORCE: &str = "CLICOLOR_FORCE";
/// `dumb` means a terminal without colour or cursor movement.
pub const TERM: &str = "TERM";
/// The locale, most specific first: whether symbols beyond ASCII can be shown.
pub const LOCALE: [&str; 3] = ["LC_ALL", "LC_CTYPE", "LANG"];
/// Set by CI systems: no spinner, no prompt.
pub const CI: &str = "CI";
/// The proxy for HTTPS, unless the kubeconfig names one.
pub const HTTPS_PROXY: [&str; 2] = ["HTTPS_PROXY", "https_proxy"];
/// The proxy for plain HTTP.
pub const HTTP_PROXY: [&str; 2] = ["HTTP_PROXY", "http_proxy"];
/// Hosts that are reached without a proxy.
pub const NO_PROXY: [&str; 2] = ["NO_PROXY", "no_proxy"];
/// Set in pods: the API server's host, which makes the in-cluster configuration usable.
pub const KUBERNETES_SERVICE_HOST: &str = "KUBERNETES_SERVICE_HOST";
/// Asks for live completions; the value names the shell.
pub const COMPLETE: &str = "COMPLETE";

const PLAIN: &[&str] = &[
    FLUX_SYSTEM_NAMESPACE,
    FLUX_NS_FOLLOWS_KUBE_CONTEXT,
    REFLUX_EXIT_CODES,
    KUBECONFIG,
    HOME,
    XDG_CACHE_HOME,
    NO_COLOR,
    CLICOLOR_FORCE,
    TERM,
    CI,
    KUBERNETES_SERVICE_HOST,
    COMPLETE,
    ACTIONS_ID_TOKEN_REQUEST_URL,
];

const SECRET: &[&str] = &[
    GITHUB_TOKEN,
    FLUX_TRIGGER_RECEIVER_OIDC_TOKEN,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN,
];

/// A snapshot of the variables above, and the way to those that the user names.
#[derive(Clone, Default)]
pub struct Env {
    values: BTreeMap<&'static str, OsString>,
    secrets: BTreeMap<&'static str, SecretString>,
    /// Any variable by its name; nothing is kept of what nobody asks for.
    any: Option<fn(&str) -> Option<OsString>>,
}

impl Env {
    /// Reads the process's environment.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one reader of the environment"
    )]
    pub fn from_process() -> Self {
        let any = |name: &str| std::env::var_os(name);
        Env {
            any: Some(any),
            ..Env::from_lookup(any)
        }
    }

    /// A snapshot that holds what `lookup` answers for each variable reflux knows.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<OsString>) -> Self {
        let names = PLAIN
            .iter()
            .chain(&LOCALE)
            .chain(&HTTPS_PROXY)
            .chain(&HTTP_PROXY)
            .chain(&NO_PROXY);
        let values = names
            .filter_map(|name| {
                let value = lookup(name)?;
                (!value.is_empty()).then_some((*name, value))
            })
            .collect();
        let secrets = SECRET
            .iter()
            .filter_map(|name| {
                let value = lookup(name)?.into_string().ok()?;
                let value = value.trim();
                (!value.is_empty()).then(|| (*name, SecretString::from(value)))
            })
            .collect();
        Env {
            values,
            secrets,
            any: None,
        }
    }

    /// The variable's text; empty counts as unset, and so does text that is not UTF-8.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).and_then(|v| v.to_str())
    }

    /// The first of `names` that is set.
    pub fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// Whether the variable is set to something.
    pub fn is_set(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// The token for GitHub.
    pub fn github_token(&self) -> Option<&SecretString> {
        self.secret(GITHUB_TOKEN)
    }

    /// The secret in that variable, without white space around it.
    pub fn secret(&self, name: &str) -> Option<&SecretString> {
        self.secrets.get(name)
    }

    /// The variable of a name that the user gives, as `envsubst` needs it. Here empty is a value.
    pub fn named(&self, name: &str) -> Option<OsString> {
        self.any.and_then(|any| any(name))
    }

    /// The home folder.
    pub fn home(&self) -> Option<PathBuf> {
        self.values.get(HOME).map(PathBuf::from)
    }

    /// The files of `KUBECONFIG`, in order, without empty entries.
    pub fn kubeconfig_files(&self) -> Vec<PathBuf> {
        let Some(list) = self.values.get(KUBECONFIG) else {
            return Vec::new();
        };
        std::env::split_paths(list)
            .filter(|p| !p.as_os_str().is_empty())
            .collect()
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Proxy addresses may hold passwords, so values are not shown.
        f.debug_set().entries(self.values.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> Env {
        Env::from_lookup(|name| {
            pairs
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| OsString::from(v))
        })
    }

    #[test]
    fn empty_counts_as_unset() {
        let env = env(&[(NO_COLOR, ""), (TERM, "xterm")]);
        assert!(!env.is_set(NO_COLOR));
        assert_eq!(env.get(TERM), Some("xterm"));
    }

    #[test]
    fn kubeconfig_is_a_list_without_empty_entries() {
        let env = env(&[(KUBECONFIG, "/a::/b")]);
        assert_eq!(
            env.kubeconfig_files(),
            [PathBuf::from("/a"), PathBuf::from("/b")]
        );
    }

    #[test]
    fn debug_shows_no_values() {
        let env = env(&[
            (GITHUB_TOKEN, "ghp_secret"),
            ("HTTPS_PROXY", "http://u:pw@h"),
        ]);
        let shown = format!("{env:?}");
        assert!(
            !shown.contains("ghp_secret") && !shown.contains("pw@"),
            "{shown}"
        );
        assert!(env.github_token().is_some());
        assert_eq!(env.first(&HTTPS_PROXY).unwrap(), "http://u:pw@h");
    }
}
