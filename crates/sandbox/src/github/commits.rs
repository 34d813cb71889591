//! Commits as history: `/commits` and `/commits/{ref}`.

use git2::{Delta, Oid, Patch};
use serde_json::{Value, json};

use super::errors::ApiError;
use super::objects;
use super::page::paginate;
use super::reply::Reply;
use super::rest::Call;
use super::view::{node_id, simple_user};

/// `GET /repos/{owner}/{repo}/commits`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let git = call.filled_git()?;
    let name = call
        .query("sha")
        .unwrap_or(&call.repository()?.default_branch)
        .to_owned();
    let start = objects::resolve(&git, &name).ok_or_else(ApiError::not_found)?;
    let mut walk = git.revwalk()?;
    walk.set_sorting(git2::Sort::TOPOLOGICAL | git2::Sort::TIME)?;
    walk.push(start)?;
    let path = call
        .query("path")
        .map(|path| path.trim_matches('/').to_owned())
        .filter(|path| !path.is_empty());
    let mut views = Vec::new();
    for id in walk {
        let id = id?;
        if path
            .as_deref()
            .is_none_or(|path| touches(&git, id, path).unwrap_or(false))
        {
            views.push(view(call, &git, id)?);
        }
    }
    Ok(paginate(call, views))
}

/// Whether a commit changed what is at `path` compared with its first parent.
fn touches(git: &git2::Repository, id: Oid, path: &str) -> Result<bool, git2::Error> {
    let commit = git.find_commit(id)?;
    let at = |commit: &git2::Commit<'_>| -> Result<Option<Oid>, git2::Error> {
        Ok(commit
            .tree()?
            .get_path(std::path::Path::new(path))
            .ok()
            .map(|entry| entry.id()))
    };
    let before = match commit.parent(0) {
        Ok(parent) => at(&parent)?,
        Err(_) => None,
    };
    Ok(at(&commit)? != before)
}

/// `GET /repos/{owner}/{repo}/commits/{ref}`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let git = call.filled_git()?;
    let name = call.parameter("ref");
    let id = objects::resolve(&git, name)
        .ok_or_else(|| ApiError::unprocessable(format!("No commit found for SHA: {name}")))?;
    if call.request.accept.contains("sha") {
        return Ok(Reply::bytes(
            "application/vnd.github.sha",
            id.to_string().into_bytes(),
        ));
    }
    let mut body = view(call, &git, id)?;
    let (additions, deletions, files) = changes(call, &git, id)?;
    body["stats"] =
        json!({ "total": additions + deletions, "additions": additions, "deletions": deletions });
    body["files"] = files.into();
    Ok(Reply::ok(body))
}

/// A commit with its author's account, without its files.
pub(crate) fn view(call: &Call<'_>, git: &git2::Repository, id: Oid) -> Result<Value, ApiError> {
    let commit = git.find_commit(id)?;
    let full = call.state.full_name(call.repository()?);
    let mut parents = Vec::new();
    for parent in commit.parent_ids() {
        parents.push(json!({
            "sha": parent.to_string(), "url": call.repository_url(&format!("/commits/{parent}"))?,
            "html_url": call.page_url(&format!("/commit/{parent}"))?,
        }));
    }
    let tree = commit.tree_id();
    Ok(json!({
        "sha": id.to_string(), "node_id": node_id("Commit", format_args!("{full}:{id}")),
        "url": call.repository_url(&format!("/commits/{id}"))?,
        "html_url": call.page_url(&format!("/commit/{id}"))?,
        "comments_url": call.repository_url(&format!("/commits/{id}/comments"))?,
        "commit": {
            "url": call.repository_url(&format!("/git/commits/{id}"))?,
            "author": objects::person_view(&commit.author()),
            "committer": objects::person_view(&commit.committer()),
            "message": String::from_utf8_lossy(commit.message_raw_bytes()), "comment_count": 0,
            "tree": { "sha": tree.to_string(), "url": call.repository_url(&format!("/git/trees/{tree}"))? },
            "verification": objects::verification(git, id),
        },
        "author": account(call, &commit.author()), "committer": account(call, &commit.committer()),
        "parents": parents,
    }))
}

/// The account whose private address a commit carries; null for others.
fn account(call: &Call<'_>, person: &git2::Signature<'_>) -> Value {
    let email = String::from_utf8_lossy(person.email_bytes()).into_owned();
    let id = email
        .strip_suffix("@users.noreply.github.com")
        .and_then(|local| local.split_once('+'))
        .and_then(|(id, _)| id.parse::<u64>().ok());
    id.map_or(Value::Null, |id| simple_user(call.state, id))
}

/// Lines added and removed by a commit, and its files.
fn changes(
    call: &Call<'_>,
    git: &git2::Repository,
    id: Oid,
) -> Result<(usize, usize, Vec<Value>), ApiError> {
    let commit = git.find_commit(id)?;
    let parent = commit
        .parent(0)
        .ok()
        .map(|parent| parent.tree())
        .transpose()?;
    let diff = git.diff_tree_to_tree(parent.as_ref(), Some(&commit.tree()?), None)?;
    let (mut added, mut removed, mut files) = (0, 0, Vec::new());
    for index in 0..diff.deltas().len() {
        let Some(delta) = diff.get_delta(index) else {
            continue;
        };
        let patch = Patch::from_diff(&diff, index)?;
        let (_, plus, minus) = patch.as_ref().map_or(Ok((0, 0, 0)), Patch::line_stats)?;
        let (status, file) = match delta.status() {
            Delta::Added => ("added", delta.new_file()),
            Delta::Deleted => ("removed", delta.old_file()),
            _ => ("modified", delta.new_file()),
        };
        let path = file
            .path()
            .map(|path| path.to_string_lossy().into_owned())
            .unwrap_or_default();
        (added, removed) = (added + plus, removed + minus);
        files.push(json!({
            "sha": file.id().to_string(), "filename": path, "status": status,
            "additions": plus, "deletions": minus, "changes": plus + minus,
            "blob_url": call.page_url(&format!("/blob/{id}/{path}"))?,
            "raw_url": call.page_url(&format!("/raw/{id}/{path}"))?,
            "contents_url": call.repository_url(&format!("/contents/{path}?ref={id}"))?,
        }));
    }
    Ok((added, removed, files))
}
