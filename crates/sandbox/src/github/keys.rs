//! Deploy keys.

use jiff::Timestamp;
use russh::keys::PublicKey;
use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::ApiError;
use super::page::paginate;
use super::reply::Reply;
use super::rest::Call;
use super::spec::DeployKey;

/// `GET /repos/{owner}/{repo}/keys`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let keys = call.repository()?.keys.clone();
    let views: Result<Vec<Value>, ApiError> = keys.iter().map(|key| view(call, key)).collect();
    Ok(paginate(call, views?))
}

/// `GET /repos/{owner}/{repo}/keys/{key_id}`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let id = call
        .parameter("key_id")
        .parse::<u64>()
        .map_err(|_| ApiError::not_found())?;
    let key = call
        .repository()?
        .keys
        .iter()
        .find(|key| key.id == id)
        .cloned();
    Ok(Reply::ok(view(
        call,
        &key.ok_or_else(ApiError::not_found)?,
    )?))
}

#[derive(Deserialize)]
struct Create {
    title: Option<String>,
    key: Option<String>,
    #[serde(default)]
    read_only: bool,
}

/// `POST /repos/{owner}/{repo}/keys`
pub(crate) fn create(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let body: Create = call.body()?;
    let text = body
        .key
        .ok_or_else(|| ApiError::coded("PublicKey", "key", "missing_field"))?;
    let key = normalized(&text).ok_or_else(|| {
        ApiError::invalid(
            "PublicKey",
            "key",
            "key is invalid. You must supply a key in OpenSSH public key format",
        )
    })?;
    if call.repository()?.keys_disabled {
        return Err(ApiError::unprocessable(
            "Deploy keys are disabled for this repository",
        ));
    }
    // A key opens one repository only, on the whole server.
    if call
        .state
        .repositories
        .values()
        .flat_map(|one| &one.keys)
        .any(|other| other.key == key)
    {
        return Err(ApiError::invalid(
            "PublicKey",
            "key",
            "key is already in use",
        ));
    }
    let added_by = call.state.login(call.user()?).to_owned();
    let id = call.state.fresh_id();
    let title = body.title.unwrap_or_else(|| key.chars().take(20).collect());
    let key = DeployKey {
        id,
        title,
        key,
        read_only: body.read_only,
        added_by,
        created: Timestamp::now(),
    };
    let view = view(call, &key)?;
    call.repository_mut()?.keys.push(key);
    Ok(Reply::created(view))
}

/// `DELETE /repos/{owner}/{repo}/keys/{key_id}`
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let id = call
        .parameter("key_id")
        .parse::<u64>()
        .map_err(|_| ApiError::not_found())?;
    let keys = &mut call.repository_mut()?.keys;
    let place = keys
        .iter()
        .position(|key| key.id == id)
        .ok_or_else(ApiError::not_found)?;
    keys.remove(place);
    Ok(Reply::no_content())
}

/// Algorithm and base64 text of a public key, without its comment.
pub(crate) fn normalized(text: &str) -> Option<String> {
    let text = PublicKey::from_openssh(text.trim())
        .ok()?
        .to_openssh()
        .ok()?;
    let mut words = text.split_whitespace();
    Some(format!("{} {}", words.next()?, words.next()?))
}

fn view(call: &Call<'_>, key: &DeployKey) -> Result<Value, ApiError> {
    Ok(json!({
        "id": key.id, "key": key.key, "title": key.title, "read_only": key.read_only,
        "url": call.repository_url(&format!("/keys/{}", key.id))?, "verified": true,
        "created_at": key.created.strftime("%FT%TZ").to_string(),
        "added_by": key.added_by, "last_used": null, "enabled": true,
    }))
}
