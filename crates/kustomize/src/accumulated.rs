//! What directories are built to: objects that can be told apart, and the rules that go up with them.

use std::collections::HashSet;

use crate::configuration::Configuration;
use crate::error::Error;
use crate::id::Key;
use crate::resource::Resource;
use crate::vars::Vars;

/// Objects in order, no two of them with one identity.
#[derive(Default)]
pub(crate) struct Resources {
    list: Vec<Resource>,
    keys: HashSet<Key>,
}

impl Resources {
    pub(crate) fn new(list: Vec<Resource>) -> Result<Self, Error> {
        let mut resources = Self::default();
        resources.extend(list)?;
        Ok(resources)
    }

    pub(crate) fn push(&mut self, resource: Resource) -> Result<(), Error> {
        register(&mut self.keys, &resource)?;
        self.list.push(resource);
        Ok(())
    }

    pub(crate) fn extend(&mut self, resources: Vec<Resource>) -> Result<(), Error> {
        resources
            .into_iter()
            .try_for_each(|resource| self.push(resource))
    }

    pub(crate) fn into_vec(self) -> Vec<Resource> {
        self.list
    }
}

/// Takes note of an object's identity, unless another one has it.
pub(crate) fn register(keys: &mut HashSet<Key>, resource: &Resource) -> Result<(), Error> {
    let id = resource.id();
    if keys.insert(id.key()) {
        return Ok(());
    }
    let message = format!("may not add resource with an already registered id: {id}");
    Err(Error::new(message).at(&resource.file, resource.node.position))
}

/// Refuses objects of which two have one identity.
pub(crate) fn tell_apart(resources: &[Resource]) -> Result<(), Error> {
    let mut keys = HashSet::with_capacity(resources.len());
    resources
        .iter()
        .try_for_each(|resource| register(&mut keys, resource))
}

/// What a kustomization hands to those that build on it, apart from objects.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    pub(crate) configuration: Configuration,
    pub(crate) vars: Vars,
}

impl Rules {
    pub(crate) fn merge(&mut self, other: Self) -> Result<(), Error> {
        self.configuration
            .merge(&other.configuration)
            .map_err(Error::new)?;
        self.vars.merge(other.vars).map_err(Error::new)
    }
}

/// What a directory is built to.
#[derive(Default)]
pub(crate) struct Accumulated {
    pub(crate) resources: Vec<Resource>,
    pub(crate) rules: Rules,
}
