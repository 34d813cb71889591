//! Deploy keys.

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::Repo;
use super::client::Repeat;
use crate::bootstrap::provider::Error;

/// How many keys one page of the list holds.
const PAGE: usize = 100;

/// A key that opens one repository.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DeployKey {
    /// Its number.
    pub id: u64,
    /// Its title.
    pub title: String,
    /// The public key.
    pub key: String,
    /// Whether it only reads.
    #[serde(default)]
    pub read_only: bool,
}

impl DeployKey {
    /// Whether it is that public key, whatever its comment.
    pub fn is(&self, public_key: &str) -> bool {
        let body = |text: &str| {
            let mut words = text.split_ascii_whitespace();
            (
                words.next().map(str::to_owned),
                words.next().map(str::to_owned),
            )
        };
        body(&self.key) == body(public_key)
    }
}

impl Repo<'_> {
    /// Every deploy key of the repository.
    ///
    /// # Errors
    /// Whatever the host says.
    pub async fn deploy_keys(&self) -> Result<Vec<DeployKey>, Error> {
        let mut keys = Vec::new();
        let path = self.path(&["keys"]);
        for page in 1.. {
            let page = page.to_string();
            let query = [("per_page", "100"), ("page", page.as_str())];
            let what = "cannot list the deploy keys";
            let more: Vec<DeployKey> = self
                .client
                .send(Method::GET, &path, &query, None, Repeat::Safe, what)
                .await?
                .json()?;
            let last = more.len() < PAGE;
            keys.extend(more);
            if last {
                break;
            }
        }
        Ok(keys)
    }

    /// Adds a deploy key. An answer that was lost is looked for.
    ///
    /// # Errors
    /// Whatever the host says.
    pub async fn add_deploy_key(
        &self,
        title: &str,
        public_key: &str,
        read_only: bool,
    ) -> Result<(), Error> {
        let body = json!({ "title": title, "key": public_key.trim(), "read_only": read_only });
        let what = format!("cannot add deploy key {title:?}");
        let path = self.path(&["keys"]);
        let mut tries = 2;
        loop {
            tries -= 1;
            let sent = self
                .client
                .send(Method::POST, &path, &[], Some(&body), Repeat::Unsafe, &what)
                .await;
            match sent {
                Ok(_) => return Ok(()),
                Err(error) if error.is_lost() => {
                    if self.deploy_keys().await?.iter().any(|k| k.is(public_key)) {
                        return Ok(());
                    }
                    if tries == 0 {
                        return Err(error);
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Removes a deploy key; one that is gone is no error.
    ///
    /// # Errors
    /// Whatever the host says.
    pub async fn remove_deploy_key(&self, id: u64) -> Result<(), Error> {
        let id = id.to_string();
        let path = self.path(&["keys", &id]);
        let what = format!("cannot remove deploy key {id}");
        let sent = self
            .client
            .send(Method::DELETE, &path, &[], None, Repeat::Safe, &what)
            .await;
        match sent {
            Ok(_) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_compared_without_comments() {
        let key = DeployKey {
            id: 1,
            title: "t".to_owned(),
            key: "ssh-ed25519 AAAA".to_owned(),
            read_only: true,
        };
        assert!(key.is("ssh-ed25519 AAAA me@host\n"));
        assert!(!key.is("ssh-ed25519 BBBB"));
    }
}
