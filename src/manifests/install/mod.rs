//! The objects that install Flux: kinds, controllers, rights and policies.
//!
//! They are equal, and in the same order, to those of Flux's own distribution, so that a cluster
//! can move between the two without a change. What each controller needs is a row of
//! [`components`](super::components); what all share is written here once.

mod controller;
mod labels;
mod options;
mod policies;
mod rbac;
mod stage;

use kustomize::yaml;
use serde_json::Value;

pub use labels::{COMPONENT, INSTANCE, PART_OF, PART_OF_FLUX, VERSION};
pub use options::Options;
pub use stage::{Stage, inventory_id, stage};

use super::components::Component;
use crate::error::Result;

/// The objects of an installation, in the order in which the generated file holds them: the
/// namespace with its policies and rights, then component by component its kinds, account,
/// Services and Deployment.
///
/// # Errors
/// As [`Options::validate`].
pub fn objects(options: &Options) -> Result<Vec<Value>> {
    let components = options.validate()?;
    let mut objects = vec![policies::namespace(options)];
    if options.network_policy {
        objects.extend(policies::network_policies(options));
    }
    objects.extend(rbac::objects(options));
    for component in components {
        objects.extend(definitions(options, component));
        objects.push(controller::service_account(options, component));
        let services = component.services.iter();
        objects.extend(services.map(|service| controller::service(options, component, service)));
        objects.push(controller::deployment(options, component));
    }
    Ok(objects)
}

/// The objects as the text of the generated file: its header, then the documents.
///
/// # Errors
/// As [`objects`].
pub fn to_yaml(options: &Options) -> Result<String> {
    let mut text = options.header();
    text.push_str(&yaml::to_string_all(&objects(options)?));
    Ok(text)
}

/// The definitions of the kinds that a component serves, labelled as its own.
fn definitions(options: &Options, component: &Component) -> Vec<Value> {
    let mut definitions = flux_api::crd::by_component_json(component.name);
    for definition in &mut definitions {
        let labels = labels::labels(options, Some(component.name), &[]);
        definition["metadata"]["labels"] = labels.into();
    }
    definitions
}

#[cfg(test)]
mod tests;
