//! `vars`: values of fields that stand in for `$(NAME)` in other fields.
//!
//! A var is bound to its object by the kustomization that declares it; its value is read at the end of the build, when
//! names are final. Where it may be used, [`builtin_fields`] and `varReference` of `configurations` say.

mod expand;
mod fields;

use std::collections::BTreeMap;

use crate::error::Error;
use crate::fieldspec::FieldSpec;
use crate::id::{Gvk, Id};
use crate::resource::Resource;
use crate::transform::replacements::path;
use crate::yaml::{Data, Node, Position, Scalar};
use expand::{Value, expand};
pub(crate) use fields::builtin_fields;

/// A name, and the field whose value it stands for.
#[derive(Debug, Clone)]
pub(crate) struct Var {
    pub(crate) position: Position,
    pub(crate) name: String,
    pub(crate) target: Gvk,
    pub(crate) object_name: String,
    pub(crate) namespace: String,
    pub(crate) path: String,
    /// The entry as errors show it before its defaults are filled in.
    pub(crate) written: String,
}

impl Var {
    /// A var as errors show it.
    pub(crate) fn shown(name: &str, target: &Gvk, path: &str) -> String {
        format!("{{{name} {target} {{{path}}}}}")
    }

    fn full(&self) -> String {
        Self::shown(&self.name, &self.target, &self.path)
    }

    /// The objects that the var means. Without a namespace, those of its name in any.
    fn means(&self, resource: &Resource) -> bool {
        // kustomize does not ask whether objects of this kind belong to no namespace.
        let wanted = Id::earlier(
            self.target.clone(),
            self.object_name.clone(),
            self.namespace.clone(),
        );
        let exact = !wanted.namespace.is_empty();
        let fits = |id: &Id| {
            if exact {
                wanted.matches(id)
            } else {
                id.gvk == wanted.gvk && id.name == wanted.name
            }
        };
        resource.previous_ids().any(|id| fits(&id)) || fits(&resource.id())
    }

    /// The value of the var's field in the object that it is bound to.
    fn value(&self, resources: &[Resource]) -> Result<Option<Value>, Error> {
        let bound = |resource: &&Resource| resource.var_names.contains(&self.name);
        let resource = resources.iter().find(bound).ok_or_else(|| {
            let var = self.full();
            Error::new(format!(
                "var '{var}' cannot be mapped to a field in the set of known resources"
            ))
        })?;
        let found = path::get(&resource.node, &field_path(&self.path))
            .ok()
            .flatten();
        let value = found.map(Value::of);
        value.transpose().ok().flatten().ok_or_else(|| {
            let message = format!(
                "field specified in var '{}' not found in corresponding resource",
                self.full()
            );
            Error::new(message).in_file(&resource.file)
        })
    }
}

/// Vars, no two of one name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vars(BTreeMap<String, Var>);

impl Vars {
    fn insert(&mut self, var: Var) -> Result<(), String> {
        if self.0.contains_key(&var.name) {
            return Err(format!("var '{}' already encountered", var.name));
        }
        self.0.insert(var.name.clone(), var);
        Ok(())
    }

    /// Adds those of another kustomization.
    pub(crate) fn merge(&mut self, other: Self) -> Result<(), String> {
        other.0.into_values().try_for_each(|var| self.insert(var))
    }

    /// Adds the vars of a kustomization, and binds them to its objects.
    pub(crate) fn declare(
        &mut self,
        file: &str,
        vars: &[Var],
        resources: &mut [Resource],
    ) -> Result<(), Error> {
        let failed = |var: &Var, error: &str| {
            let all: Vec<&str> = vars.iter().map(|var| var.written.as_str()).collect();
            let message = format!("merging vars [{}]: {error}", all.join(" "));
            Error::new(message).at(file, var.position)
        };
        for var in vars {
            let mut meant: Vec<&mut Resource> = resources
                .iter_mut()
                .filter(|resource| var.means(resource))
                .collect();
            match meant.as_mut_slice() {
                [] => {}
                [resource] => resource.var_names.push(var.name.clone()),
                several => {
                    let error = format!(
                        "found {} resId matches for var {} (unable to disambiguate)",
                        several.len(),
                        var.full()
                    );
                    return Err(failed(var, &error));
                }
            }
        }
        vars.iter().try_for_each(|var| {
            self.insert(var.clone())
                .map_err(|error| failed(var, &error))
        })
    }

    /// Puts the values in the place of `$(NAME)` in the given fields.
    pub(crate) fn resolve(
        &self,
        fields: &[FieldSpec],
        resources: &mut [Resource],
    ) -> Result<(), Error> {
        let mut values = BTreeMap::new();
        for (name, var) in &self.0 {
            values.insert(name.as_str(), var.value(resources)?);
        }
        if values.is_empty() {
            return Ok(());
        }
        let replace = |node: &mut Node| {
            let text = if node.untagged {
                node.as_scalar()
            } else {
                node.as_text()
            };
            if let Some(text) = text {
                let new = expand(text, &values);
                (node.data, node.quoted, node.untagged) = (new.data, new.quoted, false);
            }
        };
        for resource in resources {
            let gvk = resource.gvk();
            for spec in fields.iter().filter(|spec| gvk.is_selected(&spec.gvk)) {
                let done = spec.apply(&mut resource.node, None, &mut |field| {
                    replace_in(field, &replace)
                });
                done.map_err(|error| {
                    let message = format!("{error} of object {}", resource.id());
                    Error::new(message).in_file(&resource.file)
                })?;
                resource.sync_shared();
            }
        }
        Ok(())
    }
}

/// Replaces in a text, in the texts of a list or in those of a mapping.
fn replace_in(field: &mut Node, replace: &dyn Fn(&mut Node)) -> Result<(), String> {
    match &mut field.data {
        Data::Scalar(..) => replace(field),
        Data::Mapping(entries) => entries
            .values_mut()
            .for_each(|entry| replace(&mut entry.value)),
        Data::Sequence(items) => {
            for item in items {
                if !matches!(item.data, Data::Scalar(_, Scalar::Text)) && !item.untagged {
                    return Err("invalid value type expect a string".into());
                }
                replace(item);
            }
        }
    }
    Ok(())
}

/// The parts of a path, in which `ports[0]` is `ports` and `0`.
fn field_path(path: &str) -> Vec<String> {
    let mut parts = Vec::new();
    for part in path::split(path) {
        let indexed = part
            .strip_suffix(']')
            .and_then(|part| part.rsplit_once('['));
        match indexed {
            Some((name, index))
                if !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                if !name.is_empty() {
                    parts.push(name.to_owned());
                }
                parts.push(index.to_owned());
            }
            _ => parts.push(part),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::field_path;

    #[test]
    fn elements_are_parts_of_their_own() {
        assert_eq!(
            field_path("spec.ports[0].port"),
            ["spec", "ports", "0", "port"]
        );
        assert_eq!(field_path("data.[a.b]"), ["data", "a.b"]);
        assert_eq!(field_path("a.[b=c].[1]"), ["a", "[b=c]", "1"]);
    }
}
