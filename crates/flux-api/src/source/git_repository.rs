//! Git repositories.

#![expect(
    unreachable_pub,
    reason = "KubeSchema copies the struct into a function, with its visibility"
)]

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::choices::choices;
use crate::duration::TIMEOUT_PATTERN;
use crate::meta::{Artifact, Condition, ConditionSchema, LocalObjectReference};
use crate::{Duration, omit};

/// Which repository to fetch, at which reference, how often and with which credentials.
#[derive(Clone, CustomResource, Debug, Default, Deserialize, KubeSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "source.toolkit.fluxcd.io",
    version = "v1",
    kind = "GitRepository",
    plural = "gitrepositories",
    namespaced,
    schema = "disabled",
    status = "GitRepositoryStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "A Git repository that is fetched at an interval and packed as an artifact.",
    shortname = "gitrepo",
    category = "all",
    category = "fluxcd",
    category = "fluxcd-sources",
    printcolumn = r#"{ "name": "URL", "type": "string", "jsonPath": ".spec.url" }"#,
    printcolumn = r#"{ "name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp" }"#,
    printcolumn = r#"{ "name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status" }"#,
    printcolumn = r#"{ "name": "Status", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].message" }"#
)]
#[x_kube(validation = (
    "!has(self.serviceAccountName) || (has(self.provider) && (self.provider == 'azure' || self.provider == 'aws'))",
    "serviceAccountName can only be set when provider is 'azure' or 'aws'",
))]
pub struct GitRepositorySpec {
    /// Address of the repository: `http://`, `https://` or `ssh://`.
    #[schemars(regex(pattern = r"^(http|https|ssh)://.*$"))]
    pub url: String,

    /// Secret with the credentials.
    ///
    /// For HTTP(S) its keys are `username` and `password`, or `bearerToken`; for SSH `identity`
    /// (the private key) and `known_hosts`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<LocalObjectReference>,

    /// How to authenticate: `generic` (the default) with the Secret, the others with the identity
    /// that the named platform gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<GitProvider>,

    /// ServiceAccount in the same namespace whose cloud identity is used; for `aws` and `azure`.
    #[serde(skip_serializing_if = "omit::text")]
    pub service_account_name: Option<String>,

    /// How often to look for changes; the controller may spread the calls by a little.
    pub interval: Duration,

    /// How long a Git operation may take; 60 seconds by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = TIMEOUT_PATTERN), extend("default" = "60s"))]
    pub timeout: Option<Duration>,

    /// What to check out; the branch `master` by default.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<GitRepositoryRef>,

    /// Signatures that a revision must carry.
    #[serde(rename = "verify", skip_serializing_if = "Option::is_none")]
    pub verification: Option<GitRepositoryVerification>,

    /// Secret with the proxy to go through: key `address`, and `username` and `password` if needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy_secret_ref: Option<LocalObjectReference>,

    /// Files to leave out of the artifact, in the syntax of `.gitignore`; replaces the built-in
    /// list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore: Option<String>,

    /// Whether fetching is stopped for now.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub suspend: bool,

    /// Whether to fetch submodules too, with the credentials of the repository.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub recurse_submodules: bool,

    /// Other GitRepositories whose artifacts are copied into this one's.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub include: Vec<GitRepositoryInclude>,

    /// Directories to check out; all of them by default.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub sparse_checkout: Vec<String>,
}

/// A GitRepository to copy from, and where its files go.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GitRepositoryInclude {
    /// GitRepository in the same namespace to copy from.
    #[serde(rename = "repository")]
    pub git_repository_ref: LocalObjectReference,

    /// Directory to copy; the whole artifact by default.
    #[serde(skip_serializing_if = "omit::text")]
    pub from_path: Option<String>,

    /// Directory to copy into; by default one named as the repository copied from.
    #[serde(skip_serializing_if = "omit::text")]
    pub to_path: Option<String>,
}

/// What to check out. Of several fields the last of them counts: branch, tag, semver, name, commit.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GitRepositoryRef {
    /// Branch to follow; `master` if no field is set.
    #[serde(skip_serializing_if = "omit::text")]
    pub branch: Option<String>,

    /// Tag to check out; wins over the branch.
    #[serde(skip_serializing_if = "omit::text")]
    pub tag: Option<String>,

    /// Range of versions whose newest matching tag is checked out; wins over the tag.
    #[serde(skip_serializing_if = "omit::text")]
    pub semver: Option<String>,

    /// Full name of a reference, such as `refs/pull/420/head`; wins over the fields above.
    #[serde(skip_serializing_if = "omit::text")]
    pub name: Option<String>,

    /// Hash of a commit; wins over all others. With a branch, only that branch is searched for it.
    #[serde(skip_serializing_if = "omit::text")]
    pub commit: Option<String>,
}

/// What must be signed, and by whom.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GitRepositoryVerification {
    /// Which Git objects must be signed; the checked out commit by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "HEAD"))]
    pub mode: Option<GitVerificationMode>,

    /// Secret with the public keys to trust: PGP under keys ending in `.asc`, SSH in `.sshpub`.
    pub secret_ref: LocalObjectReference,
}

choices! {
    /// How to authenticate to a Git server.
    pub enum GitProvider {
        /// With the credentials of a Secret.
        Generic = "generic",
        /// With an AWS identity, to CodeCommit.
        Aws = "aws",
        /// With an Azure identity, to Azure DevOps.
        Azure = "azure",
        /// As a GitHub App.
        GitHub = "github",
    }
}

choices! {
    /// Which Git objects must be signed.
    pub enum GitVerificationMode {
        /// The former spelling of [`Self::Head`].
        LowercaseHead = "head",
        /// The commit that is checked out.
        Head = "HEAD",
        /// The tag that is checked out.
        Tag = "Tag",
        /// The tag and the commit that it points to.
        TagAndHead = "TagAndHEAD",
    }
}

/// What the controller last fetched.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("default" = { "observedGeneration": -1 }))]
pub struct GitRepositoryStatus {
    /// Generation of the object that the controller last worked on.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub observed_generation: i64,

    /// How the repository is doing.
    #[serde(default, skip_serializing_if = "omit::zero")]
    #[schemars(with = "Vec<ConditionSchema>")]
    pub conditions: Vec<Condition>,

    /// What the last successful fetch produced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact: Option<Artifact>,

    /// Artifacts of the included repositories, as last copied.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub included_artifacts: Vec<Artifact>,

    /// List of left out files that the artifact was made with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_ignore: Option<String>,

    /// Whether the artifact was made with submodules.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub observed_recurse_submodules: bool,

    /// Includes that the artifact was made with.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub observed_include: Vec<GitRepositoryInclude>,

    /// Directories that the artifact was made from, if not from all.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub observed_sparse_checkout: Vec<String>,

    /// Which Git objects were found to be signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_verification_mode: Option<String>,

    /// Value of the reconcile request annotation that was last answered.
    #[serde(skip_serializing_if = "omit::text")]
    pub last_handled_reconcile_at: Option<String>,
}
