//! Teams and their grants on repositories.

use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::auth;
use super::errors::ApiError;
use super::model::{Account, Repository, Team};
use super::page::paginate;
use super::reply::Reply;
use super::rest::Call;
use super::spec::{OrgRole, Permission};
use super::{orgs, view};

/// `GET /orgs/{org}/teams`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let (account, organization) = call
        .state
        .organization(call.parameter("org"))
        .ok_or_else(ApiError::not_found)?;
    require_member(call)?;
    let views = organization
        .teams
        .iter()
        .map(|team| view::team(call.state, account, team, Permission::Pull));
    Ok(paginate(call, views.collect()))
}

/// `GET /orgs/{org}/teams/{team_slug}`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let (account, team) = find(call)?;
    require_member(call)?;
    let granted = call
        .state
        .repositories
        .values()
        .filter(|one| one.grants.contains_key(&team.id));
    let mut body = view::team(call.state, account, team, Permission::Pull);
    view::merge(
        &mut body,
        json!({
            "members_count": team.members.len(), "repos_count": granted.count(),
            "created_at": team.created.strftime("%FT%TZ").to_string(),
            "updated_at": team.created.strftime("%FT%TZ").to_string(),
            "organization": view::organization(call.state, account),
        }),
    );
    Ok(Reply::ok(body))
}

/// `GET /orgs/{org}/teams/{team_slug}/members`
pub(crate) fn members(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    require_member(call)?;
    let (_, team) = find(call)?;
    let members = team.members.iter();
    let views = members
        .map(|id| view::simple_user(call.state, *id))
        .collect();
    Ok(paginate(call, views))
}

/// `GET /orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}`
pub(crate) fn check(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    require_member(call)?;
    let (_, team) = find(call)?;
    let repository = find_repository(call)?;
    let granted = repository
        .grants
        .get(&team.id)
        .copied()
        .ok_or_else(ApiError::not_found)?;
    if !call.request.accept.contains("repository+json") {
        return Ok(Reply::no_content());
    }
    let mut body = view::repository(call.state, repository, None);
    body["permissions"] = view::permissions(Some(granted));
    body["role_name"] = granted.role_name().into();
    Ok(Reply::ok(body))
}

#[derive(Deserialize)]
struct Grant {
    permission: Option<String>,
}

/// `PUT /orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}`
pub(crate) fn grant(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let (team, repository) = administered(call)?;
    let name = call
        .body::<Grant>()?
        .permission
        .unwrap_or_else(|| "push".to_owned());
    let permission = Permission::from_grant(&name)
        .ok_or_else(|| ApiError::coded("TeamMember", "permission", "invalid"))?;
    if let Some(repository) = call.state.repositories.get_mut(&repository) {
        repository.grants.insert(team, permission);
    }
    Ok(Reply::no_content())
}

/// `DELETE /orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}`
pub(crate) fn revoke(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let (team, repository) = administered(call)?;
    if let Some(repository) = call.state.repositories.get_mut(&repository) {
        repository.grants.remove(&team);
    }
    Ok(Reply::no_content())
}

/// `GET /repos/{owner}/{repo}/teams`
pub(crate) fn of_repository(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let repository = call.repository()?;
    let views = repository.grants.iter().filter_map(|(id, permission)| {
        let (account, team) = call.state.team(*id)?;
        let mut body = view::team(call.state, account, team, *permission);
        body["permissions"] = view::permissions(Some(*permission));
        Some(body)
    });
    Ok(paginate(call, views.collect()))
}

fn find<'c>(call: &'c Call<'_>) -> Result<(&'c Account, &'c Team), ApiError> {
    let (account, organization) = call
        .state
        .organization(call.parameter("org"))
        .ok_or_else(ApiError::not_found)?;
    let slug = call.parameter("team_slug");
    let team = organization
        .teams
        .iter()
        .find(|team| team.slug.eq_ignore_ascii_case(slug));
    Ok((account, team.ok_or_else(ApiError::not_found)?))
}

fn find_repository<'c>(call: &'c Call<'_>) -> Result<&'c Repository, ApiError> {
    let found = call
        .state
        .repository(call.parameter("owner"), call.parameter("repo"));
    let repository = found.ok_or_else(ApiError::not_found)?;
    auth::require_visible(call.state, call.caller.as_ref(), repository)?;
    Ok(repository)
}

fn require_member(call: &Call<'_>) -> Result<OrgRole, ApiError> {
    orgs::role_of(call, call.user()?).ok_or_else(ApiError::not_found)
}

/// The team and a repository of its organisation that the caller administers.
fn administered(call: &Call<'_>) -> Result<(u64, u64), ApiError> {
    require_member(call)?;
    let (account, team) = find(call)?;
    let repository = find_repository(call)?;
    if repository.owner != account.id {
        return Err(
            ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "Validation Failed").detail(
                json!({ "resource": "TeamMember", "code": "unowned", "field": "repository" }),
            ),
        );
    }
    let user = call.user()?;
    if auth::permission(call.state, Some(user), repository) < Some(Permission::Admin) {
        return Err(ApiError::forbidden("Must have admin rights to Repository."));
    }
    Ok((team.id, repository.id))
}
