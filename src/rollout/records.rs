//! What is known of all objects that a revision may pass through.

use std::collections::{HashMap, HashSet};

use super::record::{Id, Record};

/// A part of the cluster that one watch shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The kind of its objects.
    pub kind: &'static str,
    /// Their namespace; none is every namespace.
    pub namespace: Option<String>,
    /// Whether its objects count by themselves, or only those that others refer to.
    pub counts: bool,
}

impl Field {
    /// Whether the object is in it.
    pub fn holds(&self, id: &Id) -> bool {
        self.kind == id.kind && self.namespace.as_ref().is_none_or(|ns| *ns == id.namespace)
    }
}

/// What is known of an object.
#[derive(Debug, Clone, Copy)]
pub enum Sight<'a> {
    /// It exists, and is like this.
    There(&'a Record),
    /// It does not exist.
    Missing,
    /// Its list is still under way.
    Coming,
    /// No watch shows it.
    Outside,
    /// The watch that would show it is refused.
    Lost,
}

/// The records of all objects that watches show.
#[derive(Debug, Default)]
pub struct Records {
    fields: Vec<(Field, State)>,
    known: HashMap<Id, Record>,
}

#[derive(Debug, Default)]
struct State {
    /// Whether a list of it has come to its end.
    complete: bool,
    lost: bool,
    /// What the list that is under way has shown so far.
    listed: Option<HashSet<Id>>,
}

impl Records {
    /// Adds a field; what is shown of it is told with the place that is returned.
    pub fn add(&mut self, field: Field) -> usize {
        self.fields.push((field, State::default()));
        self.fields.len() - 1
    }

    /// The fields, in the order in which they were added.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().map(|(field, _)| field)
    }

    /// A list of the field begins.
    pub fn begin(&mut self, place: usize) {
        if let Some((_, state)) = self.fields.get_mut(place) {
            state.listed = Some(HashSet::new());
        }
    }

    /// An object of the field is like this now.
    pub fn put(&mut self, place: usize, id: Id, record: Record) {
        if let Some((_, state)) = self.fields.get_mut(place)
            && let Some(listed) = &mut state.listed
        {
            listed.insert(id.clone());
        }
        self.known.insert(id, record);
    }

    /// An object does not exist any more.
    pub fn remove(&mut self, id: &Id) {
        self.known.remove(id);
    }

    /// The list of the field is over: what it has not shown does not exist.
    pub fn end(&mut self, place: usize) {
        let Some((field, state)) = self.fields.get_mut(place) else {
            return;
        };
        state.complete = true;
        if let Some(listed) = state.listed.take() {
            self.known
                .retain(|id, _| !field.holds(id) || listed.contains(id));
        }
    }

    /// The field cannot be watched.
    pub fn lose(&mut self, place: usize) {
        if let Some((field, state)) = self.fields.get_mut(place) {
            state.lost = true;
            self.known.retain(|id, _| !field.holds(id));
        }
    }

    /// Whether every field has been listed or is lost.
    pub fn is_complete(&self) -> bool {
        self.fields
            .iter()
            .all(|(_, state)| state.complete || state.lost)
    }

    /// Whether the field cannot be watched.
    pub fn is_lost(&self, place: usize) -> bool {
        self.fields.get(place).is_some_and(|(_, state)| state.lost)
    }

    /// Whether the object counts by itself.
    pub fn counts(&self, id: &Id) -> bool {
        self.fields().any(|field| field.counts && field.holds(id))
    }

    /// What is known of the object.
    pub fn sight(&self, id: &Id) -> Sight<'_> {
        if let Some(record) = self.known.get(id) {
            return Sight::There(record);
        }
        let mut holding = self.fields.iter().filter(|(field, _)| field.holds(id));
        match holding.next() {
            None => Sight::Outside,
            Some((_, state)) if state.lost => Sight::Lost,
            Some((_, state)) if !state.complete => Sight::Coming,
            Some(_) => Sight::Missing,
        }
    }

    /// The object's record, where it exists.
    pub fn get(&self, id: &Id) -> Option<&Record> {
        self.known.get(id)
    }

    /// Every object that exists.
    pub fn all(&self) -> impl Iterator<Item = (&Id, &Record)> {
        self.known.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::super::assess::samples::{id, record};
    use super::*;

    fn field(kind: &'static str, counts: bool) -> Field {
        Field {
            kind,
            namespace: Some("ns".to_owned()),
            counts,
        }
    }

    #[test]
    fn what_a_list_does_not_show_is_gone() {
        let mut records = Records::default();
        let place = records.add(field("Kustomization", true));
        let other = records.add(field("HelmRelease", false));
        let (one, two) = (id("ks/one"), id("ks/two"));
        assert!(matches!(records.sight(&one), Sight::Coming));
        records.begin(place);
        records.put(place, one.clone(), record());
        records.put(place, two.clone(), record());
        records.end(place);
        assert!(!records.is_complete());
        records.lose(other);
        assert!(records.is_complete() && records.is_lost(other) && !records.is_lost(place));
        assert!(matches!(records.sight(&two), Sight::There(_)));
        records.begin(place);
        records.put(place, one.clone(), record());
        assert!(matches!(records.sight(&two), Sight::There(_)), "not yet");
        records.end(place);
        assert!(matches!(records.sight(&two), Sight::Missing));
        records.remove(&one);
        assert!(matches!(records.sight(&one), Sight::Missing));
        assert!(matches!(records.sight(&id("hr/web")), Sight::Lost));
        assert!(records.counts(&one) && !records.counts(&id("hr/web")));
        assert!(matches!(records.sight(&id("git/fleet")), Sight::Outside));
    }
}
