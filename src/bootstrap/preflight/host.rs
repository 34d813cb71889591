//! The host's side: token, repository, branch, keys, teams.

use super::super::manifests::{self, File, Texts};
use super::super::plan::Tip;
use super::super::provider::Error as HostError;
use super::super::provider::github::{
    Branch, Client, DeployKey, Entry, EntryKind, Identity, Lookup, Owner, Permission, Repo,
    Repository,
};
use super::super::request::{Auth, Request};
use super::rights;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::manifests::sync;

/// What was found on the host.
pub(super) struct Host {
    pub(super) identity: Identity,
    pub(super) repository: Option<Repository>,
    pub(super) tip: Tip,
    pub(super) texts: Texts,
    pub(super) keys: Vec<DeployKey>,
    pub(super) grants: Vec<(String, Permission)>,
    pub(super) warnings: Vec<String>,
}

/// Looks at everything on the host.
pub(super) async fn look(request: &Request, client: &Client) -> Result<Host> {
    let repo = client.repo(&request.owner, &request.repository);
    let (identity, found) = futures::join!(client.identity(), repo.find());
    let identity = identity?;
    let warnings = rights::expiry(request, &identity, jiff::Timestamp::now());
    let found = found?;
    if !matches!(found, Lookup::Renamed(_)) {
        teams(request, client).await?;
    }
    match found {
        Lookup::Found(repository) => {
            let mut host = existing(request, &repo, identity, repository).await?;
            host.warnings.splice(0..0, warnings);
            Ok(host)
        }
        Lookup::Renamed(name) => Err(renamed(request, &name)),
        Lookup::Absent => {
            absent(request, client, &identity).await?;
            Ok(Host {
                identity,
                repository: None,
                tip: Tip::empty(),
                texts: Texts::new(),
                keys: Vec::new(),
                grants: Vec::new(),
                warnings,
            })
        }
    }
}

fn renamed(request: &Request, name: &str) -> Error {
    let old = format!("{}/{}", request.owner, request.repository);
    if name.is_empty() {
        return Error::new(
            Kind::NotFound,
            format!("repository {old} was renamed or moved"),
        )
        .hint(format!("see {} for its new name", request.web_url()));
    }
    let (owner, repository) = name.split_once('/').unwrap_or(("", name));
    let error = Error::new(Kind::NotFound, format!("repository {old} is now {name}"));
    if owner.eq_ignore_ascii_case(&request.owner) {
        error.hint(format!("use its new name: --repository={repository}"))
    } else {
        error.hint(format!(
            "use its new name: --owner={owner} --repository={repository}"
        ))
    }
}

/// A repository that is there: it must take commits and keys.
async fn existing(
    request: &Request,
    repo: &Repo<'_>,
    identity: Identity,
    repository: Repository,
) -> Result<Host> {
    if repository.archived {
        return Err(Error::new(
            Kind::Refused,
            format!(
                "repository {} is archived and takes no commits",
                repository.full_name
            ),
        )
        .hint("unarchive it in its settings, or use another with --repository"));
    }
    rights::check(request, repo, &identity, &repository).await?;
    let needs_keys = matches!(request.auth, Auth::DeployKey { .. });
    let keys = async {
        if needs_keys {
            repo.deploy_keys().await
        } else {
            Ok(Vec::new())
        }
    };
    let grants = async {
        if request.teams.is_empty() {
            Ok(Vec::new())
        } else {
            repo.team_grants().await
        }
    };
    let tip = read(request, repo);
    let (keys, grants, tip) = futures::join!(keys, grants, tip);
    let (tip, texts) = tip?;
    if tip.branch == Branch::Missing {
        return Err(missing_branch(request, &repository));
    }
    Ok(Host {
        identity,
        repository: Some(repository),
        tip,
        texts,
        keys: keys?,
        grants: grants?,
        warnings: Vec::new(),
    })
}

fn missing_branch(request: &Request, repository: &Repository) -> Error {
    let error = Error::new(
        Kind::NotFound,
        format!(
            "repository {} has no branch {:?}",
            repository.full_name, request.branch
        ),
    );
    let default = &repository.default_branch;
    error.hint(format!(
        "make the branch first, or use the default one with --branch={default}"
    ))
}

/// A repository that is not there: it must be allowed and possible to make it.
async fn absent(request: &Request, client: &Client, identity: &Identity) -> Result<()> {
    let (owner, name) = (&request.owner, &request.repository);
    if request.personal {
        if !identity.is(owner) {
            return Err(Error::new(
                Kind::Refused,
                format!(
                    "repository {owner}/{name} is not there, or hidden from the token, and cannot \
                     be made: the specified owner '{owner}' doesn't match the identity associated \
                     with the given token"
                ),
            )
            .hint(match &identity.user {
                Some(user) => format!(
                    "the token is {0}'s: use --owner={0}, or leave --personal out where the owner \
                     is an organization",
                    user.login
                ),
                None => "the token is an app's, which owns no repositories: use a personal \
                         access token, or leave --personal out where the owner is an organization"
                    .to_owned(),
            }));
        }
    } else {
        match client.owner(owner).await? {
            Owner::Organization { .. } => {}
            Owner::User => {
                return Err(Error::usage(format!(
                    "owner {owner:?} is a user, not an organization"
                ))
                .hint("add --personal"));
            }
            Owner::Absent => {
                return Err(Error::new(
                    Kind::NotFound,
                    format!("there is no organization {owner:?} on {}", client.host()),
                )
                .hint("check --owner; for a repository of your own add --personal"));
            }
        }
    }
    rights::check_creation(request, client, identity).await
}

async fn teams(request: &Request, client: &Client) -> Result<()> {
    for (team, _) in &request.teams {
        if !client.has_team(&request.owner, team).await? {
            return Err(Error::new(
                Kind::NotFound,
                format!("organization {} has no team {team:?}", request.owner),
            )
            .hint("give the team's slug, as in its address, and let the token read:org"));
        }
    }
    Ok(())
}

/// Whether the repository may be made: as the flag says, else as the user at the terminal says,
/// else yes, as flux does.
pub(super) fn consent(context: &Context, request: &Request) -> Result<()> {
    let address = request.web_url();
    let allowed = match request.create {
        Some(allowed) => allowed,
        None if context.ui.can_ask() => {
            let visibility = if request.private { "private" } else { "public" };
            let question = format!("repository {address} does not exist, make it ({visibility})?");
            context
                .ui
                .confirm(&question, "decide with --create-repository")?
        }
        None => true,
    };
    if allowed {
        return Ok(());
    }
    Err(Error::new(
        Kind::NotFound,
        format!("repository {address} does not exist"),
    )
    .hint("check --owner and --repository, or have it made with --create-repository"))
}

async fn read(request: &Request, repo: &Repo<'_>) -> Result<(Tip, Texts), HostError> {
    let (tip, entries) = read_entries(request, repo).await?;
    let texts = texts(request, repo, &tip, &entries).await?;
    Ok((tip, texts))
}

/// The branch and what its folder holds.
///
/// # Errors
/// Whatever the host says.
pub async fn read_tip(request: &Request, repo: &Repo<'_>) -> Result<Tip, HostError> {
    read_entries(request, repo).await.map(|(tip, _)| tip)
}

async fn read_entries(request: &Request, repo: &Repo<'_>) -> Result<(Tip, Vec<Entry>), HostError> {
    let branch = repo.branch(&request.branch).await?;
    let Branch::At(head) = &branch else {
        let tip = Tip {
            branch,
            ..Tip::empty()
        };
        return Ok((tip, Vec::new()));
    };
    let entries = repo
        .folder(&manifests::folder(request), &head.commit)
        .await?;
    let blobs = entries
        .iter()
        .filter(|entry| entry.kind == EntryKind::File)
        .map(|entry| (entry.path.clone(), entry.sha.clone()))
        .collect();
    Ok((Tip { branch, blobs }, entries))
}

/// The texts that decide what the folder's objects are: its list and, where that is the user's
/// own or missing, everything else in it.
async fn texts(
    request: &Request,
    repo: &Repo<'_>,
    tip: &Tip,
    entries: &[Entry],
) -> Result<Texts, HostError> {
    let folder = manifests::folder(request);
    let mut texts = Texts::new();
    let list = manifests::list_path(&folder, tip.blobs.keys().map(String::as_str));
    let plain = File {
        path: request.sync.kustomization_path(),
        content: sync::kustomization_file([
            request.install.manifest_file.as_str(),
            request.sync.manifest_file.as_str(),
        ]),
    };
    if list.as_deref() == Some(plain.path.as_str()) && tip.changed(&[&plain]).is_empty() {
        texts.insert(plain.path, plain.content);
        return Ok(texts);
    }
    let ours = [request.install.path(), request.sync.path()];
    for entry in entries.iter().filter(|e| !ours.contains(&e.path)) {
        match entry.kind {
            EntryKind::File => {
                texts.insert(entry.path.clone(), text(repo, &entry.sha).await?);
            }
            EntryKind::Dir => {
                for below in repo.files(&entry.sha).await? {
                    let path = format!("{}/{}", entry.path, below.path);
                    texts.insert(path, text(repo, &below.sha).await?);
                }
            }
            EntryKind::Other => {}
        }
    }
    Ok(texts)
}

/// A file's text; what is no text is no manifest either.
async fn text(repo: &Repo<'_>, sha: &str) -> Result<String, HostError> {
    let bytes = repo.blob(sha).await?;
    Ok(String::from_utf8(bytes).unwrap_or_default())
}
