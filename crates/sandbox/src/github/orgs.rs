//! Organisations and memberships.

use serde_json::json;

use super::errors::ApiError;
use super::model::Account;
use super::page::paginate;
use super::reply::Reply;
use super::rest::Call;
use super::spec::OrgRole;
use super::view;

/// `GET /orgs/{org}`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let (account, _) = call
        .state
        .organization(call.parameter("org"))
        .ok_or_else(ApiError::not_found)?;
    Ok(Reply::ok(view::organization(call.state, account)))
}

/// `GET /user/orgs`
pub(crate) fn list_own(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = call.user()?;
    let member = |account: &&Account| {
        account
            .organization
            .as_ref()
            .is_some_and(|one| one.members.contains_key(&user))
    };
    let accounts = call.state.accounts.values().filter(member);
    let items = accounts
        .map(|account| view::simple_organization(call.state, account))
        .collect();
    Ok(paginate(call, items))
}

/// `GET /user/memberships/orgs/{org}`
pub(crate) fn own_membership(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = call.user()?;
    membership_of(call, user)
}

/// `GET /orgs/{org}/memberships/{username}`
pub(crate) fn membership(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    role_of(call, call.user()?).ok_or_else(|| {
        ApiError::forbidden("You must be a member of the organization to see its memberships.")
    })?;
    let user = call
        .state
        .account(call.parameter("username"))
        .ok_or_else(ApiError::not_found)?
        .id;
    membership_of(call, user)
}

/// A user's role in the organisation that the path names.
pub(crate) fn role_of(call: &Call<'_>, user: u64) -> Option<OrgRole> {
    let (_, organization) = call.state.organization(call.parameter("org"))?;
    organization.members.get(&user).copied()
}

fn membership_of(call: &Call<'_>, user: u64) -> Result<Reply, ApiError> {
    let (account, _) = call
        .state
        .organization(call.parameter("org"))
        .ok_or_else(ApiError::not_found)?;
    let role = role_of(call, user).ok_or_else(ApiError::not_found)?;
    let login = call.state.login(user);
    let url = call.state.urls.api(&format!("/orgs/{}", account.login));
    Ok(Reply::ok(json!({
        "url": format!("{url}/memberships/{login}"), "state": "active",
        "role": if role == OrgRole::Owner { "admin" } else { "member" },
        "organization_url": url, "organization": view::simple_organization(call.state, account),
        "user": view::simple_user(call.state, user),
    })))
}
