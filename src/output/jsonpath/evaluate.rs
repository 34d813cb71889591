//! A template on a document.

use serde_json::Value;

use super::compare::holds;
use super::node::{Bound, Filter, Node, Piece, Slice};
use super::{Error, Item};

type Items<'a> = Vec<Item<'a>>;

/// The results of each piece that is passed, in order.
pub(super) fn run<'a>(pieces: &'a [Piece], document: &'a Value) -> Result<Vec<Items<'a>>, Error> {
    let mut run = Run {
        pieces,
        begun: 0,
        inside: 0,
        ended: 0,
        last_end: 0,
        groups: Vec::new(),
    };
    run.run_from(0, vec![Item::Value(document)], true)?;
    Ok(run.groups)
}

/// A template on its way. A range runs what follows it once for each result, up to its end.
struct Run<'a> {
    pieces: &'a [Piece],
    /// Ranges that have been read and not been entered.
    begun: usize,
    /// Ranges that have been entered and not been left.
    inside: usize,
    /// Ends that have been read and not been reached.
    ended: usize,
    /// The piece that ended a range last.
    last_end: usize,
    groups: Vec<Items<'a>>,
}

impl<'a> Run<'a> {
    /// Goes on from a piece with these values, up to the end of the range, or of the template. A
    /// range without results is passed once without values and without results that count, to find
    /// its end.
    fn run_from(&mut self, first: usize, current: Items<'a>, counts: bool) -> Result<(), Error> {
        let pieces = self.pieces;
        let mut index = first;
        while let Some(piece) = pieces.get(index) {
            let results = match piece {
                Piece::Text(text) => vec![Item::Text(text)],
                Piece::Action(nodes) => self.action(nodes, &current)?,
            };
            if self.ended > 0 && self.ended <= self.inside {
                self.ended -= 1;
                self.last_end = index;
                return Ok(());
            }
            if self.begun > 0 {
                self.begun -= 1;
                self.inside += 1;
                for item in &results {
                    self.run_from(index + 1, vec![bare(*item)], counts)?;
                }
                if results.is_empty() {
                    self.run_from(index + 1, Vec::new(), false)?;
                }
                self.inside -= 1;
                index = index.max(self.last_end);
            } else if counts {
                self.groups.push(results);
            }
            index += 1;
        }
        Ok(())
    }

    /// The steps of an action, of which some only say where ranges begin and end.
    fn action(&mut self, nodes: &'a [Node], current: &[Item<'a>]) -> Result<Items<'a>, Error> {
        let mut items = current.to_vec();
        for node in nodes {
            match node {
                Node::Range => self.begun += 1,
                Node::End if self.inside == 0 => {
                    return Err(Error::new("there is no range to end"));
                }
                Node::End => {
                    self.ended += 1;
                    items.clear();
                }
                node => items = step(node, &items)?,
            }
        }
        Ok(items)
    }
}

/// A range's value, for which there is no word where it is `null`.
fn bare(item: Item<'_>) -> Item<'_> {
    match item {
        Item::Value(Value::Null) => Item::Nothing,
        item => item,
    }
}

fn steps<'a>(nodes: &'a [Node], items: &[Item<'a>]) -> Result<Items<'a>, Error> {
    let mut items = items.to_vec();
    for node in nodes {
        items = step(node, &items)?;
    }
    Ok(items)
}

fn step<'a>(node: &'a Node, items: &[Item<'a>]) -> Result<Items<'a>, Error> {
    let each = |item: Item<'a>| vec![item; items.len()];
    Ok(match node {
        Node::Text(text) => vec![Item::Text(text)],
        Node::Integer(integer) => each(Item::Integer(*integer)),
        Node::Float(float) => each(Item::Float(*float)),
        Node::Boolean(boolean) => each(Item::Boolean(*boolean)),
        Node::Field(name) => items.iter().filter_map(|item| field(item, name)).collect(),
        Node::Wildcard => items.iter().flat_map(parts).collect(),
        Node::Recursive => items.iter().flat_map(descend).collect(),
        Node::Slice(which) => slice(items, which)?,
        Node::Union(paths) => {
            let mut found = Vec::new();
            for path in paths {
                found.extend(steps(path, items)?);
            }
            found
        }
        Node::Filter(filter) => filtered(items, filter)?,
        // The parser lets these stand in no other place than `Run::action` reads.
        Node::Range | Node::End => items.to_vec(),
    })
}

fn field<'a>(item: &Item<'a>, name: &str) -> Option<Item<'a>> {
    match item {
        Item::Value(Value::Object(map)) => map.get(name).map(Item::Value),
        _ => None,
    }
}

/// What a value is made of. Of a string that is its bytes.
fn parts<'a>(item: &Item<'a>) -> Items<'a> {
    let bytes = |text: &str| text.bytes().map(|b| Item::Integer(b.into())).collect();
    match item {
        Item::Value(Value::Object(map)) => map.values().map(Item::Value).collect(),
        Item::Value(Value::Array(items)) => items.iter().map(Item::Value).collect(),
        Item::Value(Value::String(text)) => bytes(text),
        Item::Text(text) => bytes(text),
        _ => Vec::new(),
    }
}

/// The value and everything below it that has parts, each before its own parts.
fn descend<'a>(item: &Item<'a>) -> Items<'a> {
    let mut found = Vec::new();
    let mut waiting = vec![*item];
    while let Some(item) = waiting.pop() {
        let parts = parts(&item);
        if !parts.is_empty() {
            found.push(item);
            waiting.extend(parts.into_iter().rev());
        }
    }
    found
}

fn slice<'a>(items: &[Item<'a>], slice: &Slice) -> Result<Items<'a>, Error> {
    let mut found = Vec::new();
    for item in items {
        let list = match item {
            Item::Value(Value::Null) => continue,
            Item::Value(Value::Array(list)) => list,
            other => return Err(Error::new(format!("{} has no items", other.type_name()))),
        };
        let length = i64::try_from(list.len()).unwrap_or(i64::MAX);
        let from_end = |index: i64| if index < 0 { index + length } else { index };
        let start = from_end(slice.start.unwrap_or(0));
        let end = match slice.end {
            Bound::Open => length,
            Bound::One => start.saturating_add(1),
            Bound::At(end) => from_end(end),
        };
        // Nothing was asked for, of this list and of those behind it.
        if start == end {
            return Ok(found);
        }
        let outside =
            |index: i64| Error::new(format!("there is no item {index} in a list of {length}"));
        if !(0..length).contains(&start) {
            return Err(outside(start));
        }
        if !(0..=length).contains(&end) {
            return Err(outside(end - 1));
        }
        if start > end {
            return Err(Error::new(format!(
                "the first item, {start}, is behind the last, {end}"
            )));
        }
        let step = match slice.step {
            Some(step) if step <= 0 => return Err(Error::new("the step must be above 0")),
            step => usize::try_from(step.unwrap_or(1)).unwrap_or(usize::MAX),
        };
        let range = usize::try_from(start).unwrap_or(0)..usize::try_from(end).unwrap_or(0);
        let chosen = list.get(range).unwrap_or_default();
        found.extend(chosen.iter().step_by(step).map(Item::Value));
    }
    Ok(found)
}

fn filtered<'a>(items: &[Item<'a>], filter: &'a Filter) -> Result<Items<'a>, Error> {
    let mut found = Vec::new();
    for item in items {
        let Item::Value(Value::Array(list)) = item else {
            return Err(Error::new(format!(
                "{} cannot be filtered: only lists can",
                item.type_name()
            )));
        };
        for candidate in list.iter().map(Item::Value) {
            if passes(candidate, filter)? {
                found.push(candidate);
            }
        }
    }
    Ok(found)
}

fn passes<'a>(candidate: Item<'a>, filter: &'a Filter) -> Result<bool, Error> {
    match filter {
        // As in kubectl, what cannot be evaluated counts as being there.
        Filter::Exists(path) => Ok(steps(path, &[candidate]).map_or(true, |f| !f.is_empty())),
        Filter::Compare(left, operator, right) => {
            let left = steps(left, &[candidate])?;
            if left.is_empty() {
                return Ok(false);
            }
            let left = only(&left)?;
            let right = steps(right, &[candidate])?;
            if right.is_empty() {
                return Ok(false);
            }
            holds(&left, *operator, &only(&right)?)
        }
    }
}

fn only<'a>(items: &[Item<'a>]) -> Result<Item<'a>, Error> {
    match items {
        [item] => Ok(*item),
        _ => Err(Error::new("only one value can be compared with one")),
    }
}
