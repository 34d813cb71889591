//! Builds nodes from the parser's events: resolves scalars and tags, expands aliases and merges.
//!
//! Nothing here recurses over the input, and no node is nested deeper than [`MAX_DEPTH`], so later code may recurse
//! over nodes.

use std::collections::HashMap;

use granit_parser::{Event, ScalarStyle, Span, StructureStyle, Tag};

use super::error::{Error, Position};
use super::key::{Key, Misnamed, key_of};
use super::mapping::{About, Entry, Mapping, Twice};
use super::node::{Data, Node, Quotes, Shared};
use super::scalar::{Dialect, Scalar};
use super::tag;

/// The most levels that collections may be nested.
pub const MAX_DEPTH: usize = 250;
/// The most nodes that aliases may add to a text of little size.
const MAX_ALIASED: usize = 400_000;
/// How many times more nodes aliases may add than the text itself has, where it is large.
const MAX_MULTIPLE: usize = 10;
/// The most nodes that a text may have, those of aliases included.
const MAX_NODES: usize = 10_000_000;

/// What to do with a key that a mapping already holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duplicates {
    Refuse,
    /// The later entry wins.
    Replace,
}

/// A node with what must be known about it to count and limit copies.
#[derive(Clone)]
struct Measured {
    node: Node,
    /// How many levels of collections it holds.
    height: usize,
    /// How many nodes it consists of.
    size: usize,
}

/// A collection that is not closed yet.
struct Frame {
    position: Position,
    /// Whether it stands in braces or brackets.
    in_flow: bool,
    anchor: usize,
    height: usize,
    size: usize,
    contents: Contents,
}

/// What belongs to an open collection, apart from its items or entries: those are the last ones of the composer, from
/// `start` on.
enum Contents {
    Sequence {
        start: usize,
    },
    Mapping {
        start: usize,
        key: Option<Key>,
        /// Mappings merged by `<<`, to be added below the entries written out.
        merged: Vec<Mapping>,
    },
}

/// Composes the documents of one text, one at a time.
pub(super) struct Composer {
    dialect: Dialect,
    duplicates: Duplicates,
    misnamed: Misnamed,
    open: Vec<Frame>,
    /// The items of all open lists, those of the innermost last.
    items: Vec<Node>,
    /// The entries of all open mappings, likewise.
    entries: Vec<(String, Entry)>,
    anchors: HashMap<usize, Option<Measured>>,
    /// How many nodes the documents so far have, apart from those that aliases added.
    written: usize,
    /// How many nodes aliases added to the documents so far.
    aliased: usize,
    document: Option<Node>,
}

impl Composer {
    pub(super) fn new(dialect: Dialect, duplicates: Duplicates, misnamed: Misnamed) -> Self {
        Self {
            dialect,
            duplicates,
            misnamed,
            open: Vec::new(),
            items: Vec::new(),
            entries: Vec::new(),
            anchors: HashMap::new(),
            written: 0,
            aliased: 0,
            document: None,
        }
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Takes the next event; gives the document, unless it is empty, at its end.
    pub(super) fn event(
        &mut self,
        event: Event<'_>,
        span: Span,
        position: Position,
    ) -> Result<Option<Node>, Error> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                // The parser fills in what was left blank.
                let blank = style == ScalarStyle::Plain && span.start.index() == span.end.index();
                let text = if blank {
                    String::new()
                } else {
                    text.into_owned()
                };
                self.scalar(text, style, anchor, tag.as_deref(), position)?;
            }
            Event::SequenceStart(style, anchor, _) => {
                let start = self.items.len();
                self.start(Contents::Sequence { start }, style, anchor, position)?;
            }
            Event::MappingStart(style, anchor, _) => {
                let contents = Contents::Mapping {
                    start: self.entries.len(),
                    key: None,
                    merged: Vec::new(),
                };
                self.start(contents, style, anchor, position)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end()?,
            Event::Alias(anchor) => self.alias(anchor, position)?,
            Event::DocumentEnd => {
                self.anchors.clear();
                return Ok(self.document.take().filter(|document| !document.is_null()));
            }
            _ => {}
        }
        Ok(None)
    }

    fn scalar(
        &mut self,
        text: String,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        position: Position,
    ) -> Result<(), Error> {
        let plain = style == ScalarStyle::Plain;
        let (text, mut scalar) = tag::resolve(self.dialect, text, plain, tag)
            .map_err(|message| Error::new(position, message))?;
        if self.dialect == Dialect::Resource
            && scalar == Scalar::Null
            && text.is_empty()
            && self.open.last().is_some_and(|frame| frame.in_flow)
        {
            scalar = Scalar::Blank;
        }
        if let Some(Frame {
            contents: Contents::Mapping {
                key: key @ None, ..
            },
            ..
        }) = self.open.last_mut()
            && text == "<<"
            && plain
            && tag::allows_merge(tag)
        {
            *key = Some(Key::Merge(position));
            return Ok(());
        }
        self.written += 1;
        let data = Data::Scalar(text, scalar);
        let measured = Measured {
            node: Node {
                position,
                quoted: !plain,
                shared: Shared::default(),
                untagged: false,
                tag: None,
                flow: false,
                quotes: style.into(),
                data,
            },
            height: 0,
            size: 1,
        };
        self.remember(anchor, &measured);
        self.add(measured)
    }

    fn start(
        &mut self,
        contents: Contents,
        style: StructureStyle,
        anchor: usize,
        position: Position,
    ) -> Result<(), Error> {
        if let Some(Frame {
            contents: Contents::Mapping { key: None, .. },
            ..
        }) = self.open.last()
        {
            return Err(Error::new(
                position,
                "invalid map key: a key must be a single value",
            ));
        }
        self.check_depth(1, position)?;
        self.written += 1;
        if anchor != 0 {
            self.anchors.insert(anchor, None);
        }
        self.open.push(Frame {
            position,
            in_flow: style == StructureStyle::Flow,
            anchor,
            height: 0,
            size: 1,
            contents,
        });
        Ok(())
    }

    fn check_depth(&self, height: usize, position: Position) -> Result<(), Error> {
        if self.open.len() + height > MAX_DEPTH {
            return Err(too_deep(position));
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Error> {
        let Some(frame) = self.open.pop() else {
            return Ok(());
        };
        // Taken from the end into lists that have room for no more than that.
        let data = match frame.contents {
            Contents::Sequence { start } => Data::Sequence(self.items.drain(start..).collect()),
            Contents::Mapping { start, merged, .. } => {
                let (mut entries, twice) = Mapping::of(self.entries.drain(start..).collect());
                if let (Some(twice), Duplicates::Refuse) = (twice, self.duplicates) {
                    return Err(defined_twice(&twice));
                }
                for (key, entry) in merged.into_iter().flatten() {
                    entries.entry(key).or_insert(entry);
                }
                Data::Mapping(entries)
            }
        };
        let measured = Measured {
            node: Node {
                position: frame.position,
                quoted: false,
                shared: Shared::default(),
                untagged: false,
                tag: None,
                flow: frame.in_flow,
                quotes: Quotes::None,
                data,
            },
            height: frame.height + 1,
            size: frame.size,
        };
        self.remember(frame.anchor, &measured);
        self.add(measured)
    }

    fn remember(&mut self, anchor: usize, measured: &Measured) {
        if anchor != 0 {
            self.anchors.insert(anchor, Some(measured.clone()));
        }
    }

    fn alias(&mut self, anchor: usize, position: Position) -> Result<(), Error> {
        let Some(Some(target)) = self.anchors.get(&anchor) else {
            return Err(Error::new(position, "the anchor contains itself"));
        };
        self.aliased += target.size;
        if self.aliased > MAX_ALIASED.max(self.written.saturating_mul(MAX_MULTIPLE)) {
            return Err(Error::new(position, "document contains excessive aliasing"));
        }
        let target = target.clone();
        self.check_depth(target.height, position)?;
        self.add(target)
    }

    /// Puts a finished node where it belongs: into the innermost open collection, or at the root.
    fn add(&mut self, measured: Measured) -> Result<(), Error> {
        let Measured { node, height, size } = measured;
        if self.written + self.aliased > MAX_NODES {
            let message = format!("more than {MAX_NODES} values in one file");
            return Err(Error::new(node.position, message));
        }
        let (dialect, misnamed) = (self.dialect, self.misnamed);
        let Some(frame) = self.open.last_mut() else {
            self.document = Some(node);
            return Ok(());
        };
        frame.height = frame.height.max(height);
        frame.size += size;
        match &mut frame.contents {
            Contents::Sequence { .. } => self.items.push(node),
            Contents::Mapping { key, merged, .. } => match key.take() {
                None => *key = Some(key_of(node, dialect, misnamed)?),
                Some(Key::Named(name, position, is_misnamed)) => {
                    let entry = Entry {
                        key: position,
                        value: node,
                        about: is_misnamed.then(|| {
                            Box::new(About {
                                is_misnamed,
                                schema: None,
                            })
                        }),
                    };
                    self.entries.push((name, entry));
                }
                Some(Key::Merge(position)) if dialect == Dialect::Kubernetes => {
                    for (name, mut entry) in mappings_to_merge(node)?.into_iter().rev().flatten() {
                        entry.key = position;
                        self.entries.push((name, entry));
                    }
                }
                Some(Key::Merge(_)) => merged.extend(mappings_to_merge(node)?),
            },
        }
        Ok(())
    }
}

pub(super) fn too_deep(position: Position) -> Error {
    Error::new(position, format!("nested deeper than {MAX_DEPTH} levels"))
}

/// That a mapping holds a key twice.
fn defined_twice(twice: &Twice) -> Error {
    let Twice { key, first, second } = twice;
    let line = first.line;
    let message = format!("mapping key {key:?} already defined at line {line}");
    Error::new(*second, message)
}

/// The mappings that the value of `<<` stands for, the most important first.
fn mappings_to_merge(node: Node) -> Result<Vec<Mapping>, Error> {
    let refusal = |position| {
        Error::new(
            position,
            "map merge requires map or sequence of maps as the value",
        )
    };
    match node.data {
        Data::Mapping(entries) => Ok(vec![entries]),
        Data::Sequence(items) => items
            .into_iter()
            .map(|item| match item.data {
                Data::Mapping(entries) => Ok(entries),
                _ => Err(refusal(item.position)),
            })
            .collect(),
        Data::Scalar(..) => Err(refusal(node.position)),
    }
}
