//! Places inside of objects, in the ways that patches and replacements name them.

use serde_json::Value;

use super::dice::Dice;

/// A step into a mapping or a list.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

/// All places in a value but the value itself, outer ones first.
pub(crate) fn all(value: &Value) -> Vec<Vec<Step>> {
    let mut found = Vec::new();
    collect(value, &mut Vec::new(), &mut found);
    found
}

fn collect(value: &Value, at: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    let mut enter = |step: Step, value: &Value| {
        at.push(step);
        found.push(at.clone());
        collect(value, at, found);
        at.pop();
    };
    match value {
        Value::Object(entries) => entries
            .iter()
            .for_each(|(key, value)| enter(Step::Key(key.clone()), value)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(at, value)| enter(Step::Index(at), value)),
        _ => {}
    }
}

pub(crate) fn get<'v>(value: &'v Value, path: &[Step]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Index(index) => value.get(index),
    })
}

pub(crate) fn get_mut<'v>(value: &'v mut Value, path: &[Step]) -> Option<&'v mut Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get_mut(key),
        Step::Index(index) => value.get_mut(index),
    })
}

/// As JSON patches name a place.
pub(crate) fn pointer(path: &[Step]) -> String {
    path.iter()
        .map(|step| match step {
            Step::Key(key) => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Step::Index(index) => format!("/{index}"),
        })
        .collect()
}

/// As replacements name a place: elements of lists by number, by a field of theirs, or all of them.
pub(crate) fn dotted(dice: &mut Dice, object: &Value, path: &[Step]) -> String {
    let parts = path.iter().enumerate().map(|(at, step)| match step {
        Step::Key(key) if key.contains('.') => match dice.below(2) {
            0 => format!("[{key}]"),
            _ => key.replace('.', "\\."),
        },
        Step::Key(key) => key.clone(),
        Step::Index(index) => {
            let item = get(object, &path[..=at]);
            let name = item.and_then(|item| item.get("name")?.as_str());
            match (dice.below(4), name, item) {
                (0, ..) => "*".to_owned(),
                (1 | 2, Some(name), _) => format!("[name={name}]"),
                (1, None, Some(Value::String(text))) => format!("[={text}]"),
                _ => index.to_string(),
            }
        }
    });
    parts.collect::<Vec<_>>().join(".")
}

/// As vars name a place.
pub(crate) fn indexed(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(&key.replace('.', "\\."));
            }
            Step::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}
