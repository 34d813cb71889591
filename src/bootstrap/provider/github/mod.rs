//! GitHub's REST API, through octocrab: no clone, whatever the repository's size.
//!
//! - [`Client`]: one request, with limits, retries and errors
//! - [`Repo`]: what is asked of one repository: its settings, its Git objects, its keys, its teams
//! - [`Identity`] and the probes of [`rights`]: who the token speaks for and what it may do

mod answer;
mod client;
mod commit;
mod connect;
mod git_data;
mod keys;
mod protection;
pub mod releases;
mod repository;
pub mod rights;
mod teams;

pub use client::{Access, Client, api_url};
pub use commit::{NewCommit, Person};
pub use git_data::{Branch, Entry, EntryKind, Head, Pushed};
pub use keys::DeployKey;
pub use repository::{Lookup, Owner, Permissions, Repository};
pub use rights::Identity;
pub use teams::Permission;

/// GitHub's public host.
pub const PUBLIC_HOST: &str = "github.com";

/// The public keys of github.com's SSH servers, as GitHub publishes them.
pub const PUBLIC_HOST_KEYS: &str = "\
github.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl
github.com ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg=
github.com ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQCj7ndNxQowgcQnjshcLrqPEiiphnt+VTTvDP6mHBL9j1aNUkY4Ue1gvwnGLVlOhGeYrnZaMgRK6+PKCUXaDbC7qtbW8gIkhL7aGCsOr/C56SJMy/BCZfxd1nWzAOxSDPgVsmerOBYfNqltV9/hWCqBywINIR+5dIg6JTJ72pcEpEjcYgXkE2YEFXV1JHnsKgbLWNlhScqb2UmyRkQyytRLtL+38TGxkxCflmO+5Z8CSSNY7GidjMIZ7Q4zMjA2n1nGrlTDkzwDCsw+wqFPGQA179cnfGWOWRVruj16z6XyvxvjJwbz0wQZ75XK5tKSb7FNyeIEs4TT4jk+S4dhPeAUC5y+bDYirYgM4GC7uEnztnZyaVWQ7B381AK4Qdrwt51ZqExKbQpTUNn+EjqoTwvqNj4kqx5QUCI0ThS/YkOxJCXmPUWZbhjpCg56i+2aB6CmK2JGhn57K5mj0MNdBXA4/WnwH6XoPWJzK5Nyu2zB3nAZp+S5hpQs+p1vN1/wsjk=
";

/// One repository, behind a connection.
#[derive(Clone, Copy)]
pub struct Repo<'a> {
    client: &'a Client,
    owner: &'a str,
    name: &'a str,
}

impl Client {
    /// The repository of that owner and name, whether or not it exists.
    pub fn repo<'a>(&'a self, owner: &'a str, name: &'a str) -> Repo<'a> {
        Repo {
            client: self,
            owner,
            name,
        }
    }
}

impl<'a> Repo<'a> {
    /// The parts of the path of a call about the repository.
    fn path<'p>(&'p self, rest: &[&'p str]) -> Vec<&'p str> {
        let mut path = vec!["repos", self.owner, self.name];
        path.extend_from_slice(rest);
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::host_keys;

    #[test]
    fn the_public_host_keys_have_the_published_fingerprints() {
        let keys = host_keys::from_known_hosts(PUBLIC_HOST_KEYS, PUBLIC_HOST, 22).unwrap();
        assert_eq!(
            keys.fingerprints(),
            [
                "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU ssh-ed25519",
                "SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM ecdsa-sha2-nistp256",
                "SHA256:uNiVztksCsDhcc0u9e8BujQXVUpKZIDTMczCvj3tD2s ssh-rsa",
            ]
        );
    }
}
