//! Trees.

use git2::{ObjectType, Oid};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::full_oid;
use crate::github::errors::ApiError;
use crate::github::objects::{self, Edit};
use crate::github::reply::Reply;
use crate::github::rest::Call;

/// `GET /repos/{owner}/{repo}/git/trees/{tree_sha}`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let git = call.filled_git()?;
    let name = call.parameter("tree_sha");
    let tree = full_oid(name)
        .and_then(|id| git.find_object(id, None).ok())
        .or_else(|| objects::resolve(&git, name).and_then(|id| git.find_object(id, None).ok()))
        .and_then(|object| object.peel_to_tree().ok())
        .ok_or_else(ApiError::not_found)?;
    // Any value, even `0`, asks for all levels.
    let recursive = call.query("recursive").is_some();
    Ok(Reply::ok(view(call, &git, tree.id(), recursive)?))
}

#[derive(Deserialize)]
struct Create {
    base_tree: Option<String>,
    tree: Option<Vec<Entry>>,
}

#[derive(Deserialize)]
struct Entry {
    path: Option<String>,
    mode: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "present")]
    sha: Option<Option<String>>,
    content: Option<String>,
}

/// Tells a null from an absent field: the first deletes.
fn present<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(input).map(Some)
}

/// `POST /repos/{owner}/{repo}/git/trees`
pub(crate) fn create(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let git = call.filled_git()?;
    let body: Create = call.body()?;
    let entries = body
        .tree
        .ok_or_else(|| ApiError::unprocessable("Invalid tree info"))?;
    let base = match &body.base_tree {
        None => None,
        Some(name) => {
            let object = full_oid(name).and_then(|id| git.find_object(id, None).ok());
            let tree = object.and_then(|object| object.peel_to_tree().ok());
            Some(tree.ok_or_else(ApiError::not_found)?.id())
        }
    };
    if entries.is_empty() && base.is_none() {
        return Err(ApiError::unprocessable("Invalid tree info"));
    }
    let edits: Result<Vec<_>, ApiError> = entries.iter().map(|entry| edit(&git, entry)).collect();
    let tree = match objects::edit_tree(&git, base, &edits?)? {
        Some(tree) => tree,
        None => objects::empty_tree(&git)?,
    };
    Ok(Reply::created(view(call, &git, tree, false)?))
}

fn edit(git: &git2::Repository, entry: &Entry) -> Result<(Vec<String>, Edit), ApiError> {
    let path = entry.path.as_deref().unwrap_or_default();
    let path = objects::split_path(path)
        .ok_or_else(|| ApiError::unprocessable("tree.path contains a malformed path component"))?;
    if let (Some(None), None) = (&entry.sha, &entry.content) {
        return Ok((path, Edit::Remove));
    }
    let (mode, expected) = match entry.mode.as_deref() {
        Some("100644") => (0o100_644, ObjectType::Blob),
        Some("100755") => (0o100_755, ObjectType::Blob),
        Some("120000") => (0o120_000, ObjectType::Blob),
        Some("040000") => (0o040_000, ObjectType::Tree),
        Some("160000") => (0o160_000, ObjectType::Commit),
        _ => return Err(ApiError::unprocessable("Must supply a valid tree.mode")),
    };
    if entry
        .kind
        .as_deref()
        .is_some_and(|kind| kind != expected.str())
    {
        return Err(ApiError::unprocessable("Must supply a valid tree.type"));
    }
    let id = match (&entry.sha, &entry.content) {
        (Some(Some(_)), Some(_)) => {
            return Err(ApiError::unprocessable(
                "Must supply either tree.sha or tree.content, not both",
            ));
        }
        (_, Some(content)) => git.blob(content.as_bytes())?,
        (Some(Some(sha)), None) => existing(git, sha, expected)?,
        _ => {
            return Err(ApiError::unprocessable(
                "Must supply tree.sha or tree.content",
            ));
        }
    };
    Ok((path, Edit::Set(id, mode)))
}

fn existing(git: &git2::Repository, sha: &str, expected: ObjectType) -> Result<Oid, ApiError> {
    let refused =
        || ApiError::unprocessable(format!("tree.sha {sha} is not a valid {}", expected.str()));
    let id = full_oid(sha).ok_or_else(refused)?;
    // A submodule's commit lives elsewhere.
    let found = expected == ObjectType::Commit || git.find_object(id, Some(expected)).is_ok();
    if found { Ok(id) } else { Err(refused()) }
}

fn view(
    call: &Call<'_>,
    git: &git2::Repository,
    tree: Oid,
    recursive: bool,
) -> Result<Value, ApiError> {
    let mut listing = Listing {
        base: call.repository_url("/git")?,
        limit: call.state.tree_limit,
        entries: Vec::new(),
    };
    let whole = listing.add(git, tree, "", recursive)?;
    Ok(json!({
        "sha": tree.to_string(), "url": call.repository_url(&format!("/git/trees/{tree}"))?,
        "tree": listing.entries, "truncated": !whole,
    }))
}

struct Listing {
    base: String,
    limit: usize,
    entries: Vec<Value>,
}

impl Listing {
    /// Adds a tree's entries, depth first; false once the limit is reached.
    fn add(
        &mut self,
        git: &git2::Repository,
        tree: Oid,
        prefix: &str,
        recursive: bool,
    ) -> Result<bool, git2::Error> {
        for entry in &git.find_tree(tree)? {
            if self.entries.len() >= self.limit {
                return Ok(false);
            }
            let path = format!("{prefix}{}", String::from_utf8_lossy(entry.name_bytes()));
            let kind = entry.kind().unwrap_or(ObjectType::Commit);
            let mut view = json!({
                "path": path, "mode": format!("{:06o}", entry.filemode()), "type": kind.str(),
                "sha": entry.id().to_string(),
            });
            if kind != ObjectType::Commit {
                view["url"] = format!("{}/{}s/{}", self.base, kind.str(), entry.id()).into();
            }
            if kind == ObjectType::Blob {
                view["size"] = git.odb()?.read_header(entry.id())?.0.into();
            }
            self.entries.push(view);
            if recursive
                && kind == ObjectType::Tree
                && !self.add(git, entry.id(), &format!("{path}/"), true)?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
