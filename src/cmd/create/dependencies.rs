//! `--depends-on`: what must be ready before.

use flux_api::meta::DependencyReference;

use super::Request;
use crate::flags::List;

/// The objects that `--depends-on` names, each as `[namespace/]name`.
///
/// flux reads an expression behind an `@`, too, and drops it; so it is left out here, and said so.
pub(super) fn dependencies(request: &Request<'_>, given: &[List]) -> Vec<DependencyReference> {
    List::all(given)
        .iter()
        .map(|text| {
            let mut dependency = DependencyReference::from(text.as_str());
            if dependency.ready_expr.take().is_some() {
                request.context.ui.warning(format!(
                    "the expression in --depends-on is left out: {text:?}"
                ));
            }
            dependency
        })
        .collect()
}
