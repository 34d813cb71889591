//! Values that stand at several places of an object, as one.

use std::collections::BTreeMap;

use super::Resource;
use crate::yaml::{Data, Node, Shared};

impl Resource {
    /// The number of the next value that is put at several places.
    pub(crate) fn next_shared(&self) -> u32 {
        u32::try_from(self.shared.len()).map_or(u32::MAX, |last| last.saturating_add(1))
    }

    /// Remembers a value that stands at several places under the next number.
    ///
    /// A label or annotation that kustomize adds to several fields of an object is one value in all of them: what
    /// later changes it in one field changes it in the others, [`Self::sync_shared`] says when.
    pub(crate) fn share(&mut self, value: Node) {
        self.shared.push(value);
    }

    /// Changes the shared values everywhere that were changed somewhere; the last change counts.
    pub(crate) fn sync_shared(&mut self) {
        if self.shared.is_empty() {
            return;
        }
        let mut changed = BTreeMap::new();
        changed_shared(&self.node, &self.shared, &mut changed);
        if changed.is_empty() {
            return;
        }
        write_shared(&mut self.node, &changed);
        for (number, value) in changed {
            if let Some(old) = place_of(number).and_then(|at| self.shared.get_mut(at)) {
                *old = value;
            }
        }
    }
}

/// The place of a shared value among those remembered.
fn place_of(number: u32) -> Option<usize> {
    usize::try_from(number.checked_sub(1)?).ok()
}

/// Collects the shared values in `node` that were written, or differ from those remembered.
fn changed_shared(node: &Node, shared: &[Node], changed: &mut BTreeMap<u32, Node>) {
    match &node.data {
        Data::Sequence(items) => items
            .iter()
            .for_each(|item| changed_shared(item, shared, changed)),
        Data::Mapping(entries) => {
            entries
                .values()
                .for_each(|entry| changed_shared(&entry.value, shared, changed));
        }
        Data::Scalar(..) => {}
    }
    let Shared { number, written } = node.shared;
    let old = place_of(number).and_then(|at| shared.get(at));
    if old.is_some_and(|old| written || old.data != node.data) {
        changed.insert(number, node.clone());
    }
}

fn write_shared(node: &mut Node, changed: &BTreeMap<u32, Node>) {
    if let Some(new) = changed.get(&node.shared.number) {
        node.data.clone_from(&new.data);
        node.quoted = new.quoted;
        node.shared.written = false;
        return;
    }
    match &mut node.data {
        Data::Sequence(items) => items
            .iter_mut()
            .for_each(|item| write_shared(item, changed)),
        Data::Mapping(entries) => {
            entries
                .values_mut()
                .for_each(|entry| write_shared(&mut entry.value, changed));
        }
        Data::Scalar(..) => {}
    }
}
