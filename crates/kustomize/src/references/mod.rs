//! Names inside of objects that follow the names of other objects.
//!
//! The table `table.txt` says which fields refer to which kinds. An object is meant by a name that it had at any point
//! of the build, if its kind fits and it can be reached from the referring object: it is in the same namespace, or in
//! none. Where several are left, those with the same prefixes and suffixes win.

mod candidates;

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::error::Error;
use crate::fieldspec::{FieldSpec, split_path};
use crate::id::Gvk;
use crate::resource::{Resource, set_untyped};
use crate::yaml::{Data, Entry, Node};
use candidates::{Candidates, Meant};

static TABLE: LazyLock<Vec<Reference>> = LazyLock::new(|| parse(include_str!("table.txt")));

/// A field that refers to objects of a kind.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    pub(crate) target: Gvk,
    /// The kinds that have the field, and the way to it.
    pub(crate) referrer: FieldSpec,
}

/// The fields that refer to other objects without any configuration.
pub(crate) fn builtin() -> &'static [Reference] {
    &TABLE
}

fn parse(text: &str) -> Vec<Reference> {
    let part = |text: Option<&str>| {
        text.filter(|text| *text != "-")
            .unwrap_or_default()
            .to_owned()
    };
    let mut target = Gvk::default();
    let mut references = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let is_target = line.starts_with("to ");
        let mut words = line.trim_start_matches("to").split_whitespace();
        let gvk = Gvk {
            kind: part(words.next()),
            version: part(words.next()),
            group: part(words.next()),
        };
        if is_target {
            target = gvk;
        } else {
            let path = split_path(words.next().unwrap_or_default());
            let referrer = FieldSpec {
                gvk,
                path,
                create: false,
            };
            references.push(Reference {
                target: target.clone(),
                referrer,
            });
        }
    }
    references
}

/// Makes the given references follow the names that changed.
pub(crate) fn fix(resources: &mut [Resource], references: &[Reference]) -> Result<(), Error> {
    let candidates = Candidates::new(resources);
    let mut by_kind: HashMap<Gvk, Vec<&Reference>> = HashMap::new();
    for resource in resources {
        let original = resource.original_id().gvk;
        let references = &*by_kind.entry(original).or_insert_with_key(|original| {
            let selected = |reference: &&Reference| original.is_selected(&reference.referrer.gvk);
            references.iter().filter(selected).collect()
        });
        if references.is_empty() {
            continue;
        }
        let referrer = candidates
            .referrer(resource)
            .map_err(|error| Error::new(error).at(&resource.file, resource.node.position))?;
        for reference in references {
            let of_role = matches!(
                reference.referrer.path.as_slice(),
                [.., parent, name] if parent == "roleRef" && name == "name"
            );
            let role = if of_role { role(&resource.node) } else { None };
            let find = |name: &str, namespace: Option<&str>, by_namespace: bool| {
                candidates.find(
                    &referrer,
                    &Meant {
                        name,
                        namespace,
                        by_namespace,
                        target: &reference.target,
                        role: role.as_ref(),
                    },
                )
            };
            let updated = reference
                .referrer
                .apply(&mut resource.node, None, &mut |field| update(field, &find));
            updated.map_err(|error| {
                let path = reference.referrer.path_text();
                let message = format!(
                    "updating name reference in '{path}' field of '{}': {error}",
                    resource.id()
                );
                Error::new(message).at(&resource.file, resource.node.position)
            })?;
        }
    }
    Ok(())
}

/// The kind of role that a binding refers to. A null is its own text here: one left blank means any kind, one spelled
/// out a kind that nothing has.
fn role(node: &Node) -> Option<Gvk> {
    let reference = node.get("roleRef")?;
    let text = |key| Some(reference.get(key)?.as_scalar().unwrap_or_default());
    Some(Gvk {
        group: text("apiGroup")?.into(),
        version: String::new(),
        kind: text("kind")?.into(),
    })
}

/// Finds the name and namespace of the object that a name means: by the name alone, or in a namespace.
type Find<'a> = dyn Fn(&str, Option<&str>, bool) -> Result<Option<(String, String)>, String> + 'a;

fn update(field: &mut Node, find: &Find<'_>) -> Result<(), String> {
    if field.is_null() {
        return Ok(());
    }
    match &mut field.data {
        Data::Sequence(items) => items.iter_mut().try_for_each(|item| match &item.data {
            Data::Sequence(_) => Err("expected to be either a string or a map of string".into()),
            _ => update(item, find),
        }),
        Data::Mapping(_) => update_mapping(field, find),
        Data::Scalar(name, _) => {
            if let Some((found, _)) = find(name, None, false)?
                && found != *name
            {
                set_untyped(field, &found);
            }
            Ok(())
        }
    }
}

/// A mapping refers by its `name`, and its `namespace` if it has one.
fn update_mapping(field: &mut Node, find: &Find<'_>) -> Result<(), String> {
    let name = field
        .get("name")
        .ok_or("path config error; no 'name' field in node")?;
    let name = name.as_scalar().unwrap_or_default().to_owned();
    let namespace = field
        .get("namespace")
        .map(|node| node.as_scalar().unwrap_or_default().to_owned());
    let Some((found, found_namespace)) = find(&name, namespace.as_deref(), true)? else {
        return Ok(());
    };
    let Some(entries) = field.as_mapping_mut() else {
        return Ok(());
    };
    let mut write = |key: &str, text: &str| match entries.get_mut(key) {
        Some(entry) => set_untyped(&mut entry.value, text),
        None => {
            entries.insert(key.to_owned(), Entry::from(Node::text(text)));
        }
    };
    if found != name || !found_namespace.is_empty() {
        write("name", &found);
    }
    if !found_namespace.is_empty() {
        write("namespace", &found_namespace);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read() {
        let to_config_map = |reference: &&Reference| reference.target.kind == "ConfigMap";
        let paths: Vec<String> = TABLE
            .iter()
            .filter(to_config_map)
            .filter(|reference| reference.referrer.gvk.kind == "Ingress")
            .map(|reference| reference.referrer.path.join(" "))
            .collect();
        assert_eq!(
            paths,
            ["metadata annotations nginx.ingress.kubernetes.io/fastcgi-params-configmap"]
        );
        assert_eq!(
            TABLE.iter().find(to_config_map).unwrap().target.version,
            "v1"
        );
    }
}
