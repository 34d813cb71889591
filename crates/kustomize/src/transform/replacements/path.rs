//! Paths of replacements: `spec.containers.[name=web].env.*.value`.

use regex::Regex;

use crate::shown::wrong_kind;
use crate::yaml::{Data, Dialect, Entry, Mapping, Node, Scalar, parse, scalar_text};

/// What a missing field is made as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    Mapping,
    Sequence,
    Scalar,
}

impl Made {
    /// The kind of a value.
    pub(super) fn like(value: &Node) -> Self {
        match value.data {
            Data::Mapping(_) => Self::Mapping,
            Data::Sequence(_) => Self::Sequence,
            Data::Scalar(..) => Self::Scalar,
        }
    }

    fn node(self) -> Node {
        match self {
            Self::Mapping => Data::Mapping(Mapping::new()).into(),
            Self::Sequence => Data::Sequence(Vec::new()).into(),
            // It has no type yet.
            Self::Scalar => Node {
                untagged: true,
                ..Data::Scalar(String::new(), Scalar::Blank).into()
            },
        }
    }

    /// What must be made for the path to go on with `next`.
    fn before(next: Option<&String>, last: Self) -> Self {
        match next {
            None => last,
            Some(next) if is_match(next) || next.parse::<usize>().is_ok() => Self::Sequence,
            Some(_) => Self::Mapping,
        }
    }
}

/// Why a visit ended early.
pub(super) enum Stop {
    /// The path does not fit the object.
    Path(String),
    /// The field found can't be set.
    Set(String),
}

/// Splits a path at its dots; `\.` is a dot in a key, and so are those in brackets.
pub(crate) fn split(path: &str) -> Vec<String> {
    let path = path.strip_prefix('.').unwrap_or(path);
    let mut parts: Vec<String> = Vec::new();
    for part in path.split('.') {
        match parts.last_mut() {
            Some(last) if last.ends_with('\\') => {
                last.pop();
                last.push('.');
                last.push_str(part);
            }
            Some(last) if last.starts_with('[') && !last.ends_with(']') => {
                last.push('.');
                last.push_str(part);
            }
            _ => parts.push(part.to_owned()),
        }
    }
    let unbracketed = |part: String| match part.contains('=') {
        false if part.starts_with('[') => part.trim_matches(['[', ']']).to_owned(),
        _ => part,
    };
    parts.into_iter().map(unbracketed).collect()
}

fn is_match(part: &str) -> bool {
    part.starts_with('[') && part.ends_with(']')
}

/// The field and value of `[field=value]`.
fn matched(part: &str) -> Result<(&str, &str), String> {
    let inner = part.trim_start_matches('[');
    let inner = inner.strip_suffix(']').unwrap_or(inner);
    let missing = "list path element must contain fieldName=fieldValue for element to match";
    inner.split_once('=').ok_or_else(|| missing.to_owned())
}

/// The value at a path that leads to one place.
pub(crate) fn get<'n>(node: &'n Node, path: &[String]) -> Result<Option<&'n Node>, String> {
    let mut at = node;
    for part in path
        .iter()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty())
    {
        if at.is_null() {
            return Ok(None);
        }
        let list = || {
            at.as_sequence()
                .ok_or_else(|| wrong_kind(at, "SequenceNode"))
        };
        let found = if let Ok(index) = part.parse::<usize>() {
            list()?.get(index)
        } else if part == "-" {
            list()?.last()
        } else if part == "*" {
            return Err("wildcard is not supported in PathGetter".into());
        } else if is_match(part) {
            let (field, value) = matched(part)?;
            let text = |node: &Node| node.as_scalar().is_some_and(|text| text == value);
            list()?.iter().find(|item| {
                if field.is_empty() {
                    text(item)
                } else {
                    item.get(field).is_some_and(text)
                }
            })
        } else if at.as_mapping().is_some() {
            at.get(part)
        } else {
            return Err(wrong_kind(at, "MappingNode"));
        };
        match found {
            Some(found) => at = found,
            None => return Ok(None),
        }
    }
    Ok(Some(at))
}

/// The path to where this one leads, with the numbers of elements, which stay when their content changes.
pub(super) fn numbered(node: &Node, path: &[String]) -> Vec<String> {
    let mut found = path.to_vec();
    for at in 0..path.len() {
        let list = get(node, &path[..at]).ok().flatten();
        let item = get(node, &path[..=at]).ok().flatten();
        if let (Some(items), Some(item)) = (list.and_then(Node::as_sequence), item)
            && let Some(number) = items.iter().position(|other| std::ptr::eq(other, item))
        {
            found[at] = number.to_string();
        }
    }
    found
}

type Set<'a> = dyn FnMut(&mut Node) -> Result<(), Stop> + 'a;

/// Calls `set` on everything a path leads to; returns how many that were. With `create`, what is missing is made.
pub(super) fn visit(
    node: &mut Node,
    path: &[String],
    create: Option<Made>,
    set: &mut Set<'_>,
) -> Result<usize, Stop> {
    let Some((part, rest)) = path.split_first() else {
        set(node)?;
        return Ok(1);
    };
    if node.is_null() {
        // What is made in nothing comes to nothing, and is no error.
        return Ok(usize::from(create.is_some() && part != "*"));
    }
    if let Ok(index) = part.parse::<usize>() {
        return visit_index(node, index, rest, create, set);
    }
    if is_match(part) {
        return visit_matching(node, part, rest, create, set);
    }
    if part == "*" {
        let items = items(node)?;
        return items
            .iter_mut()
            .try_fold(0, |count, item| Ok(count + visit(item, rest, create, set)?));
    }
    let Data::Mapping(entries) = &mut node.data else {
        return Err(Stop::Path(wrong_kind(node, "MappingNode")));
    };
    if let Some(last) = create {
        let made = || Entry::from(Made::before(rest.first(), last).node());
        entries.entry(part.clone()).or_insert_with(made);
    }
    match entries.get_mut(part) {
        None => Ok(0),
        Some(Entry { value, .. }) if !rest.is_empty() && holds_text(value) => {
            visit_text(value.as_scalar().unwrap_or_default(), rest, create, set)
        }
        Some(entry) => visit(&mut entry.value, rest, create, set),
    }
}

/// Whether a value is a single one, and not a null that is spelled out: one left blank is a text, and so is one that was
/// given another text.
fn holds_text(value: &Node) -> bool {
    value.as_scalar().is_some_and(|text| {
        !value.is_null() || text.is_empty() || Dialect::Resource.resolve(text) != Scalar::Null
    })
}

/// Goes on into what a text holds. What is set in there is lost, but for a single text, which is tried before.
fn visit_text(
    text: &str,
    path: &[String],
    create: Option<Made>,
    set: &mut Set<'_>,
) -> Result<usize, Stop> {
    match parse_first_of(text).map_err(Stop::Path)? {
        Some(mut held) => visit(&mut held, path, create, set),
        None => {
            let leads_into_list =
                |part: &String| part == "*" || is_match(part) || part.parse::<usize>().is_ok();
            let expected = match path.first() {
                Some(part) if leads_into_list(part) => "SequenceNode",
                _ => "MappingNode",
            };
            let message =
                format!("wrong node kind: expected {expected} but got : node contents:\nnull");
            Err(Stop::Path(message))
        }
    }
}

/// The first document in a text.
fn parse_first_of(text: &str) -> Result<Option<Node>, String> {
    let documents = parse(text, Dialect::Resource).map_err(|error| error.to_string())?;
    Ok(documents.into_iter().next())
}

fn items(node: &mut Node) -> Result<&mut Vec<Node>, Stop> {
    let error = wrong_kind(node, "SequenceNode");
    node.as_sequence_mut().ok_or(Stop::Path(error))
}

fn visit_index(
    node: &mut Node,
    index: usize,
    rest: &[String],
    create: Option<Made>,
    set: &mut Set<'_>,
) -> Result<usize, Stop> {
    let items = items(node)?;
    if let (true, Some(last)) = (index == items.len(), create) {
        items.push(Made::before(rest.first(), last).node());
    }
    let length = items.len();
    match items.get_mut(index) {
        Some(item) => visit(item, rest, create, set),
        None => Err(Stop::Path(format!(
            "index {index} specified but only {length} elements found"
        ))),
    }
}

fn visit_matching(
    node: &mut Node,
    part: &str,
    rest: &[String],
    create: Option<Made>,
    set: &mut Set<'_>,
) -> Result<usize, Stop> {
    let (field, value) = matched(part).map_err(Stop::Path)?;
    // A pattern, which may fit anywhere in the value as it is written: the quotes are a part of that.
    let pattern = Regex::new(value).map_err(|error| Stop::Path(error.to_string()))?;
    let items = items(node)?;
    let mut count = 0;
    for round in 0..2 {
        for item in items.iter_mut() {
            let value = if field.is_empty() {
                Some(&*item)
            } else {
                item.get(field)
            };
            let fits = |text: &str, value| match scalar_text(value) {
                Some(written) => pattern.is_match(&written),
                None => pattern.is_match(text),
            };
            if !value.is_some_and(|value| value.as_scalar().is_some_and(|text| fits(text, value))) {
                continue;
            }
            count += if field.is_empty() {
                visit(item, &[], create, set)?
            } else {
                visit(item, rest, create, set)?
            };
        }
        if count > 0 || create.is_none() || round > 0 {
            break;
        }
        items.push(new_element(field, value));
    }
    Ok(count)
}

fn new_element(field: &str, value: &str) -> Node {
    let value = Node {
        untagged: true,
        ..Data::Scalar(value.to_owned(), Dialect::Resource.resolve(value)).into()
    };
    if field.is_empty() {
        return value;
    }
    let entries = [(field.to_owned(), value.into())];
    Data::Mapping(entries.into_iter().collect()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_split_at_dots() {
        assert_eq!(
            split("a.b\\.c.[x=1.2].[d.e/f].0"),
            ["a", "b.c", "[x=1.2]", "d.e/f", "0"]
        );
    }
}
