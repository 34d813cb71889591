//! Secrets in objects that are compared: that one changed is told, and never what it is.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::change::Side;
use super::secrets::Secrets;
use crate::build::Hidden;

/// A secret that is the same on both sides, or only on one.
pub(super) const SAME: &str = "***";
/// A secret that becomes another one.
const BEFORE: &str = "*** (before)";
const AFTER: &str = "*** (after)";
/// Any value of a Secret whose values SOPS encrypted, where they cannot be compared.
const ENCRYPTED: &str = "*****";
/// What a build puts in the place of such values.
const SOPS: &str = "**SOPS**";

/// kubectl's copy of a whole object.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Both sides with their secrets masked.
pub(super) fn masked(
    before: Option<Side<'_>>,
    after: Option<Side<'_>>,
    secrets: &Secrets,
) -> (Option<Value>, Option<Value>) {
    let hidden = [before, after].map(|side| side?.hidden);
    let mut sides = [before, after].map(|side| side.map(|side| side.object.clone()));
    let mut pairs = Vec::new();
    for side in [before, after].into_iter().flatten() {
        for place in side.secret {
            pairs.extend(places(side.built, place, &sides));
        }
    }
    for pair in pairs {
        mask_pair(&mut sides, pair);
    }
    mask_data(&mut sides, hidden);
    let [mut before, mut after] = sides;
    before.iter_mut().for_each(|value| secrets.hide_in(value));
    after.iter_mut().for_each(|value| secrets.hide_in(value));
    (before, after)
}

/// A place on either side.
type Pair = [Option<String>; 2];

/// Where the place in `built` is on both sides. Items of lists are found by their names; in a list
/// of texts it is every text that the built list does not have openly.
fn places(built: &Value, place: &str, sides: &[Option<Value>; 2]) -> Vec<Pair> {
    if place.is_empty() {
        return vec![[Some(String::new()), Some(String::new())]];
    }
    let find = |side: &Option<Value>| {
        side.as_ref()
            .map_or(Vec::new(), |side| translate(built, place, side))
    };
    let (before, after) = (find(&sides[0]), find(&sides[1]));
    let count = before.len().max(after.len());
    (0..count)
        .map(|at| [before.get(at).cloned(), after.get(at).cloned()])
        .collect()
}

fn translate(built: &Value, place: &str, side: &Value) -> Vec<String> {
    let (mut built, mut side) = (Some(built), side);
    let mut found = String::new();
    for step in place.split('/').skip(1) {
        let key = step.replace("~1", "/").replace("~0", "~");
        let (step, below) = match (built, side) {
            (Some(Value::Array(items)), Value::Array(others)) => {
                let Some(item) = step.parse().ok().and_then(|at: usize| items.get(at)) else {
                    return vec![found];
                };
                if !item.is_object() {
                    return hidden_items(items, item, others, &found);
                }
                match same_item(item, items, others) {
                    Some(at) => (at.to_string(), Some(item)),
                    // Which item it is cannot be told: all of them are hidden.
                    None => return vec![found],
                }
            }
            (built, _) => (step.to_owned(), built.and_then(|built| built.get(&key))),
        };
        let next = match side {
            Value::Object(fields) => fields.get(&key),
            Value::Array(items) => step.parse().ok().and_then(|at: usize| items.get(at)),
            _ => None,
        };
        let Some(next) = next else {
            return Vec::new();
        };
        found.push('/');
        found.push_str(&step);
        (built, side) = (below, next);
    }
    vec![found]
}

/// The item of `others` that is called as `item` is.
fn same_item(item: &Value, items: &[Value], others: &[Value]) -> Option<usize> {
    for key in [
        "name",
        "key",
        "id",
        "mountPath",
        "containerPort",
        "port",
        "ip",
    ] {
        let Some(name) = item.get(key).filter(|name| !name.is_object()) else {
            continue;
        };
        let called = |items: &[Value]| -> Vec<usize> {
            let named = items
                .iter()
                .enumerate()
                .filter(|(_, i)| i.get(key) == Some(name));
            named.map(|(at, _)| at).collect()
        };
        if called(items).len() == 1 {
            return match called(others)[..] {
                [at] => Some(at),
                _ => None,
            };
        }
    }
    let at = items.iter().position(|i| std::ptr::eq(i, item))?;
    (items.len() == others.len()).then_some(at)
}

/// The items that the built list does not hold openly.
fn hidden_items(items: &[Value], secret: &Value, others: &[Value], found: &str) -> Vec<String> {
    let open = |other: &Value| items.iter().any(|i| i == other && i != secret);
    let hidden = others.iter().enumerate().filter(|(_, other)| !open(other));
    hidden.map(|(at, _)| format!("{found}/{at}")).collect()
}

fn mask_pair(sides: &mut [Option<Value>; 2], places: Pair) {
    let value = |side: usize| {
        let place = places[side].as_ref()?;
        sides[side].as_ref()?.pointer(place).cloned()
    };
    let masks = match (value(0), value(1)) {
        // Masked before, by a place above or the same one of the other side.
        (Some(before), Some(after)) if is_mask(&before) && is_mask(&after) => return,
        (Some(before), Some(after)) if before != after => [BEFORE, AFTER],
        _ => [SAME, SAME],
    };
    for ((side, place), mask) in sides.iter_mut().zip(&places).zip(masks) {
        let (Some(side), Some(place)) = (side, place) else {
            continue;
        };
        if place.is_empty() {
            mask_whole(side, mask);
        } else if let Some(value) = side.pointer_mut(place) {
            *value = mask.into();
        }
    }
}

fn is_mask(value: &Value) -> bool {
    [SAME, BEFORE, AFTER].iter().any(|mask| value == mask)
}

/// Hides an object but for what it is called.
fn mask_whole(object: &mut Value, mask: &str) {
    let Some(fields) = object.as_object_mut() else {
        return;
    };
    for (key, value) in fields.iter_mut() {
        if !matches!(key.as_str(), "apiVersion" | "kind" | "metadata") {
            *value = mask.into();
        }
    }
}

/// Hides the data of Secrets. What is encrypted on both sides is compared as that.
fn mask_data(sides: &mut [Option<Value>; 2], hidden: [Option<&Hidden>; 2]) {
    let is_secret = |side: &Option<Value>| {
        side.as_ref()
            .is_some_and(|side| side["kind"] == "Secret" && side["apiVersion"] == "v1")
    };
    if !sides.iter().any(is_secret) {
        return;
    }
    let encrypted = sides.iter().flatten().any(has_encrypted);
    let [before, after] = sides;
    for field in ["data", "stringData"] {
        let mut nothing = [Map::new(), Map::new()];
        let [none_before, none_after] = &mut nothing;
        let old = fields(before, &[field]).unwrap_or(none_before);
        let new = fields(after, &[field]).unwrap_or(none_after);
        let becomes_another = |key: &str| {
            let place = format!("/{field}/{key}");
            let [old, new] = hidden.map(|hidden| hidden?.get(&place));
            old.is_some() && new.is_some() && old != new
        };
        mask_fields(
            old,
            new,
            encrypted.then_some(&becomes_another as &dyn Fn(&str) -> bool),
        );
    }
    let mut nothing = [Map::new(), Map::new()];
    let [none_before, none_after] = &mut nothing;
    let path = ["metadata", "annotations"];
    let old = fields(before, &path).unwrap_or(none_before);
    let new = fields(after, &path).unwrap_or(none_after);
    let copy = |fields: &mut Map<String, Value>| fields.remove_entry(LAST_APPLIED);
    let (old_copy, new_copy) = (copy(old), copy(new));
    let masks = match (&old_copy, &new_copy) {
        (Some(old), Some(new)) if old != new => [BEFORE, AFTER],
        _ => [SAME, SAME],
    };
    for ((fields, copy), mask) in [(old, old_copy), (new, new_copy)].into_iter().zip(masks) {
        if let Some((key, _)) = copy {
            fields.insert(key, mask.into());
        }
    }
}

fn fields<'v>(side: &'v mut Option<Value>, path: &[&str]) -> Option<&'v mut Map<String, Value>> {
    let mut value = side.as_mut()?;
    for key in path {
        value = value.get_mut(key)?;
    }
    value.as_object_mut()
}

/// Hides the values of fields; where something is encrypted, `encrypted` says which of them become others.
fn mask_fields(
    old: &mut Map<String, Value>,
    new: &mut Map<String, Value>,
    encrypted: Option<&dyn Fn(&str) -> bool>,
) {
    let mask_of = |key: &str, old: &Map<String, Value>, new: &Map<String, Value>| {
        match encrypted {
            Some(becomes_another) if becomes_another(key) => return [BEFORE, AFTER],
            Some(_) => return [ENCRYPTED, ENCRYPTED],
            None => {}
        }
        match (old.get(key), new.get(key)) {
            (Some(old), Some(new)) if old != new => [BEFORE, AFTER],
            _ => [SAME, SAME],
        }
    };
    let keys: BTreeSet<String> = old.keys().chain(new.keys()).cloned().collect();
    for key in keys {
        let [before, after] = mask_of(&key, old, new);
        if let Some(value) = old.get_mut(&key) {
            *value = before.into();
        }
        if let Some(value) = new.get_mut(&key) {
            *value = after.into();
        }
    }
}

/// Whether a build has hidden what SOPS encrypted.
fn has_encrypted(secret: &Value) -> bool {
    let is_mask = |value: &Value| {
        let decoded = value.as_str().and_then(|text| STANDARD.decode(text).ok());
        decoded.is_some_and(|bytes| String::from_utf8_lossy(&bytes).contains(SOPS))
    };
    let holds = |field: &str, hides: &dyn Fn(&Value) -> bool| {
        let fields = secret[field].as_object().into_iter().flatten();
        fields.into_iter().any(|(_, value)| hides(value))
    };
    let plain =
        |value: &Value| value.as_str().is_some_and(|text| text.contains(SOPS)) || is_mask(value);
    holds("data", &is_mask) || holds("stringData", &plain)
}

#[cfg(test)]
#[path = "mask_tests.rs"]
mod tests;
