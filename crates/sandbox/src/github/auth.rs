//! Who calls, and what they may do: tokens, scopes, fine-grained permissions, single sign-on.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Method, StatusCode};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;

use super::errors::ApiError;
use super::model::{Repository, State, Token};
use super::rest::Call;
use super::routes::{Denial, Level, Route};
use super::spec::{OrgRole, Permission, TokenKind};

/// The user a token speaks for.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) user: u64,
    token: usize,
}

impl Caller {
    fn token<'s>(&self, state: &'s State) -> Option<&'s Token> {
        state.tokens.get(self.token)
    }
}

/// 401 for a request that needs a user.
pub(crate) fn sign_in() -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, "Requires authentication")
}

fn bad_credentials() -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, "Bad credentials")
}

/// Reads the token out of an `Authorization` header of any scheme that GitHub takes.
pub(crate) fn token_in(header: &str) -> Option<String> {
    let (scheme, value) = header.trim().split_once(' ')?;
    let value = value.trim();
    if scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token") {
        return Some(value.to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
    let (user, password) = pair.split_once(':')?;
    // A token may also stand in the user's place, with nothing or a fixed word as the password.
    let token = if password.is_empty() || password == "x-oauth-basic" {
        user
    } else {
        password
    };
    Some(token.to_owned())
}

/// The caller behind a header: none without a header, 401 where the token is no good.
pub(crate) fn authenticate(
    state: &State,
    header: Option<&str>,
) -> Result<Option<Caller>, ApiError> {
    let Some(header) = header else {
        return Ok(None);
    };
    let secret = token_in(header).ok_or_else(bad_credentials)?;
    let now = Timestamp::now();
    let found = state.tokens.iter().enumerate().find(|(_, token)| {
        token.secret.expose_secret() == secret
            && !token.revoked
            && token.expires.is_none_or(|end| end > now)
    });
    let (index, token) = found.ok_or_else(bad_credentials)?;
    Ok(Some(Caller {
        user: token.user,
        token: index,
    }))
}

/// The headers by which an answer tells what the token is and what the endpoint takes.
pub(crate) fn token_headers(
    state: &State,
    caller: &Caller,
    route: Option<&Route>,
) -> Vec<(&'static str, String)> {
    let Some(token) = caller.token(state) else {
        return Vec::new();
    };
    let mut headers = Vec::new();
    if let TokenKind::Classic { scopes } = &token.kind {
        headers.push(("x-oauth-scopes", scopes.join(", ")));
        let accepted = route.map_or(String::new(), |route| route.access.scopes.join(", "));
        headers.push(("x-accepted-oauth-scopes", accepted));
    }
    if let Some(end) = token.expires {
        let text = end.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
        headers.push(("github-authentication-token-expiration", text));
    }
    headers
}

/// What a user may do with a repository, whatever the token; `None` where it is hidden.
pub(crate) fn permission(
    state: &State,
    user: Option<u64>,
    repository: &Repository,
) -> Option<Permission> {
    let public = (!repository.private).then_some(Permission::Pull);
    let Some(user) = user else {
        return public;
    };
    if repository.owner == user {
        return Some(Permission::Admin);
    }
    let mut best = public.max(repository.collaborators.get(&user).copied());
    let owner = state
        .accounts
        .get(&repository.owner)
        .and_then(|owner| owner.organization.as_ref());
    if let Some(organization) = owner {
        best = best.max(match organization.members.get(&user) {
            Some(OrgRole::Owner) => Some(Permission::Admin),
            // The base permission of a new organisation.
            Some(OrgRole::Member) => Some(Permission::Pull),
            None => None,
        });
        let teams = organization
            .teams
            .iter()
            .filter(|team| team.members.contains(&user));
        best = teams
            .filter_map(|team| repository.grants.get(&team.id).copied())
            .map(Some)
            .fold(best, Option::max);
    }
    best
}

/// Whether the token reaches a repository at all, apart from the user's rights.
fn reaches(state: &State, token: &Token, repository: &Repository) -> bool {
    match &token.kind {
        TokenKind::Classic { scopes } => !repository.private || has(scopes, "repo"),
        TokenKind::FineGrained {
            owner,
            repositories,
            ..
        } => {
            let selected = repositories.as_ref().is_none_or(|names| {
                names
                    .iter()
                    .any(|name| name.eq_ignore_ascii_case(&repository.name))
            });
            !repository.private
                || (selected && state.login(repository.owner).eq_ignore_ascii_case(owner))
        }
    }
}

fn has(scopes: &[String], scope: &str) -> bool {
    scopes.iter().any(|granted| granted == scope)
}

/// Refuses with 404 where the caller must not learn that the repository exists.
pub(crate) fn require_visible(
    state: &State,
    caller: Option<&Caller>,
    repository: &Repository,
) -> Result<(), ApiError> {
    let token = caller.and_then(|caller| caller.token(state));
    let allowed = permission(state, caller.map(|caller| caller.user), repository).is_some();
    if !allowed || token.is_some_and(|token| !reaches(state, token, repository)) {
        return Err(ApiError::not_found());
    }
    token.map_or(Ok(()), |token| require_sso(state, token, repository.owner))
}

fn require_sso(state: &State, token: &Token, account: u64) -> Result<(), ApiError> {
    let Some(owner) = state.accounts.get(&account) else {
        return Ok(());
    };
    let required = owner
        .organization
        .as_ref()
        .is_some_and(|organization| organization.requires_sso);
    if !required
        || token
            .authorized
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&owner.login))
    {
        return Ok(());
    }
    let page = state.urls.html(&format!(
        "/orgs/{}/sso?authorization_request=A1B2C3",
        owner.login
    ));
    Err(ApiError::forbidden(
        "Resource protected by organization SAML enforcement. You must grant your Personal Access \
         token access to this organization.",
    )
    .header("x-github-sso", format!("required; url={page}")))
}

/// Refuses a call whose user or token has not the rights that its route asks for.
pub(crate) fn authorize(call: &Call<'_>, route: &Route) -> Result<(), ApiError> {
    let access = &route.access;
    if access.level == Level::User {
        call.user()?;
    }
    if call.repository.is_some() {
        require_visible(call.state, call.caller.as_ref(), call.repository()?)?;
    } else if let Some(token) = call
        .caller
        .as_ref()
        .and_then(|caller| caller.token(call.state))
        && let Some(organization) = call.state.account(call.parameter("org"))
    {
        require_sso(call.state, token, organization.id)?;
    }
    let Level::Repository(needed) = access.level else {
        return authorize_token(call, route);
    };
    let repository = call.repository()?;
    if call.caller.is_none() && (needed > Permission::Pull || access.writes()) {
        return Err(sign_in());
    }
    if call
        .permission()
        .is_none_or(|permission| permission < needed)
    {
        return Err(denied(access.denial));
    }
    authorize_token(call, route)?;
    if access.writes() && repository.archived && !unarchives(call) {
        return Err(ApiError::forbidden(
            "Repository was archived so is read-only.",
        ));
    }
    Ok(())
}

/// An archived repository may still be deleted, and its settings opened to unarchive it.
fn unarchives(call: &Call<'_>) -> bool {
    let whole = call.request.path.trim_end_matches('/').split('/').count() <= 4;
    whole && (call.request.method == Method::PATCH || call.request.method == Method::DELETE)
}

fn denied(denial: Denial) -> ApiError {
    match denial {
        Denial::Hidden => ApiError::not_found(),
        Denial::AdminRights => ApiError::forbidden("Must have admin rights to Repository."),
    }
}

fn authorize_token(call: &Call<'_>, route: &Route) -> Result<(), ApiError> {
    let Some(token) = call
        .caller
        .as_ref()
        .and_then(|caller| caller.token(call.state))
    else {
        return Ok(());
    };
    let access = &route.access;
    let repository = call.repository().ok();
    let public = repository.is_some_and(|repository| !repository.private);
    match &token.kind {
        TokenKind::Classic { scopes } => {
            let read =
                public && !access.writes() && access.level == Level::Repository(Permission::Pull);
            let suits = |wanted: &&str| {
                has(scopes, wanted) || (public && has(scopes, "public_repo") && *wanted == "repo")
            };
            if read || access.scopes.is_empty() || access.scopes.iter().any(suits) {
                return Ok(());
            }
            Err(denied(access.denial))
        }
        TokenKind::FineGrained { .. } => {
            let (name, level) = access.fine;
            let read = public
                && level == "read"
                && matches!(name, "metadata" | "contents" | "pull_requests");
            if read
                || name.is_empty()
                || grants(
                    call.state,
                    token,
                    repository,
                    access.fine,
                    call.parameter("org"),
                )
            {
                return Ok(());
            }
            Err(
                ApiError::forbidden("Resource not accessible by personal access token")
                    .header("x-accepted-github-permissions", format!("{name}={level}")),
            )
        }
    }
}

/// Whether a fine-grained token holds a permission where it is asked for.
fn grants(
    state: &State,
    token: &Token,
    repository: Option<&Repository>,
    (name, level): (&str, &str),
    organization: &str,
) -> bool {
    let TokenKind::FineGrained {
        owner,
        repositories,
        permissions,
    } = &token.kind
    else {
        return false;
    };
    let account = match repository {
        Some(repository) => state.login(repository.owner),
        None if organization.is_empty() => state.login(token.user),
        None => organization,
    };
    let selected = repository.is_none_or(|repository| {
        let named = |names: &Vec<String>| {
            names
                .iter()
                .any(|one| one.eq_ignore_ascii_case(&repository.name))
        };
        repositories.as_ref().is_none_or(named)
    });
    let held = permissions.get(name).map(String::as_str);
    // Every fine-grained token reads metadata.
    let enough = name == "metadata" || held == Some("write") || held == Some(level);
    account.eq_ignore_ascii_case(owner) && selected && enough
}

/// Whether the caller's token lets Git fetch (`write` false) or push.
pub(crate) fn git_token(
    state: &State,
    caller: &Caller,
    repository: &Repository,
    write: bool,
) -> bool {
    let Some(token) = caller.token(state) else {
        return false;
    };
    match &token.kind {
        TokenKind::Classic { scopes } => {
            has(scopes, "repo") || (!repository.private && (!write || has(scopes, "public_repo")))
        }
        TokenKind::FineGrained { .. } => {
            let level = if write { "write" } else { "read" };
            (!repository.private && !write)
                || grants(state, token, Some(repository), ("contents", level), "")
        }
    }
}
