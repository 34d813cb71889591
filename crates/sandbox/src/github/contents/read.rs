//! `GET /repos/{owner}/{repo}/contents/{path}`

use std::path::Path;

use git2::{ObjectType, Oid};
use http::StatusCode;
use serde_json::{Value, json};

use crate::github::errors::ApiError;
use crate::github::git_data::blobs::wrapped;
use crate::github::objects;
use crate::github::reply::Reply;
use crate::github::rest::Call;

/// The largest file whose text an answer holds.
const INLINE: usize = 1024 * 1024;

/// What stands at a path.
struct Item<'a> {
    path: &'a str,
    id: Oid,
    kind: ObjectType,
    mode: i32,
    /// The branch, tag or commit asked for.
    at: &'a str,
}

/// `GET /repos/{owner}/{repo}/contents/{path}`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let git = call.git()?;
    if objects::is_empty(&git)? {
        return Err(ApiError::new(
            StatusCode::NOT_FOUND,
            "This repository is empty.",
        ));
    }
    let at = call
        .query("ref")
        .unwrap_or(&call.repository()?.default_branch)
        .to_owned();
    let commit = objects::resolve(&git, &at).ok_or_else(|| {
        ApiError::new(
            StatusCode::NOT_FOUND,
            format!("No commit found for the ref {at}"),
        )
    })?;
    let root = git.find_commit(commit)?.tree()?;
    let path = call.parameter("path");
    if path.is_empty() {
        return directory(call, &git, root.id(), "", &at);
    }
    let entry = root
        .get_path(Path::new(path))
        .map_err(|_| ApiError::not_found())?;
    let kind = entry.kind().unwrap_or(ObjectType::Commit);
    if kind == ObjectType::Tree {
        return directory(call, &git, entry.id(), path, &at);
    }
    if kind == ObjectType::Blob && call.request.accept.contains("raw") {
        let bytes = git.find_blob(entry.id())?.content().to_vec();
        return Ok(Reply::bytes(
            "application/vnd.github.raw; charset=utf-8",
            bytes,
        ));
    }
    let item = Item {
        path,
        id: entry.id(),
        kind,
        mode: entry.filemode(),
        at: &at,
    };
    Ok(Reply::ok(view(call, &git, &item, true)?))
}

fn directory(
    call: &Call<'_>,
    git: &git2::Repository,
    tree: Oid,
    path: &str,
    at: &str,
) -> Result<Reply, ApiError> {
    let mut views = Vec::new();
    for entry in &git.find_tree(tree)? {
        let name = String::from_utf8_lossy(entry.name_bytes());
        let path = if path.is_empty() {
            name.into_owned()
        } else {
            format!("{path}/{name}")
        };
        let kind = entry.kind().unwrap_or(ObjectType::Commit);
        let item = Item {
            path: &path,
            id: entry.id(),
            kind,
            mode: entry.filemode(),
            at,
        };
        views.push(view(call, git, &item, false)?);
    }
    if !call.request.accept.contains("object") {
        return Ok(Reply::ok(views.into()));
    }
    let item = Item {
        path,
        id: tree,
        kind: ObjectType::Tree,
        mode: 0o040_000,
        at,
    };
    let mut body = view(call, git, &item, false)?;
    body["entries"] = views.into();
    Ok(Reply::ok(body))
}

/// A file at a commit, as `PUT` and `DELETE` show it.
pub(crate) fn file_view(
    call: &Call<'_>,
    git: &git2::Repository,
    path: &str,
    id: Oid,
    at: &str,
) -> Result<Value, ApiError> {
    view(
        call,
        git,
        &Item {
            path,
            id,
            kind: ObjectType::Blob,
            mode: 0o100_644,
            at,
        },
        false,
    )
}

fn view(
    call: &Call<'_>,
    git: &git2::Repository,
    item: &Item<'_>,
    text: bool,
) -> Result<Value, ApiError> {
    let Item { path, id, at, .. } = item;
    let (kind, objects, pages) = match (item.kind, item.mode) {
        (ObjectType::Tree, _) => ("dir", "trees", "tree"),
        (ObjectType::Blob, 0o120_000) => ("symlink", "blobs", "blob"),
        (ObjectType::Blob, _) => ("file", "blobs", "blob"),
        _ => ("submodule", "trees", "tree"),
    };
    let name = path.rsplit('/').next().unwrap_or_default();
    let url = call.repository_url(&format!("/contents/{path}?ref={at}"))?;
    let object = call.repository_url(&format!("/git/{objects}/{id}"))?;
    let page = call.page_url(&format!("/{pages}/{at}/{path}"))?;
    let blob = if item.kind == ObjectType::Blob {
        Some(git.find_blob(*id)?)
    } else {
        None
    };
    let raw = call.page_url(&format!("/raw/{at}/{path}"))?;
    let mut body = json!({
        "name": name, "path": path, "sha": id.to_string(), "type": kind,
        "size": blob.as_ref().map_or(0, git2::Blob::size),
        "url": url, "html_url": page, "git_url": object,
        "download_url": blob.as_ref().map(|_| raw),
        "_links": { "self": url, "git": object, "html": page },
    });
    match blob {
        Some(blob) if kind == "symlink" && text => {
            body["target"] = String::from_utf8_lossy(blob.content()).into();
        }
        Some(blob) if text => {
            let inline = blob.size() <= INLINE;
            body["encoding"] = if inline { "base64" } else { "none" }.into();
            body["content"] = if inline {
                wrapped(blob.content())
            } else {
                String::new()
            }
            .into();
        }
        None if kind == "submodule" => body["submodule_git_url"] = Value::Null,
        _ => {}
    }
    Ok(body)
}
