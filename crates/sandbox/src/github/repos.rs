//! Repositories: create, read, change, delete.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::ApiError;
use super::model::{Repository, State};
use super::objects::{self, NewCommit, Person};
use super::page::paginate;
use super::reply::Reply;
use super::rest::Call;
use super::spec::{OrgRole, Permission};
use super::{auth, orgs, view};

/// Settings that are on or off, and how they start.
const SWITCHES: &[(&str, bool)] = &[
    ("has_issues", true),
    ("has_projects", true),
    ("has_wiki", true),
    ("has_discussions", false),
    ("allow_merge_commit", true),
    ("allow_squash_merge", true),
    ("allow_auto_merge", false),
    ("allow_update_branch", false),
    ("delete_branch_on_merge", false),
];

/// What a repository starts with.
#[derive(Debug, Default)]
pub(crate) struct NewRepository {
    pub(crate) name: String,
    pub(crate) private: bool,
    pub(crate) description: Option<String>,
    pub(crate) default_branch: Option<String>,
}

/// Makes a repository and its bare directory.
pub(crate) fn create(
    state: &mut State,
    owner: u64,
    new: NewRepository,
) -> Result<u64, git2::Error> {
    let id = state.fresh_id();
    let path = state.root.join("repositories").join(format!("{id}.git"));
    let branch = new.default_branch.unwrap_or_else(|| "main".to_owned());
    objects::init(&path, &branch, &state.root.join("hooks"))?;
    let now = Timestamp::now();
    let former = format!("{}/{}", state.login(owner), new.name).to_lowercase();
    state.renamed.remove(&former);
    state.repositories.insert(
        id,
        Repository {
            id,
            owner,
            name: new.name,
            path,
            private: new.private,
            description: new.description,
            homepage: None,
            default_branch: branch,
            archived: false,
            created: now,
            updated: now,
            pushed: now,
            switches: SWITCHES.iter().copied().collect(),
            collaborators: BTreeMap::new(),
            grants: BTreeMap::new(),
            keys: Vec::new(),
            keys_disabled: false,
            protections: BTreeMap::new(),
            rules: Vec::new(),
            pulls: Vec::new(),
        },
    );
    Ok(id)
}

#[derive(Deserialize)]
struct Create {
    name: Option<String>,
    description: Option<String>,
    private: Option<bool>,
    visibility: Option<String>,
    #[serde(default)]
    auto_init: bool,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

/// `POST /user/repos`
pub(crate) fn create_own(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let owner = call.user()?;
    create_for(call, owner)
}

/// `POST /orgs/{org}/repos`
pub(crate) fn create_in_organization(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let (account, organization) = call
        .state
        .organization(call.parameter("org"))
        .ok_or_else(ApiError::not_found)?;
    let (owner, closed) = (account.id, organization.closed);
    let user = call.user()?;
    match orgs::role_of(call, user) {
        Some(OrgRole::Owner) => create_for(call, owner),
        Some(OrgRole::Member) if !closed => create_for(call, owner),
        _ => Err(ApiError::forbidden(
            "You need admin access to the organization before adding a repository to it.",
        )),
    }
}

fn create_for(call: &mut Call<'_>, owner: u64) -> Result<Reply, ApiError> {
    let body: Create = call.body()?;
    let name = body.name.filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| ApiError::coded("Repository", "name", "missing_field"))?;
    let name = sanitized(name.trim_end_matches(".git"));
    if call
        .state
        .repository(call.state.login(owner), &name)
        .is_some()
    {
        return Err(
            ApiError::unprocessable("Repository creation failed.").detail(json!({
                "resource": "Repository", "code": "custom", "field": "name",
                "message": "name already exists on this account",
            })),
        );
    }
    let private = match body.visibility.as_deref() {
        Some("public") => false,
        Some(_) => true,
        None => body.private.unwrap_or(false),
    };
    let description = body.description.clone();
    let new = NewRepository {
        name: name.clone(),
        private,
        description,
        default_branch: None,
    };
    let id = create(call.state, owner, new)?;
    call.repository = Some(id);
    let user = call.user()?;
    let repository = call.repository_mut()?;
    set_switches(repository, &body.rest);
    // Who creates a repository administers it, whoever owns it.
    repository.collaborators.insert(user, Permission::Admin);
    if body.auto_init {
        initialize(call, &name, body.description.as_deref())?;
    }
    Ok(Reply::created(view::full_repository(
        call.state,
        call.repository()?,
        Some(user),
    )))
}

/// The characters GitHub keeps; runs of others become one dash.
fn sanitized(name: &str) -> String {
    let mut clean = String::new();
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.') {
            clean.push(letter);
        } else if !clean.ends_with('-') {
            clean.push('-');
        }
    }
    clean
}

/// The first commit of `auto_init`: a README.
fn initialize(call: &mut Call<'_>, name: &str, description: Option<&str>) -> Result<(), ApiError> {
    let git = call.git()?;
    let text = description.map_or_else(|| format!("# {name}"), |more| format!("# {name}\n{more}"));
    let blob = git.blob(text.as_bytes())?;
    let mut tree = git.treebuilder(None)?;
    tree.insert("README.md", blob, 0o100_644)?;
    let person = Person::of(call.state, call.user()?);
    let commit = NewCommit {
        tree: tree.write()?,
        parents: Vec::new(),
        author: person.clone(),
        committer: person,
        message: "Initial commit".to_owned(),
        signature: None,
    };
    let id = objects::write_commit(&git, &commit)?;
    let branch = call.repository()?.default_branch.clone();
    git.reference(&format!("refs/heads/{branch}"), id, true, "initial commit")?;
    Ok(())
}

fn set_switches(repository: &mut Repository, wanted: &BTreeMap<String, Value>) {
    for (name, on) in &mut repository.switches {
        if let Some(Value::Bool(value)) = wanted.get(*name) {
            *on = *value;
        }
    }
}

/// `GET /repos/{owner}/{repo}`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let viewer = call.caller.as_ref().map(|caller| caller.user);
    Ok(Reply::ok(view::full_repository(
        call.state,
        call.repository()?,
        viewer,
    )))
}

/// `GET /user/repos`
pub(crate) fn list_own(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = call.user()?;
    let mine = |one: &&Repository| {
        auth::require_visible(call.state, call.caller.as_ref(), one).is_ok()
            && auth::permission(call.state, Some(user), one) > Some(Permission::Pull)
    };
    let items = call.state.repositories.values().filter(mine);
    let items = items
        .map(|one| view::repository(call.state, one, Some(user)))
        .collect();
    Ok(paginate(call, items))
}

/// `GET /orgs/{org}/repos`
pub(crate) fn list_organization(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let (account, _) = call
        .state
        .organization(call.parameter("org"))
        .ok_or_else(ApiError::not_found)?;
    let viewer = call.caller.as_ref().map(|caller| caller.user);
    let shown = |one: &&Repository| {
        one.owner == account.id
            && auth::require_visible(call.state, call.caller.as_ref(), one).is_ok()
    };
    let items = call.state.repositories.values().filter(shown);
    let items = items
        .map(|one| view::repository(call.state, one, viewer))
        .collect();
    Ok(paginate(call, items))
}

#[derive(Deserialize)]
struct Update {
    name: Option<String>,
    description: Option<String>,
    homepage: Option<String>,
    private: Option<bool>,
    visibility: Option<String>,
    default_branch: Option<String>,
    archived: Option<bool>,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

/// `PATCH /repos/{owner}/{repo}`
pub(crate) fn update(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let body: Update = call.body()?;
    if call.repository()?.archived && body.archived != Some(false) {
        return Err(ApiError::forbidden(
            "Repository was archived so is read-only.",
        ));
    }
    if let Some(branch) = &body.default_branch {
        change_default_branch(call, branch)?;
    }
    if let Some(name) = &body.name {
        let id = call.repository()?.id;
        if !rename(call.state, id, name) {
            return Err(
                ApiError::unprocessable("Repository update failed.").detail(json!({
                    "resource": "Repository", "code": "custom", "field": "name",
                    "message": "name already exists on this account",
                })),
            );
        }
    }
    let repository = call.repository_mut()?;
    set_switches(repository, &body.rest);
    repository.description = body.description.or(repository.description.take());
    repository.homepage = body.homepage.or(repository.homepage.take());
    repository.archived = body.archived.unwrap_or(repository.archived);
    let named = body.visibility.map(|visibility| visibility != "public");
    repository.private = named.or(body.private).unwrap_or(repository.private);
    repository.updated = Timestamp::now();
    get(call)
}

fn change_default_branch(call: &mut Call<'_>, branch: &str) -> Result<(), ApiError> {
    let git = call.git()?;
    let full = format!("refs/heads/{branch}");
    if git.find_reference(&full).is_err() {
        let message = if objects::is_empty(&git)? {
            "Cannot update default branch for an empty repository. Please init the repository and push first."
                .to_owned()
        } else {
            format!(
                "The branch {branch} was not found. Please push that ref first or create it via the Git Data API."
            )
        };
        return Err(ApiError::unprocessable("Validation Failed").detail(json!({
            "resource": "Repository", "code": "invalid", "field": "default_branch", "message": message,
        })));
    }
    git.set_head(&full)?;
    call.repository_mut()?.default_branch = branch.to_owned();
    Ok(())
}

/// Renames a repository, leaving a redirect; false where the name is taken.
pub(crate) fn rename(state: &mut State, id: u64, name: &str) -> bool {
    let Some(repository) = state.repositories.get(&id) else {
        return false;
    };
    if repository.name == name {
        return true;
    }
    let owner = state.login(repository.owner).to_owned();
    if state
        .repository(&owner, name)
        .is_some_and(|other| other.id != id)
    {
        return false;
    }
    let former = format!("{owner}/{}", repository.name).to_lowercase();
    state
        .renamed
        .remove(&format!("{owner}/{name}").to_lowercase());
    state.renamed.insert(former, id);
    if let Some(repository) = state.repositories.get_mut(&id) {
        repository.name = name.to_owned();
    }
    true
}

/// `DELETE /repos/{owner}/{repo}`
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let id = call.repository()?.id;
    remove_directory(&call.repository()?.path)?;
    call.state.repositories.remove(&id);
    call.state.renamed.retain(|_, target| *target != id);
    Ok(Reply::no_content())
}

fn remove_directory(path: &Path) -> Result<(), ApiError> {
    fs_err::remove_dir_all(path)
        .map_err(|error| ApiError::new(http::StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

/// `GET /repos/{owner}/{repo}/collaborators/{username}/permission`
pub(crate) fn collaborator(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = call
        .state
        .account(call.parameter("username"))
        .ok_or_else(ApiError::not_found)?
        .id;
    let repository = call.repository()?;
    let owner = call.state.accounts.get(&repository.owner);
    let member = owner
        .and_then(|owner| owner.organization.as_ref())
        .map(|one| one.members.get(&user));
    let held = match member {
        Some(Some(OrgRole::Owner)) => Some(Permission::Admin),
        _ => auth::permission(call.state, Some(user), repository),
    };
    let role = held.map_or("none", Permission::role_name);
    // The older field knows four words only.
    let permission = match role {
        "maintain" => "write",
        "triage" => "read",
        other => other,
    };
    let mut user = view::simple_user(call.state, user);
    user["permissions"] = view::permissions(held);
    user["role_name"] = role.into();
    Ok(Reply::ok(
        json!({ "permission": permission, "role_name": role, "user": user }),
    ))
}
