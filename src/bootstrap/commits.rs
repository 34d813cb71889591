//! Commits through the host's API, made on whatever the branch holds by then.

use std::time::Duration;

use super::manifests::File;
use super::names;
use super::plan::{Part, SEED_MESSAGE, Tip};
use super::preflight::read_tip;
use super::provider::Error as HostError;
use super::provider::github::{Branch, Head, Identity, NewCommit, Person, Pushed, Repo};
use super::request::Request;
use crate::error::{Error, Kind, Result};

/// How often a commit is rebuilt on a branch that moved.
const ATTEMPTS: u32 = 6;
/// The pause before it is rebuilt; it doubles each time.
const PAUSE: Duration = Duration::from_millis(200);

/// Makes commits on one branch.
pub struct Committer<'a> {
    request: &'a Request,
    repo: Repo<'a>,
    tip: Tip,
    author: Person,
    /// The address that stands in where the host takes no empty one.
    fallback: String,
}

/// What became of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed {
    /// It was made; its number.
    Made(String),
    /// The branch holds the files already.
    UpToDate,
}

/// Why a commit was not made this time.
enum Setback {
    /// The branch moved, or may have.
    Moved,
    Failed(Error),
}

impl From<HostError> for Setback {
    fn from(error: HostError) -> Self {
        if error.is_lost() {
            Setback::Moved
        } else {
            Setback::Failed(error.into())
        }
    }
}

impl From<Error> for Setback {
    fn from(error: Error) -> Self {
        Setback::Failed(error)
    }
}

impl<'a> Committer<'a> {
    /// Commits for `request` on the branch that stands at `tip`. `seconds` is the time of the
    /// commits; being fixed, it makes a repeated request the same request.
    pub fn new(
        request: &'a Request,
        repo: Repo<'a>,
        tip: Tip,
        identity: &Identity,
        seconds: i64,
    ) -> Self {
        Committer {
            request,
            repo,
            tip,
            author: Person {
                name: request.author.name.clone(),
                email: request.author.email.clone(),
                seconds,
            },
            fallback: match &identity.user {
                Some(user) => format!("{}+{}@users.noreply.{}", user.id, user.login, request.host),
                None => format!("noreply@{}", request.host),
            },
        }
    }

    /// The commit at the tip of the branch.
    pub fn head(&self) -> Option<&str> {
        self.tip.head().map(|head| head.commit.as_str())
    }

    /// Commits those of the files that the branch does not hold yet.
    ///
    /// # Errors
    /// When the host refuses, or the branch keeps moving.
    pub async fn commit(&mut self, part: Part, files: &[&File]) -> Result<Committed> {
        let subject = part.subject(&self.request.install.version);
        let message = names::message(&subject, &self.request.appendix);
        let mut pause = PAUSE;
        for _ in 0..ATTEMPTS {
            match self.attempt(files, &message).await {
                Ok(committed) => return Ok(committed),
                Err(Setback::Failed(error)) => return Err(error),
                Err(Setback::Moved) => {}
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
            self.tip = read_tip(self.request, &self.repo).await?;
        }
        Err(Error::new(
            Kind::Conflict,
            format!(
                "branch {:?} of {} moved {ATTEMPTS} times while {} were committed",
                self.request.branch,
                self.request.web_url(),
                part.noun()
            ),
        )
        .hint("run the command again when fewer others push"))
    }

    async fn attempt(&mut self, files: &[&File], message: &str) -> Result<Committed, Setback> {
        let signed = self.request.signer.is_some();
        match self.tip.branch.clone() {
            Branch::Missing => Err(Setback::Failed(Error::new(
                Kind::Conflict,
                format!("branch {:?} is gone", self.request.branch),
            ))),
            Branch::EmptyRepository if signed => {
                self.seed(files, SEED_MESSAGE).await?;
                self.replace_seed(files, message).await
            }
            Branch::EmptyRepository => self.seed(files, message).await,
            Branch::At(_) if signed && self.tip.is_seed() => {
                self.replace_seed(files, message).await
            }
            Branch::At(head) => self.advance(&head, files, message).await,
        }
    }

    /// The next commit on a branch.
    async fn advance(
        &mut self,
        head: &Head,
        files: &[&File],
        message: &str,
    ) -> Result<Committed, Setback> {
        let changed = self.tip.changed(files);
        if changed.is_empty() {
            return Ok(Committed::UpToDate);
        }
        let tree = self.tree(Some(&head.tree), &changed).await?;
        // The host knows the tree better than our list of one folder.
        if tree == head.tree {
            self.stand_at(head.clone(), &changed);
            return Ok(Committed::UpToDate);
        }
        let commit = self
            .object(tree, Some(head.commit.clone()), message)
            .await?;
        self.push(commit, &changed, false).await
    }

    /// The first commit of an empty repository, which its Git objects cannot be made in.
    async fn seed(&mut self, files: &[&File], message: &str) -> Result<Committed, Setback> {
        let Some(first) = files.first() else {
            return Ok(Committed::UpToDate);
        };
        let file = (first.path.as_str(), first.content.as_str());
        let made = self
            .repo
            .seed(&self.request.branch, file, &self.author, message)
            .await;
        let head = match made {
            Err(HostError::Refused { message: why, .. }) if self.wants_address(&why) => {
                self.author.email.clone_from(&self.fallback);
                let branch = &self.request.branch;
                self.repo.seed(branch, file, &self.author, message).await?
            }
            Err(HostError::NotFound { message: why, .. }) => {
                let error = format!("cannot make branch {:?}: {why}", self.request.branch);
                return Err(Setback::Failed(Error::new(Kind::NotFound, error).hint(
                    "the repository is empty and its first branch has another name: make a first \
                     commit on this branch, or use the other one with --branch",
                )));
            }
            // Somebody else made the first commit.
            Err(HostError::Conflict { .. }) => return Err(Setback::Moved),
            made => made?,
        };
        let number = head.commit.clone();
        self.stand_at(head, &[first]);
        if files.len() > 1 {
            // The file that went first is no commit of its own kind: the others follow it.
            return Err(Setback::Moved);
        }
        Ok(Committed::Made(number))
    }

    /// Puts a signed first commit in place of the one that prepared for it.
    async fn replace_seed(&mut self, files: &[&File], message: &str) -> Result<Committed, Setback> {
        let tree = self.tree(None, files).await?;
        let commit = self.object(tree, None, message).await?;
        self.push(commit, files, true).await
    }

    async fn tree(&self, base: Option<&str>, files: &[&File]) -> Result<String, HostError> {
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|file| (file.path.as_str(), file.content.as_str()))
            .collect();
        self.repo.create_tree(base, &files).await
    }

    async fn object(
        &mut self,
        tree: String,
        parent: Option<String>,
        message: &str,
    ) -> Result<Head, Setback> {
        let mut commit = NewCommit {
            tree,
            parent,
            author: self.author.clone(),
            message: message.to_owned(),
        };
        let made = match self.send(&commit).await {
            Err(Setback::Failed(error)) if self.wants_address(&error.to_string()) => {
                self.author.email.clone_from(&self.fallback);
                commit.author = self.author.clone();
                self.send(&commit).await?
            }
            made => made?,
        };
        Ok(Head {
            commit: made,
            tree: commit.tree,
            message: commit.message,
            is_root: commit.parent.is_none(),
        })
    }

    async fn send(&self, commit: &NewCommit) -> Result<String, Setback> {
        let signer = self.request.signer.as_ref();
        let signature = signer.map(|s| s.sign(&commit.payload())).transpose()?;
        Ok(self
            .repo
            .create_commit(commit, signature.as_deref())
            .await?)
    }

    /// Whether the host refused an author for having no address.
    fn wants_address(&self, refusal: &str) -> bool {
        self.author.email.is_empty() && refusal.contains("email")
    }

    async fn push(
        &mut self,
        commit: Head,
        files: &[&File],
        force: bool,
    ) -> Result<Committed, Setback> {
        let branch = &self.request.branch;
        match self.repo.move_branch(branch, &commit.commit, force).await? {
            Pushed::Done => {
                let number = commit.commit.clone();
                self.stand_at(commit, files);
                Ok(Committed::Made(number))
            }
            Pushed::Overtaken => Err(Setback::Moved),
        }
    }

    fn stand_at(&mut self, head: Head, files: &[&File]) {
        self.tip.branch = Branch::At(head);
        for file in files {
            let number = names::blob_id(file.content.as_bytes());
            self.tip.blobs.insert(file.path.clone(), number);
        }
    }
}
