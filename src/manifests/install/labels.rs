//! The labels that mark an object as part of an installation of Flux.

use serde_json::{Map, Value};

use super::Options;

/// The label that all objects of Flux carry, with the value [`PART_OF_FLUX`].
pub const PART_OF: &str = "app.kubernetes.io/part-of";
/// The value of [`PART_OF`].
pub const PART_OF_FLUX: &str = "flux";
/// The label that holds the namespace of the installation.
pub const INSTANCE: &str = "app.kubernetes.io/instance";
/// The label that holds the version of the distribution.
pub const VERSION: &str = "app.kubernetes.io/version";
/// The label that holds the component which an object belongs to.
pub const COMPONENT: &str = "app.kubernetes.io/component";

/// The labels of an object of the installation, or of one component of it, with `more` beside
/// them.
pub(super) fn labels(
    options: &Options,
    component: Option<&str>,
    more: &[(&str, &str)],
) -> Map<String, Value> {
    let common = [
        (PART_OF, PART_OF_FLUX),
        (INSTANCE, options.namespace.as_str()),
        (VERSION, options.version.as_str()),
    ];
    let component = component.map(|name| (COMPONENT, name));
    let all = common
        .into_iter()
        .chain(component)
        .chain(more.iter().copied());
    all.map(|(key, value)| (key.to_owned(), Value::from(value)))
        .collect()
}
