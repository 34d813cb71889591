//! `/user`, `/users/{username}`, `/meta`, `/rate_limit`.

use serde_json::{Map, Value, json};

use super::errors::ApiError;
use super::reply::Reply;
use super::rest::{ANONYMOUS, Call};
use super::view;

/// `GET /meta`
pub(crate) fn meta(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let keys: Vec<&str> = call
        .state
        .host_keys
        .iter()
        .map(|key| key.public.as_str())
        .collect();
    let prints: Map<String, Value> = call
        .state
        .host_keys
        .iter()
        .map(|key| (key.label.to_owned(), key.fingerprint.clone().into()))
        .collect();
    Ok(Reply::ok(json!({
        "verifiable_password_authentication": false, "installed_version": "3.19.0",
        "ssh_key_fingerprints": prints, "ssh_keys": keys,
        "git": ["127.0.0.1/32"], "web": ["127.0.0.1/32"], "api": ["127.0.0.1/32"],
    })))
}

/// `GET /rate_limit`
pub(crate) fn rate_limit(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = call
        .caller
        .as_ref()
        .map(|caller| format!("user ID {}", caller.user));
    let who = user.unwrap_or_else(|| ANONYMOUS.to_owned());
    Ok(Reply::ok(call.state.limits.overview(&who)))
}

/// `GET /user`
pub(crate) fn current(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = call.user()?;
    let account = call
        .state
        .accounts
        .get(&user)
        .ok_or_else(ApiError::not_found)?;
    Ok(Reply::ok(view::user(call.state, account, true)))
}

/// `GET /users/{username}`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let account = call
        .state
        .account(call.parameter("username"))
        .ok_or_else(ApiError::not_found)?;
    Ok(Reply::ok(view::user(call.state, account, false)))
}
