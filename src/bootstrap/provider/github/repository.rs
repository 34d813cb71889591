//! Repositories: found, made, changed; and the accounts that own them.

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::client::Repeat;
use super::{Client, Repo};
use crate::bootstrap::provider::Error;

/// A repository as GitHub describes it.
#[derive(Debug, Clone, Deserialize)]
pub struct Repository {
    /// Its name.
    pub name: String,
    /// Owner and name.
    pub full_name: String,
    /// Whether only those who are let in see it.
    pub private: bool,
    /// Whether it is read-only.
    #[serde(default)]
    pub archived: bool,
    /// The branch that is shown first.
    pub default_branch: String,
    /// What the token's user may do.
    #[serde(default)]
    pub permissions: Permissions,
}

/// What a user may do with a repository.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct Permissions {
    /// Change its settings, keys and teams.
    #[serde(default)]
    pub admin: bool,
    /// Change its content.
    #[serde(default)]
    pub push: bool,
}

/// What looking for a repository came to.
#[derive(Debug, Clone)]
pub enum Lookup {
    /// It is there.
    Found(Repository),
    /// It is not, or the token does not see it.
    Absent,
    /// It is now called this, with its owner.
    Renamed(String),
}

/// An account that can own repositories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// A person.
    User,
    /// An organisation; whether its members may make repositories, where that is shown.
    Organization {
        /// `None` where the token is not shown it.
        members_create: Option<bool>,
    },
    /// Nobody.
    Absent,
}

impl Repo<'_> {
    /// Looks for the repository.
    ///
    /// # Errors
    /// Whatever the host says other than that it is absent.
    pub async fn find(&self) -> Result<Lookup, Error> {
        let what = format!("repository {}/{}", self.owner, self.name);
        match self.client.get(&self.path(&[]), &what).await {
            Ok(answer) => Ok(Lookup::Found(answer.json()?)),
            Err(Error::NotFound { .. }) => Ok(Lookup::Absent),
            Err(Error::Moved { location, .. }) => self.client.renamed(&location, &what).await,
            Err(error) => Err(error),
        }
    }

    /// Makes the repository, empty. An answer that was lost is looked for.
    ///
    /// # Errors
    /// Whatever the host says.
    pub async fn create(&self, personal: bool, private: bool) -> Result<Repository, Error> {
        let path = if personal {
            vec!["user", "repos"]
        } else {
            vec!["orgs", self.owner, "repos"]
        };
        let body = json!({ "name": self.name, "private": private, "auto_init": false });
        let what = format!("cannot create repository {}/{}", self.owner, self.name);
        let sent = self
            .client
            .send(Method::POST, &path, &[], Some(&body), Repeat::Unsafe, &what)
            .await;
        match sent {
            Ok(answer) => answer.json(),
            Err(lost) if lost.is_lost() => match self.find().await? {
                Lookup::Found(repository) => Ok(repository),
                // It had no effect, so it can be asked for again.
                _ => self
                    .client
                    .send(Method::POST, &path, &[], Some(&body), Repeat::Unsafe, &what)
                    .await?
                    .json(),
            },
            Err(error) => Err(error),
        }
    }

    /// Makes the repository private or public.
    ///
    /// # Errors
    /// Whatever the host says.
    pub async fn set_private(&self, private: bool) -> Result<(), Error> {
        let what = format!("cannot change repository {}/{}", self.owner, self.name);
        let body = json!({ "private": private });
        self.client
            .send(
                Method::PATCH,
                &self.path(&[]),
                &[],
                Some(&body),
                Repeat::Safe,
                &what,
            )
            .await
            .map(|_| ())
    }
}

impl Client {
    /// What the repository at an address of the API is called.
    async fn renamed(&self, location: &str, what: &str) -> Result<Lookup, Error> {
        let id = location.rsplit('/').next().unwrap_or_default();
        let answer = self.get(&["repositories", id], what).await;
        let found: Repository = match answer {
            Ok(answer) => answer.json()?,
            // Without the name the fact alone is worth telling.
            Err(_) => return Ok(Lookup::Renamed(String::new())),
        };
        Ok(Lookup::Renamed(found.full_name))
    }

    /// What kind of account `owner` is.
    ///
    /// # Errors
    /// Whatever the host says other than that it is absent.
    pub async fn owner(&self, owner: &str) -> Result<Owner, Error> {
        #[derive(Deserialize)]
        struct Organization {
            members_can_create_repositories: Option<bool>,
        }
        let what = format!("owner {owner}");
        match self.get(&["orgs", owner], &what).await {
            Ok(answer) => {
                let organization: Organization = answer.json()?;
                return Ok(Owner::Organization {
                    members_create: organization.members_can_create_repositories,
                });
            }
            Err(Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
        match self.get(&["users", owner], &what).await {
            Ok(_) => Ok(Owner::User),
            Err(Error::NotFound { .. }) => Ok(Owner::Absent),
            Err(error) => Err(error),
        }
    }
}
