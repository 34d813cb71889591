//! `PUT` and `DELETE /repos/{owner}/{repo}/contents/{path}`

use std::path::Path;

use git2::Oid;
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::read::file_view;
use crate::github::errors::ApiError;
use crate::github::git_data::{blobs, commits};
use crate::github::objects::{self, Edit, NewCommit, Person, PersonBody};
use crate::github::protect::{self, Change};
use crate::github::reply::Reply;
use crate::github::rest::Call;

#[derive(Deserialize)]
struct Body {
    message: Option<String>,
    content: Option<String>,
    sha: Option<String>,
    branch: Option<String>,
    author: Option<PersonBody>,
    committer: Option<PersonBody>,
}

/// The branch a request changes, and where it stands.
struct Place {
    branch: String,
    tip: Option<Oid>,
    tree: Option<Oid>,
    current: Option<(Oid, i32)>,
}

/// `PUT`: creates a file, or replaces the one whose object the request names.
pub(crate) fn put(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let git = call.git()?;
    let body: Body = call.body()?;
    let content = body.content.as_deref().ok_or_else(|| missing("content"))?;
    let bytes = blobs::decode(content)
        .ok_or_else(|| ApiError::unprocessable("content is not valid Base64"))?;
    let path = call.parameter("path").to_owned();
    let place = place(call, &git, &body, &path)?;
    compare(&place, &path, body.sha.as_deref())?;
    let mode = place.current.map_or(0o100_644, |(_, mode)| mode);
    let blob = git.blob(&bytes)?;
    let verb = if place.current.is_some() {
        "update"
    } else {
        "create"
    };
    let commit = commit(
        call,
        &git,
        &place,
        &body,
        &path,
        Edit::Set(blob, mode),
        verb,
    )?;
    let answer = json!({
        "content": file_view(call, &git, &path, blob, &place.branch)?,
        "commit": commits::view(call, &git, commit)?,
    });
    Ok(if place.current.is_some() {
        Reply::ok(answer)
    } else {
        Reply::json(StatusCode::CREATED, answer)
    })
}

/// `DELETE`: removes the file whose object the request names, in body or query.
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let git = call.git()?;
    let mut body: Body = call.body()?;
    let query = |name: &str| call.query(name).map(str::to_owned);
    body.message = body.message.or_else(|| query("message"));
    body.sha = body.sha.or_else(|| query("sha"));
    body.branch = body.branch.or_else(|| query("branch"));
    let path = call.parameter("path").to_owned();
    let place = place(call, &git, &body, &path)?;
    if place.current.is_none() {
        return Err(ApiError::not_found());
    }
    compare(&place, &path, body.sha.as_deref())?;
    let commit = commit(call, &git, &place, &body, &path, Edit::Remove, "delete")?;
    Ok(Reply::ok(
        json!({ "content": Value::Null, "commit": commits::view(call, &git, commit)? }),
    ))
}

fn missing(field: &str) -> ApiError {
    ApiError::unprocessable(format!("Invalid request.\n\n\"{field}\" wasn't supplied."))
}

/// Finds the branch. An empty repository takes any name: its first commit makes that branch.
fn place(
    call: &Call<'_>,
    git: &git2::Repository,
    body: &Body,
    path: &str,
) -> Result<Place, ApiError> {
    if body.message.as_deref().is_none_or(str::is_empty) {
        return Err(missing("message"));
    }
    let branch = body.branch.clone().unwrap_or_else(|| {
        call.repository()
            .map_or_else(|_| String::new(), |one| one.default_branch.clone())
    });
    let branch = branch
        .strip_prefix("refs/heads/")
        .unwrap_or(&branch)
        .to_owned();
    if objects::split_path(path).is_none() {
        return Err(ApiError::unprocessable(
            "path contains a malformed path component",
        ));
    }
    let Some(tip) = objects::branch_tip(git, &branch) else {
        if objects::is_empty(git)? {
            return Ok(Place {
                branch,
                tip: None,
                tree: None,
                current: None,
            });
        }
        return Err(ApiError::new(
            StatusCode::NOT_FOUND,
            format!("Branch {branch} not found"),
        ));
    };
    let tree = git.find_commit(tip)?.tree()?;
    let current = tree
        .get_path(Path::new(path))
        .ok()
        .map(|entry| (entry.id(), entry.filemode()));
    Ok(Place {
        branch,
        tip: Some(tip),
        tree: Some(tree.id()),
        current,
    })
}

/// A file that is there changes only for who has seen it as it is.
fn compare(place: &Place, path: &str, sha: Option<&str>) -> Result<(), ApiError> {
    match (place.current, sha) {
        (None, None) => Ok(()),
        (Some(_), None) => Err(missing("sha")),
        (Some((current, _)), Some(sha)) if current.to_string() == sha => Ok(()),
        (_, Some(sha)) => Err(ApiError::conflict(format!("{path} does not match {sha}"))),
    }
}

fn commit(
    call: &mut Call<'_>,
    git: &git2::Repository,
    place: &Place,
    body: &Body,
    path: &str,
    edit: Edit,
    verb: &str,
) -> Result<Oid, ApiError> {
    let parts = objects::split_path(path).unwrap_or_default();
    let tree = match objects::edit_tree(git, place.tree, &[(parts, edit)])? {
        Some(tree) => tree,
        None => objects::empty_tree(git)?,
    };
    let (author, committer) = people(call, body)?;
    let commit = NewCommit {
        tree,
        parents: place.tip.into_iter().collect(),
        author,
        committer,
        message: body.message.clone().unwrap_or_default(),
        signature: None,
    };
    let id = objects::write_commit(git, &commit)?;
    let name = format!("refs/heads/{}", place.branch);
    let change = Change {
        name: &name,
        old: place.tip,
        new: Some(id),
        force: false,
    };
    if let Some(message) = protect::refusal(call, git, &change)? {
        let violation = message.starts_with("Repository rule");
        let message = if violation {
            message
        } else {
            format!("Could not {verb} file: {message}")
        };
        return Err(ApiError::conflict(message));
    }
    move_branch(git, &name, place.tip, id)?;
    let repository = call.repository_mut()?;
    repository.pushed = Timestamp::now();
    if place.tip.is_none() {
        // The first branch of a repository becomes its default.
        git.set_head(&name)?;
        repository.default_branch.clone_from(&place.branch);
    }
    Ok(id)
}

/// Author and committer: the user where the request names none, the committer's where it names no author.
fn people(call: &Call<'_>, body: &Body) -> Result<(Person, Person), ApiError> {
    let read = |person: &Option<PersonBody>, which: &str| {
        person
            .as_ref()
            .map(|one| Person::read(one, which))
            .transpose()
    };
    let user = Person::of(call.state, call.user()?);
    let committer = read(&body.committer, "committer")?.unwrap_or(user);
    let author = read(&body.author, "author")?.unwrap_or_else(|| committer.clone());
    Ok((author, committer))
}

/// Moves a branch from where it was found; 409 where a push came between.
fn move_branch(
    git: &git2::Repository,
    name: &str,
    from: Option<Oid>,
    to: Oid,
) -> Result<(), ApiError> {
    let from = from.unwrap_or(Oid::ZERO_SHA1);
    match git.reference_matching(name, to, true, from, "changed through the API") {
        Ok(_) => Ok(()),
        Err(error) if error.code() == git2::ErrorCode::Modified => {
            let now = git.refname_to_id(name)?;
            Err(ApiError::conflict(format!(
                "is at {now} but expected {from}"
            )))
        }
        Err(error) => Err(error.into()),
    }
}
