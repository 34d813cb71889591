//! Taking parts of a tree away for as long as what is asked still holds.

use serde_json::Value;

use super::paths::{self, Step};
use super::{Content, Tree};

/// The most trees that are tried.
const TRIES: usize = 4000;

/// A small tree for which `holds` still holds, as it does for this one.
pub(crate) fn shrink(tree: &Tree, mut holds: impl FnMut(&Tree) -> bool) -> Tree {
    let mut smallest = tree.clone();
    let mut tries = 0;
    let mut attempt = |smallest: &mut Tree, candidate: Tree| {
        tries += 1;
        let smaller = tries <= TRIES && holds(&candidate);
        if smaller {
            *smallest = candidate;
        }
        smaller
    };
    loop {
        let mut progress = false;
        for path in tree.files.keys() {
            let mut candidate = smallest.clone();
            if candidate.files.remove(path).is_some() {
                progress |= attempt(&mut smallest, candidate);
            }
        }
        for path in tree.files.keys() {
            progress |= shrink_file(&mut smallest, path, &mut attempt);
        }
        if !progress {
            return smallest;
        }
    }
}

fn shrink_file(
    smallest: &mut Tree,
    path: &str,
    attempt: &mut impl FnMut(&mut Tree, Tree) -> bool,
) -> bool {
    let mut progress = false;
    let mut at = 0;
    loop {
        let Some(Content::Documents(documents)) = smallest.files.get(path) else {
            return progress;
        };
        let whole = Value::from(documents.clone());
        let places = paths::all(&whole);
        let Some(place) = places.get(at) else {
            return progress;
        };
        // What has no version is something else.
        if matches!(place.last(), Some(Step::Key(key)) if key == "apiVersion") {
            at += 1;
            continue;
        }
        let mut without = whole.clone();
        remove(&mut without, place);
        let mut candidate = smallest.clone();
        if let Value::Array(documents) = without {
            candidate.add(path, documents);
        }
        if attempt(smallest, candidate) {
            progress = true;
        } else {
            at += 1;
        }
    }
}

fn remove(value: &mut Value, place: &[Step]) {
    let Some((last, outer)) = place.split_last() else {
        return;
    };
    match (paths::get_mut(value, outer), last) {
        (Some(Value::Object(entries)), Step::Key(key)) => {
            entries.remove(key);
        }
        (Some(Value::Array(items)), Step::Index(index)) => {
            items.remove(*index);
        }
        _ => {}
    }
}
