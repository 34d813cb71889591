//! The order in which Kustomizations would be applied.

use std::collections::BTreeMap;

use super::Id;

/// A Kustomization among others.
pub(super) struct Step {
    pub(super) id: Id,
    /// Which of them it is an object of.
    pub(super) parent: Option<usize>,
    /// Its place among the objects of that.
    pub(super) turn: usize,
    pub(super) depends_on: Vec<Id>,
}

/// The places of `steps` in the order in which they would be applied: parents first, then what
/// others depend on, and otherwise each before what it contains, as they come.
pub(super) fn sort(steps: &[Step]) -> Vec<usize> {
    let mut children: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
    for (at, step) in steps.iter().enumerate() {
        children.entry(step.parent).or_default().push(at);
    }
    for children in children.values_mut() {
        children.sort_by_key(|at| steps[*at].turn);
    }
    let mut open: Vec<usize> = reversed(children.get(&None));
    let mut by_tree = Vec::with_capacity(steps.len());
    while let Some(at) = open.pop() {
        by_tree.push(at);
        open.extend(reversed(children.get(&Some(at))));
    }
    let places = places(steps);
    let mut done = vec![false; steps.len()];
    let mut sorted = Vec::with_capacity(steps.len());
    for at in by_tree {
        place(at, steps, &places, &mut done, &mut sorted);
    }
    sorted
}

fn reversed(items: Option<&Vec<usize>>) -> Vec<usize> {
    items.into_iter().flatten().rev().copied().collect()
}

fn places(steps: &[Step]) -> BTreeMap<&Id, usize> {
    let places = steps.iter().enumerate().map(|(at, step)| (&step.id, at));
    places.collect()
}

/// What a step waits for.
fn needs(step: &Step, places: &BTreeMap<&Id, usize>) -> Vec<usize> {
    let depends_on = step.depends_on.iter().filter_map(|id| places.get(id));
    step.parent.into_iter().chain(depends_on.copied()).collect()
}

/// Puts a step behind all it needs. In a cycle, the one that is come to first is last.
fn place(
    at: usize,
    steps: &[Step],
    places: &BTreeMap<&Id, usize>,
    done: &mut [bool],
    sorted: &mut Vec<usize>,
) {
    let mut open = vec![(at, false)];
    while let Some((at, ready)) = open.pop() {
        if ready {
            sorted.push(at);
        } else if !std::mem::replace(&mut done[at], true) {
            open.push((at, true));
            let needs = needs(&steps[at], places);
            open.extend(needs.into_iter().rev().map(|need| (need, false)));
        }
    }
}

/// The Kustomizations that wait for each other by `dependsOn`: for each in a cycle, the way around.
pub(super) fn cycles(steps: &[Step]) -> BTreeMap<usize, Vec<Id>> {
    let places = places(steps);
    let mut cycles = BTreeMap::new();
    for start in 0..steps.len() {
        // The shortest way from a step back to itself.
        let mut from: BTreeMap<usize, usize> = BTreeMap::new();
        let mut open = std::collections::VecDeque::from([start]);
        'search: while let Some(at) = open.pop_front() {
            let next = steps[at].depends_on.iter().filter_map(|id| places.get(id));
            for next in next.copied() {
                if next == start {
                    cycles.insert(start, way(start, at, &from, steps));
                    break 'search;
                }
                if let std::collections::btree_map::Entry::Vacant(entry) = from.entry(next) {
                    entry.insert(at);
                    open.push_back(next);
                }
            }
        }
    }
    cycles
}

fn way(start: usize, last: usize, from: &BTreeMap<usize, usize>, steps: &[Step]) -> Vec<Id> {
    let mut way = vec![steps[start].id.clone()];
    let mut at = last;
    while at != start {
        way.push(steps[at].id.clone());
        let Some(before) = from.get(&at) else { break };
        at = *before;
    }
    way.push(steps[start].id.clone());
    way.reverse();
    way
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> Id {
        ("ns".to_owned(), name.to_owned())
    }

    fn steps(table: &[(&str, Option<usize>, &[&str])]) -> Vec<Step> {
        let step = |(name, parent, depends_on): &(&str, Option<usize>, &[&str])| Step {
            id: id(name),
            parent: *parent,
            turn: 0,
            depends_on: depends_on.iter().map(|name| id(name)).collect(),
        };
        table.iter().map(step).collect()
    }

    fn names(steps: &[Step]) -> Vec<&str> {
        let sorted = sort(steps);
        sorted.iter().map(|at| steps[*at].id.1.as_str()).collect()
    }

    #[test]
    fn what_others_depend_on_comes_first() {
        let steps = steps(&[
            ("root", None, &[]),
            ("apps", Some(0), &["infra-configs"]),
            ("infra", Some(0), &[]),
            ("infra-configs", Some(0), &["infra", "elsewhere"]),
            ("app", Some(1), &[]),
            ("z", Some(0), &[]),
        ]);
        assert_eq!(
            names(&steps),
            ["root", "infra", "infra-configs", "apps", "app", "z"]
        );
        assert!(cycles(&steps).is_empty());
    }

    #[test]
    fn cycles_end_and_are_told() {
        let steps = steps(&[
            ("a", None, &["b"]),
            ("b", None, &["c"]),
            ("c", None, &["a"]),
            ("d", None, &["a"]),
            ("e", None, &["e"]),
        ]);
        assert_eq!(names(&steps).len(), 5);
        let cycles = cycles(&steps);
        assert_eq!(cycles.keys().copied().collect::<Vec<_>>(), [0, 1, 2, 4]);
        assert_eq!(cycles[&0], [id("a"), id("b"), id("c"), id("a")]);
        assert_eq!(cycles[&4], [id("e"), id("e")]);
    }
}
