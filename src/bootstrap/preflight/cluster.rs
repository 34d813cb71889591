//! The cluster's side: whether it is there, what the user may do, what runs on it already.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
};
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::ResourceExt as _;
use kube::api::{Api, DynamicObject, ListParams, PostParams};
use secrecy::SecretString;

use super::super::credentials::Stored;
use super::super::request::Request;
use crate::cluster::installation::Installation;
use crate::cluster::{self, Cluster};
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::kinds::{GIT_REPOSITORY, KUSTOMIZATION, Kind};

/// The definition that tells which Kustomization keeps an installation.
const DEFINITION: &str = "gitrepositories.source.toolkit.fluxcd.io";
/// The labels with the Kustomization that keeps the definition up to date.
const OWNER: [&str; 2] = [
    "kustomize.toolkit.fluxcd.io/namespace",
    "kustomize.toolkit.fluxcd.io/name",
];

/// What runs on the cluster.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// The installation, where there is one.
    pub installation: Option<Installation>,
    /// Namespace and name of the Kustomization that keeps it, where there is one.
    pub owner: Option<(String, String)>,
    /// The source of that name, where there is one.
    pub source: Option<DynamicObject>,
    /// The Kustomization of that name, where there is one.
    pub kustomization: Option<DynamicObject>,
    /// Whether the components are there and have applied the repository once.
    pub installed: bool,
    /// The Secret with the credentials.
    pub secret: Option<Stored>,
    /// The Secret for pulling images.
    pub pull_secret: Option<Stored>,
}

/// Looks at everything in the cluster.
pub(super) async fn look(request: &Request, cluster: &Cluster) -> Result<Standing> {
    // The first call tells whether the cluster can be reached at all.
    entitled(request, cluster).await?;
    let namespace = &request.sync.namespace;
    let pull_secret = async {
        match &request.install.image_pull_secret {
            Some(name) if !name.is_empty() => secret(cluster, namespace, name).await,
            _ => Ok(None),
        }
    };
    let (installation, owner, source, kustomization, deployments, credentials, pull_secret) = futures::join!(
        cluster.installation(),
        owner(cluster),
        object(cluster, &GIT_REPOSITORY, request),
        object(cluster, &KUSTOMIZATION, request),
        deployments(cluster, namespace),
        secret(cluster, namespace, &request.sync.secret),
        pull_secret,
    );
    let mut standing = Standing {
        installation: installation?,
        owner: owner?,
        source: source?,
        kustomization: kustomization?,
        secret: credentials?,
        pull_secret: pull_secret?,
        ..Standing::default()
    };
    let deployments = deployments?;
    let complete = request
        .install
        .component_names()
        .all(|name| deployments.iter().any(|deployment| deployment == name));
    let applied = standing
        .kustomization
        .as_ref()
        .and_then(KUSTOMIZATION.revision)
        .is_some();
    standing.installed = complete && applied;
    Ok(standing)
}

impl Standing {
    /// Refuses what would take a cluster away from somebody else.
    pub(super) fn refuse(&self, request: &Request) -> Result<()> {
        let (namespace, name) = (&request.sync.namespace, &request.sync.name);
        if let Some((other_namespace, other_name)) = &self.owner
            && (other_namespace, other_name) != (namespace, name)
            && !request.force
        {
            return Err(Error::new(
                ErrorKind::Conflict,
                format!(
                    "this cluster is bootstrapped already, by Kustomization \
                     {other_namespace}/{other_name}"
                ),
            )
            .hint(format!(
                "use its namespace with --namespace={other_namespace}, or override it with --force"
            )));
        }
        let current = self
            .kustomization
            .as_ref()
            .and_then(|object| object.data["spec"]["path"].as_str())
            .unwrap_or_default();
        let wanted = request.sync.target_path.as_str();
        if self.kustomization.is_some() && normal(current) != normal(wanted) {
            return Err(Error::new(
                ErrorKind::Conflict,
                format!(
                    "sync path configuration ({wanted:?}) would overwrite path ({current:?}) of \
                     existing Kustomization"
                ),
            )
            .hint(format!(
                "this cluster follows another folder: use --path={current}, or another cluster \
                 with --context"
            )));
        }
        Ok(())
    }

    /// What is told, and asked on a terminal, before another tool's installation is taken over.
    pub fn takeover(&self) -> Option<(String, String)> {
        let installation = self.installation.as_ref()?;
        let tool = installation.other_manager()?;
        let version = installation
            .version
            .as_deref()
            .unwrap_or("of unknown version");
        Some((
            format!("Flux {version} has been installed on this cluster with {tool}!"),
            format!("Are you sure you want to override the {tool} installation?"),
        ))
    }

    /// What is told where the cluster follows another repository until now.
    pub(super) fn moves(&self, request: &Request) -> Option<String> {
        let url = self.source.as_ref()?.data["spec"]["url"].as_str()?;
        let wanted = format!("{}/{}", request.owner, request.repository);
        (!repository(url).eq_ignore_ascii_case(&wanted)).then(|| {
            format!(
                "this cluster follows {url} until now, it will follow {} instead",
                request.sync_url()
            )
        })
    }
}

/// The last two parts of a repository's address: owner and name.
fn repository(url: &str) -> String {
    let url = url.trim_end_matches('/');
    let url = url.strip_suffix(".git").unwrap_or(url);
    let mut parts: Vec<&str> = url.rsplit('/').take(2).collect();
    parts.reverse();
    parts.join("/")
}

/// A path as flux compares it: it begins with `./` and does not end with a slash.
fn normal(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    format!("./{}", path.trim_end_matches('/'))
}

/// What bootstrap writes: verb, group, resource, and whether it is in the namespace.
const WRITES: &[(&str, &str, &str, bool)] = &[
    ("create", "", "namespaces", false),
    (
        "create",
        "apiextensions.k8s.io",
        "customresourcedefinitions",
        false,
    ),
    ("create", "rbac.authorization.k8s.io", "clusterroles", false),
    (
        "create",
        "rbac.authorization.k8s.io",
        "clusterrolebindings",
        false,
    ),
    ("create", "apps", "deployments", true),
    ("create", "", "services", true),
    ("create", "", "serviceaccounts", true),
    ("create", "", "secrets", true),
    ("update", "", "secrets", true),
    ("patch", "source.toolkit.fluxcd.io", "gitrepositories", true),
    (
        "patch",
        "kustomize.toolkit.fluxcd.io",
        "kustomizations",
        true,
    ),
];

/// Checks that the user may write what bootstrap writes.
async fn entitled(request: &Request, cluster: &Cluster) -> Result<()> {
    let everything = allowed(cluster, "*", "*", "*", None);
    if everything.await? {
        return Ok(());
    }
    let namespace = request.sync.namespace.as_str();
    let reviews = WRITES
        .iter()
        .map(|&(verb, group, resource, inside)| async move {
            let namespace = inside.then_some(namespace);
            let allowed = allowed(cluster, verb, group, resource, namespace).await?;
            Ok::<_, Error>((!allowed).then(|| format!("{verb} {resource}")))
        });
    let missing: Vec<String> = futures::future::try_join_all(reviews)
        .await?
        .into_iter()
        .flatten()
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Refused,
        format!("this user may not install Flux on the cluster: {}", missing.join(", ")),
    )
    .hint("bootstrap needs cluster-admin: ask for it, or use another user or context with --user or --context"))
}

async fn allowed(
    cluster: &Cluster,
    verb: &str,
    group: &str,
    resource: &str,
    namespace: Option<&str>,
) -> Result<bool> {
    let review = SelfSubjectAccessReview {
        spec: SelfSubjectAccessReviewSpec {
            resource_attributes: Some(ResourceAttributes {
                verb: Some(verb.to_owned()),
                group: Some(group.to_owned()),
                resource: Some(resource.to_owned()),
                namespace: namespace.map(str::to_owned),
                ..ResourceAttributes::default()
            }),
            ..SelfSubjectAccessReviewSpec::default()
        },
        ..SelfSubjectAccessReview::default()
    };
    let api: Api<SelfSubjectAccessReview> = Api::all(cluster.client().clone());
    match api.create(&PostParams::default(), &review).await {
        Ok(review) => Ok(review.status.is_some_and(|status| status.allowed)),
        // A server that does not answer the question decides when it comes to it.
        Err(kube::Error::Api(status)) if matches!(status.code, 403 | 404) => Ok(true),
        Err(error) => Err(cluster.error(error).into()),
    }
}

/// Namespace and name of the Kustomization that keeps the installation.
async fn owner(cluster: &Cluster) -> Result<Option<(String, String)>> {
    let api: Api<CustomResourceDefinition> = Api::all(cluster.client().clone());
    let found = api.get_metadata_opt(DEFINITION).await;
    let found = found.map_err(|error| cluster.error(error))?;
    let labels = found.and_then(|definition| definition.metadata.labels);
    let label = |name: &str| {
        let value = labels.as_ref()?.get(name)?;
        (!value.is_empty()).then(|| value.clone())
    };
    Ok(match OWNER.map(label) {
        [Some(namespace), Some(name)] => Some((namespace, name)),
        _ => None,
    })
}

async fn object(
    cluster: &Cluster,
    kind: &Kind,
    request: &Request,
) -> Result<Option<DynamicObject>> {
    let found = cluster
        .get(kind, &request.sync.namespace, &request.sync.name)
        .await;
    match found {
        Ok(object) => Ok(Some(object)),
        Err(cluster::Error::NotFound(_) | cluster::Error::KindMissing { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn deployments(cluster: &Cluster, namespace: &str) -> Result<Vec<String>> {
    let api: Api<Deployment> = cluster.namespaced(namespace);
    let list = api.list_metadata(&ListParams::default()).await;
    let list = list.map_err(|error| cluster.error(error))?;
    Ok(list.items.iter().map(|item| item.name_any()).collect())
}

async fn secret(cluster: &Cluster, namespace: &str, name: &str) -> Result<Option<Stored>> {
    let api: Api<Secret> = cluster.namespaced(namespace);
    let found = api.get_opt(name).await;
    let found = found.map_err(|error| cluster.error(error))?;
    Ok(found.map(|secret| {
        let data = secret.data.unwrap_or_default().into_iter();
        Stored::new(data.map(|(key, value)| {
            let text = String::from_utf8_lossy(&value.0).into_owned();
            (key, SecretString::from(text))
        }))
    }))
}

#[cfg(test)]
mod tests {
    use super::{normal, repository};

    #[test]
    fn addresses_name_owner_and_repository() {
        for url in ["https://h/o/r.git", "ssh://git@h:22/o/r", "https://h/o/r/"] {
            assert_eq!(repository(url), "o/r");
        }
    }

    #[test]
    fn paths_are_compared_as_flux_does() {
        for (a, b) in [
            ("./", ""),
            ("./a/b", "a/b"),
            ("a/b/", "./a/b"),
            ("./a", "a/"),
        ] {
            assert_eq!(normal(a), normal(b));
        }
        assert_ne!(normal("a"), normal("b"));
    }
}
