//! `$patch`: what a patch says about the mapping or list it stands in.

use super::{Refusal, list};
use crate::yaml::Node;

pub(super) const KEY: &str = "$patch";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Directive {
    Merge,
    Replace,
    Delete,
}

fn parse(node: &Node) -> Result<Directive, Refusal> {
    match node.as_scalar().unwrap_or_default() {
        "merge" => Ok(Directive::Merge),
        "replace" => Ok(Directive::Replace),
        "delete" => Ok(Directive::Delete),
        other => Err(Refusal {
            position: node.position,
            message: format!("unknown patch strategy '{other}'"),
        }),
    }
}

/// The directive among the keys of a mapping.
pub(super) fn of_mapping(patch: &Node) -> Result<Directive, Refusal> {
    patch.get(KEY).map_or(Ok(Directive::Merge), parse)
}

/// Whether a mapping's directive is understood, and so no part of its values.
pub(super) fn is_elided(patch: &Node) -> bool {
    patch.get(KEY).is_some_and(|node| parse(node).is_ok())
}

/// A copy of a mapping without the directive it understands.
pub(super) fn without(patch: &Node) -> Node {
    let mut copy = patch.clone();
    if is_elided(patch)
        && let Some(entries) = copy.as_mapping_mut()
    {
        entries.remove(KEY);
    }
    copy
}

/// The directive that an element of its own gives for a list, and the list without it.
pub(super) fn of_list(patch: &[Node]) -> Result<(Directive, Vec<Node>), Refusal> {
    let Some(element) = patch.iter().find(|element| element.get(KEY).is_some()) else {
        return Ok((Directive::Merge, patch.to_vec()));
    };
    let alone = element
        .as_mapping()
        .is_some_and(|entries| entries.len() == 1);
    let Some(value) = element.get(KEY).filter(|_| alone) else {
        return Ok((Directive::Merge, patch.to_vec()));
    };
    let directive = parse(value)?;
    let mut rest = patch.to_vec();
    let name = value.as_scalar().unwrap_or_default().to_owned();
    list::set_element(&mut rest, None, &[KEY], &[name])?;
    Ok((directive, rest))
}
