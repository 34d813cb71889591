//! What tests hand in and look at: permissions, tokens, keys, protections, rules.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

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
