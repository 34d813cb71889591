//! What keeps a branch from taking our commits: classic protection and rulesets.

use serde::Deserialize;
use serde_json::Value;

use super::Repo;
use crate::bootstrap::provider::Error;

impl Repo<'_> {
    /// The reasons why this user's commits would be refused on the branch, in words. `admin` says
    /// whether the user administers the repository, `signed` whether the commits are signed.
    ///
    /// # Errors
    /// Whatever the host says other than that there is no protection, or that it is not shown.
    pub async fn barriers(
        &self,
        branch: &str,
        admin: bool,
        signed: bool,
    ) -> Result<Vec<String>, Error> {
        let what = format!("protection of branch {branch}");
        // As one part of the path: here a slash in the name does not separate.
        let classic = self.path(&["branches", branch, "protection"]);
        let rules = self.path(&["rules", "branches", branch]);
        let (classic, rules) = futures::join!(
            self.client.get(&classic, &what),
            self.client.get(&rules, &what)
        );
        let mut found = Vec::new();
        if let Some(answer) = shown(classic)? {
            found.extend(of_protection(&answer.json()?, admin, signed));
        }
        if let Some(answer) = shown(rules)? {
            for rule in answer.json::<Vec<Rule>>()? {
                if let Some(reason) = of_rule(&rule.kind, signed)
                    && !self.bypasses(rule.ruleset_id).await
                {
                    found.push(reason.to_owned());
                }
            }
        }
        found.dedup();
        Ok(found)
    }

    /// Whether the token's user is exempt from a ruleset.
    async fn bypasses(&self, ruleset: Option<u64>) -> bool {
        let Some(id) = ruleset else {
            return false;
        };
        let id = id.to_string();
        let path = self.path(&["rulesets", &id]);
        match self.client.get(&path, "ruleset").await {
            Ok(answer) => answer
                .json::<Value>()
                .is_ok_and(|ruleset| ruleset["current_user_can_bypass"] == "always"),
            Err(_) => false,
        }
    }
}

#[derive(Deserialize)]
struct Rule {
    #[serde(rename = "type")]
    kind: String,
    ruleset_id: Option<u64>,
}

/// No protection and protection that is hidden are alike: the write itself will tell.
fn shown<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(Error::NotFound { .. } | Error::Forbidden { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Administrators are exempt unless the protection includes them.
fn of_protection(protection: &Value, admin: bool, signed: bool) -> Vec<String> {
    let on = |name: &str| protection[name]["enabled"] == true;
    let mut found = Vec::new();
    if on("lock_branch") {
        found.push("the branch is locked".to_owned());
    }
    if admin && !on("enforce_admins") {
        return found;
    }
    if protection.get("required_pull_request_reviews").is_some() {
        found.push("changes must be made through a pull request".to_owned());
    }
    let checks = &protection["required_status_checks"];
    for check in checks["contexts"].as_array().into_iter().flatten() {
        let check = check.as_str().unwrap_or_default();
        found.push(format!("the status check {check:?} is required"));
    }
    if on("required_signatures") && !signed {
        found.push("commits must be signed".to_owned());
    }
    found
}

fn of_rule(kind: &str, signed: bool) -> Option<&'static str> {
    match kind {
        "pull_request" => Some("changes must be made through a pull request"),
        "required_status_checks" => Some("status checks are required"),
        "required_signatures" if !signed => Some("commits must be signed"),
        "update" => Some("updates are restricted"),
        "merge_queue" => Some("changes must go through the merge queue"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn protection_binds_administrators_where_it_says_so() {
        let mut protection = json!({
            "enforce_admins": {"enabled": false},
            "required_pull_request_reviews": {"required_approving_review_count": 1},
            "required_status_checks": {"contexts": ["build"]},
            "required_signatures": {"enabled": true},
        });
        assert!(of_protection(&protection, true, false).is_empty());
        assert_eq!(
            of_protection(&protection, false, false),
            [
                "changes must be made through a pull request",
                "the status check \"build\" is required",
                "commits must be signed",
            ]
        );
        protection["enforce_admins"]["enabled"] = true.into();
        assert_eq!(of_protection(&protection, true, true).len(), 2);
    }

    #[test]
    fn rules_that_do_not_bind_us_are_left_out() {
        assert!(of_rule("non_fast_forward", false).is_none());
        assert!(of_rule("deletion", false).is_none());
        assert!(of_rule("required_signatures", true).is_none());
        assert!(of_rule("pull_request", true).is_some());
    }
}
