//! What is known of each kind.

use serde_json::{Value, json};

use crate::support::cluster::{REVISION, artifact, condition};

/// What a kind is called and what its objects show.
pub(super) struct Facts {
    pub(super) kind: &'static str,
    /// Its plural and its group.
    pub(super) resource: &'static str,
    /// The words after `get`.
    pub(super) list: &'static str,
    /// The words after other verbs.
    pub(super) one: &'static str,
    /// What it is called in sentences.
    pub(super) human: &'static str,
    /// The columns after the name, and what they show of an object that is ready.
    pub(super) columns: &'static [(&'static str, &'static str)],
    /// What is said of a reconciliation that has succeeded.
    pub(super) done: &'static str,
    /// What a controller writes beside conditions.
    more: fn() -> Value,
}

const FALSE: (&str, &str) = ("SUSPENDED", "False");
const TRUE: (&str, &str) = ("READY", "True");
const WELL: (&str, &str) = ("MESSAGE", "all is well");
const SOURCE: &[(&str, &str)] = &[("REVISION", SHORT), FALSE, TRUE, WELL];
const STATUS: &[(&str, &str)] = &[FALSE, TRUE, WELL];
const SHORT: &str = "main@sha1:5394cb7f";
const FETCHED: &str = "fetched revision main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738";

fn fetched() -> Value {
    json!({"artifact": artifact()})
}

fn nothing() -> Value {
    json!({})
}

pub(super) static FACTS: &[Facts] = &[
    Facts {
        kind: "OCIRepository",
        resource: "ocirepositories.source.toolkit.fluxcd.io",
        list: "sources oci",
        one: "source oci",
        human: "source oci",
        columns: SOURCE,
        done: FETCHED,
        more: fetched,
    },
    Facts {
        kind: "Bucket",
        resource: "buckets.source.toolkit.fluxcd.io",
        list: "sources bucket",
        one: "source bucket",
        human: "source bucket",
        columns: SOURCE,
        done: FETCHED,
        more: fetched,
    },
    Facts {
        kind: "GitRepository",
        resource: "gitrepositories.source.toolkit.fluxcd.io",
        list: "sources git",
        one: "source git",
        human: "source git",
        columns: SOURCE,
        done: FETCHED,
        more: fetched,
    },
    Facts {
        kind: "HelmRepository",
        resource: "helmrepositories.source.toolkit.fluxcd.io",
        list: "sources helm",
        one: "source helm",
        human: "source helm",
        columns: SOURCE,
        done: FETCHED,
        more: fetched,
    },
    Facts {
        kind: "HelmChart",
        resource: "helmcharts.source.toolkit.fluxcd.io",
        list: "sources chart",
        one: "source chart",
        human: "source chart",
        columns: &[("REVISION", "1.2.3"), FALSE, TRUE, WELL],
        done: "fetched revision 1.2.3",
        more: || {
            let mut artifact = artifact();
            artifact["revision"] = json!("1.2.3");
            json!({"artifact": artifact})
        },
    },
    Facts {
        kind: "ExternalArtifact",
        resource: "externalartifacts.source.toolkit.fluxcd.io",
        list: "sources external",
        one: "source external",
        human: "source external-artifact",
        columns: &[
            ("REVISION", SHORT),
            ("SOURCE", "ArtifactGenerator/apps/sample"),
            TRUE,
            WELL,
        ],
        done: "",
        more: fetched,
    },
    Facts {
        kind: "ImageRepository",
        resource: "imagerepositories.image.toolkit.fluxcd.io",
        list: "images repository",
        one: "image repository",
        human: "image repository",
        columns: &[("LAST SCAN", "2026-01-01T00:00:00Z"), FALSE, TRUE, WELL],
        done: "scan fetched 12 tags",
        more: || {
            json!({"lastScanResult": {
                "revision": "1", "scanTime": "2026-01-01T00:00:00Z", "tagCount": 12,
            }})
        },
    },
    Facts {
        kind: "ImagePolicy",
        resource: "imagepolicies.image.toolkit.fluxcd.io",
        list: "images policy",
        one: "image policy",
        human: "image policy",
        columns: &[
            ("IMAGE", "registry.example.com/org/web"),
            ("TAG", "1.2.3"),
            TRUE,
            WELL,
        ],
        done: "selected ref registry.example.com/org/web:1.2.3",
        more: || json!({"latestRef": {"name": "registry.example.com/org/web", "tag": "1.2.3"}}),
    },
    Facts {
        kind: "ImageUpdateAutomation",
        resource: "imageupdateautomations.image.toolkit.fluxcd.io",
        list: "images update",
        one: "image update",
        human: "image update automation",
        columns: &[("LAST RUN", "2026-01-01T00:00:00Z"), FALSE, TRUE, WELL],
        done: "all is well",
        more: || json!({"lastAutomationRunTime": "2026-01-01T00:00:00Z"}),
    },
    Facts {
        kind: "HelmRelease",
        resource: "helmreleases.helm.toolkit.fluxcd.io",
        list: "helmreleases",
        one: "helmrelease",
        human: "helmrelease",
        columns: &[("REVISION", "1.2.3"), FALSE, TRUE, WELL],
        done: "applied revision 1.2.3",
        more: || {
            json!({
                "history": [{
                    "chartName": "web", "chartVersion": "1.2.3", "configDigest": "sha256:a",
                    "digest": "sha256:a", "firstDeployed": "2026-01-01T00:00:00Z",
                    "lastDeployed": "2026-01-01T00:00:00Z", "name": "web", "namespace": "web",
                    "status": "deployed", "version": 1,
                }],
                "lastAttemptedRevision": "2.0.0",
            })
        },
    },
    Facts {
        kind: "Kustomization",
        resource: "kustomizations.kustomize.toolkit.fluxcd.io",
        list: "kustomizations",
        one: "kustomization",
        human: "kustomization",
        columns: SOURCE,
        done: "applied revision main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738",
        more: || json!({"lastAppliedRevision": REVISION}),
    },
    Facts {
        kind: "Receiver",
        resource: "receivers.notification.toolkit.fluxcd.io",
        list: "receivers",
        one: "receiver",
        human: "receiver",
        columns: STATUS,
        done: "Receiver reconciliation completed",
        more: nothing,
    },
    Facts {
        kind: "Provider",
        resource: "providers.notification.toolkit.fluxcd.io",
        list: "alert-providers",
        one: "alert-provider",
        human: "alert provider",
        columns: &[TRUE, ("MESSAGE", "Provider is Ready")],
        done: "Provider reconciliation completed",
        more: nothing,
    },
    Facts {
        kind: "Alert",
        resource: "alerts.notification.toolkit.fluxcd.io",
        list: "alerts",
        one: "alert",
        human: "alert",
        columns: &[FALSE, TRUE, ("MESSAGE", "Alert is Ready")],
        done: "Alert reconciliation completed",
        more: nothing,
    },
    Facts {
        kind: "ArtifactGenerator",
        resource: "artifactgenerators.source.extensions.fluxcd.io",
        list: "artifacts generators",
        one: "artifact generator",
        human: "artifactgenerator",
        columns: STATUS,
        done: "",
        more: nothing,
    },
];

impl Facts {
    /// What is known of that kind.
    pub(super) fn of(kind: &str) -> &'static Facts {
        FACTS.iter().find(|facts| facts.kind == kind).unwrap()
    }

    /// Whether nothing reconciles its objects, which have no status then.
    pub(super) fn is_fixed(&self) -> bool {
        matches!(self.kind, "Alert" | "Provider")
    }

    /// The status of an object that is ready for that generation of its spec.
    pub(super) fn status(&self, generation: i64) -> Value {
        if self.is_fixed() {
            return Value::Null;
        }
        let mut status = (self.more)();
        status["observedGeneration"] = json!(generation);
        status["conditions"] = json!([condition(
            "Ready",
            "True",
            "Succeeded",
            "all is well",
            generation
        )]);
        status
    }

    /// What it shows of an object that no controller has seen.
    pub(super) fn unseen(&self, header: &str, cell: &str) -> String {
        let text = match header {
            _ if self.is_fixed() => cell,
            "READY" => "False",
            "MESSAGE" => "waiting to be reconciled",
            "SUSPENDED" | "SOURCE" => cell,
            _ => "",
        };
        text.to_owned()
    }
}
