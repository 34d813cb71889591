//! Looking at a server from a test, past all its doors; and changing it as a colleague would.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context as _;
use git2::{ObjectType, Oid, TreeWalkMode, TreeWalkResult};

use super::GitHub;
use super::objects::{self, Edit, NewCommit, Person};
use super::setup::repository;
use super::smart_http;
use super::spec::{DeployKey, Permission};

/// A commit, for assertions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitRecord {
    /// Its number.
    pub id: String,
    /// Its message, whole.
    pub message: String,
    /// The author's name.
    pub author: String,
    /// The author's address.
    pub email: String,
    /// The numbers of its parents.
    pub parents: Vec<String>,
    /// Its signature, and what that was computed over.
    pub signature: Option<(String, String)>,
    /// The files it changed against its first parent.
    pub files: Vec<String>,
}

impl GitHub {
    /// The folder of a repository.
    ///
    /// # Errors
    ///
    /// When it is unknown.
    pub fn bare_path(&self, owner: &str, name: &str) -> anyhow::Result<PathBuf> {
        Ok(repository(&mut self.shared.state(), owner, name)?
            .path
            .clone())
    }

    fn open(&self, owner: &str, name: &str) -> anyhow::Result<git2::Repository> {
        let path = self.bare_path(owner, name)?;
        git2::Repository::open_bare(&path).with_context(|| format!("open {}", path.display()))
    }

    /// Whether there is such a repository.
    #[must_use]
    pub fn has_repository(&self, owner: &str, name: &str) -> bool {
        self.shared.state().repository(owner, name).is_some()
    }

    /// Whether a repository is private.
    ///
    /// # Errors
    ///
    /// When it is unknown.
    pub fn is_private(&self, owner: &str, name: &str) -> anyhow::Result<bool> {
        Ok(repository(&mut self.shared.state(), owner, name)?.private)
    }

    /// A repository's default branch.
    ///
    /// # Errors
    ///
    /// When it is unknown.
    pub fn default_branch(&self, owner: &str, name: &str) -> anyhow::Result<String> {
        Ok(repository(&mut self.shared.state(), owner, name)?
            .default_branch
            .clone())
    }

    /// The commit at the tip of a branch; `None` where there is no such branch.
    ///
    /// # Errors
    ///
    /// When the repository is unknown.
    pub fn head(&self, owner: &str, name: &str, branch: &str) -> anyhow::Result<Option<String>> {
        Ok(objects::branch_tip(&self.open(owner, name)?, branch).map(|id| id.to_string()))
    }

    /// All files of a branch; none where it is not there.
    ///
    /// # Errors
    ///
    /// When the repository is unknown or broken.
    pub fn tree(
        &self,
        owner: &str,
        name: &str,
        branch: &str,
    ) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
        let git = self.open(owner, name)?;
        let mut files = BTreeMap::new();
        let Some(tip) = objects::branch_tip(&git, branch) else {
            return Ok(files);
        };
        git.find_commit(tip)?
            .tree()?
            .walk(TreeWalkMode::PreOrder, |folder, entry| {
                let path = format!("{}{}", folder, String::from_utf8_lossy(entry.name_bytes()));
                if entry.kind() == Some(ObjectType::Blob)
                    && let Ok(blob) = git.find_blob(entry.id())
                {
                    files.insert(path, blob.content().to_vec());
                }
                TreeWalkResult::Ok
            })?;
        Ok(files)
    }

    /// The commits of a branch, newest first; none where it is not there.
    ///
    /// # Errors
    ///
    /// When the repository is unknown or broken.
    pub fn commits(
        &self,
        owner: &str,
        name: &str,
        branch: &str,
    ) -> anyhow::Result<Vec<CommitRecord>> {
        let git = self.open(owner, name)?;
        let Some(tip) = objects::branch_tip(&git, branch) else {
            return Ok(Vec::new());
        };
        let mut walk = git.revwalk()?;
        walk.set_sorting(git2::Sort::TOPOLOGICAL)?;
        walk.push(tip)?;
        walk.map(|id| record(&git, id?)).collect()
    }

    /// The deploy keys of a repository.
    ///
    /// # Errors
    ///
    /// When it is unknown.
    pub fn deploy_keys(&self, owner: &str, name: &str) -> anyhow::Result<Vec<DeployKey>> {
        Ok(repository(&mut self.shared.state(), owner, name)?
            .keys
            .clone())
    }

    /// Takes a deploy key off a repository, as its owner may at any time.
    ///
    /// # Errors
    ///
    /// When the repository is unknown.
    pub fn remove_deploy_key(&self, owner: &str, name: &str, id: u64) -> anyhow::Result<()> {
        repository(&mut self.shared.state(), owner, name)?
            .keys
            .retain(|key| key.id != id);
        Ok(())
    }

    /// What the teams of an organisation may do with a repository, by slug.
    ///
    /// # Errors
    ///
    /// When it is unknown.
    pub fn team_grants(
        &self,
        owner: &str,
        name: &str,
    ) -> anyhow::Result<BTreeMap<String, Permission>> {
        let mut state = self.shared.state();
        let grants = repository(&mut state, owner, name)?.grants.clone();
        let named = |(id, permission): (u64, Permission)| {
            Some((state.team(id)?.1.slug.clone(), permission))
        };
        Ok(grants.into_iter().filter_map(named).collect())
    }

    /// Commits files to a branch as a colleague's push would; `None` removes a file.
    ///
    /// # Errors
    ///
    /// When the repository is unknown, a path is none, or a file to remove is not there.
    pub fn commit_files(
        &self,
        owner: &str,
        name: &str,
        branch: &str,
        message: &str,
        files: &[(&str, Option<&[u8]>)],
    ) -> anyhow::Result<String> {
        let git = self.open(owner, name)?;
        let tip = objects::branch_tip(&git, branch);
        let base = tip
            .map(|id| git.find_commit(id))
            .transpose()?
            .map(|commit| commit.tree_id());
        let mut edits = Vec::new();
        for (path, content) in files {
            let parts =
                objects::split_path(path).with_context(|| format!("{path:?} is no path"))?;
            edits.push((
                parts,
                match content {
                    Some(content) => Edit::Set(git.blob(content)?, 0o100_644),
                    None => Edit::Remove,
                },
            ));
        }
        let tree = objects::edit_tree(&git, base, &edits)
            .map_err(|error| anyhow::anyhow!("edit the tree of {owner}/{name}: {error:?}"))?;
        let tree = tree.map_or_else(|| objects::empty_tree(&git), Ok)?;
        let person = Person {
            name: "colleague".to_owned(),
            email: "colleague@example.com".to_owned(),
            seconds: jiff::Timestamp::now().as_second(),
            offset: 0,
        };
        let commit = NewCommit {
            tree,
            parents: tip.into_iter().collect(),
            author: person.clone(),
            committer: person,
            message: message.to_owned(),
            signature: None,
        };
        let id = objects::write_commit(&git, &commit)?;
        git.reference(&format!("refs/heads/{branch}"), id, true, "pushed")?;
        let mut state = self.shared.state();
        let number = repository(&mut state, owner, name)?.id;
        smart_http::pushed(&mut state, number);
        Ok(id.to_string())
    }
}

fn record(git: &git2::Repository, id: Oid) -> anyhow::Result<CommitRecord> {
    let commit = git.find_commit(id)?;
    let parent = commit
        .parent(0)
        .ok()
        .map(|parent| parent.tree())
        .transpose()?;
    let diff = git.diff_tree_to_tree(parent.as_ref(), Some(&commit.tree()?), None)?;
    let path = |delta: git2::DiffDelta<'_>| {
        let file = delta.new_file().path().or_else(|| delta.old_file().path());
        file.map(|path| path.to_string_lossy().into_owned())
    };
    let author = commit.author();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(CommitRecord {
        id: id.to_string(),
        message: text(commit.message_raw_bytes()),
        author: text(author.name_bytes()),
        email: text(author.email_bytes()),
        parents: commit.parent_ids().map(|id| id.to_string()).collect(),
        signature: objects::signature(git, id),
        files: diff.deltas().filter_map(path).collect(),
    })
}
