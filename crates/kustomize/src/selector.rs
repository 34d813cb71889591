//! Which objects a patch is for.

use std::collections::BTreeMap;
use std::fmt;

use regex::Regex;

use crate::id::{Gvk, Id, split_api_version};
use crate::labels::LabelSelector;
use crate::resource::Resource;

/// Chooses objects by patterns of group, version, kind, name and namespace, and by their labels and annotations.
#[derive(Debug, Clone)]
pub(crate) struct Selector {
    group: Option<Regex>,
    version: Option<Regex>,
    kind: Option<Regex>,
    name: Option<Regex>,
    namespace: Option<Regex>,
    labels: Parsed,
    annotations: Parsed,
}

/// A selector of labels, or what is wrong with it: that matters only to objects that are chosen by all else.
type Parsed = Result<LabelSelector, String>;

/// The patterns of a [`Selector`] as written; empty ones choose everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Patterns {
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) labels: String,
    pub(crate) annotations: String,
}

/// A pattern that must fit a whole text.
fn whole(pattern: &str) -> Result<Option<Regex>, String> {
    if pattern.is_empty() {
        return Ok(None);
    }
    let pattern = format!("^(?:{pattern})$");
    Regex::new(&pattern).map(Some).map_err(|error| {
        let why = problem(&error);
        format!("error parsing regexp: {why}: `{pattern}`")
    })
}

/// What is wrong with a pattern, in one line, and in Go's words where they are known.
fn problem(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    let why = last.strip_prefix("error: ").unwrap_or(last);
    match why {
        "unclosed group" => "missing closing )",
        "unopened group" => "unexpected )",
        "unclosed character class" => "missing closing ]",
        "repetition operator missing expression" => "missing argument to repetition operator",
        other => other,
    }
    .to_owned()
}

fn fits(pattern: Option<&Regex>, text: &str) -> bool {
    pattern.is_none_or(|pattern| pattern.is_match(text))
}

/// Whether a selector chooses these; what it takes to see them is done only where it asks for any.
fn chosen_by(
    selector: &Parsed,
    texts: impl FnOnce() -> BTreeMap<String, String>,
) -> Result<bool, String> {
    let selector = selector.as_ref().map_err(Clone::clone)?;
    Ok(selector.is_empty() || selector.matches(&texts()))
}

impl Selector {
    /// Compiles patterns.
    pub(crate) fn new(patterns: &Patterns) -> Result<Self, String> {
        Ok(Self {
            group: whole(&patterns.group)?,
            version: whole(&patterns.version)?,
            kind: whole(&patterns.kind)?,
            name: whole(&patterns.name)?,
            namespace: whole(&patterns.namespace)?,
            labels: LabelSelector::parse(&patterns.labels),
            annotations: LabelSelector::parse(&patterns.annotations),
        })
    }

    /// Whether an object is chosen. Names and namespaces count as they are and as they were at first.
    ///
    /// # Errors
    ///
    /// Where a selector of labels that counts can't be read.
    pub(crate) fn matches(&self, resource: &Resource) -> Result<bool, String> {
        let (group, version) = split_api_version(resource.api_version());
        // What takes least comes first: most objects are of another kind or name.
        let by_identity = fits(self.kind.as_ref(), resource.kind())
            && fits(self.group.as_ref(), group)
            && fits(self.version.as_ref(), version)
            && (fits(self.name.as_ref(), resource.name())
                || fits(self.name.as_ref(), resource.first_name()))
            && self.fits_namespace(resource);
        Ok(by_identity
            && chosen_by(&self.labels, || resource.labels())?
            && chosen_by(&self.annotations, || resource.annotations())?)
    }

    /// For each object, whether it is chosen.
    ///
    /// # Errors
    ///
    /// As [`Self::matches`].
    pub(crate) fn choose(&self, resources: &[Resource]) -> Result<Vec<bool>, String> {
        resources
            .iter()
            .map(|resource| self.matches(resource))
            .collect()
    }

    fn fits_namespace(&self, resource: &Resource) -> bool {
        let pattern = self.namespace.as_ref();
        pattern.is_none()
            || fits(pattern, resource.id().effective_namespace())
            || fits(pattern, resource.original_id().effective_namespace())
    }

    /// Whether an object is chosen by what it is or was called, by the namespace as written.
    pub(crate) fn fits_called(&self, resource: &Resource) -> bool {
        let (group, version) = split_api_version(resource.api_version());
        fits(self.group.as_ref(), group)
            && fits(self.version.as_ref(), version)
            && resource.called().any(|(kind, name, namespace)| {
                fits(self.kind.as_ref(), kind)
                    && fits(self.name.as_ref(), name)
                    && fits(self.namespace.as_ref(), namespace)
            })
    }

    /// Whether an object is chosen by its labels and annotations.
    ///
    /// # Errors
    ///
    /// Where a selector can't be read.
    pub(crate) fn fits_labels(&self, resource: &Resource) -> Result<bool, String> {
        let by_annotations = chosen_by(&self.annotations, || resource.annotations())?;
        Ok(chosen_by(&self.labels, || resource.labels())? && by_annotations)
    }
}

impl fmt::Display for Patterns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gvk = Gvk {
            group: self.group.clone(),
            version: self.version.clone(),
            kind: self.kind.clone(),
        };
        let id = Id::new(gvk, self.name.clone(), self.namespace.clone());
        write!(f, "{id}:a={}:l={}", self.annotations, self.labels)
    }
}

impl Patterns {
    /// Whether they choose by labels or annotations.
    pub(crate) fn has_labels(&self) -> bool {
        !self.labels.is_empty() || !self.annotations.is_empty()
    }

    /// Whether they choose by identity.
    pub(crate) fn has_identity(&self) -> bool {
        [
            &self.group,
            &self.version,
            &self.kind,
            &self.name,
            &self.namespace,
        ]
        .into_iter()
        .any(|part| !part.is_empty())
    }
}
