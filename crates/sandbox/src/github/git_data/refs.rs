//! References.

use git2::Oid;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::full_oid;
use crate::github::errors::ApiError;
use crate::github::page::paginate;
use crate::github::protect::{self, Change};
use crate::github::reply::Reply;
use crate::github::rest::Call;
use crate::github::view::node_id;

/// `GET /repos/{owner}/{repo}/git/ref/{ref}`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let git = call.filled_git()?;
    let name = format!("refs/{}", call.parameter("ref"));
    let reference = git
        .find_reference(&name)
        .map_err(|_| ApiError::not_found())?;
    Ok(Reply::ok(view(call, &git, &reference)?))
}

/// `GET /repos/{owner}/{repo}/git/matching-refs/{ref}`
pub(crate) fn matching(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let git = call.filled_git()?;
    let prefix = format!("refs/{}", call.parameter("ref"));
    let mut views = Vec::new();
    for reference in git.references()? {
        let reference = reference?;
        if reference.name_bytes().starts_with(prefix.as_bytes()) {
            views.push(view(call, &git, &reference)?);
        }
    }
    views.sort_by(|a, b| a["ref"].as_str().cmp(&b["ref"].as_str()));
    Ok(paginate(call, views))
}

#[derive(Deserialize)]
struct Create {
    #[serde(rename = "ref")]
    name: Option<String>,
    sha: Option<String>,
}

/// `POST /repos/{owner}/{repo}/git/refs`
pub(crate) fn create(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let git = call.filled_git()?;
    let body: Create = call.body()?;
    let supplied = |field: &str| {
        ApiError::unprocessable(format!("Invalid request.\n\n\"{field}\" wasn't supplied."))
    };
    let name = body.name.ok_or_else(|| supplied("ref"))?;
    let sha = body.sha.ok_or_else(|| supplied("sha"))?;
    if !name.starts_with("refs/")
        || name.matches('/').count() < 2
        || !git2::Reference::is_valid_name(&name)
    {
        return Err(ApiError::unprocessable(
            "Reference name must start with 'refs/' and have at least two slashes.",
        ));
    }
    if git.find_reference(&name).is_ok() {
        return Err(ApiError::unprocessable("Reference already exists"));
    }
    let target = target(&git, &name, &sha)?;
    let change = Change {
        name: &name,
        old: None,
        new: Some(target),
        force: false,
    };
    protect::check(call, &git, &change)?;
    // A name below an existing branch cannot be.
    let reference = git
        .reference(&name, target, false, "created through the API")
        .map_err(|_| ApiError::unprocessable("Reference update failed"))?;
    touched(call)?;
    Ok(Reply::created(view(call, &git, &reference)?))
}

#[derive(Deserialize)]
struct Update {
    sha: Option<String>,
    #[serde(default)]
    force: bool,
}

/// `PATCH /repos/{owner}/{repo}/git/refs/{ref}`
pub(crate) fn update(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let git = call.filled_git()?;
    let name = format!("refs/{}", call.parameter("ref"));
    let body: Update = call.body()?;
    let sha = body
        .sha
        .ok_or_else(|| ApiError::unprocessable("Invalid request.\n\n\"sha\" wasn't supplied."))?;
    let mut reference = git
        .find_reference(&name)
        .map_err(|_| ApiError::unprocessable("Reference does not exist"))?;
    let target = target(&git, &name, &sha)?;
    let old = reference.target();
    if !body.force && !old.is_some_and(|old| forward(&git, old, target)) {
        return Err(ApiError::unprocessable("Update is not a fast forward"));
    }
    let change = Change {
        name: &name,
        old,
        new: Some(target),
        force: body.force,
    };
    protect::check(call, &git, &change)?;
    let reference = reference.set_target(target, "updated through the API")?;
    touched(call)?;
    Ok(Reply::ok(view(call, &git, &reference)?))
}

/// `DELETE /repos/{owner}/{repo}/git/refs/{ref}`
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let git = call.filled_git()?;
    let name = format!("refs/{}", call.parameter("ref"));
    let mut reference = git
        .find_reference(&name)
        .map_err(|_| ApiError::unprocessable("Reference does not exist"))?;
    if name == format!("refs/heads/{}", call.repository()?.default_branch) {
        return Err(ApiError::unprocessable("Cannot delete the default branch"));
    }
    let change = Change {
        name: &name,
        old: reference.target(),
        new: None,
        force: false,
    };
    protect::check(call, &git, &change)?;
    reference.delete()?;
    touched(call)?;
    Ok(Reply::no_content())
}

/// Whether `new` has `old` in its history.
pub(crate) fn forward(git: &git2::Repository, old: Oid, new: Oid) -> bool {
    old == new || git.graph_descendant_of(new, old).unwrap_or(false)
}

/// The object a reference is to point at; branches take commits alone.
fn target(git: &git2::Repository, name: &str, sha: &str) -> Result<Oid, ApiError> {
    let id = full_oid(sha).ok_or_else(|| {
        ApiError::unprocessable(
            "The sha parameter must be exactly 40 characters and contain only [0-9a-f].",
        )
    })?;
    let object = git
        .find_object(id, None)
        .map_err(|_| ApiError::unprocessable("Object does not exist"))?;
    if name.starts_with("refs/heads/") && object.kind() != Some(git2::ObjectType::Commit) {
        return Err(ApiError::unprocessable(
            "Reference cannot be updated to a non-commit object",
        ));
    }
    Ok(id)
}

fn touched(call: &mut Call<'_>) -> Result<(), ApiError> {
    call.repository_mut()?.pushed = Timestamp::now();
    Ok(())
}

fn view(
    call: &Call<'_>,
    git: &git2::Repository,
    reference: &git2::Reference<'_>,
) -> Result<Value, ApiError> {
    let name = String::from_utf8_lossy(reference.name_bytes()).into_owned();
    let id = reference
        .resolve()?
        .target()
        .ok_or_else(ApiError::not_found)?;
    let kind = git
        .find_object(id, None)?
        .kind()
        .map_or("commit", |kind| kind.str());
    let full = call.state.full_name(call.repository()?);
    Ok(json!({
        "ref": name, "node_id": node_id("Ref", format_args!("{full}:{name}")),
        "url": call.repository_url(&format!("/git/{name}"))?,
        "object": {
            "sha": id.to_string(), "type": kind,
            "url": call.repository_url(&format!("/git/{kind}s/{id}"))?,
        },
    }))
}
