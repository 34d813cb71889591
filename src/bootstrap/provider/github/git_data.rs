//! Branches, folders and commits through the Git Data API.
//!
//! Blobs, trees and commits are numbered by their content, so making one twice makes one; only
//! moving a branch counts, and it is told apart whether that happened.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Repo;
use super::client::Repeat;
use super::commit::{NewCommit, Person};
use crate::bootstrap::provider::Error;

/// Where a branch stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Branch {
    /// The repository has no commit at all.
    EmptyRepository,
    /// The repository has commits, but not this branch.
    Missing,
    /// Here.
    At(Head),
}

/// The commit at the tip of a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its number.
    pub commit: String,
    /// The number of its tree.
    pub tree: String,
    /// Its message.
    pub message: String,
    /// Whether it has no parent.
    pub is_root: bool,
}

/// Something in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Entry {
    /// Its path in the repository.
    pub path: String,
    /// Its number.
    pub sha: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: EntryKind,
}

/// What stands in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntryKind {
    /// A file.
    #[serde(alias = "blob")]
    File,
    /// A folder.
    #[serde(alias = "tree")]
    Dir,
    /// A link, a submodule.
    #[serde(other)]
    Other,
}

/// What became of moving a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    /// It stands at the commit.
    Done,
    /// Somebody else moved it meanwhile.
    Overtaken,
}

#[derive(Deserialize)]
struct Object {
    sha: String,
}

#[derive(Deserialize)]
struct Reference {
    object: Object,
}

#[derive(Deserialize)]
struct Commit {
    sha: String,
    tree: Object,
    message: String,
    parents: Vec<Object>,
}

impl From<Commit> for Head {
    fn from(commit: Commit) -> Self {
        Head {
            commit: commit.sha,
            tree: commit.tree.sha,
            message: commit.message,
            is_root: commit.parents.is_empty(),
        }
    }
}

impl Repo<'_> {
    /// Where the branch stands.
    ///
    /// # Errors
    /// Whatever the host says other than that it is absent.
    pub async fn branch(&self, name: &str) -> Result<Branch, Error> {
        let what = format!("branch {name}");
        let mut path = self.path(&["git", "ref", "heads"]);
        path.extend(name.split('/'));
        let reference: Reference = match self.client.get(&path, &what).await {
            Ok(answer) => answer.json()?,
            Err(Error::NotFound { .. }) => return Ok(Branch::Missing),
            Err(Error::Conflict { .. }) => return Ok(Branch::EmptyRepository),
            Err(error) => return Err(error),
        };
        let sha = reference.object.sha;
        let path = self.path(&["git", "commits", &sha]);
        let commit: Commit = self.client.get(&path, &what).await?.json()?;
        Ok(Branch::At(commit.into()))
    }

    /// What stands in a folder at a commit; nothing where there is no such folder.
    ///
    /// # Errors
    /// Whatever the host says other than that it is absent.
    pub async fn folder(&self, folder: &str, commit: &str) -> Result<Vec<Entry>, Error> {
        let mut path = self.path(&["contents"]);
        path.extend(folder.split('/').filter(|part| !part.is_empty()));
        let what = format!("folder {folder}");
        let query = [("ref", commit)];
        let answer = self
            .client
            .send(Method::GET, &path, &query, None, Repeat::Safe, &what)
            .await;
        match answer {
            // A file of that name is an object, not a list.
            Ok(answer) => answer.json().map_err(|_| Error::Conflict {
                what,
                message: "a file stands where the folder should be".to_owned(),
            }),
            Err(Error::NotFound { .. }) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Every file below a tree, with its path relative to it.
    ///
    /// # Errors
    /// Whatever the host says; when there are more files than it lists.
    pub async fn files(&self, tree: &str) -> Result<Vec<Entry>, Error> {
        #[derive(Deserialize)]
        struct Tree {
            tree: Vec<Entry>,
            #[serde(default)]
            truncated: bool,
        }
        let what = "the files of the cluster's folder";
        let path = self.path(&["git", "trees", tree]);
        let query = [("recursive", "1")];
        let tree: Tree = self
            .client
            .send(Method::GET, &path, &query, None, Repeat::Safe, what)
            .await?
            .json()?;
        if tree.truncated {
            return Err(Error::Other {
                what: what.to_owned(),
                message: "there are more than the host lists".to_owned(),
            });
        }
        let files = tree.tree.into_iter();
        Ok(files.filter(|e| e.kind == EntryKind::File).collect())
    }

    /// The content of a file.
    ///
    /// # Errors
    /// Whatever the host says.
    pub async fn blob(&self, sha: &str) -> Result<Vec<u8>, Error> {
        #[derive(Deserialize)]
        struct Blob {
            content: String,
        }
        let what = format!("file object {sha}");
        let path = self.path(&["git", "blobs", sha]);
        let blob: Blob = self.client.get(&path, &what).await?.json()?;
        let text: String = blob.content.split_ascii_whitespace().collect();
        STANDARD.decode(text).map_err(|error| Error::Other {
            what,
            message: error.to_string(),
        })
    }

    /// Makes a tree: `base` with these files, path and content, in place of what it has there.
    ///
    /// # Errors
    /// Whatever the host says.
    pub async fn create_tree(
        &self,
        base: Option<&str>,
        files: &[(&str, &str)],
    ) -> Result<String, Error> {
        let entries: Vec<Value> = files
            .iter()
            .map(|(path, content)| {
                json!({ "path": path, "mode": "100644", "type": "blob", "content": content })
            })
            .collect();
        let mut body = json!({ "tree": entries });
        if let Some(base) = base {
            body["base_tree"] = base.into();
        }
        let made: Object = self.make("trees", &body, "cannot write the files").await?;
        Ok(made.sha)
    }

    /// Makes a commit object; no branch moves.
    ///
    /// # Errors
    /// Whatever the host says.
    pub async fn create_commit(
        &self,
        commit: &NewCommit,
        signature: Option<&str>,
    ) -> Result<String, Error> {
        let parents: Vec<&str> = commit.parent.as_deref().into_iter().collect();
        let mut body = json!({
            "message": commit.message,
            "tree": commit.tree,
            "parents": parents,
            "author": commit.author.to_json(),
            "committer": commit.author.to_json(),
        });
        if let Some(signature) = signature {
            body["signature"] = signature.into();
        }
        let made: Object = self.make("commits", &body, "cannot commit").await?;
        Ok(made.sha)
    }

    async fn make<T: serde::de::DeserializeOwned>(
        &self,
        kind: &str,
        body: &Value,
        what: &str,
    ) -> Result<T, Error> {
        let path = self.path(&["git", kind]);
        self.client
            .send(Method::POST, &path, &[], Some(body), Repeat::Safe, what)
            .await?
            .json()
    }

    /// Moves a branch forward to a commit; with `force`, wherever it stands.
    ///
    /// # Errors
    /// Whatever the host says other than that the branch moved meanwhile.
    pub async fn move_branch(
        &self,
        name: &str,
        commit: &str,
        force: bool,
    ) -> Result<Pushed, Error> {
        let mut path = self.path(&["git", "refs", "heads"]);
        path.extend(name.split('/'));
        let body = json!({ "sha": commit, "force": force });
        let what = format!("cannot update branch {name}");
        // Moving a branch to where it stands changes nothing, so it may be asked for again.
        let sent = self
            .client
            .send(Method::PATCH, &path, &[], Some(&body), Repeat::Safe, &what)
            .await;
        match sent {
            Ok(_) => Ok(Pushed::Done),
            Err(Error::Refused { message, .. }) if message.contains("fast forward") => {
                self.overtaken(name, commit).await
            }
            Err(Error::Conflict { .. }) => self.overtaken(name, commit).await,
            Err(error) => Err(error),
        }
    }

    /// A branch that is past the commit was moved by us before it was moved on.
    async fn overtaken(&self, name: &str, commit: &str) -> Result<Pushed, Error> {
        match self.branch(name).await? {
            Branch::At(head) if self.includes(commit, &head.commit).await? => Ok(Pushed::Done),
            _ => Ok(Pushed::Overtaken),
        }
    }

    /// Makes the first commit of an empty repository, of one file.
    ///
    /// # Errors
    /// Whatever the host says; [`Error::Lost`] where it may have been made.
    pub async fn seed(
        &self,
        branch: &str,
        file: (&str, &str),
        author: &Person,
        message: &str,
    ) -> Result<Head, Error> {
        #[derive(Deserialize)]
        struct Made {
            commit: Commit,
        }
        let (file, content) = file;
        let mut path = self.path(&["contents"]);
        path.extend(file.split('/'));
        let body = json!({
            "message": message,
            "content": STANDARD.encode(content),
            "branch": branch,
            "author": author.to_json(),
            "committer": author.to_json(),
        });
        let what = "cannot make the first commit";
        let made: Made = self
            .client
            .send(Method::PUT, &path, &[], Some(&body), Repeat::Unsafe, what)
            .await?
            .json()?;
        Ok(made.commit.into())
    }

    /// Whether `commit` is `head` or in its history.
    ///
    /// # Errors
    /// Whatever the host says other than that it does not know one of them.
    pub async fn includes(&self, commit: &str, head: &str) -> Result<bool, Error> {
        #[derive(Deserialize)]
        struct Comparison {
            status: String,
        }
        if commit == head {
            return Ok(true);
        }
        let range = format!("{commit}...{head}");
        let path = self.path(&["compare", &range]);
        let query = [("per_page", "1")];
        let answer = self
            .client
            .send(Method::GET, &path, &query, None, Repeat::Safe, &range)
            .await;
        match answer {
            Ok(answer) => {
                let comparison: Comparison = answer.json()?;
                Ok(matches!(comparison.status.as_str(), "ahead" | "identical"))
            }
            Err(Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
