//! What the server knows: accounts, tokens, repositories and all that hangs on them.
//!
//! Values only. Git objects live in the bare repositories on disk; nothing of them is kept here.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use secrecy::SecretString;

use super::limits::Limits;
use super::spec::{DeployKey, OrgRole, Permission, Protection, Rule, TokenKind};

/// A team of an organisation.
#[derive(Clone, Debug)]
pub(crate) struct Team {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) slug: String,
    pub(crate) members: Vec<u64>,
    pub(crate) created: Timestamp,
}

/// What sets an organisation apart from a user.
#[derive(Clone, Debug, Default)]
pub(crate) struct Organization {
    /// Whether owners alone create repositories.
    pub(crate) closed: bool,
    pub(crate) members: BTreeMap<u64, OrgRole>,
    pub(crate) teams: Vec<Team>,
    pub(crate) requires_sso: bool,
}

/// A user or an organisation.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) id: u64,
    pub(crate) login: String,
    pub(crate) created: Timestamp,
    /// Present for organisations.
    pub(crate) organization: Option<Organization>,
}

/// An issued token.
#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) secret: SecretString,
    pub(crate) user: u64,
    pub(crate) kind: TokenKind,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) authorized: Vec<String>,
    pub(crate) revoked: bool,
}

/// A rule and where it applies.
#[derive(Clone, Debug)]
pub(crate) struct AppliedRule {
    pub(crate) ruleset: u64,
    pub(crate) pattern: String,
    pub(crate) rule: Rule,
}

/// A pull request.
#[derive(Clone, Debug)]
pub(crate) struct Pull {
    pub(crate) id: u64,
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) body: Option<String>,
    pub(crate) head: String,
    pub(crate) base: String,
    /// The head's commit when the request was closed.
    pub(crate) final_head: Option<String>,
    pub(crate) author: u64,
    pub(crate) draft: bool,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) closed: Option<Timestamp>,
    pub(crate) merged: Option<Merge>,
}

/// How a pull request was merged.
#[derive(Clone, Debug)]
pub(crate) struct Merge {
    pub(crate) sha: String,
    pub(crate) by: u64,
    pub(crate) at: Timestamp,
}

/// A repository's settings; its objects are in `path`.
#[derive(Clone, Debug)]
pub(crate) struct Repository {
    pub(crate) id: u64,
    pub(crate) owner: u64,
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) private: bool,
    pub(crate) description: Option<String>,
    pub(crate) homepage: Option<String>,
    pub(crate) default_branch: String,
    pub(crate) archived: bool,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) pushed: Timestamp,
    pub(crate) switches: BTreeMap<&'static str, bool>,
    pub(crate) collaborators: BTreeMap<u64, Permission>,
    pub(crate) grants: BTreeMap<u64, Permission>,
    pub(crate) keys: Vec<DeployKey>,
    /// Whether deploy keys are forbidden, as an organisation may rule.
    pub(crate) keys_disabled: bool,
    pub(crate) protections: BTreeMap<String, Protection>,
    pub(crate) rules: Vec<AppliedRule>,
    pub(crate) pulls: Vec<Pull>,
}

/// Where the server is reached, for the addresses in its answers.
#[derive(Clone, Debug)]
pub(crate) struct Urls {
    pub(crate) host: String,
    pub(crate) ssh_host: String,
}

impl Urls {
    /// The address of a REST path, such as `/repos/o/r`.
    pub(crate) fn api(&self, path: &str) -> String {
        format!("https://{}/api/v3{path}", self.host)
    }

    /// The address of a page, such as `/o/r`.
    pub(crate) fn html(&self, path: &str) -> String {
        format!("https://{}{path}", self.host)
    }
}

/// A host key as it is published.
#[derive(Clone, Debug)]
pub(crate) struct HostKey {
    /// `SHA256_ED25519` and the like.
    pub(crate) label: &'static str,
    /// Algorithm and base64 text.
    pub(crate) public: String,
    /// SHA-256 in unpadded base64, without its prefix.
    pub(crate) fingerprint: String,
}

/// Everything behind the server's one lock.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) root: PathBuf,
    pub(crate) urls: Urls,
    pub(crate) host_keys: Vec<HostKey>,
    pub(crate) accounts: BTreeMap<u64, Account>,
    pub(crate) repositories: BTreeMap<u64, Repository>,
    /// Former names, lower case `owner/name`, that redirect.
    pub(crate) renamed: BTreeMap<String, u64>,
    pub(crate) tokens: Vec<Token>,
    pub(crate) limits: Limits,
    /// Entries after which a recursive tree is cut.
    pub(crate) tree_limit: usize,
    next_id: u64,
}

impl State {
    /// A server with nothing on it.
    pub(crate) fn new(
        root: PathBuf,
        urls: Urls,
        host_keys: Vec<HostKey>,
        tree_limit: usize,
    ) -> Self {
        Self {
            root,
            urls,
            host_keys,
            accounts: BTreeMap::new(),
            repositories: BTreeMap::new(),
            renamed: BTreeMap::new(),
            tokens: Vec::new(),
            limits: Limits::default(),
            tree_limit,
            next_id: 1000,
        }
    }

    /// A number never given before.
    pub(crate) fn fresh_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// The account called `login`, in any case.
    pub(crate) fn account(&self, login: &str) -> Option<&Account> {
        self.accounts
            .values()
            .find(|account| account.login.eq_ignore_ascii_case(login))
    }

    /// The organisation called `login`.
    pub(crate) fn organization(&self, login: &str) -> Option<(&Account, &Organization)> {
        let account = self.account(login)?;
        Some((account, account.organization.as_ref()?))
    }

    /// The login of an account; empty where it is gone.
    pub(crate) fn login(&self, id: u64) -> &str {
        self.accounts
            .get(&id)
            .map_or("", |account| account.login.as_str())
    }

    /// The repository that is called this now.
    pub(crate) fn repository(&self, owner: &str, name: &str) -> Option<&Repository> {
        self.repositories.values().find(|repository| {
            repository.name.eq_ignore_ascii_case(name)
                && self.login(repository.owner).eq_ignore_ascii_case(owner)
        })
    }

    /// `owner/name` of a repository.
    pub(crate) fn full_name(&self, repository: &Repository) -> String {
        format!("{}/{}", self.login(repository.owner), repository.name)
    }

    /// The team with this number, and its organisation.
    pub(crate) fn team(&self, id: u64) -> Option<(&Account, &Team)> {
        self.accounts.values().find_map(|account| {
            let teams = &account.organization.as_ref()?.teams;
            Some((account, teams.iter().find(|team| team.id == id)?))
        })
    }
}
