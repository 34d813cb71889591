//! The Kubernetes API: the only place that talks to it.
//!
//! [`Cluster`] holds one connection. Objects of Flux kinds travel as [`DynamicObject`]s, because
//! what the kinds have in common is in the table of [`crate::kinds`]. What may be
//! repeated is, where a failure passes; the rest is made once. Errors are translated here, once, into [`Error`].

mod again;
pub mod apply;
pub mod config;
mod connect;
pub mod diagnosis;
pub mod dry_run;
mod error;
pub mod health;
pub mod installation;
mod list;
pub mod many;
pub mod proxy;
pub mod prune;
pub mod removal;
mod resource;
mod secret;
pub mod stored;
pub mod wait;
mod write;

use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::authentication::v1::SelfSubjectReview;
use kube::api::{Api, DynamicObject, PostParams, TypeMeta};
use kube::core::{ApiResource, GroupVersionKind};
use kube::{Client, Config, Resource};

pub use error::Error;
pub use list::{Detail, Selection};
pub use write::Upserted;

use crate::kinds::Kind;

/// The field manager of what reflux writes: flux's own, so that an upgrade from flux does not
/// leave fields that two managers own.
pub const FIELD_MANAGER: &str = "flux";

/// How many objects one page of a list holds that is read as a whole.
const PAGE: u32 = 500;

/// A connection to one API server.
#[derive(Clone)]
pub struct Cluster {
    client: Client,
    server: http::Uri,
}

/// Which namespaces a list covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope<'a> {
    /// One.
    Namespace(&'a str),
    /// Every one.
    All,
}

impl Cluster {
    /// A client for `config`. Nothing is sent yet.
    ///
    /// # Errors
    /// When certificates or keys cannot be read.
    pub fn connect(config: Config) -> Result<Self, Error> {
        let server = config.cluster_url.clone();
        let client = connect::client(config).map_err(|e| Error::of(e, &server))?;
        Ok(Cluster { client, server })
    }

    /// The client library's handle, for kinds that are Kubernetes' own.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The API server's address.
    pub fn server(&self) -> &http::Uri {
        &self.server
    }

    /// Translates an error of a call made through [`Cluster::client`].
    pub fn error(&self, error: kube::Error) -> Error {
        Error::of(error, &self.server)
    }

    /// The typed objects of a namespace.
    pub fn namespaced<K>(&self, namespace: &str) -> Api<K>
    where
        K: Resource<Scope = NamespaceResourceScope>,
        K::DynamicType: Default,
    {
        Api::namespaced(self.client.clone(), namespace)
    }

    /// The objects of a Flux kind.
    pub fn objects(&self, kind: &Kind, scope: Scope<'_>) -> Api<DynamicObject> {
        let resource = kind.api_resource();
        match scope {
            Scope::Namespace(ns) => Api::namespaced_with(self.client.clone(), ns, &resource),
            Scope::All => Api::all_with(self.client.clone(), &resource),
        }
    }

    /// Reads one object.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it does not exist, and whatever the connection brings.
    pub async fn get(
        &self,
        kind: &Kind,
        namespace: &str,
        name: &str,
    ) -> Result<DynamicObject, Error> {
        let api = self.objects(kind, Scope::Namespace(namespace));
        match again::repeat(|| api.get(name)).await {
            Ok(object) => Ok(with_types(object, kind)),
            Err(error) => Err(self.explain(error, kind).await),
        }
    }

    /// Who the server takes us for; nothing where it does not tell.
    pub async fn user_name(&self) -> Option<String> {
        let api: Api<SelfSubjectReview> = Api::all(self.client.clone());
        let review = api
            .create(&PostParams::default(), &SelfSubjectReview::default())
            .await
            .ok()?;
        review
            .status?
            .user_info?
            .username
            .filter(|name| !name.is_empty())
    }

    /// The versions of `group` that the server has.
    async fn served_versions(&self, group: &str) -> Vec<String> {
        let groups = match self.client.list_api_groups().await {
            Ok(groups) => groups.groups,
            Err(_) => return Vec::new(),
        };
        groups
            .into_iter()
            .filter(|g| g.name == group)
            .flat_map(|g| g.versions.into_iter().map(|v| v.version))
            .collect()
    }

    /// Translates an error of a call about `kind`; where the server does not know the kind, it
    /// says which versions there are instead.
    async fn explain(&self, error: kube::Error, kind: &Kind) -> Error {
        self.name_versions(self.error(error), kind).await
    }

    async fn name_versions(&self, error: Error, kind: &Kind) -> Error {
        match error {
            Error::KindMissing { .. } => Error::KindMissing {
                kind: kind.kind.to_owned(),
                api_version: kind.api_version(),
                served: self
                    .served_versions(kind.group)
                    .await
                    .into_iter()
                    .filter(|v| v != kind.version)
                    .collect(),
            },
            error => error,
        }
    }
}

fn types(kind: &Kind) -> TypeMeta {
    TypeMeta {
        api_version: kind.api_version(),
        kind: kind.kind.to_owned(),
    }
}

/// Items of a list come without their kind.
fn with_types(mut object: DynamicObject, kind: &Kind) -> DynamicObject {
    object.types = Some(types(kind));
    object
}

impl Kind {
    /// What the client library needs to know to address the kind.
    pub fn api_resource(&self) -> ApiResource {
        let gvk = GroupVersionKind::gvk(self.group, self.version, self.kind);
        ApiResource::from_gvk_with_plural(&gvk, self.plural)
    }
}
