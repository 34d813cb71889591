//! `--sort-by`: objects in the order of what a path leads to.

use std::cmp::Ordering;

use kube::api::DynamicObject;
use serde_json::Value;

use super::go::Numeric;
use super::jsonpath::{Item, Template};
use super::quantity;
use crate::error::{Error, Result};

/// Sorts objects by what a path of theirs leads to, as [`SortBy::sort`] says.
///
/// # Errors
/// A usage error where the path is none; otherwise as [`SortBy::sort`].
pub fn sort_by(path: &str, objects: &mut Vec<DynamicObject>) -> Result<()> {
    let refuse = |why| Error::usage(format!("cannot sort by {path:?}: {why}"));
    let path = SortBy::parse(path).map_err(refuse)?;
    path.sort(objects, |object| {
        serde_json::to_value(object)
            .map_err(|error| Error::failed("cannot read the object").caused_by(error))
    })
}

/// A path to sort by.
#[derive(Debug, Clone, PartialEq)]
pub struct SortBy {
    path: Template,
    text: String,
}

/// What an object is sorted by.
#[derive(Debug, Clone, PartialEq)]
enum Key {
    /// The object has no such field. Comes first.
    Missing,
    Null,
    Boolean(bool),
    Number(Numeric),
    /// A text, and the quantity that it is.
    Text(String, Option<i128>),
}

impl SortBy {
    /// Reads a path as kubectl's `--sort-by` takes it: `.metadata.name`, `{.metadata.name}` or
    /// `metadata.name`.
    ///
    /// # Errors
    /// Says why it is none; for clap.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("a path is needed, as .metadata.creationTimestamp".to_owned());
        }
        let path = Template::parse_path(text).map_err(|error| error.to_string())?;
        Ok(SortBy {
            path,
            text: text.to_owned(),
        })
    }

    /// Sorts by what the path leads to, and keeps the order of what is equal. Objects without it
    /// come first. Numbers are compared as numbers; two strings as quantities if both are, else
    /// letter by letter, which suits times; `false` comes before `true`.
    ///
    /// # Errors
    /// When no object has it, when it is an object or a list, or when its types differ.
    pub fn sort<T>(&self, items: &mut Vec<T>, value: impl Fn(&T) -> Result<Value>) -> Result<()> {
        let mut keys = Vec::with_capacity(items.len());
        for item in items.iter() {
            keys.push(self.key(&value(item)?)?);
        }
        if !keys.is_empty() && keys.iter().all(|key| *key == Key::Missing) {
            return Err(self.refuse("no object has it"));
        }
        if !alike(&keys) {
            return Err(self.refuse("it is of different types"));
        }
        into_floats(&mut keys);
        let mut sorted: Vec<Option<T>> = items.drain(..).map(Some).collect();
        items.extend(
            order(&keys)
                .into_iter()
                .filter_map(|place| sorted[place].take()),
        );
        Ok(())
    }

    fn key(&self, document: &Value) -> Result<Key> {
        let groups = self
            .path
            .evaluate(document)
            .map_err(|error| self.refuse(&error.to_string()))?;
        let Some(first) = groups.first().and_then(|group| group.first()) else {
            return Ok(Key::Missing);
        };
        Ok(match first {
            Item::Value(Value::Null) | Item::Nothing => Key::Null,
            Item::Value(Value::Bool(boolean)) => Key::Boolean(*boolean),
            Item::Value(Value::Number(number)) => Key::Number(number.into()),
            Item::Value(Value::String(text)) => Key::Text(text.clone(), quantity::parse(text)),
            Item::Value(Value::Array(_)) => return Err(self.refuse("it is a list")),
            Item::Value(Value::Object(_)) => return Err(self.refuse("it is an object")),
            Item::Text(text) => Key::Text((*text).to_owned(), quantity::parse(text)),
            Item::Integer(integer) => Key::Number(Numeric::Integer(*integer)),
            Item::Float(float) => Key::Number(Numeric::Float(*float)),
            Item::Boolean(boolean) => Key::Boolean(*boolean),
        })
    }

    fn refuse(&self, why: &str) -> Error {
        Error::failed(format!("cannot sort by {:?}: {why}", self.text))
    }
}

/// Whether all that are there can be compared.
fn alike(keys: &[Key]) -> bool {
    let there = keys
        .iter()
        .filter(|k| !matches!(k, Key::Missing | Key::Null));
    let mut sorts = there.map(std::mem::discriminant);
    let first = sorts.next();
    sorts.all(|sort| Some(sort) == first)
}

/// Takes numbers for floats where one of them is, so that all are compared in the same way.
fn into_floats(keys: &mut [Key]) {
    let is_float = |key: &Key| matches!(key, Key::Number(Numeric::Float(_)));
    if !keys.iter().any(is_float) {
        return;
    }
    for key in keys {
        if let Key::Number(Numeric::Integer(integer)) = key {
            #[expect(clippy::cast_precision_loss, reason = "the nearest float is enough")]
            let float = *integer as f64;
            *key = Key::Number(Numeric::Float(float));
        }
    }
}

/// The places of the keys in their order.
fn order(keys: &[Key]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..keys.len()).collect();
    let is_quantity = |key: &Key| matches!(key, Key::Text(_, Some(_)));
    let is_other = |key: &Key| matches!(key, Key::Text(_, None));
    if !(keys.iter().any(is_quantity) && keys.iter().any(is_other)) {
        order.sort_by(|a, b| compare(&keys[*a], &keys[*b]));
        return order;
    }
    // Quantities among other texts may go around in a circle, which the library's sort does not
    // bear: 10 is behind 9, 9 behind 1a, and 1a behind 10.
    for end in 1..order.len() {
        let mut place = end;
        while place > 0 && compare(&keys[order[place]], &keys[order[place - 1]]).is_lt() {
            order.swap(place, place - 1);
            place -= 1;
        }
    }
    order
}

fn compare(a: &Key, b: &Key) -> Ordering {
    match (a, b) {
        (Key::Boolean(a), Key::Boolean(b)) => a.cmp(b),
        (Key::Number(Numeric::Integer(a)), Key::Number(Numeric::Integer(b))) => a.cmp(b),
        (Key::Number(Numeric::Float(a)), Key::Number(Numeric::Float(b))) => a.total_cmp(b),
        (Key::Text(_, Some(a)), Key::Text(_, Some(b))) => a.cmp(b),
        (Key::Text(a, _), Key::Text(b, _)) => a.cmp(b),
        (a, b) => place(a).cmp(&place(b)),
    }
}

/// What is not there comes first, then what is nothing.
fn place(key: &Key) -> u8 {
    match key {
        Key::Missing => 0,
        Key::Null => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sorted(path: &str, values: Value) -> Result<String> {
        let mut items = values.as_array().unwrap().clone();
        let path = SortBy::parse(path).unwrap();
        path.sort(&mut items, |item| Ok(item.clone()))?;
        let names = items.iter().map(|item| item["n"].as_str().unwrap());
        Ok(names.collect::<Vec<_>>().join(""))
    }

    fn by_x(values: &[Value]) -> Result<String> {
        let named = values.iter().zip('a'..).map(|(x, n)| match x {
            Value::String(none) if none == "MISSING" => json!({"n": n.to_string()}),
            x => json!({"n": n.to_string(), "x": x}),
        });
        sorted(".x", named.collect())
    }

    fn key_of(value: &Value) -> Key {
        SortBy::parse(".x")
            .unwrap()
            .key(&json!({"x": value}))
            .unwrap()
    }

    #[test]
    fn each_type_has_its_order() {
        assert_eq!(by_x(&[json!(10), json!(9), json!(-1)]).unwrap(), "cba");
        assert_eq!(by_x(&[json!(1.5), json!(1), json!(2)]).unwrap(), "bac");
        let times = [json!("2026-02-01T00:00:00Z"), json!("2025-12-01T00:00:00Z")];
        assert_eq!(by_x(&times).unwrap(), "ba");
        assert_eq!(
            by_x(&[json!("1Gi"), json!("2M"), json!("100m")]).unwrap(),
            "cba"
        );
        assert_eq!(by_x(&[json!("10"), json!("9"), json!("x")]).unwrap(), "bac");
        assert_eq!(
            by_x(&[json!("1.9"), json!("1.2.3"), json!("1.10")]).unwrap(),
            "cba"
        );
        let circle: Vec<Value> = (0..500).map(|n| json!(["10", "9", "1a"][n % 3])).collect();
        let keys: Vec<Key> = circle.iter().map(key_of).collect();
        assert_eq!(order(&keys).len(), 500);
        assert_eq!(by_x(&[json!(true), json!(false)]).unwrap(), "ba");
    }

    #[test]
    fn what_is_missing_comes_first_and_equals_stay() {
        let values = [
            json!("b"),
            json!("MISSING"),
            Value::Null,
            json!("a"),
            json!("a"),
        ];
        assert_eq!(by_x(&values).unwrap(), "bcdea");
    }

    #[test]
    fn what_has_no_order_is_refused() {
        let refusal = |values: &[Value]| by_x(values).unwrap_err().to_string();
        assert!(refusal(&[json!({})]).ends_with("it is an object"));
        assert!(refusal(&[json!([])]).ends_with("it is a list"));
        assert!(refusal(&[json!("MISSING")]).ends_with("no object has it"));
        assert!(refusal(&[json!(1), json!("a")]).ends_with("it is of different types"));
        assert_eq!(by_x(&[]).unwrap(), "");
        assert!(SortBy::parse("").is_err() && SortBy::parse("{.a").is_err());
    }
}
