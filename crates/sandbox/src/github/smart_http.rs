//! Git over HTTPS: tokens are checked here, the protocol is spoken by `git http-backend`.

use std::path::Path;
use std::process::Stdio;

use http::{Method, StatusCode};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::model::State;
use super::objects;
use super::reply::{Content, Reply};
use super::server::Shared;
use super::spec::Permission;
use super::{auth, protect};

/// A Git request, read whole.
#[derive(Debug)]
pub(crate) struct GitRequest {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) authorization: Option<String>,
    pub(crate) content_type: String,
    pub(crate) content_encoding: String,
    pub(crate) protocol: String,
    pub(crate) body: Vec<u8>,
}

/// A repository, and what is asked of it.
struct Target<'a> {
    owner: &'a str,
    name: &'a str,
    service: &'a str,
}

/// What the door-keeper lets through.
struct Admitted {
    repository: u64,
    path: std::path::PathBuf,
    user: String,
    barriers: String,
    write: bool,
}

fn target(path: &str) -> Option<Target<'_>> {
    let mut parts = path.trim_start_matches('/').splitn(3, '/');
    let (owner, name, service) = (parts.next()?, parts.next()?, parts.next()?);
    let known = matches!(
        service,
        "info/refs" | "git-upload-pack" | "git-receive-pack"
    );
    known.then(|| Target {
        owner,
        name: name.strip_suffix(".git").unwrap_or(name),
        service,
    })
}

/// Answers one Git request.
pub(crate) async fn serve(shared: &Shared, request: GitRequest) -> Reply {
    let admitted = match admit(&shared.state(), &request) {
        Ok(admitted) => admitted,
        Err(refusal) => return refusal,
    };
    match backend(&admitted, &request).await {
        Ok(reply) => {
            if admitted.write && request.method == Method::POST {
                pushed(&mut shared.state(), admitted.repository);
            }
            reply
        }
        Err(error) => Reply::text(StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}")),
    }
}

fn admit(state: &State, request: &GitRequest) -> Result<Admitted, Reply> {
    let hidden = || Reply::text(StatusCode::NOT_FOUND, "Repository not found.");
    let unauthorized = |text: &str| {
        Reply::text(StatusCode::UNAUTHORIZED, text)
            .header("www-authenticate", "Basic realm=\"GitHub\"")
    };
    let target =
        target(&request.path).ok_or_else(|| Reply::text(StatusCode::NOT_FOUND, "Not Found"))?;
    let write =
        target.service == "git-receive-pack" || request.query.contains("service=git-receive-pack");
    let caller = auth::authenticate(state, request.authorization.as_deref()).map_err(|_| {
        unauthorized("Invalid username or token. Password authentication is not supported for Git operations.")
    })?;
    let found = state.repository(target.owner, target.name);
    let Some(repository) = found else {
        let former = format!("{}/{}", target.owner, target.name).to_lowercase();
        let moved = state
            .renamed
            .get(&former)
            .and_then(|id| state.repositories.get(id));
        return Err(match moved {
            Some(moved) => redirect(state, request, &state.full_name(moved), target.service),
            None if caller.is_none() => unauthorized("Repository not found."),
            None => hidden(),
        });
    };
    let user = caller.as_ref().map(|caller| caller.user);
    let held = auth::permission(state, user, repository);
    let Some(caller) = caller else {
        if write || held.is_none() {
            return Err(unauthorized("Authentication required."));
        }
        return Ok(admission(state, repository.id, None, write));
    };
    if held.is_none() || !auth::git_token(state, &caller, repository, false) {
        return Err(hidden());
    }
    let name = state.full_name(repository);
    if write && repository.archived {
        return Err(Reply::text(
            StatusCode::FORBIDDEN,
            "This repository was archived so it is read-only.",
        ));
    }
    if write
        && (held < Some(Permission::Push) || !auth::git_token(state, &caller, repository, true))
    {
        let login = state.login(caller.user);
        return Err(Reply::text(
            StatusCode::FORBIDDEN,
            format!("Permission to {name}.git denied to {login}."),
        ));
    }
    Ok(admission(state, repository.id, Some(caller.user), write))
}

fn admission(state: &State, id: u64, user: Option<u64>, write: bool) -> Admitted {
    let path = state
        .repositories
        .get(&id)
        .map(|one| one.path.clone())
        .unwrap_or_default();
    Admitted {
        repository: id,
        path,
        user: user.map_or_else(String::new, |user| state.login(user).to_owned()),
        barriers: barriers(state, id, user),
        write,
    }
}

fn redirect(state: &State, request: &GitRequest, name: &str, service: &str) -> Reply {
    let query = if request.query.is_empty() {
        String::new()
    } else {
        format!("?{}", request.query)
    };
    let address = state.urls.html(&format!("/{name}.git/{service}{query}"));
    Reply::text(StatusCode::MOVED_PERMANENTLY, "").header("location", address)
}

/// What the update hook must know for a push of `user`, or of a deploy key.
pub(crate) fn barriers(state: &State, id: u64, user: Option<u64>) -> String {
    let Some(repository) = state.repositories.get(&id) else {
        return String::new();
    };
    let mut branches: Vec<String> = repository.protections.keys().cloned().collect();
    branches.extend(repository.rules.iter().map(|rule| rule.pattern.clone()));
    branches.push(repository.default_branch.clone());
    if let Ok(git) = git2::Repository::open_bare(&repository.path)
        && let Ok(references) = git.references_glob("refs/heads/*")
    {
        let names = references
            .flatten()
            .map(|one| String::from_utf8_lossy(one.name_bytes()).into_owned());
        branches
            .extend(names.filter_map(|name| name.strip_prefix("refs/heads/").map(str::to_owned)));
    }
    branches.sort();
    branches.dedup();
    protect::for_hook(state, repository, user, &branches)
}

/// Notes a push; the first branch of a repository becomes its default.
pub(crate) fn pushed(state: &mut State, id: u64) {
    let Some(repository) = state.repositories.get_mut(&id) else {
        return;
    };
    repository.pushed = jiff::Timestamp::now();
    let Ok(git) = git2::Repository::open_bare(&repository.path) else {
        return;
    };
    if objects::branch_tip(&git, &repository.default_branch).is_some() {
        return;
    }
    let first = git
        .references_glob("refs/heads/*")
        .ok()
        .and_then(|mut all| all.next()?.ok());
    if let Some(name) = first.map(|one| String::from_utf8_lossy(one.name_bytes()).into_owned())
        && git.set_head(&name).is_ok()
    {
        repository.default_branch = name.trim_start_matches("refs/heads/").to_owned();
    }
}

/// A `git` that reads no settings but the repository's own.
pub(crate) fn git(home: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("HOME", home);
    for name in [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_NAMESPACE",
    ] {
        command.env_remove(name);
    }
    command.kill_on_drop(true);
    command
}

async fn backend(admitted: &Admitted, request: &GitRequest) -> anyhow::Result<Reply> {
    let target = target(&request.path)
        .ok_or_else(|| anyhow::anyhow!("no Git service at {}", request.path))?;
    let root = admitted.path.parent().unwrap_or(&admitted.path);
    let directory = admitted
        .path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let mut command = git(root);
    command
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("PATH_INFO", format!("/{directory}/{}", target.service))
        .env("REQUEST_METHOD", request.method.as_str())
        .env("QUERY_STRING", &request.query)
        .env("CONTENT_TYPE", &request.content_type)
        .env("CONTENT_LENGTH", request.body.len().to_string())
        .env("HTTP_CONTENT_ENCODING", &request.content_encoding)
        .env("GIT_PROTOCOL", &request.protocol)
        .env("REMOTE_ADDR", "127.0.0.1")
        .env("SANDBOX_BARRIERS", &admitted.barriers)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if !admitted.user.is_empty() {
        command.env("REMOTE_USER", &admitted.user);
    }
    let mut child = command.spawn()?;
    let mut input = child.stdin.take();
    let feed = async {
        if let Some(mut input) = input.take() {
            // The backend may answer without reading to the end.
            let _ = input.write_all(&request.body).await;
        }
    };
    let (output, ()) = tokio::join!(child.wait_with_output(), feed);
    parse(&output?.stdout)
}

/// Splits a CGI answer into its headers and body.
fn parse(output: &[u8]) -> anyhow::Result<Reply> {
    let end = output.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.ok_or_else(|| anyhow::anyhow!("git http-backend gave no answer"))?;
    let head = String::from_utf8_lossy(&output[..end]);
    let mut reply = Reply {
        status: StatusCode::OK,
        headers: Vec::new(),
        content: Content::Empty,
    };
    let mut media_type = String::new();
    for (name, value) in head.lines().filter_map(|line| line.split_once(": ")) {
        match name.to_ascii_lowercase().as_str() {
            "status" => {
                let code = value.split(' ').next().unwrap_or_default();
                reply.status = code.parse().unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            }
            "content-type" => value.clone_into(&mut media_type),
            "expires" => reply.headers.push(("expires", value.to_owned())),
            "pragma" => reply.headers.push(("pragma", value.to_owned())),
            "cache-control" => reply.headers.push(("cache-control", value.to_owned())),
            _ => {}
        }
    }
    reply.content = Content::Bytes(media_type, output[end + 4..].to_vec());
    Ok(reply)
}
