//! What the server knows: accounts, tokens, repositories and all that hangs on them.
//!
//! Values only. Git objects live in the bare repositories on disk; nothing of them is kept here.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::limits::Limits;

/// What a user may do with a repository, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// Read.
    Pull,
    /// Read, and sort issues.
    Triage,
    /// Write.
    Push,
    /// Write, and some of the settings.
    Maintain,
    /// Everything.
    Admin,
}

impl Permission {
    /// The name in `role_name` and in the older `permission` fields.
    pub(crate) fn role_name(self) -> &'static str {
        match self {
            Self::Pull => "read",
            Self::Triage => "triage",
            Self::Push => "write",
            Self::Maintain => "maintain",
            Self::Admin => "admin",
        }
    }

    /// The name in team grants.
    pub(crate) fn grant_name(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Triage => "triage",
            Self::Push => "push",
            Self::Maintain => "maintain",
            Self::Admin => "admin",
        }
    }

    /// Reads the name of a team grant, in either spelling that GitHub takes.
    pub(crate) fn from_grant(name: &str) -> Option<Self> {
        Some(match name {
            "pull" | "read" => Self::Pull,
            "triage" => Self::Triage,
            "push" | "write" => Self::Push,
            "maintain" => Self::Maintain,
            "admin" => Self::Admin,
            _ => return None,
        })
    }
}

/// What a user is in an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrgRole {
    /// Reads the organisation's repositories and may create some.
    Member,
    /// An owner: administers every repository.
    Owner,
}

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

/// How a token says what it may do.
#[derive(Clone, Debug)]
pub enum TokenKind {
    /// A classic token, bounded by scopes such as `repo` and `read:org`.
    Classic {
        /// The scopes granted.
        scopes: Vec<String>,
    },
    /// A fine-grained token, bounded by an owner and permissions.
    FineGrained {
        /// The account whose repositories it reaches.
        owner: String,
        /// The repositories it reaches; all of the owner's where absent.
        repositories: Option<Vec<String>>,
        /// Permission to level, such as `contents` to `write`.
        permissions: BTreeMap<String, String>,
    },
}

/// A token to issue.
#[derive(Clone, Debug)]
pub struct TokenSpec {
    /// The user it speaks for.
    pub user: String,
    /// Its kind and reach.
    pub kind: TokenKind,
    /// When it stops working.
    pub expires: Option<Timestamp>,
    /// Organisations with single sign-on that it is authorised for.
    pub authorized: Vec<String>,
}

impl TokenSpec {
    /// A classic token of `user` with `scopes` and no end.
    #[must_use]
    pub fn classic(user: &str, scopes: &[&str]) -> Self {
        let scopes = scopes.iter().map(ToString::to_string).collect();
        Self {
            user: user.to_owned(),
            kind: TokenKind::Classic { scopes },
            expires: None,
            authorized: Vec::new(),
        }
    }

    /// A fine-grained token of `user` for all repositories of `owner`.
    #[must_use]
    pub fn fine_grained(user: &str, owner: &str, permissions: &[(&str, &str)]) -> Self {
        let permissions = permissions
            .iter()
            .map(|(name, level)| ((*name).to_owned(), (*level).to_owned()))
            .collect();
        Self {
            user: user.to_owned(),
            kind: TokenKind::FineGrained {
                owner: owner.to_owned(),
                repositories: None,
                permissions,
            },
            expires: None,
            authorized: Vec::new(),
        }
    }

    /// The same token, ending at `time`.
    #[must_use]
    pub fn expires(mut self, time: Timestamp) -> Self {
        self.expires = Some(time);
        self
    }
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

/// A deploy key as registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeployKey {
    /// The key's number.
    pub id: u64,
    /// Its title.
    pub title: String,
    /// Algorithm and base64 text, without a comment.
    pub key: String,
    /// Whether it may only fetch.
    pub read_only: bool,
    /// Who added it.
    pub added_by: String,
    /// When it was added.
    pub created: Timestamp,
}

/// Classic protection of one branch.
#[derive(Clone, Debug, Default)]
pub struct Protection {
    /// Approvals that a pull request needs; pushing is closed where present.
    pub required_reviews: Option<u32>,
    /// Status checks that must have passed.
    pub required_checks: Vec<String>,
    /// Whether administrators are bound too.
    pub enforce_admins: bool,
    /// Whether history may be rewritten.
    pub allow_force_pushes: bool,
    /// Whether the branch may be deleted.
    pub allow_deletions: bool,
    /// Whether commits must carry a signature.
    pub required_signatures: bool,
}

/// One rule of a ruleset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Changes arrive by pull request, with this many approvals.
    PullRequest(u32),
    /// Commits carry a signature.
    RequiredSignatures,
    /// History is not rewritten.
    NonFastForward,
    /// The branch is not deleted.
    Deletion,
    /// These status checks have passed.
    RequiredStatusChecks(Vec<String>),
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
