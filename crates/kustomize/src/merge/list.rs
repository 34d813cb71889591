//! Joining lists whose elements are known by keys.

use std::collections::HashSet;

use super::directive::{self, Directive};
use super::{Merged, Outcome, Refusal};
use crate::resource::set_untyped;
use crate::schema::{Schema, Shape};
use crate::shown::wrong_kind;
use crate::yaml::{Data, Node};

/// Merges two lists that join by `keys`, or by their elements if there are none.
pub(super) fn merge<'s>(
    schema: &'s Schema,
    target: Option<Node>,
    patch: Option<&Node>,
    keys: &[&str],
    element: Option<Shape<'s>>,
    same: bool,
) -> Outcome {
    if patch.is_some_and(Node::is_null) && target.is_some() {
        return Ok(None);
    }
    let (mut base, changes, same, from_target) =
        match (target.filter(|target| !target.is_null()), patch) {
            (None, None) => return Ok(None),
            (None, Some(patch)) => (
                patch.clone(),
                patch.as_sequence().map(<[Node]>::to_vec),
                true,
                false,
            ),
            (Some(target), None) => (target, None, false, true),
            (Some(target), Some(patch)) => {
                match directive::of_list(patch.as_sequence().unwrap_or_default())? {
                    (Directive::Delete, _) => return Ok(None),
                    (Directive::Replace, elements) => {
                        let base = Node {
                            position: patch.position,
                            ..Node::from(Data::Sequence(elements.clone()))
                        };
                        (base, Some(elements), true, same)
                    }
                    // A list that is merged with itself loses the directive as well.
                    (Directive::Merge, elements) if same => {
                        let data = Data::Sequence(elements.clone());
                        (Node { data, ..target }, Some(elements), same, true)
                    }
                    (Directive::Merge, elements) => (target, Some(elements), same, true),
                }
            }
        };
    if let Data::Sequence(elements) = &mut base.data {
        let join = Join {
            schema,
            keys,
            element,
            same,
        };
        *elements = join.run(std::mem::take(elements), changes.as_deref())?;
    }
    Ok(Some(Merged {
        node: base,
        keeps_null: false,
        from_target,
    }))
}

struct Join<'a, 's> {
    schema: &'s Schema,
    keys: &'a [&'a str],
    element: Option<Shape<'s>>,
    same: bool,
}

impl Join<'_, '_> {
    fn run(&self, mut target: Vec<Node>, patch: Option<&[Node]>) -> Result<Vec<Node>, Refusal> {
        let keys = if self.keys.is_empty() {
            &[""][..]
        } else {
            self.keys
        };
        let mut values = key_values(keys, patch.into_iter().chain([target.as_slice()]));
        if keys.len() > 1 {
            complete(&mut values);
        }
        let used = used_keys(keys, &values);
        let mut joined = Vec::new();
        let mut last_keys = Vec::new();
        for (at, these) in values.iter().enumerate() {
            // Filled gaps may make two combinations one. The second time, the directive was taken out of the element.
            let again = values[..at].contains(these);
            let (keys, these) = valid(keys, these, &used);
            self.join_one(&mut target, patch, again, (&keys, &these), &mut joined)?;
            last_keys = keys;
        }
        if values.is_empty() {
            Ok(target)
        } else {
            append(joined, target, &last_keys)
        }
    }

    /// Merges the elements that have these values under their keys, and adds the outcome to `joined`.
    fn join_one(
        &self,
        target: &mut Vec<Node>,
        patch: Option<&[Node]>,
        again: bool,
        (keys, values): (&[&str], &[String]),
        joined: &mut Vec<Node>,
    ) -> Result<(), Refusal> {
        let (own_keys, own_values) = valid(
            keys,
            values,
            &used_keys(keys, std::slice::from_ref(&values.to_vec())),
        );
        let at = find(target, &own_keys, &own_values);
        // A list that is merged with itself is one list: what goes from one goes from the other.
        let current = at.map(|at| target[at].clone());
        let own = current.clone();
        let change = match patch {
            Some(_) if self.same => own.as_ref(),
            patch => {
                patch.and_then(|patch| find(patch, &own_keys, &own_values).map(|at| &patch[at]))
            }
        };
        let elided = change.filter(|_| again).map(directive::without);
        let change = elided.as_ref().or(change);
        let merged = super::merge(self.schema, current, change, self.element, self.same)?;
        let gone = merged.as_ref().is_none_or(|merged| is_empty(&merged.node));
        let Some(mut merged) = merged.filter(|_| !gone) else {
            return set_element(target, None, keys, values);
        };
        for (key, value) in keys.iter().zip(values) {
            if key.is_empty() && !value.is_empty() {
                set_untyped(&mut merged.node, value);
            }
            if let Some(entries) = merged.node.as_mapping_mut()
                && !entries.contains_key(key)
                && !value.is_empty()
            {
                entries.insert((*key).to_owned(), Node::text(value).into());
            }
        }
        if let Some(at) = at
            && (merged.from_target || self.same)
        {
            target[at] = merged.node.clone();
        }
        set_element(joined, Some(merged.node), keys, values)
    }
}

/// The text of a value, empty for lists and mappings.
fn text(node: &Node) -> &str {
    node.as_scalar().unwrap_or_default()
}

fn is_empty(node: &Node) -> bool {
    node.is_null()
        || node
            .as_mapping()
            .is_some_and(crate::yaml::Mapping::is_empty)
}

/// What the elements of the lists hold under the keys, each combination once, in the order they appear.
fn key_values<'a>(keys: &[&str], lists: impl Iterator<Item = &'a [Node]>) -> Vec<Vec<String>> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for element in lists.flatten() {
        let value = |key: &&str| match *key {
            "" => text(element).to_owned(),
            key => element
                .get(key)
                .filter(|node| !node.is_null())
                .map(text)
                .unwrap_or_default()
                .to_owned(),
        };
        let values: Vec<String> = keys.iter().map(value).collect();
        if seen.insert(values.clone()) {
            found.push(values);
        }
    }
    found
}

/// Fills the gaps of combinations that agree in what both have.
fn complete(all: &mut [Vec<String>]) {
    for left in 0..all.len() {
        // One with gaps is filled anew by each that it agrees with: the last counts.
        let gaps = all[left].clone();
        for right in 0..all.len() {
            if let Some(combined) = combine(&gaps, &all[right]) {
                all[left].clone_from(&combined);
                all[right] = combined;
            }
        }
    }
}

fn combine(left: &[String], right: &[String]) -> Option<Vec<String>> {
    let mut agree = false;
    let mut combined = Vec::with_capacity(left.len());
    for (left, right) in left.iter().zip(right) {
        if left == right {
            agree = true;
        } else if !left.is_empty() && !right.is_empty() {
            return None;
        }
        combined.push(if left.is_empty() {
            right.clone()
        } else {
            left.clone()
        });
    }
    agree.then_some(combined)
}

/// For each key, whether some combination has a value for it.
fn used_keys(keys: &[&str], all: &[Vec<String>]) -> Vec<bool> {
    (0..keys.len())
        .map(|at| {
            all.iter()
                .any(|values| values.get(at).is_some_and(|v| !v.is_empty()))
        })
        .collect()
}

/// The keys in use with their values; all of them, if none is in use.
fn valid<'k>(keys: &[&'k str], values: &[String], used: &[bool]) -> (Vec<&'k str>, Vec<String>) {
    if !used.contains(&true) {
        return (keys.to_vec(), values.to_vec());
    }
    keys.iter()
        .zip(values)
        .zip(used)
        .filter(|(_, used)| **used)
        .map(|((key, value), _)| (*key, value.clone()))
        .unzip()
}

/// Where the first element with these values stands.
fn find(list: &[Node], keys: &[&str], values: &[String]) -> Option<usize> {
    list.iter().position(|element| match keys {
        [""] => values.first().is_some_and(|value| text(element) == value),
        _ => {
            element.as_mapping().is_some()
                && keys
                    .iter()
                    .zip(values)
                    .all(|(key, value)| element.get(key).is_some_and(|node| text(node) == value))
        }
    })
}

/// Whether a field exists and holds `value`; any value, where that is empty.
fn field_matches(element: &Node, key: &str, value: &str) -> bool {
    element
        .get(key)
        .is_some_and(|node| value.is_empty() || text(node) == value)
}

fn matches(element: &Node, key: &str, value: &str) -> Result<bool, Refusal> {
    let is_mapping = element.as_mapping().is_some();
    if is_mapping == key.is_empty() || (!is_mapping && element.as_scalar().is_none()) {
        return Err(Refusal {
            position: element.position,
            message: "the elements of a joined list must be all mappings or all single values"
                .into(),
        });
    }
    Ok(if key.is_empty() {
        text(element) == value
    } else {
        field_matches(element, key, value)
    })
}

/// Puts `element` in the place of those with these values, or at the end; `None` removes them. Elements that are
/// empty go in any case, and where no values are given, so do all that are not matched.
pub(super) fn set_element(
    list: &mut Vec<Node>,
    element: Option<Node>,
    keys: &[&str],
    values: &[String],
) -> Result<(), Refusal> {
    let for_mappings = keys.first().is_some_and(|key| !key.is_empty())
        && values.first().is_some_and(|v| !v.is_empty());
    let mut placed = false;
    let mut kept = Vec::with_capacity(list.len() + 1);
    for old in std::mem::take(list) {
        if is_empty(&old) {
            continue;
        }
        if for_mappings && old.as_mapping().is_none() {
            kept.push(old);
            continue;
        }
        let mut matched = !values.is_empty();
        for (key, value) in keys.iter().zip(values) {
            matched = matched && matches(&old, key, value)?;
        }
        if matched {
            placed = true;
            kept.extend(element.clone());
        } else if !values.is_empty() {
            kept.push(old);
        }
    }
    *list = kept;
    if !placed {
        list.extend(element.filter(|element| !element.is_null()));
    }
    Ok(())
}

/// Adds the elements of `rest` to `list`, in the place of those with the same keys.
fn append(mut list: Vec<Node>, rest: Vec<Node>, keys: &[&str]) -> Result<Vec<Node>, Refusal> {
    for element in rest {
        if keys == [""] {
            let value = text(&element).to_owned();
            set_element(&mut list, Some(element), keys, &[value])?;
            continue;
        }
        if element.as_mapping().is_none() && !element.is_null() {
            return Err(Refusal {
                position: element.position,
                message: wrong_kind(&element, "MappingNode"),
            });
        }
        let mut values = Vec::with_capacity(keys.len());
        for key in keys {
            match element.get(key) {
                Some(value) => values.push(text(value).to_owned()),
                None => list.push(element.clone()),
            }
        }
        if keys.len() > 1 {
            set_element(&mut list, None, keys, &values)?;
        }
        set_element(&mut list, Some(element), keys, &values)?;
    }
    Ok(list)
}
