//! The Kustomization that is to be built: in a file, or in the cluster.

use std::path::Path;

use serde_json::Value;

use crate::build;
use crate::build::spec::Kustomization;
use crate::cluster::Cluster;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::kinds::KUSTOMIZATION;

/// Where a Kustomization is read from.
#[derive(Debug, Clone, Copy)]
pub(in crate::cmd) struct Wanted<'a> {
    /// Its name.
    pub(in crate::cmd) name: &'a str,
    /// Its namespace.
    pub(in crate::cmd) namespace: &'a str,
    /// The file with it; empty for the cluster.
    pub(in crate::cmd) file: &'a str,
}

impl Wanted<'_> {
    /// Refuses a file that is not there.
    pub(super) fn check_file(&self) -> Result<()> {
        if self.file.is_empty() || Path::new(self.file).is_file() {
            return Ok(());
        }
        let message = format!("invalid kustomization file {:?}", self.file);
        Err(Error::new(ErrorKind::NotFound, message).hint("there is no such file"))
    }

    /// The Kustomization in the file, where one is named, or else in the cluster. A cluster is
    /// asked in any case: who names one means it.
    pub(in crate::cmd) async fn read(&self, cluster: Option<&Cluster>) -> Result<Kustomization> {
        let Some(cluster) = cluster else {
            return self.in_file();
        };
        match self.in_cluster(cluster).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ if !self.file.is_empty() => self.in_file(),
            live => live,
        }
    }

    /// The Kustomization in the file; one that names no namespace is in any.
    pub(in crate::cmd) fn in_file(&self) -> Result<Kustomization> {
        let Wanted {
            name,
            namespace,
            file,
        } = self;
        let text = fs_err::read_to_string(file)?;
        let of = |error: build::Error| Error::from(error).context(NOT_FOUND);
        let manifests = Kustomization::manifests(&text, file).map_err(of)?;
        let text_at = |manifest: &Value, field: &str| {
            let text = manifest["metadata"][field].as_str();
            text.unwrap_or_default().to_owned()
        };
        let found = manifests.iter().find(|manifest| {
            let own = text_at(manifest, "namespace");
            text_at(manifest, "name") == *name && (own.is_empty() || own == *namespace)
        });
        if let Some(manifest) = found {
            return Kustomization::of(manifest).map_err(of);
        }
        let message = format!(
            "failed find kustomization with name '{name}' and namespace '{namespace}' in file \
             '{file}'"
        );
        let there = manifests.iter().map(|manifest| {
            let own = text_at(manifest, "namespace");
            format!("{} -n {own}", text_at(manifest, "name"))
        });
        let there: Vec<String> = there.collect();
        let hint = match there.as_slice() {
            [] => "the file has no Kustomization".to_owned(),
            there => format!("the file has: {}", there.join(", ")),
        };
        let error = Error::new(ErrorKind::NotFound, message).context(NOT_FOUND);
        Err(error.hint(hint))
    }

    /// The Kustomization in the cluster.
    pub(in crate::cmd) async fn in_cluster(&self, cluster: &Cluster) -> Result<Kustomization> {
        let read = cluster.get(&KUSTOMIZATION, self.namespace, self.name).await;
        let object = read.map_err(|error| Error::from(error).context(NOT_FOUND))?;
        let object = serde_json::to_value(object)
            .map_err(|error| Error::failed(NOT_FOUND).caused_by(error))?;
        Kustomization::of(&object)
            .map_err(|error| Error::failed(error.to_string()).context(NOT_FOUND))
    }
}

const NOT_FOUND: &str = "failed to get kustomization object";
