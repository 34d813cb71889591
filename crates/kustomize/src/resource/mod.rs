//! An object on its way through a build: its content, and what it was called before.

mod metadata;
mod notes;
mod shared;

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::error::Error;
use crate::id::{Gvk, Id};
use crate::schema::Schema;
use crate::shown::wrong_kind;
use crate::transform::replacements;
use crate::yaml::{Data, Mapping, Node, Scalar};
use metadata::{mapping_at, metadata};
pub(crate) use metadata::{set_identity, set_metadata_texts, set_untyped, text_at, texts};

/// What an overlay's generator does with an object that is there already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Behavior {
    #[default]
    Unspecified,
    Create,
    Merge,
    Replace,
}

impl Behavior {
    pub(crate) fn parse(text: &str) -> Self {
        match text {
            "create" => Self::Create,
            "merge" => Self::Merge,
            "replace" => Self::Replace,
            _ => Self::Unspecified,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Create => "create",
            Self::Merge => "merge",
            Self::Replace => "replace",
        }
    }
}

#[derive(Debug, Clone)]
struct Previous {
    kind: String,
    name: String,
    namespace: String,
}

/// An object and its history.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    pub(crate) node: Node,
    /// The file it came from, or the kustomization that generated it.
    pub(crate) file: Rc<str>,
    previous: Vec<Previous>,
    /// Whether it was remembered once while it had no name.
    was_nameless: bool,
    pub(crate) prefixes: Vec<String>,
    pub(crate) suffixes: Vec<String>,
    pub(crate) needs_hash: bool,
    pub(crate) is_generated: bool,
    /// What a replacement put into it that does not fit there, unless something else has come in its place since.
    pub(crate) misfit: Option<Box<Error>>,
    pub(crate) behavior: Behavior,
    /// The names of the vars that stand for one of its fields.
    pub(crate) var_names: Vec<String>,
    /// The types of the build; without them, kinds are those of Kubernetes.
    pub(crate) schema: Option<Rc<Schema>>,
    /// The values that stand at several places, by their numbers less one.
    shared: Vec<Node>,
}

impl Resource {
    pub(crate) fn new(node: Node, file: Rc<str>) -> Self {
        Self {
            node,
            file,
            previous: Vec::new(),
            was_nameless: false,
            prefixes: Vec::new(),
            suffixes: Vec::new(),
            needs_hash: false,
            is_generated: false,
            misfit: None,
            behavior: Behavior::default(),
            var_names: Vec::new(),
            schema: None,
            shared: Vec::new(),
        }
    }

    pub(crate) fn kind(&self) -> &str {
        text_at(&self.node, &["kind"])
    }

    pub(crate) fn api_version(&self) -> &str {
        text_at(&self.node, &["apiVersion"])
    }

    pub(crate) fn name(&self) -> &str {
        text_at(&self.node, &["metadata", "name"])
    }

    pub(crate) fn namespace(&self) -> &str {
        text_at(&self.node, &["metadata", "namespace"])
    }

    pub(crate) fn gvk(&self) -> Gvk {
        Gvk::new(self.api_version(), self.kind())
    }

    /// What the object is called now.
    pub(crate) fn id(&self) -> Id {
        Id::within(
            self.schema.as_deref(),
            self.gvk(),
            self.name().into(),
            self.namespace().into(),
        )
    }

    /// What the object was called before, first name first.
    pub(crate) fn previous_ids(&self) -> impl Iterator<Item = Id> + '_ {
        let api_version = self.api_version();
        self.previous.iter().map(move |previous| {
            Id::earlier(
                Gvk::new(api_version, &previous.kind),
                previous.name.clone(),
                previous.namespace.clone(),
            )
        })
    }

    /// What the object was called first.
    pub(crate) fn original_id(&self) -> Id {
        self.previous_ids().next().unwrap_or_else(|| self.id())
    }

    /// What the object is and was called, as it is written, the present first: kind, name and namespace.
    pub(crate) fn called(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let now = (self.kind(), self.name(), self.namespace());
        let before = self.previous.iter().map(|previous| {
            let Previous {
                kind,
                name,
                namespace,
            } = previous;
            (kind.as_str(), name.as_str(), namespace.as_str())
        });
        std::iter::once(now).chain(before)
    }

    /// The name that the object had first.
    pub(crate) fn first_name(&self) -> &str {
        let first = self.previous.first();
        first.map_or_else(|| self.name(), |first| first.name.as_str())
    }

    /// Whether the object has this identity.
    pub(crate) fn is(&self, id: &Id) -> bool {
        // Most objects have another name, which takes less to see than to name an identity.
        self.name() == id.name && id.matches(&self.id())
    }

    /// Whether the object has or had this identity.
    pub(crate) fn has_id(&self, id: &Id) -> bool {
        self.previous
            .iter()
            .any(|previous| previous.name == id.name)
            && self.previous_ids().any(|previous| id.matches(&previous))
            || self.is(id)
    }

    /// Remembers what the object is called, before that changes.
    pub(crate) fn remember_id(&mut self) {
        let id = self.id();
        let namespace = id.effective_namespace().to_owned();
        self.was_nameless |= id.name.is_empty();
        if id.name.is_empty() {
            return self.keep_annotations();
        }
        self.previous.push(Previous {
            kind: id.gvk.kind,
            name: id.name,
            namespace,
        });
        self.keep_annotations();
    }

    /// Refuses an object that was remembered with a name and without: kustomize notes names, namespaces and kinds in lists
    /// that must be of one length, and leaves out what is empty.
    ///
    /// # Errors
    ///
    /// Names the object.
    pub(crate) fn check_remembered(&self) -> Result<(), Error> {
        if !self.was_nameless || self.previous.is_empty() {
            return Ok(());
        }
        let message = format!(
            "number of previous names, number of previous namespaces, number of previous kinds not equal: {} had no name \
             once",
            self.id()
        );
        Err(Error::new(message).at(&self.file, self.node.position))
    }

    /// Whether kustomize would have noted something in the annotations by now.
    pub(crate) fn has_notes(&self) -> bool {
        !self.previous.is_empty() || self.was_nameless || self.is_generated
    }

    /// Sees to it that there are annotations, if only none: kustomize writes down there what an object was called, so
    /// that patches and replacements find the field.
    pub(crate) fn keep_annotations(&mut self) {
        if !self.has_notes() {
            return;
        }
        if let Some(metadata) = metadata(&mut self.node) {
            let annotations = metadata
                .entry("annotations".to_owned())
                .or_insert_with(|| Node::mapping().into());
            if annotations.value.as_mapping().is_none() {
                annotations.value.data = Data::Mapping(Mapping::new());
            }
        }
    }

    /// Sees to it that there is metadata, which a list of objects may lack.
    pub(crate) fn keep_metadata(&mut self) {
        metadata(&mut self.node);
    }

    /// Loses what kustomize notes in annotations, as it does when others take their place as a whole.
    pub(crate) fn forget(&mut self) {
        self.previous.clear();
        self.was_nameless = false;
        self.prefixes.clear();
        self.suffixes.clear();
        self.needs_hash = false;
        self.is_generated = false;
    }

    /// Refuses an object that can't be written.
    ///
    /// # Errors
    ///
    /// Those of the replacement that made it so.
    pub(crate) fn check_written(&self) -> Result<(), Error> {
        match &self.misfit {
            Some(error) if replacements::fits(&self.node).is_err() => Err((**error).clone()),
            _ => Ok(()),
        }
    }

    /// Takes over the history of the object that this one replaces.
    pub(crate) fn take_history(&mut self, other: &Self) {
        self.previous.clone_from(&other.previous);
        self.was_nameless = other.was_nameless;
        self.prefixes.clone_from(&other.prefixes);
        self.suffixes.clone_from(&other.suffixes);
        self.var_names.clone_from(&other.var_names);
    }

    pub(crate) fn set_name(&mut self, name: &str) {
        let blank = || Node::from(Data::Scalar(String::new(), Scalar::Null)).into();
        if let Some(metadata) = metadata(&mut self.node) {
            let field = metadata.entry("name".to_owned()).or_insert_with(blank);
            set_untyped(&mut field.value, name);
        }
    }

    /// Sets a label.
    ///
    /// # Errors
    ///
    /// Where the labels are no mapping.
    pub(crate) fn set_label(&mut self, key: &str, text: &str) -> Result<(), String> {
        let Some(metadata) = metadata(&mut self.node) else {
            return Ok(());
        };
        let labels = mapping_at(metadata, "labels");
        let refusal = wrong_kind(labels, "MappingNode");
        let labels = labels.as_mapping_mut().ok_or(refusal)?;
        labels.insert(key.to_owned(), Node::text(text).into());
        Ok(())
    }

    /// The labels, as texts.
    pub(crate) fn labels(&self) -> BTreeMap<String, String> {
        texts(self.node.at(&["metadata", "labels"]))
    }

    /// The annotations, as texts.
    pub(crate) fn annotations(&self) -> BTreeMap<String, String> {
        texts(self.node.at(&["metadata", "annotations"]))
    }
}
