//! The table of Flux kinds.
//!
//! A [`Kind`] is a row of data and pure functions; verbs walk [`KINDS`]. To add a kind: its file,
//! one line in [`KINDS`], one fixture. Nothing outside this module matches on a kind.

mod alert;
mod artifact_generator;
mod bucket;
mod external_artifact;
mod git_repository;
mod helm_chart;
mod helm_release;
mod helm_repository;
mod image_policy;
mod image_repository;
mod image_update_automation;
pub mod inventory;
mod kustomization;
mod object_name;
mod oci_repository;
mod provider;
mod receiver;
pub mod status;
pub mod suspension;
mod target;

use std::fmt;

use kube::ResourceExt;
use kube::api::DynamicObject;
use serde_json::Value;

pub use alert::ALERT;
pub use artifact_generator::ARTIFACT_GENERATOR;
pub use bucket::BUCKET;
pub use external_artifact::EXTERNAL_ARTIFACT;
pub use git_repository::GIT_REPOSITORY;
pub use helm_chart::HELM_CHART;
pub use helm_release::HELM_RELEASE;
pub use helm_repository::HELM_REPOSITORY;
pub use image_policy::IMAGE_POLICY;
pub use image_repository::IMAGE_REPOSITORY;
pub use image_update_automation::IMAGE_UPDATE_AUTOMATION;
pub use kustomization::KUSTOMIZATION;
pub use object_name::ObjectName;
pub use oci_repository::OCI_REPOSITORY;
pub use provider::PROVIDER;
pub use receiver::RECEIVER;
use status::State;
pub use target::Target;

/// Every kind, in the order in which `get all` lists them.
pub static KINDS: &[&Kind] = &[
    &OCI_REPOSITORY,
    &BUCKET,
    &GIT_REPOSITORY,
    &HELM_REPOSITORY,
    &HELM_CHART,
    &EXTERNAL_ARTIFACT,
    &IMAGE_REPOSITORY,
    &IMAGE_POLICY,
    &IMAGE_UPDATE_AUTOMATION,
    &HELM_RELEASE,
    &KUSTOMIZATION,
    &RECEIVER,
    &PROVIDER,
    &ALERT,
    &ARTIFACT_GENERATOR,
];

/// One kind of object.
pub struct Kind {
    /// The API group.
    pub group: &'static str,
    /// The version reflux speaks.
    pub version: &'static str,
    /// The kind's name.
    pub kind: &'static str,
    /// The plural in URLs.
    pub plural: &'static str,
    /// The short words that its definition gives it.
    pub short_names: &'static [&'static str],
    /// The words after `create`, `delete`, `export`, `reconcile`, `resume` and `suspend`.
    pub singular: Noun,
    /// The words after `get`.
    pub list: Noun,
    /// What it is called in sentences, such as `source git`.
    pub human: &'static str,
    /// What it is called in status lines of `create`, such as `GitRepository source`.
    pub title: &'static str,
    /// The controller that reconciles it.
    pub controller: &'static str,
    /// The verbs that apply to it, besides `get`.
    pub actions: &'static [Action],
    /// The columns of `get`, after the name.
    pub columns: &'static [Column],
    /// Columns that only some flag or format asks for.
    pub source_column: Option<Column>,
    /// What the object is made from, where its spec names it.
    pub source: Option<fn(&DynamicObject) -> Option<SourceReference>>,
    /// What `reconcile --with-source` reconciles before it.
    pub reconciled_first: Option<fn(&DynamicObject) -> Option<SourceReference>>,
    /// The name of the Secret with its credentials, where it can have one.
    pub credentials: Option<fn(&DynamicObject) -> Option<String>>,
    /// The revision it stands for: what it fetched or applied.
    pub revision: fn(&DynamicObject) -> Option<String>,
    /// What is said when a reconciliation has succeeded.
    pub done: fn(&DynamicObject) -> String,
    /// Which of the objects have no reconciler, and so are always ready.
    pub fixed: Fixed,
    /// Whether its reconciliation is suspended.
    pub suspended: fn(&DynamicObject) -> bool,
    /// The flags of `reconcile` that ask for more than a reconciliation.
    pub requests: &'static [RequestFlag],
    /// The objects that its controller deletes with it, where it does such a thing.
    pub pruned: Option<fn(&DynamicObject) -> Vec<inventory::Entry>>,
    /// The spec in the form in which flux writes it: empty optional fields left out.
    pub normalize: fn(&Value) -> Result<Value, serde_json::Error>,
    /// A name for examples in help.
    pub example: &'static str,
}

/// The words for a kind on the command line.
#[derive(Debug, Clone, Copy)]
pub struct Noun {
    /// One or two words.
    pub path: &'static [&'static str],
    /// Other words for the last one.
    pub aliases: &'static [&'static str],
}

/// One column of a table.
#[derive(Clone, Copy)]
pub struct Column {
    /// The header.
    pub header: &'static str,
    /// Whether the cells are times in RFC 3339, to be shown in the user's time zone.
    pub time: bool,
    /// The cell of an object.
    pub cell: fn(&DynamicObject) -> String,
}

/// Which object another is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceReference {
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
}

impl fmt::Display for SourceReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.kind, self.namespace, self.name)
    }
}

/// A verb that applies to some kinds only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// `delete`.
    Delete,
    /// `export`.
    Export,
    /// `reconcile`.
    Reconcile,
    /// `suspend` and `resume`.
    Suspend,
}

/// Which objects of a kind have no reconciler: they are ready as they stand.
#[derive(Clone, Copy)]
pub enum Fixed {
    /// None.
    Never,
    /// All; their status has no conditions. The message is what `get` says of them.
    Always(&'static str),
    /// Those that the function says.
    When(fn(&DynamicObject) -> bool, &'static str),
}

/// A flag of `reconcile` that adds an annotation with the time of the request.
#[derive(Debug, Clone, Copy)]
pub struct RequestFlag {
    /// The flag, without dashes.
    pub flag: &'static str,
    /// Its help.
    pub help: &'static str,
    /// The annotation.
    pub annotation: &'static str,
}

impl Kind {
    /// Group and version, as objects carry them.
    pub fn api_version(&self) -> String {
        format!("{}/{}", self.group, self.version)
    }

    /// Whether the verb applies to the kind.
    pub fn allows(&self, action: Action) -> bool {
        self.actions.contains(&action)
    }

    /// Whether nothing reconciles the object.
    pub fn is_fixed(&self, object: &DynamicObject) -> bool {
        match self.fixed {
            Fixed::Never => false,
            Fixed::Always(_) => true,
            Fixed::When(is_fixed, _) => is_fixed(object),
        }
    }

    /// Whether the object is where its spec wants it.
    pub fn state(&self, object: &DynamicObject) -> State {
        if self.is_fixed(object) && object.metadata.deletion_timestamp.is_none() {
            State::Ready
        } else {
            status::state(object)
        }
    }
}

/// Words that group kinds, the other words for them, and their singular and plural.
pub const GROUPS: &[Noun] = &[
    Noun {
        path: &["source"],
        aliases: &[],
    },
    Noun {
        path: &["sources"],
        aliases: &["source"],
    },
    Noun {
        path: &["image"],
        aliases: &[],
    },
    Noun {
        path: &["images"],
        aliases: &["image"],
    },
    Noun {
        path: &["artifact"],
        aliases: &[],
    },
    Noun {
        path: &["artifacts"],
        aliases: &["artifact"],
    },
];

/// The kind of that name, whatever its case.
pub fn by_name(kind: &str) -> Option<&'static Kind> {
    KINDS
        .iter()
        .copied()
        .find(|k| k.kind.eq_ignore_ascii_case(kind))
}

/// The verbs of a kind that users make objects of and controllers reconcile.
const ALL: &[Action] = &[
    Action::Delete,
    Action::Export,
    Action::Reconcile,
    Action::Suspend,
];

/// The verbs of a kind that nothing reconciles.
const NOT_RECONCILED: &[Action] = &[Action::Delete, Action::Export, Action::Suspend];

/// The kind that a word before a slash means, as in `ks/apps`: the kind, its plural or a short name,
/// whatever the case, with or without the group behind a dot.
pub fn by_word(word: &str) -> Option<&'static Kind> {
    let (word, group) = match word.split_once('.') {
        Some((word, group)) => (word, Some(group)),
        None => (word, None),
    };
    let is = |name: &&str| name.eq_ignore_ascii_case(word);
    KINDS.iter().copied().find(|kind| {
        let names = [kind.kind, kind.plural];
        let own = match kind.singular.path {
            [single] => Some(*single),
            _ => None,
        };
        let known = names
            .iter()
            .chain(kind.short_names)
            .chain(own.as_ref())
            .any(is);
        // `.v1.group` is kubectl's form with the version.
        known
            && group
                .is_none_or(|g| g == kind.group || g == format!("{}.{}", kind.version, kind.group))
    })
}

const READY: Column = Column {
    header: "Ready",
    time: false,
    cell: |object| status::ready(object).0,
};

const MESSAGE: Column = Column {
    header: "Message",
    time: false,
    cell: |object| status::shorten_digests(&status::ready(object).1),
};

/// The message with whatever digests are in it.
const WHOLE_MESSAGE: Column = Column {
    header: "Message",
    time: false,
    cell: |object| status::ready(object).1,
};

const SUSPENDED: Column = Column {
    header: "Suspended",
    time: false,
    cell: |object| suspended_word(field_suspended(object)),
};

const SHORT_REVISION: Column = Column {
    header: "Revision",
    time: false,
    cell: |object| status::shorten_digests(&text_at(object, ARTIFACT_REVISION).unwrap_or_default()),
};

/// Where sources keep the revision of what they fetched.
const ARTIFACT_REVISION: &str = "/status/artifact/revision";

/// The time that Go's programs write where there is none.
pub const ZERO_TIME: &str = "0001-01-01T00:00:00Z";

fn suspended_word(suspended: bool) -> String {
    if suspended { "True" } else { "False" }.to_owned()
}

fn field_suspended(object: &DynamicObject) -> bool {
    object.data["spec"]["suspend"].as_bool().unwrap_or(false)
}

/// What is said of a source that was fetched.
fn fetched(object: &DynamicObject) -> String {
    let revision = text_at(object, ARTIFACT_REVISION).unwrap_or_default();
    format!("fetched revision {revision}")
}

/// The source that `spec.sourceRef` names, in the object's own namespace unless it says another.
fn spec_source(object: &DynamicObject) -> Option<SourceReference> {
    Some(SourceReference {
        kind: text_at(object, "/spec/sourceRef/kind")?,
        name: text_at(object, "/spec/sourceRef/name")?,
        namespace: text_at(object, "/spec/sourceRef/namespace")
            .or_else(|| object.namespace())
            .unwrap_or_default(),
    })
}

/// The string at a JSON pointer below the object, if there is one that is not empty.
fn text_at(object: &DynamicObject, pointer: &str) -> Option<String> {
    object
        .data
        .pointer(pointer)?
        .as_str()
        .filter(|s| !s.is_empty())
        .map(str::to_owned)
}

/// Reads a spec through its type and writes it again, which leaves out what flux leaves out.
fn through<T>(spec: &Value) -> Result<Value, serde_json::Error>
where
    T: serde::Serialize + serde::de::DeserializeOwned,
{
    serde_json::to_value(serde_json::from_value::<T>(spec.clone())?)
}

#[cfg(test)]
mod tests;
