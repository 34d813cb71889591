//! Who the token speaks for, and what it may do.
//!
//! A classic token's scopes come with every answer. A fine-grained token's permissions do not, so
//! they are found out by requests that GitHub cannot carry out: where the permission is missing
//! it answers 403, where it is there it answers that the request makes no sense.

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::Repeat;
use super::{Client, Repo};
use crate::bootstrap::provider::Error;

/// The commit number that no repository holds.
const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

/// Who a token speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The user; none behind the token of an app, such as the one of a workflow.
    pub user: Option<User>,
    /// The scopes of a classic token; none for other kinds.
    pub scopes: Option<Vec<String>>,
    /// When the token expires.
    pub expires: Option<jiff::Timestamp>,
}

/// A person on the host.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct User {
    /// The name.
    pub login: String,
    /// The number.
    pub id: u64,
}

impl Identity {
    /// The user's name, or what stands in for it in sentences.
    pub fn name(&self) -> &str {
        self.user.as_ref().map_or("an app", |user| &user.login)
    }

    /// Whether the user is called that.
    pub fn is(&self, login: &str) -> bool {
        let user = self.user.as_ref();
        user.is_some_and(|user| user.login.eq_ignore_ascii_case(login))
    }

    /// Whether a classic token has the scope, or one that includes it; `None` for other kinds.
    pub fn has_scope(&self, scope: &str) -> Option<bool> {
        let scopes = self.scopes.as_ref()?;
        let given = |wanted: &str| scopes.iter().any(|s| s == wanted);
        Some(given(scope) || (scope == "public_repo" && given("repo")))
    }
}

/// What a probe found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Right {
    /// The token has it.
    Granted,
    /// The token lacks it: what the host says.
    Missing(String),
    /// The host does not let it be known.
    Unknown,
}

impl Client {
    /// Who the token speaks for.
    ///
    /// # Errors
    /// When the host does not accept it.
    pub async fn identity(&self) -> Result<Identity, Error> {
        let answer = match self.get(&["user"], "cannot tell whose the token is").await {
            Ok(answer) => answer,
            Err(Error::Forbidden { .. }) => {
                return Ok(Identity {
                    user: None,
                    scopes: None,
                    expires: None,
                });
            }
            Err(error) => return Err(error),
        };
        let user: User = answer.json()?;
        let scopes = answer.header("x-oauth-scopes").map(|list| {
            let scopes = list.split(',').map(str::trim);
            scopes
                .filter(|s| !s.is_empty())
                .map(str::to_owned)
                .collect()
        });
        Ok(Identity {
            user: Some(user),
            scopes,
            expires: answer
                .header("github-authentication-token-expiration")
                .and_then(expiration),
        })
    }

    /// Whether the token may make repositories, for itself or in an organisation.
    pub async fn may_create(&self, organization: Option<&str>) -> Right {
        let path = match organization {
            Some(name) => vec!["orgs", name, "repos"],
            None => vec!["user", "repos"],
        };
        // A repository without a name cannot be made.
        self.probe(&path, &json!({ "name": "" })).await
    }

    async fn probe(&self, path: &[&str], body: &Value) -> Right {
        let what = "the token's rights";
        let sent = self
            .send(Method::POST, path, &[], Some(body), Repeat::Safe, what)
            .await;
        match sent {
            Err(Error::Refused { .. }) => Right::Granted,
            Err(Error::Forbidden { message, .. }) => Right::Missing(message),
            _ => Right::Unknown,
        }
    }
}

impl Repo<'_> {
    /// Whether the token may change the repository's content.
    pub async fn may_write(&self) -> Right {
        // No reference can point at a commit that does not exist.
        let body = json!({ "ref": "refs/heads/reflux-preflight", "sha": NO_COMMIT });
        let path = self.path(&["git", "refs"]);
        self.client.probe(&path, &body).await
    }

    /// Whether the token may change the repository's deploy keys.
    pub async fn may_change_keys(&self) -> Right {
        let body = json!({ "title": "reflux preflight", "key": "", "read_only": true });
        let path = self.path(&["keys"]);
        self.client.probe(&path, &body).await
    }
}

/// The time in the header, such as `2026-12-01 08:00:00 UTC` or `… +0200`.
fn expiration(text: &str) -> Option<jiff::Timestamp> {
    let text = text.trim();
    let zoned = text.replace(" UTC", " +0000");
    jiff::Zoned::strptime("%Y-%m-%d %H:%M:%S %z", &zoned)
        .ok()
        .map(|time| time.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expirations_are_read() {
        let want: jiff::Timestamp = "2026-12-01T08:00:00Z".parse().unwrap();
        assert_eq!(expiration("2026-12-01 08:00:00 UTC"), Some(want));
        assert_eq!(expiration("2026-12-01 10:00:00 +0200"), Some(want));
        assert_eq!(expiration("soon"), None);
    }

    #[test]
    fn wide_scopes_include_narrow_ones() {
        let identity = |scopes: Option<&[&str]>| Identity {
            user: None,
            scopes: scopes.map(|s| s.iter().map(|s| (*s).to_owned()).collect()),
            expires: None,
        };
        assert_eq!(
            identity(Some(&["repo"])).has_scope("public_repo"),
            Some(true)
        );
        assert_eq!(
            identity(Some(&["public_repo"])).has_scope("repo"),
            Some(false)
        );
        assert_eq!(identity(None).has_scope("repo"), None);
    }
}
