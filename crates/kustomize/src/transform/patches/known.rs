//! The objects that patches without a target are for.

use std::collections::HashMap;

use crate::accumulated;
use crate::error::Error;
use crate::resource::Resource;

/// What is known about the objects while patches change them.
#[derive(Default)]
pub(super) struct Known {
    /// That no two are the same.
    pub(super) told_apart: bool,
    /// Where those are that have or had a name.
    pub(super) places: Option<HashMap<String, Vec<usize>>>,
}

impl Known {
    /// That objects may be called otherwise now.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// That the object that was at a place is gone.
    pub(super) fn remove(&mut self, gone: usize) {
        for places in self.places.iter_mut().flat_map(HashMap::values_mut) {
            places.retain(|at| *at != gone);
            for at in places.iter_mut().filter(|at| **at > gone) {
                *at -= 1;
            }
        }
    }

    /// Refuses two objects of one identity, unless there are known to be none.
    pub(super) fn tell_apart(&mut self, resources: &[Resource]) -> Result<(), Error> {
        if !self.told_apart {
            accumulated::tell_apart(resources)?;
            self.told_apart = true;
        }
        Ok(())
    }

    /// Where the objects are that have or had a name, in order.
    fn named(&mut self, name: &str, resources: &[Resource]) -> &[usize] {
        let places = self.places.get_or_insert_with(|| {
            let mut places: HashMap<String, Vec<usize>> = HashMap::new();
            for (at, resource) in resources.iter().enumerate() {
                for (_, name, _) in resource.called() {
                    let named = places.entry(name.to_owned()).or_default();
                    if named.last() != Some(&at) {
                        named.push(at);
                    }
                }
            }
            places
        });
        places.get(name).map_or(&[], Vec::as_slice)
    }
}

/// The object that a patch without a target is for.
pub(super) fn only_target(
    resources: &[Resource],
    patch: &Resource,
    known: &mut Known,
) -> Result<usize, Error> {
    let id = patch.id();
    let named = known.named(&id.name, resources).iter().copied();
    let mut matching = named.filter(|at| resources[*at].has_id(&id));
    match (matching.next(), matching.next()) {
        (Some(at), None) => Ok(at),
        (first, _) => {
            let found = if first.is_some() {
                "multiple matches"
            } else {
                "no matches"
            };
            let message =
                format!("{found} for Id {id}; failed to find unique target for patch {id}");
            Err(Error::new(message).at(&patch.file, patch.node.position))
        }
    }
}
