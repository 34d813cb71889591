//! What the token may do, against what bootstrap will do; each missing right with what to grant.

use super::super::provider::github::rights::Right;
use super::super::provider::github::{Client, Identity, Repo, Repository};
use super::super::request::{Auth, Request};
use crate::error::{Error, Kind, Result};

/// How long before its end a token is worth a warning.
const SOON_HOURS: i64 = 30 * 24;

/// What to say about the token's end.
pub(super) fn expiry(request: &Request, identity: &Identity, now: jiff::Timestamp) -> Vec<String> {
    let Some(end) = identity.expires else {
        return Vec::new();
    };
    let day = end.strftime("%Y-%m-%d");
    if matches!(request.auth, Auth::Token) {
        // The cluster keeps using the token.
        return vec![format!(
            "the token expires on {day}: the cluster stops following the repository then, unless \
             it is renewed before"
        )];
    }
    if end.duration_since(now).as_hours() < SOON_HOURS {
        return vec![format!("the token expires on {day}")];
    }
    Vec::new()
}

/// A right that is missing, and what to grant.
struct Missing {
    right: &'static str,
    grant: String,
}

fn refuse(missing: &[Missing], who: &Identity, repository: &str) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let rights: Vec<&str> = missing.iter().map(|m| m.right).collect();
    let error = Error::new(
        Kind::Refused,
        format!(
            "the token of {} may not do what bootstrap needs in {repository}: {}",
            who.name(),
            rights.join(", ")
        ),
    );
    Err(missing
        .iter()
        .fold(error, |error, m| error.hint(m.grant.as_str())))
}

/// Checks the rights on a repository that is there.
pub(super) async fn check(
    request: &Request,
    repo: &Repo<'_>,
    identity: &Identity,
    repository: &Repository,
) -> Result<()> {
    let keys = matches!(request.auth, Auth::DeployKey { .. });
    let admin = keys || !request.teams.is_empty() || request.reconcile;
    let mut missing = of_user(repository, admin);
    let scope = if repository.private {
        "repo"
    } else {
        "public_repo"
    };
    match identity.has_scope(scope) {
        Some(true) => {}
        Some(false) => missing.push(Missing {
            right: "write to repositories",
            grant: format!("give the token the scope {scope:?}"),
        }),
        None => missing.extend(of_fine_grained(repo, keys).await),
    }
    refuse(&missing, identity, &repository.full_name)
}

/// What the user lacks, whatever the token.
fn of_user(repository: &Repository, admin: bool) -> Vec<Missing> {
    let mut missing = Vec::new();
    if !repository.permissions.push {
        missing.push(Missing {
            right: "push commits",
            grant: "give the user the role \"write\" or better on the repository".to_owned(),
        });
    }
    if admin && !repository.permissions.admin {
        missing.push(Missing {
            right: "change deploy keys and settings",
            grant: "give the user the role \"admin\" on the repository, or use --token-auth, \
                    which needs no deploy key"
                .to_owned(),
        });
    }
    missing
}

async fn of_fine_grained(repo: &Repo<'_>, keys: bool) -> Vec<Missing> {
    let keys = async {
        if keys {
            repo.may_change_keys().await
        } else {
            Right::Granted
        }
    };
    let (write, keys) = futures::join!(repo.may_write(), keys);
    let mut missing = Vec::new();
    if let Right::Missing(_) = write {
        missing.push(Missing {
            right: "push commits",
            grant: "give the token the repository permission \"Contents: Read and write\""
                .to_owned(),
        });
    }
    if let Right::Missing(_) = keys {
        missing.push(Missing {
            right: "change deploy keys",
            grant: "give the token the repository permission \"Administration: Read and write\", \
                    or use --token-auth, which needs no deploy key"
                .to_owned(),
        });
    }
    missing
}

/// Checks the right to make the repository.
pub(super) async fn check_creation(
    request: &Request,
    client: &Client,
    identity: &Identity,
) -> Result<()> {
    let scope = if request.private {
        "repo"
    } else {
        "public_repo"
    };
    let grant = match identity.has_scope(scope) {
        Some(true) => return Ok(()),
        Some(false) => format!(
            "give the token the scope {scope:?}; without it a private repository is hidden, too"
        ),
        None => {
            let organization = (!request.personal).then_some(request.owner.as_str());
            match client.may_create(organization).await {
                Right::Granted | Right::Unknown => return Ok(()),
                Right::Missing(_) => {
                    "give the token the repository permission \"Administration: Read and write\" \
                     for all repositories, or make the repository first and select it for the token"
                        .to_owned()
                }
            }
        }
    };
    let missing = Missing {
        right: "make the repository",
        grant,
    };
    refuse(&[missing], identity, &request.owner)
}

#[cfg(test)]
mod tests {
    use super::super::super::provider::github::Permissions;
    use super::*;

    #[test]
    fn the_users_role_counts() {
        let repository = |admin, push| Repository {
            name: "r".to_owned(),
            full_name: "o/r".to_owned(),
            private: true,
            archived: false,
            default_branch: "main".to_owned(),
            permissions: Permissions { admin, push },
        };
        assert!(of_user(&repository(true, true), true).is_empty());
        assert!(of_user(&repository(false, true), false).is_empty());
        assert_eq!(of_user(&repository(false, true), true).len(), 1);
        assert_eq!(of_user(&repository(false, false), true).len(), 2);
    }
}
