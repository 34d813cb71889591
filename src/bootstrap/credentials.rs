//! The Secret by which the cluster reads the repository: whether the one that is there still
//! fits. Pure.

use std::collections::BTreeMap;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::provider::github::DeployKey;
use super::request::{Auth, Request};
use crate::git::host_keys;
use crate::manifests::secret::{
    CA_CRT, GitCredentials, IDENTITY, IDENTITY_PUB, KNOWN_HOSTS, Metadata, PASSWORD, SecretObject,
    USERNAME, git,
};

/// The user's name that goes with a token: GitHub looks at the token alone.
const TOKEN_USER: &str = "git";

/// A Secret as the cluster has it.
#[derive(Clone, Default)]
pub struct Stored(BTreeMap<String, SecretString>);

impl Stored {
    /// A Secret with this data.
    pub fn new(data: impl IntoIterator<Item = (String, SecretString)>) -> Self {
        Stored(data.into_iter().collect())
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(ExposeSecret::expose_secret)
    }

    /// The public SSH key that it holds.
    pub fn public_key(&self) -> Option<&str> {
        self.get(IDENTITY_PUB)
    }

    /// Whether it holds what `wanted` holds, and nothing else.
    pub fn equals(&self, wanted: &SecretObject) -> bool {
        let data = wanted.expose()["stringData"].as_object();
        let wanted: BTreeMap<&str, &str> = data
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
            .collect();
        let held = self.0.iter().map(|(k, v)| (k.as_str(), v.expose_secret()));
        held.eq(wanted)
    }
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// The name of the Secret and where it is.
pub fn metadata(request: &Request) -> Metadata {
    Metadata {
        name: request.sync.secret.clone(),
        namespace: request.sync.namespace.clone(),
        labels: BTreeMap::new(),
    }
}

/// The Secret with the token.
pub fn token(request: &Request) -> SecretObject {
    let credentials = GitCredentials::Basic {
        username: TOKEN_USER.to_owned(),
        password: request.token.clone(),
    };
    git(&metadata(request), &credentials, request.ca.as_deref())
}

/// Why the Secret that is there does not do, in words; nothing where it does.
pub fn misfit(
    request: &Request,
    stored: Option<&Stored>,
    keys: &[DeployKey],
) -> Option<&'static str> {
    let Some(stored) = stored else {
        return Some("there is none");
    };
    if request.rotate {
        return Some("it is to be renewed");
    }
    match &request.auth {
        Auth::Token => (!stored.equals(&token(request))).then_some("it holds something else"),
        Auth::DeployKey {
            read_only,
            ssh_host,
            known_hosts,
            ..
        } => ssh_misfit(stored, keys, *read_only, ssh_host, known_hosts.as_deref()),
    }
}

fn ssh_misfit(
    stored: &Stored,
    keys: &[DeployKey],
    read_only: bool,
    ssh_host: &str,
    known_hosts: Option<&str>,
) -> Option<&'static str> {
    let (Some(_), Some(public), Some(hosts)) = (
        stored.get(IDENTITY),
        stored.public_key(),
        stored.get(KNOWN_HOSTS),
    ) else {
        return Some("it holds no SSH key");
    };
    let foreign = [USERNAME, PASSWORD, CA_CRT, "bearerToken"];
    if foreign.iter().any(|key| stored.get(key).is_some()) {
        return Some("it holds other credentials, too");
    }
    let Some(key) = keys.iter().find(|key| key.is(public)) else {
        return Some("its key is none of the repository's deploy keys");
    };
    if key.read_only != read_only {
        return Some("its deploy key has other rights");
    }
    let (host, port) = host_and_port(ssh_host);
    if host_keys::from_known_hosts(hosts, host, port).is_err() {
        return Some("it trusts another host");
    }
    match known_hosts {
        Some(wanted) if wanted.trim() != hosts.trim() => Some("it trusts other host keys"),
        _ => None,
    }
}

/// The deploy keys of our title that are not the one in use.
pub fn stale<'a>(keys: &'a [DeployKey], title: &str, in_use: Option<&str>) -> Vec<&'a DeployKey> {
    let unused = |key: &&DeployKey| in_use.is_none_or(|public| !key.is(public));
    keys.iter()
        .filter(|key| key.title == title)
        .filter(unused)
        .collect()
}

/// The host and the port of `host[:port]`; the port is 22 unless given.
pub fn host_and_port(host: &str) -> (&str, u16) {
    match host.rsplit_once(':') {
        Some((name, port)) => match port.parse() {
            Ok(port) if !name.contains(':') || name.ends_with(']') => {
                (name.trim_matches(['[', ']']), port)
            }
            _ => (host, 22),
        },
        None => (host, 22),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

    fn stored(pairs: &[(&str, &str)]) -> Stored {
        Stored::new(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).into())))
    }

    fn key(id: u64, title: &str, key: &str, read_only: bool) -> DeployKey {
        DeployKey {
            id,
            title: title.to_owned(),
            key: key.to_owned(),
            read_only,
        }
    }

    #[test]
    fn a_key_fits_where_the_repository_knows_it() {
        let hosts = format!("github.com {KEY}");
        let good = [
            (IDENTITY, "private"),
            (IDENTITY_PUB, KEY),
            (KNOWN_HOSTS, hosts.as_str()),
        ];
        let keys = [key(1, "t", KEY, true)];
        let misfit = |pairs: &[(&str, &str)], keys: &[DeployKey], host: &str| {
            ssh_misfit(&stored(pairs), keys, true, host, None)
        };
        assert_eq!(misfit(&good, &keys, "github.com"), None);
        assert!(misfit(&good, &[], "github.com").is_some());
        assert!(misfit(&good, &[key(1, "t", KEY, false)], "github.com").is_some());
        assert!(misfit(&good, &keys, "github.com:443").is_some());
        assert!(misfit(&good[..2], &keys, "github.com").is_some());
        let mixed: Vec<_> = good.iter().copied().chain([(PASSWORD, "x")]).collect();
        assert!(misfit(&mixed, &keys, "github.com").is_some());
        let pinned = ssh_misfit(&stored(&good), &keys, true, "github.com", Some("other"));
        assert!(pinned.is_some());
    }

    #[test]
    fn keys_of_our_title_that_nobody_uses_are_stale() {
        let keys = [
            key(1, "t", KEY, true),
            key(2, "t", "ssh-ed25519 BBBB", true),
            key(3, "other", "ssh-ed25519 CCCC", true),
        ];
        let ids = |in_use| -> Vec<u64> { stale(&keys, "t", in_use).iter().map(|k| k.id).collect() };
        assert_eq!(ids(Some(KEY)), [2]);
        assert_eq!(ids(None), [1, 2]);
    }

    #[test]
    fn hosts_may_name_a_port() {
        assert_eq!(host_and_port("a.b"), ("a.b", 22));
        assert_eq!(host_and_port("a.b:2222"), ("a.b", 2222));
        assert_eq!(host_and_port("[::1]:2222"), ("::1", 2222));
        assert_eq!(host_and_port("::1"), ("::1", 22));
    }

    #[test]
    fn nothing_secret_is_in_the_debug_text() {
        let shown = format!("{:?}", stored(&[(PASSWORD, "hunter2")]));
        assert_eq!(shown, "{\"password\"}");
    }
}
