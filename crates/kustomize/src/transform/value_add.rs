//! `ValueAddTransformer`: one value in several fields, or as a part of the paths in them.

use super::namespace;
use crate::error::Error;
use crate::fieldspec::{Blank, FieldSpec};
use crate::kustomization::ValueAdd;
use crate::resource::{Resource, set_untyped};
use crate::selector::Selector;
use crate::shown::wrong_kind;
use crate::yaml::Node;

/// Puts the value where its targets say.
pub(crate) fn apply(addition: &ValueAdd, resources: &mut [Resource]) -> Result<(), Error> {
    for target in &addition.targets {
        let at_target = |error: String| Error::new(error).at(&addition.file, target.position);
        let selector = Selector::new(&target.patterns).map_err(at_target)?;
        let chosen = selector.choose(resources).map_err(at_target)?;
        for (resource, _) in resources
            .iter_mut()
            .zip(chosen)
            .filter(|(_, chosen)| *chosen)
        {
            if target.path == "metadata/namespace" {
                namespace::set_plainly(resource, &addition.value).map_err(at_target)?;
                continue;
            }
            let spec = FieldSpec::anywhere(&target.path, true);
            no_lists(&resource.node, &spec.path).map_err(at_target)?;
            let added = spec.apply(&mut resource.node, Some(Blank::Scalar), &mut |field| {
                let Some(old) = field.as_scalar() else {
                    return Err("wrong node kind: expected ScalarNode".into());
                };
                let old = if field.is_null() { "" } else { old };
                let new = match target.position_in_path {
                    0 => addition.value.clone(),
                    position => insert(old, position - 1, &addition.value),
                };
                set_untyped(field, &new);
                Ok(())
            });
            added.map_err(at_target)?;
            resource.sync_shared();
        }
    }
    Ok(())
}

/// Refuses a path through a list, which stands for no single field.
fn no_lists(mut node: &Node, path: &[String]) -> Result<(), String> {
    for key in path {
        if node.as_sequence().is_some() {
            return Err(wrong_kind(node, "MappingNode"));
        }
        match node.get(key) {
            Some(below) => node = below,
            None => break,
        }
    }
    Ok(())
}

/// The path `old` with one more part; an absolute one stays absolute.
fn insert(old: &str, position: usize, part: &str) -> String {
    let (root, rest) = match old.strip_prefix('/') {
        Some(rest) => ("/", rest),
        None => ("", old),
    };
    let mut parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
    parts.insert(position.min(parts.len()), part);
    format!("{root}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::insert;

    #[test]
    fn parts_go_where_they_are_wanted() {
        for (old, position, new) in [
            ("", 0, "X"),
            ("/", 0, "/X"),
            ("a", 0, "X/a"),
            ("/a", 0, "/X/a"),
            ("a", 1, "a/X"),
            ("/a", 9, "/a/X"),
            ("a/b/c", 2, "a/b/X/c"),
        ] {
            assert_eq!(insert(old, position, "X"), new, "{old} {position}");
        }
    }
}
