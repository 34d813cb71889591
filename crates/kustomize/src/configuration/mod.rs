//! Which fields the transformations change: kustomize's own, and those that `configurations` and `crds` add to them.
//!
//! What a kustomization adds holds for it and for all that build on it.

mod crds;
mod lists;

use crate::error::Error;
use crate::fieldspec::FieldSpec;
use crate::kustomization::{Kustomization, Located};
use crate::load::Directory;
use crate::references::Reference;
use crate::yaml::{self, Dialect, Duplicates, Node};
pub(crate) use lists::Lists;

/// What fields are changed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    NamePrefix,
    NameSuffix,
    Namespace,
    CommonAnnotations,
    CommonLabels,
    Labels,
    TemplateLabels,
    VarReference,
    Images,
    Replicas,
}

impl Field {
    pub(crate) const ALL: [Self; 10] = [
        Self::NamePrefix,
        Self::NameSuffix,
        Self::Namespace,
        Self::CommonAnnotations,
        Self::CommonLabels,
        Self::Labels,
        Self::TemplateLabels,
        Self::VarReference,
        Self::Images,
        Self::Replicas,
    ];

    /// The name of the list in a configuration file.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NamePrefix => "namePrefix",
            Self::NameSuffix => "nameSuffix",
            Self::Namespace => "namespace",
            Self::CommonAnnotations => "commonAnnotations",
            Self::CommonLabels => "commonLabels",
            Self::Labels => "labels",
            Self::TemplateLabels => "templateLabels",
            Self::VarReference => "varReference",
            Self::Images => "images",
            Self::Replicas => "replicas",
        }
    }

    /// The name of the list in errors.
    fn title(self) -> &'static str {
        match self {
            Self::NamePrefix => "NamePrefix",
            Self::NameSuffix => "NameSuffix",
            Self::Namespace => "NameSpace",
            Self::CommonAnnotations => "CommonAnnotations",
            Self::CommonLabels => "CommonLabels",
            Self::Labels => "Labels",
            Self::TemplateLabels => "TemplateLabels",
            Self::VarReference => "VarReference",
            Self::Images => "Images",
            Self::Replicas => "Replicas",
        }
    }
}

/// The fields that hold for a kustomization.
#[derive(Debug, Default)]
pub(crate) enum Configuration {
    /// None, where nothing is loaded yet.
    #[default]
    Empty,
    /// Kustomize's own.
    Builtin,
    /// Others too.
    Custom(Box<Lists>),
}

impl Configuration {
    fn lists(&self) -> Option<&Lists> {
        match self {
            Self::Empty => None,
            Self::Builtin => Some(Lists::builtin()),
            Self::Custom(lists) => Some(lists),
        }
    }

    /// The fields of one list.
    pub(crate) fn fields(&self, field: Field) -> &[FieldSpec] {
        self.lists()
            .map_or(&[], |lists| &lists.fields[field as usize])
    }

    /// The fields that refer to other objects.
    pub(crate) fn references(&self) -> &[Reference] {
        self.lists().map_or(&[], |lists| &lists.references)
    }

    /// Adds the fields of another configuration.
    ///
    /// # Errors
    ///
    /// Where one is made where it is missing here, and not there.
    pub(crate) fn merge(&mut self, other: &Self) -> Result<(), String> {
        *self = match (&*self, other) {
            (Self::Empty | Self::Builtin, Self::Builtin) => Self::Builtin,
            (_, Self::Empty) => return Ok(()),
            (_, Self::Builtin | Self::Custom(_)) => {
                let mut lists = self.lists().cloned().unwrap_or_default();
                lists.merge(other.lists().unwrap_or_else(|| Lists::builtin()))?;
                Self::Custom(Box::new(lists))
            }
        };
        Ok(())
    }

    /// Adds kustomize's own fields, and those in the files in `configurations` and `crds` of a kustomization.
    pub(crate) fn load(
        &mut self,
        directory: Directory<'_>,
        kustomization: &Kustomization,
    ) -> Result<(), Error> {
        let mut own = Self::Builtin;
        let configured = lists(
            directory,
            kustomization,
            &kustomization.configurations,
            Lists::parse,
        )?;
        own.merge(&configured).map_err(Error::new)?;
        self.merge(&own).map_err(Error::new)?;
        let of_types = lists(directory, kustomization, &kustomization.crds, crds::lists)?;
        self.merge(&of_types).map_err(Error::new)
    }
}

/// The lists that files hold.
fn lists(
    directory: Directory<'_>,
    kustomization: &Kustomization,
    files: &[Located],
    parse: fn(&str, &Node) -> Result<Lists, Error>,
) -> Result<Configuration, Error> {
    let mut all = Configuration::Empty;
    for entry in files {
        let at_entry = |error: Error| error.at(&kustomization.file, entry.position);
        let Some((node, file)) = read(directory, entry).map_err(at_entry)? else {
            continue;
        };
        let mut more = parse(&file, &node)?;
        more.sort();
        all.merge(&Configuration::Custom(Box::new(more)))
            .map_err(|error| Error::new(error).in_file(&file))?;
    }
    Ok(all)
}

/// The first document of a file, and the file's name for errors.
fn read(directory: Directory<'_>, entry: &Located) -> Result<Option<(Node, String)>, Error> {
    let (text, file) = directory.read_text(&entry.text)?;
    let documents = yaml::documents(&text, Dialect::Kubernetes, Duplicates::Refuse)
        .map_err(|error| Error::from_yaml(&error, &file))?;
    Ok(documents.into_iter().next().map(|node| (node, file)))
}
