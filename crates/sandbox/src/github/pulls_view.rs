//! Pull requests as answers show them.

use git2::Oid;
use serde_json::{Value, json};

use super::errors::ApiError;
use super::model::Pull;
use super::objects;
use super::pulls::merged_tree;
use super::rest::Call;
use super::view::{merge, node_id, repository, simple_user};

/// Addresses below a pull request's or its issue's own.
fn links(call: &Call<'_>, pull: &Pull, sha: &str) -> Result<Value, ApiError> {
    let url = call.repository_url(&format!("/pulls/{}", pull.number))?;
    let issue = call.repository_url(&format!("/issues/{}", pull.number))?;
    let page = call.page_url(&format!("/pull/{}", pull.number))?;
    let statuses = call.repository_url(&format!("/statuses/{sha}"))?;
    let comment = call.repository_url("/pulls/comments{/number}")?;
    let href = |address: &str| json!({ "href": address });
    Ok(json!({
        "url": url, "html_url": page, "diff_url": format!("{page}.diff"),
        "patch_url": format!("{page}.patch"), "issue_url": issue,
        "commits_url": format!("{url}/commits"), "review_comments_url": format!("{url}/comments"),
        "review_comment_url": comment, "comments_url": format!("{issue}/comments"),
        "statuses_url": statuses,
        "_links": {
            "self": href(&url), "html": href(&page), "issue": href(&issue),
            "comments": href(&format!("{issue}/comments")),
            "review_comments": href(&format!("{url}/comments")), "review_comment": href(&comment),
            "commits": href(&format!("{url}/commits")), "statuses": href(&statuses),
        },
    }))
}

fn side(call: &Call<'_>, branch: &str, sha: &str) -> Result<Value, ApiError> {
    let one = call.repository()?;
    let viewer = call.caller.as_ref().map(|caller| caller.user);
    Ok(json!({
        "label": format!("{}:{branch}", call.state.login(one.owner)), "ref": branch, "sha": sha,
        "user": simple_user(call.state, one.owner), "repo": repository(call.state, one, viewer),
    }))
}

/// The commit of the head: as it was once closed, else the branch's.
fn head_of(git: &git2::Repository, pull: &Pull) -> Option<Oid> {
    match &pull.final_head {
        Some(sha) => Oid::from_str(sha).ok(),
        None => objects::branch_tip(git, &pull.head),
    }
}

/// A pull request in a list.
pub(crate) fn simple(
    call: &Call<'_>,
    git: &git2::Repository,
    pull: &Pull,
) -> Result<Value, ApiError> {
    let text = |id: Option<Oid>| id.map(|id| id.to_string()).unwrap_or_default();
    let (head, base) = (
        text(head_of(git, pull)),
        text(objects::branch_tip(git, &pull.base)),
    );
    let mut view = json!({
        "id": pull.id, "node_id": node_id("PullRequest", pull.id), "number": pull.number,
        "state": if pull.closed.is_some() { "closed" } else { "open" }, "locked": false,
        "title": pull.title, "body": pull.body, "user": simple_user(call.state, pull.author),
        "labels": [], "milestone": null, "assignee": null, "assignees": [],
        "requested_reviewers": [], "requested_teams": [], "draft": pull.draft,
        "created_at": pull.created.strftime("%FT%TZ").to_string(),
        "updated_at": pull.updated.strftime("%FT%TZ").to_string(),
        "closed_at": pull.closed.map(|time| time.strftime("%FT%TZ").to_string()),
        "merged_at": pull.merged.as_ref().map(|merge| merge.at.strftime("%FT%TZ").to_string()),
        "merge_commit_sha": pull.merged.as_ref().map(|merge| merge.sha.as_str()),
        "author_association": "MEMBER", "auto_merge": null, "active_lock_reason": null,
        "head": side(call, &pull.head, &head)?, "base": side(call, &pull.base, &base)?,
    });
    merge(&mut view, links(call, pull, &head)?);
    Ok(view)
}

/// A pull request in full.
pub(crate) fn full(
    call: &Call<'_>,
    git: &git2::Repository,
    pull: &Pull,
) -> Result<Value, ApiError> {
    let mut view = simple(call, git, pull)?;
    let ends = head_of(git, pull).zip(objects::branch_tip(git, &pull.base));
    let (mut commits, mut mergeable, mut stats) = (0, None, (0, 0, 0));
    if let Some((head, base)) = ends {
        commits = git.graph_ahead_behind(head, base)?.0;
        mergeable = Some(merged_tree(git, base, head)?.is_some());
        let fork = git
            .merge_base(base, head)
            .and_then(|id| git.find_commit(id)?.tree())
            .ok();
        let diff = git
            .diff_tree_to_tree(fork.as_ref(), Some(&git.find_commit(head)?.tree()?), None)?
            .stats()?;
        stats = (diff.insertions(), diff.deletions(), diff.files_changed());
    }
    let open = pull.closed.is_none();
    merge(
        &mut view,
        json!({
            "merged": pull.merged.is_some(), "mergeable": mergeable.filter(|_| open), "rebaseable": null,
            "mergeable_state": match mergeable { Some(true) if open => "clean", Some(false) if open => "dirty", _ => "unknown" },
            "merged_by": pull.merged.as_ref().map(|merge| simple_user(call.state, merge.by)),
            "comments": 0, "review_comments": 0, "maintainer_can_modify": false, "commits": commits,
            "additions": stats.0, "deletions": stats.1, "changed_files": stats.2,
        }),
    );
    Ok(view)
}
