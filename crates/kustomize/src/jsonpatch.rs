//! JSON patches (RFC 6902), with the liberties of the library that kustomize uses: negative indices count from the
//! end, `replace` adds a missing key, and `test` takes a missing key for null.

use serde_json::{Map, Number, Value};

use crate::yaml::MAX_DEPTH;

/// One operation of a patch.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Operation {
    op: String,
    path: Option<String>,
    from: Option<String>,
    value: Value,
}

/// Reads a patch from JSON.
pub(crate) fn decode(value: &Value) -> Result<Vec<Operation>, String> {
    let Value::Array(operations) = value else {
        return Err(misfit(
            "a JSON patch is a list of operations",
            value,
            "Patch",
        ));
    };
    operations
        .iter()
        .map(|operation| match operation {
            Value::Object(fields) => Ok(operation_of(fields)),
            other => {
                let message = "an operation of a JSON patch is a mapping";
                Err(misfit(message, other, "Operation"))
            }
        })
        .collect()
}

/// Says what is wrong, and what Go's reader says of it.
fn misfit(message: &str, found: &Value, wanted: &str) -> String {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    format!("{message}: json: cannot unmarshal {found} into Go value of type jsonpatch.{wanted}")
}

fn operation_of(fields: &Map<String, Value>) -> Operation {
    let text = |key: &str| fields.get(key).and_then(Value::as_str).map(str::to_owned);
    Operation {
        op: text("op").unwrap_or_else(|| "unknown".into()),
        path: text("path"),
        from: text("from"),
        value: fields.get("value").cloned().unwrap_or_default(),
    }
}

/// The most values that the `copy` operations of one patch may add to an object.
const MAX_COPIED: usize = 400_000;
impl Operation {
    /// Whether it wants the annotations to be exactly these.
    pub(crate) fn tests_annotations(&self) -> bool {
        self.op == "test" && self.path.as_deref() == Some("/metadata/annotations")
    }
}

/// Applies the operations in turn. All numbers become floats on the way, as kustomize has it.
///
/// # Errors
///
/// Where one does not apply, and where they would nest the object deeper than [`MAX_DEPTH`] or let it grow out of bounds.
pub(crate) fn apply(mut document: Value, operations: &[Operation]) -> Result<Value, String> {
    let mut copied = 0;
    for operation in operations {
        operation.apply(&mut document, &mut copied)?;
    }
    floats(&mut document);
    Ok(document)
}

fn floats(value: &mut Value) {
    match value {
        Value::Number(number) => {
            if let Some(float) = number.as_f64().and_then(Number::from_f64) {
                *number = float;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(floats),
        Value::Object(entries) => entries.values_mut().for_each(floats),
        _ => {}
    }
}

impl Operation {
    fn path(&self) -> Result<&str, String> {
        let missing = || format!("{} operation failed to decode path: missing value", self.op);
        self.path.as_deref().ok_or_else(missing)
    }

    fn from(&self) -> Result<&str, String> {
        let missing = || format!("{} operation failed to decode from: missing value", self.op);
        self.from.as_deref().ok_or_else(missing)
    }

    fn apply(&self, document: &mut Value, copied: &mut usize) -> Result<(), String> {
        match self.op.as_str() {
            "add" => self.add(document, self.path()?, self.value.clone()),
            "remove" => self.remove(document, self.path()?).map(|_| ()),
            "replace" => self.replace(document),
            "move" => {
                let value = self.remove(document, self.from()?)?;
                self.add(document, self.path()?, value)
            }
            "copy" => {
                let value = self.get(document, self.from()?)?.unwrap_or_default();
                *copied += size(&value);
                if *copied > MAX_COPIED {
                    return Err(format!(
                        "a patch may not copy more than {MAX_COPIED} values"
                    ));
                }
                self.add(document, self.path()?, value)
            }
            "test" => self.test(document),
            other => Err(format!("Unexpected kind: {other}")),
        }
    }

    /// The list or mapping that holds what `path` leads to, and the last step.
    fn find<'v>(
        &self,
        document: &'v mut Value,
        path: &str,
    ) -> Result<(&'v mut Value, String), String> {
        let missing = || {
            format!(
                "{} operation does not apply: doc is missing path: \"{path}\": missing value",
                self.op
            )
        };
        let steps: Vec<String> = path
            .split('/')
            .skip(1)
            .map(|s| s.replace("~1", "/").replace("~0", "~"))
            .collect();
        let (last, steps) = steps.split_last().ok_or_else(missing)?;
        let mut at = document;
        for step in steps {
            at = match at {
                Value::Object(entries) => entries.get_mut(step),
                Value::Array(items) => index(step, items.len())
                    .ok()
                    .and_then(|index| items.get_mut(index)),
                _ => None,
            }
            .ok_or_else(missing)?;
        }
        if at.is_object() || at.is_array() {
            Ok((at, last.clone()))
        } else {
            Err(missing())
        }
    }

    fn get(&self, document: &mut Value, path: &str) -> Result<Option<Value>, String> {
        let (parent, key) = self.find(document, path)?;
        match parent {
            Value::Array(items) => {
                let at = index(&key, items.len()).map_err(|why| self.error(path, &why))?;
                items
                    .get(at)
                    .cloned()
                    .map(Some)
                    .ok_or_else(|| self.error(path, &invalid(&key)))
            }
            parent => Ok(parent.get(&key).cloned()),
        }
    }

    fn error(&self, path: &str, why: &str) -> String {
        format!("error in {} for path: '{path}': {why}", self.op)
    }

    fn add(&self, document: &mut Value, path: &str, value: Value) -> Result<(), String> {
        check_depth(path, &value)?;
        let (parent, key) = self.find(document, path)?;
        match parent {
            Value::Object(entries) => {
                entries.insert(key, value);
            }
            Value::Array(items) if key == "-" => items.push(value),
            Value::Array(items) => {
                let at = index(&key, items.len() + 1).map_err(|why| self.error(path, &why))?;
                if at > items.len() {
                    return Err(self.error(path, &invalid(&key)));
                }
                items.insert(at, value);
            }
            _ => {}
        }
        Ok(())
    }

    fn remove(&self, document: &mut Value, path: &str) -> Result<Value, String> {
        let (parent, key) = self.find(document, path)?;
        let removed = match parent {
            Value::Array(items) => match index(&key, items.len()) {
                Ok(at) if at < items.len() => Ok(items.remove(at)),
                Ok(_) => Err(invalid(&key)),
                Err(why) => Err(why),
            },
            Value::Object(entries) => entries
                .remove(&key)
                .ok_or_else(|| format!("Unable to remove nonexistent key: {key}: missing value")),
            _ => Ok(Value::Null),
        };
        removed.map_err(|why| self.error(path, &why))
    }

    fn replace(&self, document: &mut Value) -> Result<(), String> {
        let path = self.path()?;
        check_depth(path, &self.value)?;
        if path.is_empty() {
            if !self.value.is_object() && !self.value.is_array() {
                return Err("replace operation value must be object or array".into());
            }
            *document = self.value.clone();
            return Ok(());
        }
        let (parent, key) = self.find(document, path)?;
        match parent {
            Value::Array(items) => {
                let at = index(&key, items.len())
                    .ok()
                    .and_then(|at| items.get_mut(at));
                let missing = || {
                    format!(
                        "replace operation does not apply: doc is missing key: {path}: missing value"
                    )
                };
                *at.ok_or_else(missing)? = self.value.clone();
            }
            Value::Object(entries) => {
                entries.insert(key, self.value.clone());
            }
            _ => {}
        }
        Ok(())
    }

    fn test(&self, document: &mut Value) -> Result<(), String> {
        let path = self.path()?;
        let found = if path.is_empty() {
            Some(document.clone())
        } else {
            self.get(document, path)?
        };
        if found.unwrap_or_default() == self.value {
            Ok(())
        } else {
            Err(format!("testing value {path} failed: test failed"))
        }
    }
}

/// Refuses to put a value where it would nest too deep.
fn check_depth(path: &str, value: &Value) -> Result<(), String> {
    if path.matches('/').count() + depth(value) > MAX_DEPTH {
        return Err(format!(
            "the object would nest deeper than {MAX_DEPTH} levels"
        ));
    }
    Ok(())
}

/// How many levels of lists and mappings a value has.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(entries) => 1 + entries.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// How many values a value consists of.
fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(entries) => 1 + entries.values().map(size).sum::<usize>(),
        _ => 1,
    }
}

fn invalid(key: &str) -> String {
    format!("Unable to access invalid index: {key}: invalid index referenced")
}

/// The place that `key` names in a list of this length, which may be its end or beyond.
fn index(key: &str, length: usize) -> Result<usize, String> {
    let number: i64 = key
        .parse()
        .map_err(|_| format!("value was not a proper array index: '{key}'"))?;
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let at = if number < 0 { number + length } else { number };
    usize::try_from(at).map_err(|_| invalid(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn patched(document: Value, patch: Value) -> Result<Value, String> {
        apply(document, &decode(&patch)?)
    }

    #[test]
    fn operations_apply_in_turn() {
        let patch = json!([
            { "op": "add", "path": "/l/-", "value": "c" },
            { "op": "add", "path": "/l/0", "value": "z" },
            { "op": "remove", "path": "/l/-1" },
            { "op": "replace", "path": "/m~1n", "value": null },
            { "op": "copy", "from": "/l", "path": "/copy" },
            { "op": "move", "from": "/x", "path": "/y" },
            { "op": "test", "path": "/nothing", "value": null }
        ]);
        let document = json!({ "l": ["a", "b"], "x": { "k": "v" } });
        let wanted = json!({ "l": ["z", "a", "b"], "copy": ["z", "a", "b"], "y": { "k": "v" }, "m/n": null });
        assert_eq!(patched(document, patch).unwrap(), wanted);
    }

    #[test]
    fn objects_do_not_grow_out_of_bounds() {
        let twice: Vec<Value> = (0..30)
            .map(|number| json!({ "op": "copy", "from": "/l", "path": format!("/l/x{number}") }))
            .collect();
        let refused = patched(json!({ "l": {} }), twice.into()).unwrap_err();
        assert!(refused.contains("may not copy more than"), "{refused}");
        let deep = (0..200).fold(json!({}), |value, _| json!({ "a": value }));
        let path = "/a".repeat(100);
        let patch = json!([{ "op": "add", "path": path, "value": deep }]);
        let refused = patched(deep, patch).unwrap_err();
        assert!(refused.contains("deeper than 250 levels"), "{refused}");
    }

    #[test]
    fn operations_that_do_not_apply_are_errors() {
        for (patch, error) in [
            (
                json!({ "op": "add", "path": "/x/y", "value": 1 }),
                "doc is missing path: \"/x/y\"",
            ),
            (
                json!({ "op": "add", "path": "x", "value": 1 }),
                "doc is missing path: \"x\"",
            ),
            (
                json!({ "op": "remove", "path": "/x" }),
                "Unable to remove nonexistent key: x",
            ),
            (
                json!({ "op": "add", "path": "/l/5", "value": 1 }),
                "Unable to access invalid index: 5",
            ),
            (
                json!({ "op": "test", "path": "/l/0", "value": "b" }),
                "testing value /l/0 failed",
            ),
            (
                json!({ "op": "frob", "path": "/l" }),
                "Unexpected kind: frob",
            ),
        ] {
            let refused = patched(json!({ "l": ["a"] }), json!([patch])).unwrap_err();
            assert!(refused.contains(error), "{refused}");
        }
    }
}
