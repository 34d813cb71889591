//! Branches, their protection and the rules on them.

use serde_json::{Value, json};

use super::commits;
use super::errors::ApiError;
use super::model::AppliedRule;
use super::objects;
use super::page::paginate;
use super::protect;
use super::reply::Reply;
use super::rest::Call;
use super::spec::{Protection, Rule};

/// `GET /repos/{owner}/{repo}/branches`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let git = call.git()?;
    let mut views = Vec::new();
    for branch in git.branches(Some(git2::BranchType::Local))? {
        let (branch, _) = branch?;
        let name = String::from_utf8_lossy(branch.name_bytes()?).into_owned();
        let Some(id) = objects::branch_tip(&git, &name) else {
            continue;
        };
        views.push(json!({
            "name": name, "protected": is_protected(call, &name)?,
            "commit": { "sha": id.to_string(), "url": call.repository_url(&format!("/commits/{id}"))? },
        }));
    }
    Ok(paginate(call, views))
}

/// `GET /repos/{owner}/{repo}/branches/{branch}`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let git = call.git()?;
    let name = call.parameter("branch").to_owned();
    let id = objects::branch_tip(&git, &name)
        .ok_or_else(|| ApiError::new(http::StatusCode::NOT_FOUND, "Branch not found"))?;
    let url = call.repository_url(&format!("/branches/{name}"))?;
    let protection = call.repository()?.protections.get(&name);
    let checks = protection.map_or(&[][..], |protection| &protection.required_checks);
    Ok(Reply::ok(json!({
        "name": name, "commit": commits::view(call, &git, id)?,
        "_links": { "self": url, "html": call.page_url(&format!("/tree/{name}"))? },
        "protected": is_protected(call, &name)?,
        "protection": {
            "enabled": protection.is_some(),
            "required_status_checks": {
                "enforcement_level": if checks.is_empty() { "off" } else { "non_admins" },
                "contexts": checks, "checks": checks_view(checks),
            },
        },
        "protection_url": format!("{url}/protection"),
    })))
}

fn is_protected(call: &Call<'_>, branch: &str) -> Result<bool, ApiError> {
    let repository = call.repository()?;
    Ok(repository.protections.contains_key(branch)
        || protect::rules(repository, branch).next().is_some())
}

fn checks_view(checks: &[String]) -> Value {
    checks
        .iter()
        .map(|check| json!({ "context": check, "app_id": null }))
        .collect()
}

/// `GET /repos/{owner}/{repo}/branches/{branch}/protection`
pub(crate) fn protection(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let name = call.parameter("branch");
    if objects::branch_tip(&call.git()?, name).is_none() {
        return Err(ApiError::new(
            http::StatusCode::NOT_FOUND,
            "Branch not found",
        ));
    }
    let found = call.repository()?.protections.get(name);
    let protection =
        found.ok_or_else(|| ApiError::new(http::StatusCode::NOT_FOUND, "Branch not protected"))?;
    let url = call.repository_url(&format!("/branches/{name}/protection"))?;
    Ok(Reply::ok(protection_view(protection, &url)))
}

fn protection_view(protection: &Protection, url: &str) -> Value {
    let on = |enabled: bool| json!({ "enabled": enabled });
    let mut view = json!({
        "url": url,
        "required_signatures": { "url": format!("{url}/required_signatures"), "enabled": protection.required_signatures },
        "enforce_admins": { "url": format!("{url}/enforce_admins"), "enabled": protection.enforce_admins },
        "required_linear_history": on(false), "allow_force_pushes": on(protection.allow_force_pushes),
        "allow_deletions": on(protection.allow_deletions), "block_creations": on(false),
        "required_conversation_resolution": on(false), "lock_branch": on(false),
        "allow_fork_syncing": on(false),
    });
    if let Some(count) = protection.required_reviews {
        view["required_pull_request_reviews"] = json!({
            "url": format!("{url}/required_pull_request_reviews"), "dismiss_stale_reviews": false,
            "require_code_owner_reviews": false, "require_last_push_approval": false,
            "required_approving_review_count": count,
        });
    }
    if !protection.required_checks.is_empty() {
        let checks = &protection.required_checks;
        view["required_status_checks"] = json!({
            "url": format!("{url}/required_status_checks"), "strict": false, "contexts": checks,
            "contexts_url": format!("{url}/required_status_checks/contexts"),
            "checks": checks_view(checks),
        });
    }
    view
}

/// `GET /repos/{owner}/{repo}/rules/branches/{branch}`
pub(crate) fn rules(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let repository = call.repository()?;
    let full = call.state.full_name(repository);
    let rules = protect::rules(repository, call.parameter("branch"));
    let views = rules.map(|rule| rule_view(rule, &full)).collect();
    Ok(paginate(call, views))
}

fn rule_view(applied: &AppliedRule, source: &str) -> Value {
    let mut view = match &applied.rule {
        Rule::PullRequest(count) => json!({ "type": "pull_request", "parameters": {
            "required_approving_review_count": count, "dismiss_stale_reviews_on_push": false,
            "require_code_owner_review": false, "require_last_push_approval": false,
            "required_review_thread_resolution": false,
            "allowed_merge_methods": ["merge", "squash", "rebase"],
        }}),
        Rule::RequiredSignatures => json!({ "type": "required_signatures" }),
        Rule::NonFastForward => json!({ "type": "non_fast_forward" }),
        Rule::Deletion => json!({ "type": "deletion" }),
        Rule::RequiredStatusChecks(checks) => {
            let checks: Vec<Value> = checks
                .iter()
                .map(|check| json!({ "context": check }))
                .collect();
            json!({ "type": "required_status_checks", "parameters": {
                "required_status_checks": checks, "strict_required_status_checks_policy": false,
                "do_not_enforce_on_create": false,
            }})
        }
    };
    view["ruleset_source_type"] = "Repository".into();
    view["ruleset_source"] = source.into();
    view["ruleset_id"] = applied.ruleset.into();
    view
}
