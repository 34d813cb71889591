//! Git objects: commits written byte for byte as Git writes them, trees edited, names resolved.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use git2::{FileMode, ObjectType, Oid};
use jiff::Timestamp;
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::ApiError;
use super::model::State;

/// Makes a bare repository that may be pushed to, whose pushes run the hooks in `hooks`.
pub(crate) fn init(path: &Path, branch: &str, hooks: &Path) -> Result<(), git2::Error> {
    let mut options = git2::RepositoryInitOptions::new();
    options
        .bare(true)
        .mkpath(true)
        .external_template(false)
        .initial_head(branch);
    let mut config = git2::Repository::init_opts(path, &options)?.config()?;
    config.set_bool("http.receivepack", true)?;
    config.set_bool("uploadpack.allowFilter", true)?;
    config.set_bool("uploadpack.allowReachableSHA1InWant", true)?;
    // Objects of the Git Data API hang on no reference until the last request.
    config.set_bool("receive.autogc", false)?;
    config.set_i32("gc.auto", 0)?;
    config.set_str("core.hooksPath", &hooks.to_string_lossy())
}

/// Whether a repository has no reference at all.
pub(crate) fn is_empty(git: &git2::Repository) -> Result<bool, git2::Error> {
    Ok(git.references()?.next().is_none())
}

/// The commit that a branch, tag, full reference name or object number means.
pub(crate) fn resolve(git: &git2::Repository, name: &str) -> Option<Oid> {
    let named = [
        name.to_owned(),
        format!("refs/heads/{name}"),
        format!("refs/tags/{name}"),
        format!("refs/{name}"),
    ];
    let reference = named
        .iter()
        .filter(|name| *name == "HEAD" || name.starts_with("refs/"))
        .find_map(|name| git.find_reference(name).ok())
        .and_then(|reference| reference.peel_to_commit().ok());
    if let Some(commit) = reference {
        return Some(commit.id());
    }
    let looks_like_number =
        (4..=40).contains(&name.len()) && name.chars().all(|c| c.is_ascii_hexdigit());
    let object = looks_like_number
        .then(|| git.revparse_single(name).ok())
        .flatten()?;
    object.peel_to_commit().ok().map(|commit| commit.id())
}

/// The commit at the tip of a branch.
pub(crate) fn branch_tip(git: &git2::Repository, branch: &str) -> Option<Oid> {
    let reference = git.find_reference(&format!("refs/heads/{branch}")).ok()?;
    Some(reference.peel_to_commit().ok()?.id())
}

/// Author or committer of a commit.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) seconds: i64,
    /// Minutes east of UTC.
    pub(crate) offset: i32,
}

/// Author or committer as a request gives it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PersonBody {
    name: Option<String>,
    email: Option<String>,
    date: Option<String>,
}

impl Person {
    /// A user of the server, now.
    pub(crate) fn of(state: &State, user: u64) -> Self {
        let login = state.login(user);
        Self {
            name: login.to_owned(),
            email: format!("{user}+{login}@users.noreply.github.com"),
            seconds: Timestamp::now().as_second(),
            offset: 0,
        }
    }

    /// Reads a request's author or committer; both name and address must be given.
    pub(crate) fn read(body: &PersonBody, which: &str) -> Result<Self, ApiError> {
        let missing = |field: &str| {
            ApiError::unprocessable(format!(
                "Invalid request.\n\n\"{field}\" wasn't supplied for {which}."
            ))
        };
        let (seconds, offset) = match &body.date {
            None => (Timestamp::now().as_second(), 0),
            Some(text) => read_date(text).ok_or_else(|| {
                ApiError::unprocessable(format!(
                    "Invalid request.\n\n{which}.date is not a date-time."
                ))
            })?,
        };
        Ok(Self {
            name: body.name.clone().ok_or_else(|| missing("name"))?,
            email: body.email.clone().ok_or_else(|| missing("email"))?,
            seconds,
            offset,
        })
    }

    fn line(&self) -> String {
        let sign = if self.offset < 0 { '-' } else { '+' };
        let offset = self.offset.abs();
        let (hours, minutes) = (offset / 60, offset % 60);
        // Git drops what would end a name or an address early.
        let clean = |text: &str| text.replace(['<', '>', '\n'], "").trim().to_owned();
        let (name, email) = (clean(&self.name), clean(&self.email));
        format!(
            "{name} <{email}> {} {sign}{hours:02}{minutes:02}",
            self.seconds
        )
    }
}

/// Seconds and minutes east of UTC of an ISO 8601 date-time; the offset is part of the commit.
fn read_date(text: &str) -> Option<(i64, i32)> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    let pieces = PARSER.parse_pieces(text).ok()?;
    let offset = pieces.to_numeric_offset().unwrap_or(jiff::tz::Offset::UTC);
    let time = pieces.date().to_datetime(pieces.time()?);
    let seconds = time
        .to_zoned(TimeZone::fixed(offset))
        .ok()?
        .timestamp()
        .as_second();
    Some((seconds, offset.seconds() / 60))
}

/// A commit to write.
#[derive(Clone, Debug)]
pub(crate) struct NewCommit {
    pub(crate) tree: Oid,
    pub(crate) parents: Vec<Oid>,
    pub(crate) author: Person,
    pub(crate) committer: Person,
    pub(crate) message: String,
    pub(crate) signature: Option<String>,
}

/// Writes a commit object. Bytes are Git's own layout: a signature is computed over exactly these.
pub(crate) fn write_commit(git: &git2::Repository, commit: &NewCommit) -> Result<Oid, git2::Error> {
    let mut text = format!("tree {}\n", commit.tree);
    for parent in &commit.parents {
        let _ = writeln!(text, "parent {parent}");
    }
    let _ = writeln!(text, "author {}", commit.author.line());
    let _ = writeln!(text, "committer {}", commit.committer.line());
    if let Some(signature) = &commit.signature {
        let lines: Vec<&str> = signature.trim_end_matches('\n').split('\n').collect();
        let _ = writeln!(text, "gpgsig {}", lines.join("\n "));
    }
    let _ = write!(text, "\n{}", commit.message);
    git.odb()?.write(ObjectType::Commit, text.as_bytes())
}

/// Signature of a commit and what it was computed over.
pub(crate) fn signature(git: &git2::Repository, commit: Oid) -> Option<(String, String)> {
    let (signature, payload) = git.extract_signature(&commit, None).ok()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some((text(&signature), text(&payload)))
}

/// The `verification` of a commit: the server knows no one's keys.
pub(crate) fn verification(git: &git2::Repository, commit: Oid) -> Value {
    match signature(git, commit) {
        None => json!({
            "verified": false, "reason": "unsigned", "signature": null, "payload": null, "verified_at": null,
        }),
        Some((signature, payload)) => json!({
            "verified": false, "reason": "unknown_key", "signature": signature, "payload": payload,
            "verified_at": null,
        }),
    }
}

/// Name, address and UTC time of an author or committer.
pub(crate) fn person_view(person: &git2::Signature<'_>) -> Value {
    let time = Timestamp::from_second(person.when().seconds()).unwrap_or_default();
    json!({
        "name": String::from_utf8_lossy(person.name_bytes()),
        "email": String::from_utf8_lossy(person.email_bytes()),
        "date": time.strftime("%FT%TZ").to_string(),
    })
}

/// What becomes of one path of a tree.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Edit {
    /// It becomes this object with this mode.
    Set(Oid, i32),
    /// It goes.
    Remove,
}

/// Applies edits to a tree; `None` is the empty one. A path to remove must be there.
pub(crate) fn edit_tree(
    git: &git2::Repository,
    base: Option<Oid>,
    edits: &[(Vec<String>, Edit)],
) -> Result<Option<Oid>, ApiError> {
    let base = base.map(|id| git.find_tree(id)).transpose()?;
    let mut builder = git.treebuilder(base.as_ref())?;
    let mut deeper: BTreeMap<&str, Vec<(Vec<String>, Edit)>> = BTreeMap::new();
    for (path, edit) in edits {
        let Some((name, rest)) = path.split_first() else {
            continue;
        };
        match edit {
            _ if !rest.is_empty() => deeper.entry(name).or_default().push((rest.to_vec(), *edit)),
            Edit::Set(id, mode) => drop(builder.insert(name, *id, *mode)?),
            Edit::Remove if builder.get(name)?.is_some() => builder.remove(name)?,
            Edit::Remove => return Err(ApiError::unprocessable("GitRPC::BadObjectState")),
        }
    }
    for (name, edits) in deeper {
        let entry = builder.get(name)?;
        let inner = entry
            .filter(|entry| entry.kind() == Some(ObjectType::Tree))
            .map(|entry| entry.id());
        match edit_tree(git, inner, &edits)? {
            Some(tree) => drop(builder.insert(name, tree, FileMode::Tree.into())?),
            None if inner.is_some() => builder.remove(name)?,
            None => {}
        }
    }
    // Git knows no empty directories, but for a repository's root.
    Ok(if builder.is_empty() {
        None
    } else {
        Some(builder.write()?)
    })
}

/// The empty tree, written.
pub(crate) fn empty_tree(git: &git2::Repository) -> Result<Oid, git2::Error> {
    git.treebuilder(None)?.write()
}

/// A path's parts; `None` where Git would not have such a path.
pub(crate) fn split_path(path: &str) -> Option<Vec<String>> {
    let parts: Vec<String> = path.split('/').map(str::to_owned).collect();
    let bad = |part: &String| {
        part.is_empty() || part == "." || part == ".." || part.eq_ignore_ascii_case(".git")
    };
    (!parts.iter().any(bad)).then_some(parts)
}
