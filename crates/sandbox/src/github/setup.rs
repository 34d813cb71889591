//! Setting a server up: accounts, tokens, repositories, protections.

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use super::GitHub;
use super::model::{Account, AppliedRule, Organization, Repository, State, Team, Token};
use super::repos::{self, NewRepository};
use super::spec::{OrgRole, Permission, Protection, Rule, TokenKind, TokenSpec};

/// A repository to make.
#[derive(Clone, Debug)]
pub struct RepositorySpec {
    /// The account it belongs to.
    pub owner: String,
    /// Its name.
    pub name: String,
    /// Whether strangers don't see it.
    pub private: bool,
    /// Its default branch, which exists from the first commit on.
    pub default_branch: String,
}

impl RepositorySpec {
    /// A private repository without commits, whose branch will be `main`.
    #[must_use]
    pub fn private(owner: &str, name: &str) -> Self {
        Self {
            owner: owner.to_owned(),
            name: name.to_owned(),
            private: true,
            default_branch: "main".to_owned(),
        }
    }

    /// A public one.
    #[must_use]
    pub fn public(owner: &str, name: &str) -> Self {
        Self {
            private: false,
            ..Self::private(owner, name)
        }
    }
}

fn account<'s>(state: &'s mut State, login: &str) -> anyhow::Result<&'s mut Account> {
    let id = state
        .account(login)
        .with_context(|| format!("no account {login:?}"))?
        .id;
    state
        .accounts
        .get_mut(&id)
        .with_context(|| format!("no account {login:?}"))
}

fn organization<'s>(state: &'s mut State, login: &str) -> anyhow::Result<&'s mut Organization> {
    account(state, login)?
        .organization
        .as_mut()
        .with_context(|| format!("{login:?} is no organisation"))
}

pub(crate) fn repository<'s>(
    state: &'s mut State,
    owner: &str,
    name: &str,
) -> anyhow::Result<&'s mut Repository> {
    let id = state
        .repository(owner, name)
        .with_context(|| format!("no repository {owner}/{name}"))?
        .id;
    state
        .repositories
        .get_mut(&id)
        .with_context(|| format!("no repository {owner}/{name}"))
}

fn add_account(
    state: &mut State,
    login: &str,
    organization: Option<Organization>,
) -> anyhow::Result<()> {
    if state.account(login).is_some() {
        bail!("there is an account {login:?} already");
    }
    let id = state.fresh_id();
    let account = Account {
        id,
        login: login.to_owned(),
        created: Timestamp::now(),
        organization,
    };
    state.accounts.insert(id, account);
    Ok(())
}

impl GitHub {
    /// Adds a user.
    ///
    /// # Errors
    ///
    /// When the login is taken.
    pub fn add_user(&self, login: &str) -> anyhow::Result<()> {
        add_account(&mut self.shared.state(), login, None)
    }

    /// Adds an organisation without members.
    ///
    /// # Errors
    ///
    /// When the login is taken.
    pub fn add_org(&self, login: &str) -> anyhow::Result<()> {
        add_account(
            &mut self.shared.state(),
            login,
            Some(Organization::default()),
        )
    }

    /// Makes a user a member of an organisation, or changes the role.
    ///
    /// # Errors
    ///
    /// When either is unknown.
    pub fn add_member(&self, org: &str, user: &str, role: OrgRole) -> anyhow::Result<()> {
        let mut state = self.shared.state();
        let user = account(&mut state, user)?.id;
        organization(&mut state, org)?.members.insert(user, role);
        Ok(())
    }

    /// Demands single sign-on: tokens reach the organisation only where they name it as authorised.
    ///
    /// # Errors
    ///
    /// When the organisation is unknown.
    pub fn require_sso(&self, org: &str) -> anyhow::Result<()> {
        organization(&mut self.shared.state(), org)?.requires_sso = true;
        Ok(())
    }

    /// Leaves creating repositories of an organisation to its owners.
    ///
    /// # Errors
    ///
    /// When the organisation is unknown.
    pub fn restrict_creation(&self, org: &str) -> anyhow::Result<()> {
        organization(&mut self.shared.state(), org)?.closed = true;
        Ok(())
    }

    /// Adds a team, called by its slug, with members of the organisation.
    ///
    /// # Errors
    ///
    /// When the organisation or a member is unknown.
    pub fn add_team(&self, org: &str, slug: &str, members: &[&str]) -> anyhow::Result<()> {
        let mut state = self.shared.state();
        let members: anyhow::Result<Vec<u64>> = members
            .iter()
            .map(|login| Ok(account(&mut state, login)?.id))
            .collect();
        let members = members?;
        let id = state.fresh_id();
        let team = Team {
            id,
            name: slug.to_owned(),
            slug: slug.to_owned(),
            members,
            created: Timestamp::now(),
        };
        organization(&mut state, org)?.teams.push(team);
        Ok(())
    }

    /// Issues a token.
    ///
    /// # Errors
    ///
    /// When its user is unknown.
    pub fn add_token(&self, spec: TokenSpec) -> anyhow::Result<SecretString> {
        let mut state = self.shared.state();
        let user = account(&mut state, &spec.user)?.id;
        let prefix = match spec.kind {
            TokenKind::Classic { .. } => "ghp_".to_owned(),
            TokenKind::FineGrained { .. } => format!("github_pat_{}_", letters(22)),
        };
        let length = if prefix.len() > 4 { 59 } else { 36 };
        let secret = SecretString::from(format!("{prefix}{}", letters(length)));
        state.tokens.push(Token {
            secret: secret.clone(),
            user,
            kind: spec.kind,
            expires: spec.expires,
            authorized: spec.authorized,
            revoked: false,
        });
        Ok(secret)
    }

    /// Makes a token worthless from now on.
    pub fn revoke_token(&self, secret: &SecretString) {
        for token in &mut self.shared.state().tokens {
            token.revoked |= token.secret.expose_secret() == secret.expose_secret();
        }
    }

    /// Adds a repository without commits.
    ///
    /// # Errors
    ///
    /// When the owner is unknown, the name taken, or the folder cannot be made.
    pub fn add_repository(&self, spec: RepositorySpec) -> anyhow::Result<()> {
        let mut state = self.shared.state();
        let owner = account(&mut state, &spec.owner)?.id;
        if state.repository(&spec.owner, &spec.name).is_some() {
            bail!("there is a repository {}/{} already", spec.owner, spec.name);
        }
        let new = NewRepository {
            name: spec.name,
            private: spec.private,
            description: None,
            default_branch: Some(spec.default_branch),
        };
        repos::create(&mut state, owner, new)?;
        Ok(())
    }

    /// Renames a repository; its former name redirects.
    ///
    /// # Errors
    ///
    /// When it is unknown or the name is taken.
    pub fn rename_repository(&self, owner: &str, name: &str, new_name: &str) -> anyhow::Result<()> {
        let mut state = self.shared.state();
        let id = repository(&mut state, owner, name)?.id;
        if !repos::rename(&mut state, id, new_name) {
            bail!("there is a repository {owner}/{new_name} already");
        }
        Ok(())
    }

    /// Archives a repository, or opens it again.
    ///
    /// # Errors
    ///
    /// When it is unknown.
    pub fn archive_repository(
        &self,
        owner: &str,
        name: &str,
        archived: bool,
    ) -> anyhow::Result<()> {
        repository(&mut self.shared.state(), owner, name)?.archived = archived;
        Ok(())
    }

    /// Removes a repository with all it holds.
    ///
    /// # Errors
    ///
    /// When it is unknown or its folder stays.
    pub fn delete_repository(&self, owner: &str, name: &str) -> anyhow::Result<()> {
        let mut state = self.shared.state();
        let (id, path) =
            repository(&mut state, owner, name).map(|one| (one.id, one.path.clone()))?;
        state.repositories.remove(&id);
        state.renamed.retain(|_, target| *target != id);
        Ok(fs_err::remove_dir_all(path)?)
    }

    /// Forbids deploy keys on a repository, as an organisation's policy does.
    ///
    /// # Errors
    ///
    /// When it is unknown.
    pub fn disable_deploy_keys(&self, owner: &str, name: &str) -> anyhow::Result<()> {
        repository(&mut self.shared.state(), owner, name)?.keys_disabled = true;
        Ok(())
    }

    /// Makes a user a collaborator.
    ///
    /// # Errors
    ///
    /// When either is unknown.
    pub fn add_collaborator(
        &self,
        owner: &str,
        name: &str,
        user: &str,
        permission: Permission,
    ) -> anyhow::Result<()> {
        let mut state = self.shared.state();
        let user = account(&mut state, user)?.id;
        repository(&mut state, owner, name)?
            .collaborators
            .insert(user, permission);
        Ok(())
    }

    /// Grants a team a permission on a repository of its organisation.
    ///
    /// # Errors
    ///
    /// When either is unknown.
    pub fn grant_team(
        &self,
        org: &str,
        slug: &str,
        name: &str,
        permission: Permission,
    ) -> anyhow::Result<()> {
        let mut state = self.shared.state();
        let teams = &organization(&mut state, org)?.teams;
        let team = teams
            .iter()
            .find(|team| team.slug == slug)
            .map(|team| team.id);
        let team = team.with_context(|| format!("no team {org}/{slug}"))?;
        repository(&mut state, org, name)?
            .grants
            .insert(team, permission);
        Ok(())
    }

    /// Protects a branch, or replaces its protection.
    ///
    /// # Errors
    ///
    /// When the repository is unknown.
    pub fn protect_branch(
        &self,
        owner: &str,
        name: &str,
        branch: &str,
        protection: Protection,
    ) -> anyhow::Result<()> {
        let mut state = self.shared.state();
        repository(&mut state, owner, name)?
            .protections
            .insert(branch.to_owned(), protection);
        Ok(())
    }

    /// Puts a rule on branches: a name, a prefix with `*`, `~DEFAULT_BRANCH` or `~ALL`.
    ///
    /// # Errors
    ///
    /// When the repository is unknown.
    pub fn add_rule(
        &self,
        owner: &str,
        name: &str,
        pattern: &str,
        rule: Rule,
    ) -> anyhow::Result<()> {
        let mut state = self.shared.state();
        let ruleset = state.fresh_id();
        let rule = AppliedRule {
            ruleset,
            pattern: pattern.to_owned(),
            rule,
        };
        repository(&mut state, owner, name)?.rules.push(rule);
        Ok(())
    }

    /// Takes all protections and rules off a repository.
    ///
    /// # Errors
    ///
    /// When it is unknown.
    pub fn unprotect(&self, owner: &str, name: &str) -> anyhow::Result<()> {
        let mut state = self.shared.state();
        let repository = repository(&mut state, owner, name)?;
        repository.protections.clear();
        repository.rules.clear();
        Ok(())
    }
}

/// Random letters and digits.
fn letters(count: usize) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let letter = || char::from(ALPHABET[rand::random_range(0..ALPHABET.len())]);
    std::iter::repeat_with(letter).take(count).collect()
}
