//! The plan for people and for programs.

use schemars::JsonSchema;
use serde::Serialize;

use super::manifests::File;
use super::plan::{Part, Plan};
use super::prepare::Prepared;
use super::provider::github::Client;
use super::request::Request;
use crate::cluster::Cluster;
use crate::cluster::apply::{Action, Change};
use crate::error::{Error, Result};

/// A plan with everything a reader wants to know of it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "bootstrap --dry-run")]
pub struct Report {
    /// The repository's page.
    pub repository: String,
    /// The branch.
    pub branch: String,
    /// Whether there is nothing to do.
    pub up_to_date: bool,
    /// The requests that would change something on the host, in order.
    pub api_calls: Vec<ApiCall>,
    /// The commits.
    pub commits: Vec<CommitReport>,
    /// The keys that would be made or removed.
    pub keys: Vec<KeyReport>,
    /// The Secrets that would be written, without what they hold.
    pub secrets: Vec<SecretReport>,
    /// The objects that would be applied to the cluster, those that would not change left out.
    pub objects: Vec<Change>,
}

/// A request to the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiCall {
    /// The method.
    pub method: &'static str,
    /// The path below the API's address.
    pub path: String,
    /// What it does.
    pub effect: String,
}

/// A commit.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CommitReport {
    /// Its message.
    pub message: String,
    /// Name and address of its author.
    pub author: String,
    /// The key that signs it, where one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub signed_by: Option<String>,
    /// Its files.
    pub files: Vec<FileReport>,
}

/// A file of a commit.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct FileReport {
    /// Its path.
    pub path: String,
    /// What happens to it.
    pub action: Action,
    /// Its whole text afterwards.
    pub content: String,
    /// The difference, in the form of `diff -u`.
    pub diff: String,
}

/// A deploy key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeyReport {
    /// Its title.
    pub title: String,
    /// What happens to it.
    pub action: Action,
    /// Whether it only reads.
    pub read_only: bool,
}

/// A Secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretReport {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What happens to it.
    pub action: Action,
    /// Why.
    pub reason: String,
    /// The fingerprints of the host keys that it trusts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub host_keys: Vec<String>,
}

/// Gathers what a reader wants to know: the files as they are now, and what the API server would
/// make of the objects. Nothing is written.
///
/// # Errors
/// When either cannot be asked.
pub async fn plan(
    request: &Request,
    client: &Client,
    cluster: &Cluster,
    prepared: &Prepared,
) -> Result<Report> {
    let plan = &prepared.plan;
    let objects = changes(cluster, prepared).await?;
    Ok(Report {
        repository: request.web_url(),
        branch: request.branch.clone(),
        up_to_date: plan.is_empty() && objects.is_empty(),
        api_calls: api_calls(
            request,
            plan,
            prepared.findings.observed.tip.head().is_none(),
        ),
        commits: commits(request, client, prepared).await?,
        keys: keys(plan),
        secrets: secrets(request, prepared),
        objects,
    })
}

/// What applying the objects would change.
async fn changes(cluster: &Cluster, prepared: &Prepared) -> Result<Vec<Change>> {
    let plan = &prepared.plan;
    let mut changes = Vec::new();
    if plan.install || plan.commits.iter().any(|c| c.part == Part::Components) {
        changes.extend(cluster.plan(&prepared.objects.components).await?);
    }
    changes.extend(cluster.plan(&prepared.objects.sync).await?);
    changes.retain(|change| change.action != Action::Unchanged);
    Ok(changes)
}

async fn commits(
    request: &Request,
    client: &Client,
    prepared: &Prepared,
) -> Result<Vec<CommitReport>> {
    let repo = client.repo(&request.owner, &request.repository);
    let blobs = &prepared.findings.observed.tip.blobs;
    let mut reports = Vec::new();
    for commit in &prepared.plan.commits {
        let mut files = Vec::new();
        for file in &commit.files {
            let old = match blobs.get(&file.path) {
                Some(number) => Some(repo.blob(number).await?),
                None => None,
            };
            let old = old.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            files.push(file_report(file, old.as_deref()));
        }
        reports.push(CommitReport {
            message: commit.message.clone(),
            author: format!("{} <{}>", request.author.name, request.author.email),
            signed_by: request.signer.as_ref().map(|signer| signer.describe()),
            files,
        });
    }
    Ok(reports)
}

fn file_report(file: &File, old: Option<&str>) -> FileReport {
    let (from, action) = match old {
        Some(_) => (format!("a/{}", file.path), Action::Configured),
        None => ("/dev/null".to_owned(), Action::Created),
    };
    let diff = similar::TextDiff::from_lines(old.unwrap_or_default(), &file.content)
        .unified_diff()
        .header(&from, &format!("b/{}", file.path))
        .to_string();
    FileReport {
        path: file.path.clone(),
        action,
        content: file.content.clone(),
        diff,
    }
}

fn keys(plan: &Plan) -> Vec<KeyReport> {
    let made = plan.credentials.iter().filter_map(|new| new.key.as_ref());
    let made = made.map(|(title, read_only)| KeyReport {
        title: title.clone(),
        action: Action::Created,
        read_only: *read_only,
    });
    let removed = plan.stale_keys.iter().map(|key| KeyReport {
        title: key.title.clone(),
        action: Action::Deleted,
        read_only: key.read_only,
    });
    made.chain(removed).collect()
}

fn secrets(request: &Request, prepared: &Prepared) -> Vec<SecretReport> {
    let observed = &prepared.findings.observed;
    let action = |there: bool| {
        if there {
            Action::Configured
        } else {
            Action::Created
        }
    };
    let report = |name: &str, there: bool, reason: &str| SecretReport {
        namespace: request.sync.namespace.clone(),
        name: name.to_owned(),
        action: action(there),
        reason: reason.to_owned(),
        host_keys: Vec::new(),
    };
    let mut reports = Vec::new();
    if prepared.plan.pull_secret {
        let name = request.install.image_pull_secret.as_deref();
        let there = observed.pull_secret.is_some();
        reports.push(report(
            name.unwrap_or_default(),
            there,
            "for pulling images",
        ));
    }
    if let Some(new) = &prepared.plan.credentials {
        let hosts = prepared.host_keys.as_ref();
        reports.push(SecretReport {
            host_keys: hosts.map(|keys| keys.fingerprints()).unwrap_or_default(),
            ..report(&request.sync.secret, observed.secret.is_some(), new.reason)
        });
    }
    reports
}

/// The requests that change something, in the order in which they are sent.
fn api_calls(request: &Request, plan: &Plan, empty: bool) -> Vec<ApiCall> {
    let repository = format!("/repos/{}/{}", request.owner, request.repository);
    let mut calls = Vec::new();
    let mut call = |method, path: String, effect: String| {
        calls.push(ApiCall {
            method,
            path,
            effect,
        });
    };
    let visibility = |private| if private { "private" } else { "public" };
    if plan.create {
        let path = if request.personal {
            "/user/repos".to_owned()
        } else {
            format!("/orgs/{}/repos", request.owner)
        };
        let kind = visibility(request.private);
        call(
            "POST",
            path,
            format!("make the {kind} repository {}", request.repository),
        );
    }
    if let Some(private) = plan.private {
        let effect = format!("make the repository {}", visibility(private));
        call("PATCH", repository.clone(), effect);
    }
    for (team, permission) in &plan.grants {
        let (owner, name) = (&request.owner, &request.repository);
        let path = format!("/orgs/{owner}/teams/{team}/repos/{owner}/{name}");
        call("PUT", path, format!("grant {permission} to team {team}"));
    }
    let mut empty = empty;
    for commit in &plan.commits {
        let subject = commit.message.lines().next().unwrap_or_default();
        let first = std::mem::take(&mut empty);
        if let (true, Some(file)) = (first, commit.files.first()) {
            let path = format!("{repository}/contents/{}", file.path);
            call("PUT", path, format!("make the first commit: {subject}"));
            if request.signer.is_none() {
                continue;
            }
        }
        call(
            "POST",
            format!("{repository}/git/trees"),
            "write the files".to_owned(),
        );
        call(
            "POST",
            format!("{repository}/git/commits"),
            format!("commit: {subject}"),
        );
        let path = format!("{repository}/git/refs/heads/{}", request.branch);
        call("PATCH", path, format!("move branch {}", request.branch));
    }
    let new = plan.credentials.as_ref().and_then(|new| new.key.as_ref());
    if let Some((title, _)) = new {
        call(
            "POST",
            format!("{repository}/keys"),
            format!("add deploy key {title}"),
        );
    }
    for key in &plan.stale_keys {
        let path = format!("{repository}/keys/{}", key.id);
        call("DELETE", path, format!("remove deploy key {}", key.title));
    }
    calls
}

impl Report {
    /// The plan for people.
    pub fn to_text(&self) -> String {
        if self.up_to_date {
            return format!(
                "Nothing to do: {} and the cluster are up to date\n",
                self.repository
            );
        }
        let mut text = format!("Repository {}, branch {}\n", self.repository, self.branch);
        let mut section = |title: &str, lines: Vec<String>| {
            if !lines.is_empty() {
                text.push_str(&format!("\n{title}\n"));
                for line in lines {
                    text.push_str(&format!("  {line}\n"));
                }
            }
        };
        let call = |call: &ApiCall| format!("{:<6} {}  # {}", call.method, call.path, call.effect);
        section("API calls", self.api_calls.iter().map(call).collect());
        section(
            "Deploy keys",
            self.keys.iter().map(KeyReport::line).collect(),
        );
        section(
            "Secrets",
            self.secrets.iter().flat_map(SecretReport::lines).collect(),
        );
        let objects = self.objects.iter().map(ToString::to_string).collect();
        section("Cluster objects", objects);
        for commit in &self.commits {
            text.push_str(&format!("\nCommit by {}", commit.author));
            if let Some(key) = &commit.signed_by {
                text.push_str(&format!(", signed with {key}"));
            }
            text.push('\n');
            for line in commit.message.lines() {
                text.push_str(format!("    {line}").trim_end());
                text.push('\n');
            }
            for file in &commit.files {
                text.push('\n');
                text.push_str(&file.diff);
            }
        }
        text
    }

    /// The plan for programs.
    ///
    /// # Errors
    /// Never in practice: only when texts could not be written as JSON.
    pub fn to_json(&self) -> Result<String> {
        let mut text = serde_json::to_string_pretty(self)
            .map_err(|error| Error::failed("cannot write JSON").caused_by(error))?;
        text.push('\n');
        Ok(text)
    }
}

impl KeyReport {
    fn line(&self) -> String {
        let rights = if self.read_only {
            "read-only"
        } else {
            "read-write"
        };
        format!("{} {} ({rights})", self.title, self.action)
    }
}

impl SecretReport {
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "Secret/{}/{} {}: {}",
            self.namespace, self.name, self.action, self.reason
        )];
        lines.extend(self.host_keys.iter().map(|key| format!("  trusts {key}")));
        lines
    }
}
