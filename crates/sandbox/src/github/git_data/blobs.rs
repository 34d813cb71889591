//! Blobs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;

use super::requested_oid;
use crate::github::errors::ApiError;
use crate::github::reply::Reply;
use crate::github::rest::Call;
use crate::github::view::node_id;

#[derive(Deserialize)]
struct Create {
    content: Option<String>,
    encoding: Option<String>,
}

/// `POST /repos/{owner}/{repo}/git/blobs`
pub(crate) fn create(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let git = call.filled_git()?;
    let body: Create = call.body()?;
    let content = body.content.ok_or_else(|| {
        ApiError::unprocessable("Invalid request.\n\n\"content\" wasn't supplied.")
    })?;
    let bytes = match body.encoding.as_deref().unwrap_or("utf-8") {
        "base64" => {
            decode(&content).ok_or_else(|| ApiError::coded("Blob", "content", "invalid"))?
        }
        "utf-8" | "utf8" => content.into_bytes(),
        _ => return Err(ApiError::coded("Blob", "encoding", "invalid")),
    };
    let id = git.blob(&bytes)?;
    let url = call.repository_url(&format!("/git/blobs/{id}"))?;
    Ok(Reply::created(json!({ "url": url, "sha": id.to_string() })))
}

/// `GET /repos/{owner}/{repo}/git/blobs/{file_sha}`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let git = call.filled_git()?;
    let id = requested_oid(call.parameter("file_sha"))?;
    let blob = git.find_blob(id).map_err(|_| ApiError::not_found())?;
    if call.request.accept.contains("raw") {
        return Ok(Reply::bytes(
            "application/vnd.github.raw",
            blob.content().to_vec(),
        ));
    }
    let name = call.state.full_name(call.repository()?);
    Ok(Reply::ok(json!({
        "sha": id.to_string(), "node_id": node_id("Blob", format_args!("{name}:{id}")),
        "size": blob.size(), "url": call.repository_url(&format!("/git/blobs/{id}"))?,
        "content": wrapped(blob.content()), "encoding": "base64",
    })))
}

/// Base64 in lines of sixty letters, each ended.
pub(crate) fn wrapped(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let mut lines = String::with_capacity(text.len() + text.len() / 60 + 1);
    for (index, letter) in text.chars().enumerate() {
        if index > 0 && index % 60 == 0 {
            lines.push('\n');
        }
        lines.push(letter);
    }
    if !lines.is_empty() {
        lines.push('\n');
    }
    lines
}

/// Reads base64 that may be in lines.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let text: String = text
        .chars()
        .filter(|letter| !letter.is_ascii_whitespace())
        .collect();
    STANDARD.decode(text).ok()
}
