//! How two commits stand to each other: `/compare/{basehead}`.

use git2::Oid;
use serde_json::{Value, json};

use super::commits;
use super::errors::ApiError;
use super::objects;
use super::reply::Reply;
use super::rest::Call;

/// Commits of one page, where the client does not say.
const PAGE: usize = 30;

/// `GET /repos/{owner}/{repo}/compare/{basehead}`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let git = call.filled_git()?;
    let range = call.parameter("basehead").to_owned();
    let (base, head) = range.split_once("...").ok_or_else(ApiError::not_found)?;
    let find = |name: &str| objects::resolve(&git, name).ok_or_else(ApiError::not_found);
    let (base, head) = (find(base)?, find(head)?);
    let merge_base = git
        .merge_base(base, head)
        .map_err(|_| ApiError::not_found())?;
    let (ahead, behind) = git.graph_ahead_behind(head, base)?;
    let status = match (ahead, behind) {
        (0, 0) => "identical",
        (_, 0) => "ahead",
        (0, _) => "behind",
        _ => "diverged",
    };
    let url = call.repository_url(&format!("/compare/{range}"))?;
    let page = call.page_url(&format!("/compare/{range}"))?;
    let body = json!({
        "url": url, "html_url": page, "permalink_url": page,
        "diff_url": format!("{page}.diff"), "patch_url": format!("{page}.patch"),
        "base_commit": commits::view(call, &git, base)?,
        "merge_base_commit": commits::view(call, &git, merge_base)?,
        "status": status, "ahead_by": ahead, "behind_by": behind, "total_commits": ahead,
        "commits": new_commits(call, &git, base, head)?,
        "files": [],
    });
    Ok(Reply::ok(body))
}

/// The commits that the head has and the base lacks, oldest first, one page of them.
fn new_commits(
    call: &Call<'_>,
    git: &git2::Repository,
    base: Oid,
    head: Oid,
) -> Result<Vec<Value>, ApiError> {
    let size = call
        .query("per_page")
        .and_then(|text| text.parse().ok())
        .unwrap_or(PAGE);
    let mut walk = git.revwalk()?;
    walk.set_sorting(git2::Sort::TOPOLOGICAL | git2::Sort::REVERSE)?;
    walk.push(head)?;
    walk.hide(base)?;
    walk.take(size)
        .map(|id| commits::view(call, git, id?))
        .collect()
}
