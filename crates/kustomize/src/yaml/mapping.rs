//! The entries of a mapping: a list in the order of its keys.
//!
//! Most mappings of manifests hold a handful of entries, are read once, looked into often and rarely added to. A sorted
//! list takes no more room than its entries need, where a tree makes room for a dozen from the first one on; a build
//! holds some twenty mappings an object.

use std::vec;

use serde_json::Value;

use super::error::Position;
use super::node::Node;

/// The most entries that are looked through one by one.
const FEW: usize = 16;

/// What a mapping holds under a key.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Where the key stands.
    pub key: Position,
    /// The value under the key.
    pub value: Node,
    /// What few entries have, and most need no room for.
    pub(crate) about: Option<Box<About>>,
}

/// What there is to know about some entries.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct About {
    /// Whether the key is a number or a truth value, which can't be written.
    pub(crate) is_misnamed: bool,
    /// What a comment says that the value is.
    pub(crate) schema: Option<Value>,
}

impl Entry {
    pub(crate) fn is_misnamed(&self) -> bool {
        self.about.as_ref().is_some_and(|about| about.is_misnamed)
    }
}

impl From<Node> for Entry {
    fn from(value: Node) -> Self {
        Self {
            key: value.position,
            value,
            about: None,
        }
    }
}

/// The entries of a mapping by key, in the order of the keys' bytes.
///
/// Where an entry stands in the text, [`Node::position`] and [`Entry::key`] tell.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mapping {
    /// By key, no two of one key.
    entries: Vec<(String, Entry)>,
}

/// Two entries with one key.
pub(super) struct Twice {
    pub(super) key: String,
    /// Where the keys stand.
    pub(super) first: Position,
    pub(super) second: Position,
}

/// The place of a key in a mapping, whether something is there or not.
#[derive(Debug)]
pub struct Place<'m> {
    mapping: &'m mut Mapping,
    key: String,
    /// Where the entry is, or where it would have to be.
    found: Result<usize, usize>,
}

impl Mapping {
    /// A mapping without entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The mapping of these entries, in any order; of those with one key the last counts.
    ///
    /// The second part tells of two entries that share a key: the first such pair of the text.
    pub(super) fn of(mut entries: Vec<(String, Entry)>) -> (Self, Option<Twice>) {
        if entries.is_sorted_by(|left, right| left.0 < right.0) {
            return (Self { entries }, None);
        }
        entries.sort_by(|left, right| left.0.cmp(&right.0));
        let twice = entries.windows(2).filter(|pair| pair[0].0 == pair[1].0);
        let twice = twice.min_by_key(|pair| pair[1].1.key).map(|pair| Twice {
            key: pair[0].0.clone(),
            first: pair[0].1.key,
            second: pair[1].1.key,
        });
        if twice.is_some() {
            // `dedup_by` keeps the first of equals, so each takes over what follows it.
            entries.dedup_by(|later, earlier| {
                let same = later.0 == earlier.0;
                if same {
                    std::mem::swap(&mut later.1, &mut earlier.1);
                }
                same
            });
        }
        (Self { entries }, twice)
    }

    /// Where the entry under `key` is, or where it would have to be.
    fn find(&self, key: &str) -> Result<usize, usize> {
        // Entries are often added in order.
        match self.entries.last() {
            Some((last, _)) if last.as_str() < key => Err(self.entries.len()),
            _ => self
                .entries
                .binary_search_by(|(other, _)| other.as_str().cmp(key)),
        }
    }

    /// Where the entry under `key` is. Among few keys, most differ in their lengths, which are at hand.
    fn position(&self, key: &str) -> Option<usize> {
        if self.entries.len() <= FEW {
            self.entries.iter().position(|(other, _)| other == key)
        } else {
            self.find(key).ok()
        }
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether there is an entry under `key`.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.position(key).is_some()
    }

    /// The entry under `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Entry> {
        let at = self.position(key)?;
        self.entries.get(at).map(|(_, entry)| entry)
    }

    /// The entry under `key`, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Entry> {
        let at = self.position(key)?;
        self.entries.get_mut(at).map(|(_, entry)| entry)
    }

    /// Puts an entry under `key`; returns the one that was there.
    pub fn insert(&mut self, key: String, entry: Entry) -> Option<Entry> {
        match self.find(&key) {
            Ok(at) => Some(std::mem::replace(&mut self.entries[at].1, entry)),
            Err(at) => {
                self.entries.insert(at, (key, entry));
                None
            }
        }
    }

    /// Takes the entry under `key` out.
    pub fn remove(&mut self, key: &str) -> Option<Entry> {
        let at = self.position(key)?;
        Some(self.entries.remove(at).1)
    }

    /// The place of `key`, to look and add in one go.
    pub fn entry(&mut self, key: String) -> Place<'_> {
        Place {
            found: self.find(&key),
            mapping: self,
            key,
        }
    }

    /// Keeps the entries that `keep` says.
    pub fn retain(&mut self, mut keep: impl FnMut(&String, &mut Entry) -> bool) {
        self.entries.retain_mut(|(key, entry)| keep(key, entry));
    }

    /// The keys and entries, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&String, &Entry)> + ExactSizeIterator {
        self.entries.iter().map(|(key, entry)| (key, entry))
    }

    /// The keys and entries, in order, to change the entries.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = (&String, &mut Entry)> {
        self.entries.iter_mut().map(|(key, entry)| (&*key, entry))
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &String> {
        self.entries.iter().map(|(key, _)| key)
    }

    /// The entries without their keys, in order.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter().map(|(_, entry)| entry)
    }

    /// The entries without their keys, in order, to change them.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut Entry> {
        self.entries.iter_mut().map(|(_, entry)| entry)
    }
}

impl<'m> Place<'m> {
    /// The entry; where there is none, what `make` gives is put there.
    pub fn or_insert_with(self, make: impl FnOnce() -> Entry) -> &'m mut Entry {
        let entries = &mut self.mapping.entries;
        let at = self.found.unwrap_or_else(|at| {
            entries.insert(at, (self.key, make()));
            at
        });
        &mut entries[at].1
    }

    /// The entry; where there is none, `entry` is put there.
    pub fn or_insert(self, entry: Entry) -> &'m mut Entry {
        self.or_insert_with(|| entry)
    }
}

impl FromIterator<(String, Entry)> for Mapping {
    fn from_iter<I: IntoIterator<Item = (String, Entry)>>(entries: I) -> Self {
        Self::of(entries.into_iter().collect()).0
    }
}

impl Extend<(String, Entry)> for Mapping {
    fn extend<I: IntoIterator<Item = (String, Entry)>>(&mut self, entries: I) {
        let mut all = std::mem::take(&mut self.entries);
        all.extend(entries);
        *self = Self::of(all).0;
    }
}

impl IntoIterator for Mapping {
    type Item = (String, Entry);
    type IntoIter = vec::IntoIter<(String, Entry)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<'m> IntoIterator for &'m Mapping {
    type Item = (&'m String, &'m Entry);
    type IntoIter = std::iter::Map<
        std::slice::Iter<'m, (String, Entry)>,
        fn(&'m (String, Entry)) -> (&'m String, &'m Entry),
    >;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter().map(|(key, entry)| (key, entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(line: u32) -> Entry {
        let position = Position { line, column: 1 };
        Entry {
            key: position,
            value: Node::int(line.into()),
            about: None,
        }
    }

    fn mapping(keys: &[&str]) -> Mapping {
        let entries = (1..).zip(keys);
        entries
            .map(|(line, key)| ((*key).to_owned(), entry(line)))
            .collect()
    }

    fn keys(mapping: &Mapping) -> Vec<&str> {
        mapping.keys().map(String::as_str).collect()
    }

    #[test]
    fn entries_are_in_the_order_of_their_keys() {
        let mut made = mapping(&["c", "a", "b"]);
        assert_eq!(keys(&made), ["a", "b", "c"]);
        made.insert("aa".into(), entry(4));
        made.entry("d".into()).or_insert(entry(5));
        made.entry("a".into()).or_insert(entry(6));
        assert_eq!(keys(&made), ["a", "aa", "b", "c", "d"]);
        assert_eq!(made.get("a"), Some(&entry(2)));
        assert_eq!(made.insert("a".into(), entry(7)), Some(entry(2)));
        assert_eq!(made.remove("b"), Some(entry(3)));
        assert!(made.remove("b").is_none() && !made.contains_key("b"));
        made.extend([("0".to_owned(), entry(8)), ("a".to_owned(), entry(9))]);
        made.retain(|key, _| key != "c");
        assert_eq!(keys(&made), ["0", "a", "aa", "d"]);
        assert_eq!(made.get("a"), Some(&entry(9)));
    }

    #[test]
    fn of_entries_with_one_key_the_last_counts() {
        let entries = [("b", 1), ("a", 2), ("b", 3), ("a", 4), ("b", 5)];
        let entries = entries.map(|(key, line)| (key.to_owned(), entry(line)));
        let (made, twice) = Mapping::of(entries.into());
        assert_eq!(keys(&made), ["a", "b"]);
        assert_eq!(made.get("a"), Some(&entry(4)));
        assert_eq!(made.get("b"), Some(&entry(5)));
        let lines = twice.map(|twice| (twice.first.line, twice.second.line));
        assert_eq!(lines, Some((1, 3)));
    }
}
