//! What keeps a branch from changing: classic protection and rulesets.

use git2::Oid;

use super::auth;
use super::errors::ApiError;
use super::model::{AppliedRule, Repository, State};
use super::rest::Call;
use super::spec::{Permission, Protection, Rule};

/// A change of one reference.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change<'a> {
    pub(crate) name: &'a str,
    pub(crate) old: Option<Oid>,
    pub(crate) new: Option<Oid>,
    pub(crate) force: bool,
}

/// How a hook decides about a branch. The words are those that the update hook reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    /// No direct change at all.
    Closed,
    /// No rewriting.
    FastForward,
    /// No deletion.
    Keep,
    /// Signed commits only.
    Signed,
}

impl Guard {
    fn word(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::FastForward => "forward",
            Self::Keep => "keep",
            Self::Signed => "signed",
        }
    }
}

/// One reason why a branch may not change.
#[derive(Clone, Debug)]
pub(crate) struct Barrier {
    pub(crate) guard: Guard,
    pub(crate) message: String,
    /// Whether it comes from a ruleset, which words refusals differently.
    pub(crate) rule: bool,
}

impl Barrier {
    fn new(guard: Guard, message: impl Into<String>, rule: bool) -> Self {
        let message = message.into();
        Self {
            guard,
            message,
            rule,
        }
    }

    fn pull_request(rule: bool) -> Self {
        Self::new(
            Guard::Closed,
            "Changes must be made through a pull request.",
            rule,
        )
    }

    fn check(name: &str, rule: bool) -> Self {
        let message = format!("Required status check \"{name}\" is expected.");
        Self::new(Guard::Closed, message, rule)
    }

    fn signatures(rule: bool) -> Self {
        Self::new(
            Guard::Signed,
            "Commits must have verified signatures.",
            rule,
        )
    }

    fn forward(rule: bool) -> Self {
        Self::new(Guard::FastForward, "Cannot force-push to this branch", rule)
    }

    fn keep(rule: bool) -> Self {
        Self::new(Guard::Keep, "Cannot delete this branch", rule)
    }
}

/// The reasons that bind this user on this branch.
pub(crate) fn barriers(
    state: &State,
    repository: &Repository,
    branch: &str,
    user: Option<u64>,
) -> Vec<Barrier> {
    let held = user.and_then(|user| auth::permission(state, Some(user), repository));
    let protection = repository.protections.get(branch);
    let mut found = protection.map_or_else(Vec::new, |protection| {
        of_protection(protection, held == Some(Permission::Admin))
    });
    for applied in rules(repository, branch) {
        match &applied.rule {
            Rule::PullRequest(_) => found.push(Barrier::pull_request(true)),
            Rule::RequiredStatusChecks(checks) => {
                found.extend(checks.iter().map(|check| Barrier::check(check, true)));
            }
            Rule::RequiredSignatures => found.push(Barrier::signatures(true)),
            Rule::NonFastForward => found.push(Barrier::forward(true)),
            Rule::Deletion => found.push(Barrier::keep(true)),
        }
    }
    found
}

/// Administrators pass the demands on a change unless they are bound too; nobody rewrites or deletes.
fn of_protection(protection: &Protection, admin: bool) -> Vec<Barrier> {
    let mut found = Vec::new();
    if protection.enforce_admins || !admin {
        found.extend(
            protection
                .required_reviews
                .map(|_| Barrier::pull_request(false)),
        );
        let checks = protection.required_checks.iter();
        found.extend(checks.map(|check| Barrier::check(check, false)));
        found.extend(
            protection
                .required_signatures
                .then(|| Barrier::signatures(false)),
        );
    }
    found.extend((!protection.allow_force_pushes).then(|| Barrier::forward(false)));
    found.extend((!protection.allow_deletions).then(|| Barrier::keep(false)));
    found
}

/// The rules of rulesets that apply to a branch.
pub(crate) fn rules<'r>(
    repository: &'r Repository,
    branch: &'r str,
) -> impl Iterator<Item = &'r AppliedRule> {
    repository
        .rules
        .iter()
        .filter(move |rule| match rule.pattern.as_str() {
            "~ALL" => true,
            "~DEFAULT_BRANCH" => branch == repository.default_branch,
            pattern => pattern
                .strip_suffix('*')
                .map_or(pattern == branch, |prefix| branch.starts_with(prefix)),
        })
}

/// What stands against a change of a branch, worded for people.
pub(crate) fn refusal(
    call: &Call<'_>,
    git: &git2::Repository,
    change: &Change<'_>,
) -> Result<Option<String>, ApiError> {
    let Some(branch) = change.name.strip_prefix("refs/heads/") else {
        return Ok(None);
    };
    let user = call.caller.as_ref().map(|caller| caller.user);
    let barriers = barriers(call.state, call.repository()?, branch, user);
    let standing: Vec<&Barrier> = barriers
        .iter()
        .filter(|one| stands(git, one.guard, change))
        .collect();
    if standing.is_empty() {
        return Ok(None);
    }
    let messages: Vec<&str> = standing.iter().map(|one| one.message.as_str()).collect();
    Ok(Some(if standing.iter().any(|one| one.rule) {
        format!(
            "Repository rule violations found\n\n{}\n\n",
            messages.join("\n")
        )
    } else {
        messages.join(" ")
    }))
}

/// Refuses with 422 what a protection or rule forbids.
pub(crate) fn check(
    call: &Call<'_>,
    git: &git2::Repository,
    change: &Change<'_>,
) -> Result<(), ApiError> {
    refusal(call, git, change)?.map_or(Ok(()), |message| Err(ApiError::unprocessable(message)))
}

fn stands(git: &git2::Repository, guard: Guard, change: &Change<'_>) -> bool {
    match (guard, change.old, change.new) {
        (Guard::Closed, _, new) => new.is_some(),
        (Guard::Keep, _, new) => new.is_none(),
        (Guard::FastForward, Some(old), Some(new)) => {
            change.force && !super::git_data::refs::forward(git, old, new)
        }
        (Guard::Signed, old, Some(new)) => !all_signed(git, old, new),
        _ => false,
    }
}

fn all_signed(git: &git2::Repository, old: Option<Oid>, new: Oid) -> bool {
    let walk = || -> Result<bool, git2::Error> {
        let mut walk = git.revwalk()?;
        walk.push(new)?;
        if let Some(old) = old {
            walk.hide(old)?;
        }
        for id in walk {
            if super::objects::signature(git, id?).is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    };
    walk().unwrap_or(false)
}

/// The barriers of all branches as the update hook reads them: reference, guard, error number and
/// message in columns.
pub(crate) fn for_hook(
    state: &State,
    repository: &Repository,
    user: Option<u64>,
    branches: &[String],
) -> String {
    let mut lines = String::new();
    for branch in branches {
        for one in barriers(state, repository, branch, user) {
            let code = if one.rule { "GH013" } else { "GH006" };
            lines.push_str(&format!(
                "refs/heads/{branch}\t{}\t{code}\t{}\n",
                one.guard.word(),
                one.message
            ));
        }
    }
    lines
}

/// The hook itself, run by `git receive-pack` for each reference.
pub(crate) const UPDATE_HOOK: &str = r#"#!/bin/sh
# Reads the branch barriers from the environment: reference, guard, error number, message.
name=$1 old=$2 new=$3 tab=$(printf '\t') status=0
zero=0000000000000000000000000000000000000000
refuse() {
    case $code in
    GH013) echo "error: GH013: Repository rule violations found for $name." ;;
    *) echo "error: $code: Protected branch update failed for $name." ;;
    esac
    echo "error: $message"
    status=1
}
while IFS=$tab read -r reference guard code message; do
    [ "$reference" = "$name" ] || continue
    case $guard in
    closed) [ "$new" = $zero ] || refuse ;;
    keep) [ "$new" != $zero ] || refuse ;;
    forward)
        [ "$old" = $zero ] || [ "$new" = $zero ] || git merge-base --is-ancestor "$old" "$new" || refuse ;;
    signed)
        [ "$new" = $zero ] && continue
        range=$new
        [ "$old" = $zero ] || range=$old..$new
        for commit in $(git rev-list "$range"); do
            git cat-file commit "$commit" | sed '/^$/q' | grep -q '^gpgsig' || { refuse; break; }
        done ;;
    esac
done <<EOF
$SANDBOX_BARRIERS
EOF
exit $status
"#;
