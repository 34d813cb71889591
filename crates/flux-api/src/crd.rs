//! The CustomResourceDefinitions of all kinds.
//!
//! kube's `crd()` on a kind gives everything but the schema: kube's own way from schemars to a
//! structural schema takes several times as long, and leaves titles and nulls that Flux's own
//! definitions lack. The functions here give the whole definition.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;
use kube::core::object::{HasSpec, HasStatus};
use schemars::JsonSchema;
use serde_json::{Value, json};

use crate::extensions::ArtifactGenerator;
use crate::helm::HelmRelease;
use crate::image::{ImagePolicy, ImageRepository, ImageUpdateAutomation};
use crate::kustomize::Kustomization;
use crate::notification::{Alert, Provider, Receiver};
use crate::schema;
use crate::source::{
    Bucket, ExternalArtifact, GitRepository, HelmChart, HelmRepository, OCIRepository,
};

/// Annotations of every definition.
///
/// The first one names the conventions that the schemas follow, as the definitions of the Flux
/// distribution do. The second keeps a Kustomization that applies the definitions from taking
/// `${…}` in their texts for variables.
const ANNOTATIONS: [(&str, &str); 2] = [
    ("controller-gen.kubebuilder.io/version", "v0.21.0"),
    ("kustomize.toolkit.fluxcd.io/substitute", "disabled"),
];

/// A kind, by what its definition is made of.
struct Definition {
    /// Name of the controller that the kind belongs to.
    component: &'static str,
    /// What an object of this kind is.
    description: &'static str,
    /// The definition without the schema.
    outline: fn() -> CustomResourceDefinition,
    /// Schema of the spec.
    spec: fn() -> Value,
    /// Schema of the status, for kinds that have one.
    status: Option<fn() -> Value>,
}

impl Definition {
    const fn new<K>(component: &'static str, description: &'static str) -> Self
    where
        K: CustomResourceExt + HasSpec,
        K::Spec: JsonSchema,
    {
        Self {
            component,
            description,
            outline: K::crd,
            spec: schema::structural::<K::Spec>,
            status: None,
        }
    }

    const fn with_status<K>(component: &'static str, description: &'static str) -> Self
    where
        K: CustomResourceExt + HasSpec + HasStatus,
        K::Spec: JsonSchema,
        K::Status: JsonSchema,
    {
        Self {
            status: Some(schema::structural::<K::Status>),
            ..Self::new::<K>(component, description)
        }
    }

    /// The whole definition as JSON.
    fn json(&self) -> Value {
        let mut outline = (self.outline)();
        let names = &mut outline.spec.names;
        names.list_kind = Some(format!("{}List", names.kind));
        let mut annotations = outline.metadata.annotations.take().unwrap_or_default();
        annotations.extend(ANNOTATIONS.map(|(key, value)| (key.to_owned(), value.to_owned())));
        outline.metadata.annotations = Some(annotations);
        let schema = schema::object(
            self.description,
            (self.spec)(),
            self.status.map(|status| status()),
        );
        for version in &mut outline.spec.versions {
            // Written even when there are none, as controller-gen does.
            version.subresources.get_or_insert_default();
        }
        let mut definition = json!(outline);
        // kube gives each definition exactly one version.
        definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"] = schema;
        definition
    }

    /// The whole definition as a typed object.
    #[expect(
        clippy::expect_used,
        reason = "what is read is fixed at build time, and a test reads every one of them"
    )]
    fn object(&self) -> CustomResourceDefinition {
        serde_json::from_value(self.json()).expect("a definition reads what it wrote")
    }
}

/// All kinds, by component and then by name.
const DEFINITIONS: &[Definition] = &[
    Definition::with_status::<Bucket>(
        "source-controller",
        "A bucket of an object store whose files are fetched at an interval.",
    ),
    Definition::with_status::<ExternalArtifact>(
        "source-controller",
        "An artifact that a controller other than the source controller provides.",
    ),
    Definition::with_status::<GitRepository>(
        "source-controller",
        "A Git repository that is fetched at an interval and packed as an artifact.",
    ),
    Definition::with_status::<HelmChart>(
        "source-controller",
        "A chart of a repository, fetched and packed for a release.",
    ),
    Definition::with_status::<HelmRepository>(
        "source-controller",
        "A Helm repository whose index is fetched at an interval, or a registry that holds charts.",
    ),
    Definition::with_status::<OCIRepository>(
        "source-controller",
        "An OCI artifact that is pulled at an interval.",
    ),
    Definition::with_status::<Kustomization>(
        "kustomize-controller",
        "A set of objects that is built from a source and kept applied to a cluster.",
    ),
    Definition::with_status::<HelmRelease>(
        "helm-controller",
        "A Helm chart that is kept installed with given values.",
    ),
    Definition::new::<Alert>(
        "notification-controller",
        "Which events are sent to which provider.",
    ),
    Definition::new::<Provider>(
        "notification-controller",
        "A service that events are sent to.",
    ),
    Definition::with_status::<Receiver>(
        "notification-controller",
        "A webhook that makes objects reconcile.",
    ),
    Definition::with_status::<ImagePolicy>(
        "image-reflector-controller",
        "A rule that elects one tag of an image repository as the latest.",
    ),
    Definition::with_status::<ImageRepository>(
        "image-reflector-controller",
        "An image repository whose tags are listed at an interval.",
    ),
    Definition::with_status::<ImageUpdateAutomation>(
        "image-automation-controller",
        "Commits that bring the latest images into a Git repository.",
    ),
    Definition::with_status::<ArtifactGenerator>(
        "source-watcher",
        "Artifacts that are composed of, or cut out of, those of several sources.",
    ),
];

/// The definitions of all kinds, by component and then by name.
///
/// To write them out take [`all_json`]: in the typed form a limit of `0` turns into `0.0`.
pub fn all() -> Vec<CustomResourceDefinition> {
    DEFINITIONS.iter().map(Definition::object).collect()
}

/// As [`all`], as JSON: faster, and exactly what is to be written.
pub fn all_json() -> Vec<Value> {
    DEFINITIONS.iter().map(Definition::json).collect()
}

/// The definitions of one component's kinds, by name; none for a component without kinds.
///
/// Components are named as their Deployments: `source-controller`, `kustomize-controller`,
/// `helm-controller`, `notification-controller`, `image-reflector-controller`,
/// `image-automation-controller`, `source-watcher`.
pub fn by_component(component: &str) -> Vec<CustomResourceDefinition> {
    of(component).map(Definition::object).collect()
}

/// As [`by_component`], as JSON: faster, and exactly what is to be written.
pub fn by_component_json(component: &str) -> Vec<Value> {
    of(component).map(Definition::json).collect()
}

fn of(component: &str) -> impl Iterator<Item = &Definition> {
    DEFINITIONS
        .iter()
        .filter(move |definition| definition.component == component)
}
