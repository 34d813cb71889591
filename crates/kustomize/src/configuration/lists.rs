//! Lists of fields, and how kustomize joins them: what an earlier field covers is left out, and lists are sorted by
//! kind, so that a field of all kinds may be lost to that of a single one.

use std::sync::LazyLock;

use super::Field;
use crate::fieldspec::FieldSpec;
use crate::id::Gvk;
use crate::kind_order::{self, FIRST, LAST};
use crate::references::{self, Reference};
use crate::{transform, vars};

/// The place of a kind among others.
fn rank(gvk: &Gvk) -> (usize, String) {
    let place = |list: &[&str]| list.iter().position(|kind| *kind == gvk.kind);
    let middle = FIRST.len();
    let rank = place(&FIRST)
        .or_else(|| place(&LAST).map(|at| middle + 1 + at))
        .unwrap_or(middle);
    (rank, kind_order::text(gvk))
}

/// The fields that transformations change, and those that refer to other objects.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lists {
    pub(crate) fields: [Vec<FieldSpec>; Field::ALL.len()],
    pub(crate) references: Vec<Reference>,
}

impl Lists {
    /// Kustomize's own.
    pub(super) fn builtin() -> &'static Self {
        static LISTS: LazyLock<Lists> = LazyLock::new(|| {
            let fields = Field::ALL.map(|field| match field {
                Field::VarReference => vars::builtin_fields(),
                field => transform::builtin_fields(field),
            });
            let mut lists = Lists {
                fields,
                references: references::builtin().to_vec(),
            };
            lists.sort();
            lists
        });
        &LISTS
    }

    /// Sorts all lists by kind.
    pub(super) fn sort(&mut self) {
        for list in &mut self.fields {
            list.sort_by_cached_key(|spec| rank(&spec.gvk));
        }
        self.references
            .sort_by_cached_key(|reference| rank(&reference.target));
    }

    /// Adds a field, unless it is there already.
    ///
    /// # Errors
    ///
    /// Where it is there, but is made where it is missing and this one is not, or the other way round.
    pub(super) fn add(&mut self, field: Field, spec: FieldSpec) -> Result<(), String> {
        let list = &mut self.fields[field as usize];
        match list.iter().find(|known| known.covers(&spec)) {
            Some(known) if known.create == spec.create => Ok(()),
            Some(_) => Err(conflict(field.title())),
            None => {
                list.push(spec);
                Ok(())
            }
        }
    }

    /// Adds a field that refers to other objects, as [`Self::add`] does.
    pub(super) fn add_reference(&mut self, reference: Reference) -> Result<(), String> {
        let same = |known: &&Reference| {
            known.target == reference.target && known.referrer.covers(&reference.referrer)
        };
        match self.references.iter().find(same) {
            Some(known) if known.referrer.create == reference.referrer.create => Ok(()),
            Some(_) => Err(conflict("NameReference")),
            None => {
                self.references.push(reference);
                Ok(())
            }
        }
    }

    /// Adds all of another's, and sorts.
    pub(super) fn merge(&mut self, other: &Self) -> Result<(), String> {
        for (field, list) in Field::ALL.into_iter().zip(&other.fields) {
            list.iter()
                .try_for_each(|spec| self.add(field, spec.clone()))?;
        }
        other
            .references
            .iter()
            .try_for_each(|reference| self.add_reference(reference.clone()))?;
        self.sort();
        Ok(())
    }
}

fn conflict(list: &str) -> String {
    format!("failed to merge {list} fieldSpec: conflicting fieldspecs")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_kind(kind: &str, path: &str, create: bool) -> FieldSpec {
        let gvk = Gvk {
            kind: kind.into(),
            ..Gvk::default()
        };
        FieldSpec {
            gvk,
            ..FieldSpec::anywhere(path, create)
        }
    }

    fn kinds(lists: &Lists, field: Field) -> Vec<&str> {
        lists.fields[field as usize]
            .iter()
            .map(|spec| spec.gvk.kind.as_str())
            .collect()
    }

    #[test]
    fn a_field_is_added_once() {
        let mut lists = Lists::builtin().clone();
        for kind in ["Deployment", "MyKind", "MyKind"] {
            lists
                .add(Field::Replicas, of_kind(kind, "spec/replicas", true))
                .unwrap();
        }
        lists.sort();
        assert_eq!(
            kinds(&lists, Field::Replicas),
            [
                "Deployment",
                "StatefulSet",
                "MyKind",
                "ReplicaSet",
                "ReplicationController"
            ]
        );
    }

    #[test]
    fn the_field_of_all_kinds_is_lost_to_that_of_one() {
        let mut own = Lists::builtin().clone();
        let mut more = Lists::default();
        more.add(Field::NamePrefix, of_kind("Secret", "metadata/name", false))
            .unwrap();
        own.merge(&more).unwrap();
        assert_eq!(kinds(&own, Field::NamePrefix), ["Secret", ""]);
        let mut again = Lists::default();
        again.merge(&own).unwrap();
        assert_eq!(kinds(&again, Field::NamePrefix), ["Secret"]);
    }

    #[test]
    fn fields_that_are_made_and_not_made_conflict() {
        let mut lists = Lists::builtin().clone();
        let refused = lists.add(
            Field::Replicas,
            of_kind("Deployment", "spec/replicas", false),
        );
        assert_eq!(
            refused.unwrap_err(),
            "failed to merge Replicas fieldSpec: conflicting fieldspecs"
        );
    }
}
