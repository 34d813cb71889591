//! Teams and what they may do with a repository.

use std::fmt;
use std::str::FromStr;

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::client::Repeat;
use super::{Client, Repo};
use crate::bootstrap::provider::Error;

/// What a team may do, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// Read.
    Pull,
    /// Manage issues.
    Triage,
    /// Write.
    Push,
    /// Manage the repository without what destroys it.
    Maintain,
    /// Everything.
    Admin,
}

impl Permission {
    const ALL: [(Permission, &'static str); 5] = [
        (Permission::Pull, "pull"),
        (Permission::Triage, "triage"),
        (Permission::Push, "push"),
        (Permission::Maintain, "maintain"),
        (Permission::Admin, "admin"),
    ];

    /// The word GitHub has for it.
    pub fn as_str(self) -> &'static str {
        Permission::ALL
            .iter()
            .find(|(permission, _)| *permission == self)
            .map_or("", |(_, word)| word)
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Permission {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Permission::ALL
            .iter()
            .find(|(_, word)| *word == text)
            .map(|(permission, _)| *permission)
            .ok_or_else(|| {
                format!(
                    "{text:?} is no permission, must be one of: pull, triage, push, maintain, admin"
                )
            })
    }
}

impl Repo<'_> {
    /// The slugs of the teams that have a permission, with it.
    ///
    /// # Errors
    /// Whatever the host says.
    pub async fn team_grants(&self) -> Result<Vec<(String, Permission)>, Error> {
        #[derive(Deserialize)]
        struct Team {
            slug: String,
            permission: String,
        }
        let path = self.path(&["teams"]);
        let query = [("per_page", "100")];
        let what = "cannot list the teams";
        let teams: Vec<Team> = self
            .client
            .send(Method::GET, &path, &query, None, Repeat::Safe, what)
            .await?
            .json()?;
        let known = |team: Team| Some((team.slug, team.permission.parse().ok()?));
        Ok(teams.into_iter().filter_map(known).collect())
    }

    /// Gives a team of the owner a permission.
    ///
    /// # Errors
    /// Whatever the host says.
    pub async fn grant(&self, team: &str, permission: Permission) -> Result<(), Error> {
        let path = [
            "orgs", self.owner, "teams", team, "repos", self.owner, self.name,
        ];
        let body = json!({ "permission": permission.as_str() });
        let what = format!("cannot grant {permission} to team {team}");
        self.client
            .send(Method::PUT, &path, &[], Some(&body), Repeat::Safe, &what)
            .await
            .map(|_| ())
    }
}

impl Client {
    /// Whether the organisation has a team of that slug that the token sees.
    ///
    /// # Errors
    /// Whatever the host says other than that there is none.
    pub async fn has_team(&self, organization: &str, team: &str) -> Result<bool, Error> {
        let what = format!("team {team}");
        match self
            .get(&["orgs", organization, "teams", team], &what)
            .await
        {
            Ok(_) => Ok(true),
            Err(Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_ordered_and_named() {
        assert!(Permission::Pull < Permission::Triage && Permission::Maintain < Permission::Admin);
        for (permission, word) in Permission::ALL {
            assert_eq!(word.parse(), Ok(permission));
            assert_eq!(permission.to_string(), word);
        }
        assert!("write".parse::<Permission>().is_err());
    }
}
