//! Files of `configurations`: lists of fields that transformations change.

use super::fields::Fields;
use super::parts::{all, field_spec};
use crate::configuration::{Field, Lists};
use crate::error::Error;
use crate::fieldspec::FieldSpec;
use crate::id::Gvk;
use crate::references::Reference;
use crate::yaml::Node;

impl Lists {
    /// Reads what a file of `configurations` adds.
    pub(crate) fn parse(file: &str, node: &Node) -> Result<Self, Error> {
        let mut allowed = vec!["nameReference"];
        allowed.extend(Field::ALL.map(Field::name));
        let fields = Fields::of(file, node, &allowed)?;
        let mut lists = Self::default();
        for (list, field) in lists.fields.iter_mut().zip(Field::ALL) {
            *list = all(file, fields.list(field.name())?, field_spec)?;
        }
        for (target, referrers) in all(file, fields.list("nameReference")?, referrers)? {
            let reference = |referrer| Reference {
                target: target.clone(),
                referrer,
            };
            lists
                .references
                .extend(referrers.into_iter().map(reference));
        }
        Ok(lists)
    }
}

/// A kind, and the fields that refer to its objects.
fn referrers(file: &str, node: &Node) -> Result<(Gvk, Vec<FieldSpec>), Error> {
    let fields = Fields::of(file, node, &["group", "version", "kind", "fieldSpecs"])?;
    let target = Gvk {
        group: fields.text("group")?,
        version: fields.text("version")?,
        kind: fields.text("kind")?,
    };
    Ok((target, all(file, fields.list("fieldSpecs")?, field_spec)?))
}
