//! How image updates are checked out, committed and pushed.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::choices::choices;
use crate::meta::LocalObjectReference;
use crate::omit;
use crate::source::GitRepositoryRef;

/// How to work with the Git repository.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GitSpec {
    /// What to check out; by default what the GitRepository does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkout: Option<GitCheckoutSpec>,

    /// How to commit.
    pub commit: CommitSpec,

    /// Where to push to; by default the branch that was checked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub push: Option<PushSpec>,
}

/// What to check out.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GitCheckoutSpec {
    /// Branch, tag or commit to start from.
    #[serde(rename = "ref")]
    pub reference: GitRepositoryRef,
}

/// How to commit.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CommitSpec {
    /// Author of the commits.
    pub author: CommitUser,

    /// Key to sign the commits with; they are not signed by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing_key: Option<SigningKey>,

    /// Go template for the commit message; it can read what has changed as `.Changed`.
    #[serde(skip_serializing_if = "omit::text")]
    pub message_template: Option<String>,

    /// Values for the template, read as `.Values`.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub message_template_values: BTreeMap<String, String>,
}

/// The author of commits.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CommitUser {
    /// Name of the author.
    #[serde(skip_serializing_if = "omit::text")]
    pub name: Option<String>,

    /// E-mail address of the author.
    pub email: String,
}

/// A key to sign commits with.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SigningKey {
    /// Secret in the same namespace with the key.
    ///
    /// For `gpg` under `git.asc`, with a `passphrase` if needed; for `ssh` under `identity`, with a
    /// `password` if needed: the keys that a GitRepository's Secret has, so one can serve both.
    pub secret_ref: LocalObjectReference,

    /// Kind of the key; `gpg` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<SigningKeyType>,
}

choices! {
    /// Kinds of keys that commits are signed with.
    pub enum SigningKeyType {
        /// An OpenPGP key.
        Gpg = "gpg",
        /// An SSH key.
        Ssh = "ssh",
    }
}

/// Where to push to.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PushSpec {
    /// Branch to push to; it is made from the one checked out if it does not exist.
    #[serde(skip_serializing_if = "omit::text")]
    pub branch: Option<String>,

    /// Refspec to push with, besides the branch if both are set; it can't delete or force.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(regex(pattern = "^$|^[^+:]"))]
    pub refspec: Option<String>,

    /// Push options to send to the server.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub options: BTreeMap<String, String>,
}
