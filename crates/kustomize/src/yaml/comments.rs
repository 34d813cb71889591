//! Comments that describe the lists and mappings beside them: kustomize merges what has a comment of JSON by that,
//! whatever its kind is.
//!
//! Such a comment stands behind the key (`items: # {"type": "array", …}`), behind the brackets of a list in one line, or
//! in the line above the key. What a single value is described by does not matter to merges.

use std::collections::HashMap;

use granit_parser::{Placement, Span};
use serde_json::Value;

use super::mapping::Entry;
use super::node::{Data, Node};

/// The comments of a text that describe something, by their lines.
pub(super) struct Comments<'t> {
    text: &'t str,
    by_line: HashMap<u32, Comment>,
}

struct Comment {
    column: u32,
    /// What stands before it in its line.
    after: After,
    schema: Value,
}

#[derive(PartialEq, Eq)]
enum After {
    Nothing,
    Brackets,
    Other,
}

/// Whether a text may have comments that describe something.
pub(super) fn may_be_in(text: &str) -> bool {
    let after = |(at, _): (usize, &str)| text[at..].trim_start_matches(['#', ' ', '\t']);
    text.match_indices('#')
        .map(after)
        .any(|rest| rest.starts_with('{'))
}

impl<'t> Comments<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self {
            text,
            by_line: HashMap::new(),
        }
    }

    /// Takes a comment of the text that stands at `line`, if it describes something and belongs to what is beside it.
    pub(super) fn add(&mut self, comment: &str, placement: Placement, span: Span, line: u32) {
        let json = comment.trim_start_matches('#');
        let Some(before) = span.start.byte_offset().and_then(|at| self.text.get(..at)) else {
            return;
        };
        let mut lines = before.rsplit('\n');
        let own = lines.next().unwrap_or_default();
        let above = lines.next().unwrap_or_default();
        let after = match placement {
            Placement::Right if own.trim_end().ends_with([']', '}']) => After::Brackets,
            Placement::Right => After::Other,
            // Several lines are one comment, which is no JSON.
            Placement::Above if !above.trim_start().starts_with('#') => After::Nothing,
            _ => return,
        };
        let (Ok(schema @ Value::Object(_)), Ok(column)) =
            (serde_json::from_str(json), u32::try_from(span.start.col()))
        else {
            return;
        };
        if schema.as_object().is_some_and(serde_json::Map::is_empty) {
            return;
        }
        let column = column + 1;
        let comment = Comment {
            column,
            after,
            schema,
        };
        self.by_line.insert(line, comment);
    }

    /// Gives the entries of block mappings the comments that describe them.
    pub(super) fn attach(&self, node: &mut Node) {
        if self.by_line.is_empty() {
            return;
        }
        let in_braces = node.flow;
        match &mut node.data {
            Data::Scalar(..) => {}
            Data::Sequence(items) => items.iter_mut().for_each(|item| self.attach(item)),
            Data::Mapping(entries) => {
                for entry in entries.values_mut().filter(|_| !in_braces) {
                    if let Some(schema) = self.schema_of(entry) {
                        let schema = Some(schema.clone());
                        entry.about.get_or_insert_default().schema = schema;
                    }
                    self.attach(&mut entry.value);
                }
            }
        }
    }

    /// What describes an entry; what stands beside it counts before what stands above.
    fn schema_of(&self, entry: &Entry) -> Option<&Value> {
        let (key, value) = (entry.key, &entry.value);
        if value.as_scalar().is_some() {
            return None;
        }
        let wanted = if value.flow {
            After::Brackets
        } else {
            After::Other
        };
        let beside = self.by_line.get(&key.line);
        let beside = beside.filter(|comment| comment.after == wanted);
        let above = || {
            let comment = self.by_line.get(&key.line.checked_sub(1)?)?;
            let is_aligned = comment.after == After::Nothing && comment.column == key.column;
            is_aligned.then_some(comment)
        };
        Some(&beside.or_else(above)?.schema)
    }
}
