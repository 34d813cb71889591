//! Paths to the fields that a transformation changes, such as `spec/template/spec/containers[]/image`.

use crate::id::Gvk;
use crate::yaml::{Data, Entry, MAX_DEPTH, Mapping, Node, Scalar};

/// A field of the objects of some kinds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldSpec {
    /// The kinds that have it.
    pub(crate) gvk: Gvk,
    /// The keys that lead to it; lists on the way stand for all of their elements.
    pub(crate) path: Vec<String>,
    /// Whether to make it where it is missing.
    pub(crate) create: bool,
}

/// What a field that is made starts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blank {
    Mapping,
    Scalar,
}

impl Blank {
    fn data(self) -> Data {
        match self {
            Self::Mapping => Data::Mapping(Mapping::new()),
            Self::Scalar => Data::Scalar(String::new(), Scalar::Text),
        }
    }
}

/// Splits a path at its slashes; `\/` is a slash in a key.
pub(crate) fn split_path(path: &str) -> Vec<String> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let mut keys: Vec<String> = Vec::new();
    for part in path.split('/') {
        match keys.last_mut() {
            Some(last) if last.ends_with('\\') => {
                last.pop();
                last.push('/');
                last.push_str(part);
            }
            _ => keys.push(part.to_owned()),
        }
    }
    keys
}

type Set<'a> = dyn FnMut(&mut Node) -> Result<(), String> + 'a;

impl FieldSpec {
    /// Any kind's field at `path`.
    pub(crate) fn anywhere(path: &str, create: bool) -> Self {
        Self {
            gvk: Gvk::default(),
            path: split_path(path),
            create,
        }
    }

    pub(crate) fn path_text(&self) -> String {
        self.path
            .iter()
            .map(|key| key.replace('/', "\\/"))
            .collect::<Vec<_>>()
            .join("/")
    }

    /// Whether a list that holds this field needs not hold `other` too.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        self.gvk.is_selected(&other.gvk) && self.path == other.path
    }

    /// Calls `set` on the field, in every list element that leads to it. With a `blank`, a field that may be made is
    /// made where it is missing.
    ///
    /// # Errors
    ///
    /// What `set` returns, and where a single value stands in the way or the path is longer than objects are deep.
    pub(crate) fn apply(
        &self,
        node: &mut Node,
        blank: Option<Blank>,
        set: &mut Set<'_>,
    ) -> Result<(), String> {
        if self.path.len() > MAX_DEPTH {
            return Err(format!("a path of more than {MAX_DEPTH} keys"));
        }
        let blank = blank.filter(|_| self.create);
        walk(node, &self.path, blank, set)
            .map_err(|error| format!("considering field '{}': {error}", self.path_text()))
    }
}

fn walk(
    node: &mut Node,
    path: &[String],
    blank: Option<Blank>,
    set: &mut Set<'_>,
) -> Result<(), String> {
    let Some((key, rest)) = path.split_first() else {
        return set(node);
    };
    match &mut node.data {
        Data::Scalar(_, Scalar::Null | Scalar::Blank) => Ok(()),
        Data::Scalar(..) => Err("expected sequence or mapping node".into()),
        Data::Sequence(items) => items
            .iter_mut()
            .try_for_each(|item| walk(item, path, blank, set)),
        Data::Mapping(entries) => {
            let (name, is_list) = key
                .strip_suffix("[]")
                .map_or((key.as_str(), false), |name| (name, true));
            if name.is_empty() {
                return Err("cannot set or create an empty field name".into());
            }
            let made = blank.filter(|_| !is_list).map(|blank| {
                if rest.is_empty() {
                    blank
                } else {
                    Blank::Mapping
                }
            });
            if let Some(made) = made {
                let entry = || Entry::from(Node::from(made.data()));
                entries.entry(name.to_owned()).or_insert_with(entry);
            }
            let Some(Entry { value: field, .. }) = entries.get_mut(name) else {
                return Ok(());
            };
            if field.is_null() {
                match made {
                    Some(made) => field.data = made.data(),
                    None if is_list => field.data = Data::Sequence(Vec::new()),
                    None => {}
                }
            }
            walk(field, rest, blank, set)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{Dialect, parse, to_string};

    fn set(text: &str, path: &str, create: bool) -> Result<String, String> {
        let mut node = parse(text, Dialect::Resource).unwrap().remove(0);
        FieldSpec::anywhere(path, create).apply(&mut node, Some(Blank::Scalar), &mut |field| {
            field.data = Data::Scalar("x".into(), Scalar::Text);
            Ok(())
        })?;
        Ok(to_string(&node.to_json()))
    }

    #[test]
    fn lists_stand_for_all_their_elements() {
        assert_eq!(
            set("a: [{b: 1}, {b: 2}, {c: 3}]", "a/b", false).unwrap(),
            "a:\n- b: x\n- b: x\n- c: 3\n"
        );
        assert_eq!(set("a: null", "a[]/b", true).unwrap(), "a: []\n");
    }

    #[test]
    fn fields_are_made_where_wanted() {
        assert_eq!(set("c: 1", "a/b", false).unwrap(), "c: 1\n");
        assert_eq!(set("a: null", "a/b", true).unwrap(), "a:\n  b: x\n");
        assert_eq!(set("a: {}", "a/b\\/c", true).unwrap(), "a:\n  b/c: x\n");
    }

    #[test]
    fn single_values_stand_in_the_way() {
        assert!(
            set("a: 1", "a/b", false)
                .unwrap_err()
                .contains("expected sequence or mapping node")
        );
    }
}
