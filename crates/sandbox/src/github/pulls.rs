//! Pull requests within one repository.

use git2::Oid;
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::errors::ApiError;
use super::model::{Merge, Pull};
use super::objects::{self, NewCommit, Person};
use super::page::paginate;
use super::protect::{self, Guard};
use super::pulls_view::{full, simple};
use super::reply::Reply;
use super::rest::Call;
use super::spec::Permission;

/// `GET /repos/{owner}/{repo}/pulls`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let git = call.git()?;
    let state = call.query("state").unwrap_or("open");
    let branch = |name: &str| {
        call.query(name)
            .map(|text| text.rsplit(':').next().unwrap_or(text).to_owned())
    };
    let (head, base) = (branch("head"), branch("base"));
    let wanted = |pull: &&Pull| {
        (state == "all" || (state == "open") == pull.closed.is_none())
            && head.as_ref().is_none_or(|head| *head == pull.head)
            && base.as_ref().is_none_or(|base| *base == pull.base)
    };
    let pulls = call.repository()?.pulls.iter().rev().filter(wanted);
    let views: Result<Vec<_>, ApiError> = pulls.map(|pull| simple(call, &git, pull)).collect();
    Ok(paginate(call, views?))
}

/// `GET /repos/{owner}/{repo}/pulls/{pull_number}`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let git = call.git()?;
    Ok(Reply::ok(full(call, &git, &find(call)?)?))
}

fn find(call: &Call<'_>) -> Result<Pull, ApiError> {
    let number = call
        .parameter("pull_number")
        .parse::<u64>()
        .map_err(|_| ApiError::not_found())?;
    let pull = call
        .repository()?
        .pulls
        .iter()
        .find(|pull| pull.number == number);
    pull.cloned().ok_or_else(ApiError::not_found)
}

#[derive(Deserialize)]
struct Create {
    title: Option<String>,
    head: Option<String>,
    base: Option<String>,
    body: Option<String>,
    #[serde(default)]
    draft: bool,
}

/// `POST /repos/{owner}/{repo}/pulls`
pub(crate) fn create(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let git = call.git()?;
    let body: Create = call.body()?;
    let required = |field: &'static str, value: Option<String>| {
        value
            .filter(|text| !text.is_empty())
            .ok_or_else(|| ApiError::coded("PullRequest", field, "missing_field"))
    };
    let title = required("title", body.title)?;
    let (head, base) = (required("head", body.head)?, required("base", body.base)?);
    let owner = call.state.login(call.repository()?.owner).to_owned();
    let head = head
        .strip_prefix(&format!("{owner}:"))
        .unwrap_or(&head)
        .to_owned();
    let tip = |field: &str, name: &str| {
        objects::branch_tip(&git, name)
            .ok_or_else(|| ApiError::coded("PullRequest", field, "invalid"))
    };
    let (head_tip, base_tip) = (tip("head", &head)?, tip("base", &base)?);
    let refused = |message: String| {
        Err(ApiError::unprocessable("Validation Failed")
            .detail(json!({ "resource": "PullRequest", "code": "custom", "message": message })))
    };
    if git.graph_ahead_behind(head_tip, base_tip)?.0 == 0 {
        return refused(format!("No commits between {base} and {head}"));
    }
    let open = |pull: &&Pull| pull.closed.is_none() && pull.head == head && pull.base == base;
    if call.repository()?.pulls.iter().any(|pull| open(&pull)) {
        return refused(format!("A pull request already exists for {owner}:{head}."));
    }
    let now = Timestamp::now();
    let number = call.repository()?.pulls.len() as u64 + 1;
    let pull = Pull {
        id: call.state.fresh_id(),
        number,
        title,
        body: body.body,
        head,
        base,
        final_head: None,
        author: call.user()?,
        draft: body.draft,
        created: now,
        updated: now,
        closed: None,
        merged: None,
    };
    let view = full(call, &git, &pull)?;
    call.repository_mut()?.pulls.push(pull);
    Ok(Reply::created(view))
}

#[derive(Deserialize)]
struct MergeBody {
    commit_title: Option<String>,
    commit_message: Option<String>,
    sha: Option<String>,
    merge_method: Option<String>,
}

/// `PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge`
pub(crate) fn merge(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let git = call.git()?;
    let pull = find(call)?;
    let body: MergeBody = call.body()?;
    let not_mergeable = || not_allowed("Pull Request is not mergeable");
    if pull.closed.is_some() || pull.draft {
        return Err(not_mergeable());
    }
    let head = objects::branch_tip(&git, &pull.head).ok_or_else(not_mergeable)?;
    let base = objects::branch_tip(&git, &pull.base).ok_or_else(not_mergeable)?;
    if body
        .sha
        .as_ref()
        .is_some_and(|sha| *sha != head.to_string())
    {
        return Err(ApiError::conflict(
            "Head branch was modified. Review and try the merge again.",
        ));
    }
    if let Some(message) = approvals_missing(call, &pull.base)? {
        return Err(not_allowed(&message));
    }
    let squash = is_squash(call, &body)?;
    let message = merge_message(call, &pull, &body, squash)?;
    let user = call.user()?;
    let person = Person::of(call.state, user);
    let commit = NewCommit {
        tree: merged_tree(&git, base, head)?.ok_or_else(not_mergeable)?,
        parents: if squash { vec![base] } else { vec![base, head] },
        author: person.clone(),
        committer: person,
        message,
        signature: None,
    };
    let id = objects::write_commit(&git, &commit)?;
    let sha = id.to_string();
    git.reference(&format!("refs/heads/{}", pull.base), id, true, "merged")?;
    let merge = Merge {
        sha: sha.clone(),
        by: user,
        at: Timestamp::now(),
    };
    close(call, pull.number, head, merge)?;
    let message = "Pull Request successfully merged";
    Ok(Reply::ok(
        json!({ "sha": sha, "merged": true, "message": message }),
    ))
}

fn not_allowed(message: &str) -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, message)
}

/// Reads the method; one that the repository's settings exclude is 405. Rebasing is always excluded.
fn is_squash(call: &Call<'_>, body: &MergeBody) -> Result<bool, ApiError> {
    let switches = &call.repository()?.switches;
    let allowed = |name: &str| switches.get(name) == Some(&true);
    match body.merge_method.as_deref().unwrap_or("merge") {
        "merge" if allowed("allow_merge_commit") => Ok(false),
        "squash" if allowed("allow_squash_merge") => Ok(true),
        "merge" => Err(not_allowed(
            "Merge commits are not allowed on this repository.",
        )),
        "squash" => Err(not_allowed(
            "Squash merges are not allowed on this repository.",
        )),
        "rebase" => Err(not_allowed(
            "Rebase merges are not allowed on this repository.",
        )),
        _ => Err(ApiError::coded("PullRequest", "merge_method", "invalid")),
    }
}

fn merge_message(
    call: &Call<'_>,
    pull: &Pull,
    body: &MergeBody,
    squash: bool,
) -> Result<String, ApiError> {
    let (title, text) = if squash {
        (format!("{} (#{})", pull.title, pull.number), "")
    } else {
        let owner = call.state.login(call.repository()?.owner);
        let title = format!(
            "Merge pull request #{} from {owner}/{}",
            pull.number, pull.head
        );
        (title, pull.title.as_str())
    };
    let title = body.commit_title.clone().unwrap_or(title);
    let text = body.commit_message.as_deref().unwrap_or(text);
    Ok(if text.is_empty() {
        title
    } else {
        format!("{title}\n\n{text}")
    })
}

fn close(call: &mut Call<'_>, number: u64, head: Oid, merge: Merge) -> Result<(), ApiError> {
    let repository = call.repository_mut()?;
    repository.pushed = merge.at;
    if let Some(pull) = repository
        .pulls
        .iter_mut()
        .find(|pull| pull.number == number)
    {
        pull.final_head = Some(head.to_string());
        pull.closed = Some(merge.at);
        pull.updated = merge.at;
        pull.merged = Some(merge);
    }
    Ok(())
}

/// No one can review here, so a branch that asks for approvals or checks stays closed.
fn approvals_missing(call: &Call<'_>, branch: &str) -> Result<Option<String>, ApiError> {
    let repository = call.repository()?;
    let barriers = protect::barriers(
        call.state,
        repository,
        branch,
        call.caller.as_ref().map(|one| one.user),
    );
    let wanted = repository
        .protections
        .get(branch)
        .and_then(|protection| protection.required_reviews);
    let ruled = protect::rules(repository, branch).find_map(|rule| match rule.rule {
        super::spec::Rule::PullRequest(count) => Some(count),
        _ => None,
    });
    let count = wanted.max(ruled).unwrap_or(0);
    let closed: Vec<_> = barriers
        .into_iter()
        .filter(|one| one.guard == Guard::Closed)
        .collect();
    if closed.is_empty() || call.permission() < Some(Permission::Push) {
        return Ok(None);
    }
    if let Some(check) = closed
        .iter()
        .find(|one| one.message.starts_with("Required status"))
    {
        return Ok(Some(check.message.clone()));
    }
    Ok((count > 0).then(|| {
        format!("At least {count} approving review is required by reviewers with write access.")
    }))
}

/// The tree of a merge; `None` where the sides conflict.
pub(crate) fn merged_tree(
    git: &git2::Repository,
    base: Oid,
    head: Oid,
) -> Result<Option<Oid>, git2::Error> {
    let (base, head) = (git.find_commit(base)?, git.find_commit(head)?);
    let mut index = git.merge_commits(&base, &head, None)?;
    if index.has_conflicts() {
        Ok(None)
    } else {
        index.write_tree_to(git).map(Some)
    }
}
