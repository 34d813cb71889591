//! How objects are told apart: group, version, kind, name and namespace.

use std::borrow::Cow;
use std::fmt;

use crate::schema::{self, Schema};

/// The namespace of objects that belong to none, for comparison.
const NO_NAMESPACE: &str = "_non_namespaceable_";

/// The group and the version in an `apiVersion`.
pub(crate) fn split_api_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

/// Group, version and kind; as a selector, empty parts match everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Gvk {
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) kind: String,
}

impl Gvk {
    pub(crate) fn new(api_version: &str, kind: &str) -> Self {
        let (group, version) = split_api_version(api_version);
        Self {
            group: group.into(),
            version: version.into(),
            kind: kind.into(),
        }
    }

    pub(crate) fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// Whether each part that `selector` gives is the same here.
    pub(crate) fn is_selected(&self, selector: &Self) -> bool {
        let fits = |own: &str, wanted: &str| wanted.is_empty() || own == wanted;
        fits(&self.group, &selector.group)
            && fits(&self.version, &selector.version)
            && fits(&self.kind, &selector.kind)
    }
}

/// A part of an identifier as errors show it.
fn or<'a>(text: &'a str, missing: &'a str) -> &'a str {
    if text.is_empty() { missing } else { text }
}

impl fmt::Display for Gvk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, version) = (or(&self.kind, "[noKind]"), or(&self.version, "[noVer]"));
        write!(f, "{kind}.{version}.{}", or(&self.group, "[noGrp]"))
    }
}

/// The identity of an object, now or at an earlier point of the build.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Id {
    pub(crate) gvk: Gvk,
    pub(crate) name: String,
    pub(crate) namespace: String,
    cluster_scoped: bool,
}

/// An [`Id`] in the form in which equal objects have equal ones.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key(Gvk, String, String);

impl Id {
    pub(crate) fn new(gvk: Gvk, name: String, namespace: String) -> Self {
        Self::within(None, gvk, name, namespace)
    }

    /// An identity in a build with types of its own.
    pub(crate) fn within(
        schema: Option<&Schema>,
        gvk: Gvk,
        name: String,
        namespace: String,
    ) -> Self {
        let api_version = if gvk.group.is_empty() {
            Cow::Borrowed(gvk.version.as_str())
        } else {
            Cow::Owned(gvk.api_version())
        };
        let cluster_scoped = match schema {
            Some(schema) => schema.is_cluster_scoped(&api_version, &gvk.kind),
            None => schema::is_cluster_scoped(&api_version, &gvk.kind),
        };
        Self {
            gvk,
            name,
            namespace,
            cluster_scoped,
        }
    }

    /// An identity of the past, whose namespace is the effective one of then.
    pub(crate) fn earlier(gvk: Gvk, name: String, namespace: String) -> Self {
        Self {
            gvk,
            name,
            namespace,
            cluster_scoped: false,
        }
    }

    pub(crate) fn is_cluster_scoped(&self) -> bool {
        self.cluster_scoped
    }

    /// The namespace for comparison: `default` where none is given.
    pub(crate) fn effective_namespace(&self) -> &str {
        if self.cluster_scoped {
            NO_NAMESPACE
        } else {
            or(&self.namespace, "default")
        }
    }

    pub(crate) fn key(&self) -> Key {
        Key(
            self.gvk.clone(),
            self.name.clone(),
            self.effective_namespace().to_owned(),
        )
    }

    /// Whether both stand for the same object.
    pub(crate) fn matches(&self, other: &Self) -> bool {
        self.name == other.name
            && self.gvk == other.gvk
            && self.effective_namespace() == other.effective_namespace()
    }
}

impl Id {
    /// The identity in the form in which generators speak of it.
    pub(crate) fn go_syntax(&self) -> String {
        let Gvk {
            group,
            version,
            kind,
        } = &self.gvk;
        let (scoped, name, namespace) = (self.cluster_scoped, &self.name, &self.namespace);
        format!(
            "resid.ResId{{Gvk:resid.Gvk{{Group:{group:?}, Version:{version:?}, Kind:{kind:?}, \
             isClusterScoped:{scoped}}}, Name:{name:?}, Namespace:{namespace:?}}}"
        )
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{}.{}",
            self.gvk,
            or(&self.name, "[noName]"),
            or(&self.namespace, "[noNs]")
        )
    }
}
