//! Commit objects.

use git2::Oid;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{full_oid, requested_oid};
use crate::github::errors::ApiError;
use crate::github::objects::{self, NewCommit, Person, PersonBody};
use crate::github::reply::Reply;
use crate::github::rest::Call;
use crate::github::view::node_id;

/// `GET /repos/{owner}/{repo}/git/commits/{commit_sha}`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let git = call.filled_git()?;
    let id = requested_oid(call.parameter("commit_sha")).map_err(|_| ApiError::not_found())?;
    git.find_commit(id).map_err(|_| ApiError::not_found())?;
    Ok(Reply::ok(view(call, &git, id)?))
}

#[derive(Deserialize)]
struct Create {
    message: Option<String>,
    tree: Option<String>,
    #[serde(default)]
    parents: Vec<String>,
    author: Option<PersonBody>,
    committer: Option<PersonBody>,
    signature: Option<String>,
}

/// `POST /repos/{owner}/{repo}/git/commits`
pub(crate) fn create(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let git = call.filled_git()?;
    let body: Create = call.body()?;
    let message = body.message.ok_or_else(|| {
        ApiError::unprocessable("Invalid request.\n\n\"message\" wasn't supplied.")
    })?;
    let tree = body.tree.as_deref().and_then(full_oid);
    let tree = tree.filter(|id| git.find_tree(*id).is_ok());
    let tree = tree.ok_or_else(|| ApiError::unprocessable("Tree SHA does not exist"))?;
    let parents: Result<Vec<Oid>, ApiError> =
        body.parents.iter().map(|sha| parent(&git, sha)).collect();
    let author = match &body.author {
        Some(author) => Person::read(author, "author")?,
        None => Person::of(call.state, call.user()?),
    };
    let committer = match &body.committer {
        Some(committer) => Person::read(committer, "committer")?,
        None => author.clone(),
    };
    let signature = body.signature.filter(|text| !text.is_empty());
    let commit = NewCommit {
        tree,
        parents: parents?,
        author,
        committer,
        message,
        signature,
    };
    let id = objects::write_commit(&git, &commit)?;
    Ok(Reply::created(view(call, &git, id)?))
}

fn parent(git: &git2::Repository, sha: &str) -> Result<Oid, ApiError> {
    let found = full_oid(sha).filter(|id| git.find_commit(*id).is_ok());
    found.ok_or_else(|| {
        ApiError::unprocessable("Parent SHA does not exist or is not a commit object")
    })
}

/// A commit object as the Git Data API shows it.
pub(crate) fn view(call: &Call<'_>, git: &git2::Repository, id: Oid) -> Result<Value, ApiError> {
    let commit = git.find_commit(id)?;
    let name = call.state.full_name(call.repository()?);
    let mut parents = Vec::new();
    for parent in commit.parent_ids() {
        parents.push(json!({
            "sha": parent.to_string(), "url": call.repository_url(&format!("/git/commits/{parent}"))?,
            "html_url": call.page_url(&format!("/commit/{parent}"))?,
        }));
    }
    let tree = commit.tree_id();
    Ok(json!({
        "sha": id.to_string(), "node_id": node_id("Commit", format_args!("{name}:{id}")),
        "url": call.repository_url(&format!("/git/commits/{id}"))?,
        "html_url": call.page_url(&format!("/commit/{id}"))?,
        "author": objects::person_view(&commit.author()),
        "committer": objects::person_view(&commit.committer()),
        "message": String::from_utf8_lossy(commit.message_raw_bytes()),
        "tree": { "sha": tree.to_string(), "url": call.repository_url(&format!("/git/trees/{tree}"))? },
        "parents": parents, "verification": objects::verification(git, id),
    }))
}
