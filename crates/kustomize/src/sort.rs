//! The order of the output, where `sortOptions` asks for one.

use std::collections::HashMap;

use crate::id::Id;
use crate::kind_order::{self, FIRST, LAST, or};
use crate::kustomization::Order;
use crate::resource::Resource;

/// Sorts objects by kind and then by their identities, if the order is not that of reading.
pub(crate) fn sort(order: Option<&Order>, resources: &mut [Resource]) {
    let ranks: HashMap<String, i64> = match order {
        None | Some(Order::Fifo) => return,
        Some(Order::Legacy(None)) => ranks(&FIRST.map(str::to_owned), &LAST.map(str::to_owned)),
        Some(Order::Legacy(Some((first, last)))) => ranks(first, last),
    };
    resources.sort_by_cached_key(|resource| {
        let id = resource.id();
        let rank = ranks.get(&id.gvk.kind).copied().unwrap_or_default();
        (rank, kind_order::text(&id.gvk), id_text(&id))
    });
}

fn ranks(first: &[String], last: &[String]) -> HashMap<String, i64> {
    let number = |at: usize| i64::try_from(at).unwrap_or(i64::MAX);
    let before = first
        .iter()
        .enumerate()
        .map(|(at, kind)| (kind.clone(), number(at) - number(first.len())));
    let after = last
        .iter()
        .enumerate()
        .map(|(at, kind)| (kind.clone(), 1 + number(at)));
    before.chain(after).collect()
}

fn id_text(id: &Id) -> String {
    format!(
        "{}|{}|{}",
        id.gvk,
        or(&id.namespace, "~X"),
        or(&id.name, "~N")
    )
}
