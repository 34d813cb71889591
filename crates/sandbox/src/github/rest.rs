//! From a REST request to its answer: authentication, limits, route, access, handler.

use std::collections::BTreeMap;

use http::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::auth::{self, Caller};
use super::errors::ApiError;
use super::model::{Repository, State};
use super::reply::Reply;
use super::routes::{ROUTES, Route};
use super::spec::Permission;

/// A REST request, read whole.
#[derive(Clone, Debug)]
pub(crate) struct ApiRequest {
    pub(crate) method: Method,
    /// Below `/api/v3`, still percent-encoded.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) authorization: Option<String>,
    pub(crate) accept: String,
    pub(crate) body: Vec<u8>,
}

/// Whose allowance a request without a token uses.
pub(crate) const ANONYMOUS: &str = "127.0.0.1";

/// One request on its way through a handler.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) request: &'a ApiRequest,
    pub(crate) caller: Option<Caller>,
    /// The repository that the path names, when it names one.
    pub(crate) repository: Option<u64>,
    parameters: BTreeMap<&'static str, String>,
}

impl Call<'_> {
    /// A part of the path, decoded; empty where the route has none of that name.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// A query parameter.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let found = self.request.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as JSON: 400 where it is none, 422 where its fields are not of the right type.
    pub(crate) fn body<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let bytes: &[u8] = if self.request.body.is_empty() {
            b"{}"
        } else {
            &self.request.body
        };
        let value: Value = serde_json::from_slice(bytes)
            .map_err(|_| ApiError::new(StatusCode::BAD_REQUEST, "Problems parsing JSON"))?;
        serde_json::from_value(value)
            .map_err(|error| ApiError::unprocessable(format!("Invalid request.\n\n{error}.")))
    }

    /// The repository in the path.
    pub(crate) fn repository(&self) -> Result<&Repository, ApiError> {
        let found = self
            .repository
            .and_then(|id| self.state.repositories.get(&id));
        found.ok_or_else(ApiError::not_found)
    }

    /// The repository in the path, to change its settings.
    pub(crate) fn repository_mut(&mut self) -> Result<&mut Repository, ApiError> {
        let found = self
            .repository
            .and_then(|id| self.state.repositories.get_mut(&id));
        found.ok_or_else(ApiError::not_found)
    }

    /// The objects of the repository in the path.
    pub(crate) fn git(&self) -> Result<git2::Repository, ApiError> {
        Ok(git2::Repository::open_bare(&self.repository()?.path)?)
    }

    /// The objects of the repository in the path; 409 where it has no branch yet.
    pub(crate) fn filled_git(&self) -> Result<git2::Repository, ApiError> {
        let git = self.git()?;
        if super::objects::is_empty(&git)? {
            return Err(ApiError::empty_repository());
        }
        Ok(git)
    }

    /// The signed-in user.
    pub(crate) fn user(&self) -> Result<u64, ApiError> {
        self.caller
            .as_ref()
            .map(|caller| caller.user)
            .ok_or_else(auth::sign_in)
    }

    /// What the signed-in user may do with the repository in the path.
    pub(crate) fn permission(&self) -> Option<Permission> {
        let user = self.caller.as_ref().map(|caller| caller.user);
        auth::permission(self.state, user, self.repository().ok()?)
    }

    /// The address of a REST path below the repository's.
    pub(crate) fn repository_url(&self, rest: &str) -> Result<String, ApiError> {
        let name = self.state.full_name(self.repository()?);
        Ok(self.state.urls.api(&format!("/repos/{name}{rest}")))
    }

    /// The address of a page below the repository's.
    pub(crate) fn page_url(&self, rest: &str) -> Result<String, ApiError> {
        let name = self.state.full_name(self.repository()?);
        Ok(self.state.urls.html(&format!("/{name}{rest}")))
    }
}

/// The endpoint that a request is for, as the description writes its path.
pub(crate) fn template(state: &State, method: &Method, path: &str) -> Option<&'static str> {
    route(state, method, path).map(|route| route.template)
}

fn route(state: &State, method: &Method, path: &str) -> Option<&'static Route> {
    let path = by_number(state, path).ok()?;
    find(method, &path).ok().map(|(route, _)| route)
}

/// Answers one request.
pub(crate) fn answer(state: &mut State, request: &ApiRequest) -> Reply {
    let caller = match auth::authenticate(state, request.authorization.as_deref()) {
        Ok(caller) => caller,
        Err(refusal) => {
            let mut reply = refusal.into_reply("");
            reply.headers.extend(state.limits.headers(ANONYMOUS));
            return reply;
        }
    };
    let user = caller
        .as_ref()
        .map(|caller| format!("user ID {}", caller.user));
    let who = user.unwrap_or_else(|| ANONYMOUS.to_owned());
    let mut reply = admitted(state, request, caller.clone(), &who);
    reply.headers.extend(state.limits.headers(&who));
    if let Some(caller) = &caller {
        let route = route(state, &request.method, &request.path);
        reply
            .headers
            .extend(auth::token_headers(state, caller, route));
    }
    reply
}

fn admitted(state: &mut State, request: &ApiRequest, caller: Option<Caller>, who: &str) -> Reply {
    if request.path != "/rate_limit"
        && let Err(refusal) = state.limits.admit(who)
    {
        return refusal.into_reply("");
    }
    let found = by_number(state, &request.path).and_then(|path| find(&request.method, &path));
    match found {
        Err(refusal) => refusal.into_reply(""),
        Ok((route, parameters)) => {
            let mut call = Call {
                state,
                request,
                caller,
                repository: None,
                parameters,
            };
            handle(&mut call, route).unwrap_or_else(|error| error.into_reply(route.docs))
        }
    }
}

fn handle(call: &mut Call<'_>, route: &Route) -> Result<Reply, ApiError> {
    if route.template.starts_with("/repos/{owner}/{repo}")
        && let Some(redirect) = locate(call)?
    {
        return Ok(redirect);
    }
    auth::authorize(call, route)?;
    (route.handler)(call)
}

/// Finds the repository in the path; a former name is answered with a redirect to its number.
fn locate(call: &mut Call<'_>) -> Result<Option<Reply>, ApiError> {
    let (owner, name) = (
        call.parameter("owner").to_owned(),
        call.parameter("repo").to_owned(),
    );
    if let Some(found) = call.state.repository(&owner, &name) {
        call.repository = Some(found.id);
        return Ok(None);
    }
    let former = format!("{owner}/{name}").to_lowercase();
    let id = call
        .state
        .renamed
        .get(&former)
        .copied()
        .ok_or_else(ApiError::not_found)?;
    let moved = call
        .state
        .repositories
        .get(&id)
        .ok_or_else(ApiError::not_found)?;
    auth::require_visible(call.state, call.caller.as_ref(), moved)?;
    let rest = call
        .request
        .path
        .splitn(5, '/')
        .nth(4)
        .map_or(String::new(), |rest| format!("/{rest}"));
    let address = call.state.urls.api(&format!("/repositories/{id}{rest}"));
    let status = if call.request.method == Method::GET || call.request.method == Method::HEAD {
        StatusCode::MOVED_PERMANENTLY
    } else {
        StatusCode::TEMPORARY_REDIRECT
    };
    let body = serde_json::json!({
        "message": "Moved Permanently", "url": address,
        "documentation_url": "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects",
    });
    Ok(Some(Reply::json(status, body).header("location", address)))
}

/// Turns `/repositories/7/keys` into `/repos/owner/name/keys`.
fn by_number(state: &State, path: &str) -> Result<String, ApiError> {
    let Some(rest) = path.strip_prefix("/repositories/") else {
        return Ok(path.to_owned());
    };
    let (number, rest) = rest
        .split_once('/')
        .map_or((rest, String::new()), |(n, r)| (n, format!("/{r}")));
    let id: u64 = number.parse().map_err(|_| ApiError::not_found())?;
    let repository = state
        .repositories
        .get(&id)
        .ok_or_else(ApiError::not_found)?;
    Ok(format!("/repos/{}{rest}", state.full_name(repository)))
}

/// The route for a path and its decoded parameters.
fn find(
    method: &Method,
    path: &str,
) -> Result<(&'static Route, BTreeMap<&'static str, String>), ApiError> {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    for route in ROUTES.iter().filter(|route| route.method == *method) {
        let template: Vec<&'static str> = route.template.split('/').skip(1).collect();
        let mut parameters = BTreeMap::new();
        if matches(&template, &segments, &mut parameters) {
            return Ok((route, parameters));
        }
    }
    Err(ApiError::not_found())
}

/// Names whose value may hold slashes; `path` may also be empty.
const LONG: &[&str] = &["ref", "path", "branch"];

fn matches(
    template: &[&'static str],
    segments: &[&str],
    parameters: &mut BTreeMap<&'static str, String>,
) -> bool {
    let Some((first, template)) = template.split_first() else {
        return segments.is_empty() || segments == [""];
    };
    let Some(name) = first
        .strip_prefix('{')
        .and_then(|name| name.strip_suffix('}'))
    else {
        return segments.split_first().is_some_and(|(segment, segments)| {
            segment == first && matches(template, segments, parameters)
        });
    };
    let least = usize::from(name != "path");
    let most = if LONG.contains(&name) {
        segments.len()
    } else {
        1.min(segments.len())
    };
    for length in (least..=most).rev() {
        let (value, segments) = segments.split_at(length);
        if value.first() != Some(&"") && matches(template, segments, parameters) {
            let value = value.join("/");
            parameters.insert(name, decode(value.trim_end_matches('/')));
            return true;
        }
    }
    // A directory's listing at the root: `/contents` and `/contents/`.
    if name == "path" && segments.iter().all(|segment| segment.is_empty()) {
        parameters.insert(name, String::new());
        return template.is_empty();
    }
    false
}

/// Undoes percent-encoding; a plus sign stays.
fn decode(text: &str) -> String {
    let escaped = text.replace('+', "%2B");
    url::form_urlencoded::parse(format!("x={}", escaped.replace('&', "%26")).as_bytes())
        .next()
        .map_or_else(|| text.to_owned(), |(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, template: &str, name: &str, value: &str) {
        let (route, parameters) = find(&Method::GET, path).map_err(|_| path).unwrap();
        assert_eq!(route.template, template);
        assert_eq!(parameters[name], value);
    }

    #[test]
    fn long_parameters_take_slashes_and_leave_what_follows() {
        let branch = "/repos/{owner}/{repo}/branches/{branch}";
        check("/repos/o/r/branches/a/b", branch, "branch", "a/b");
        check(
            "/repos/o/r/branches/a%2Fb/protection",
            &format!("{branch}/protection"),
            "branch",
            "a/b",
        );
        let contents = "/repos/{owner}/{repo}/contents/{path}";
        check("/repos/o/r/contents/", contents, "path", "");
        check("/repos/o/r/contents", contents, "path", "");
        check("/repos/o/r/contents/a%20b+c/d", contents, "path", "a b+c/d");
        check(
            "/repos/o/r/git/ref/heads/main",
            "/repos/{owner}/{repo}/git/ref/{ref}",
            "ref",
            "heads/main",
        );
    }
}
