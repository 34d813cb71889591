//! The JSON of the types against what the controllers' Go types write and read.

use flux_api::Duration;
use flux_api::helm::{HelmRelease, HelmReleaseSpec};
use flux_api::image::TagFilter;
use flux_api::kustomize::{
    CrossNamespaceSourceReference, Kustomization, KustomizationSpec, SourceKind,
};
use flux_api::meta::{DependencyReference, LocalObjectReference};
use flux_api::notification::{ProviderType, ReceiverType};
use flux_api::source::{
    GitProvider, GitRepository, GitRepositoryRef, GitRepositorySpec, HelmRepositorySpec,
};
use serde_json::json;

#[test]
fn writes_what_is_set() {
    let mut repository = GitRepository::new(
        "podinfo",
        GitRepositorySpec {
            url: "https://github.com/stefanprodan/podinfo".into(),
            interval: Duration::from_mins(1),
            reference: Some(GitRepositoryRef {
                branch: Some("master".into()),
                ..Default::default()
            }),
            secret_ref: Some(LocalObjectReference::new("token")),
            provider: Some(GitProvider::GitHub),
            recurse_submodules: true,
            ..Default::default()
        },
    );
    repository.metadata.namespace = Some("flux-system".into());
    assert_eq!(
        json!(repository),
        json!({
            "apiVersion": "source.toolkit.fluxcd.io/v1",
            "kind": "GitRepository",
            "metadata": { "name": "podinfo", "namespace": "flux-system" },
            "spec": {
                "url": "https://github.com/stefanprodan/podinfo",
                "interval": "1m0s",
                "ref": { "branch": "master" },
                "secretRef": { "name": "token" },
                "provider": "github",
                "recurseSubmodules": true,
            },
        })
    );
}

#[test]
fn always_writes_what_go_always_writes() {
    assert_eq!(
        json!(KustomizationSpec::default()),
        json!({
            "interval": "0s",
            "prune": false,
            "sourceRef": { "kind": "GitRepository", "name": "" },
        })
    );
    // These may be absent when read, but Go writes them even when they are empty.
    assert_eq!(
        json!(HelmRepositorySpec::default()),
        json!({ "url": "", "interval": "0s" })
    );
    assert_eq!(
        json!(TagFilter::default()),
        json!({ "pattern": "", "extract": "" })
    );
    assert_eq!(
        json!(HelmReleaseSpec::default()),
        json!({ "interval": "0s" })
    );
}

#[test]
fn leaves_out_empty_texts_but_not_empty_pointers() {
    let spec = GitRepositorySpec {
        service_account_name: Some(String::new()),
        ignore: Some(String::new()),
        ..Default::default()
    };
    let written = json!(spec);
    assert_eq!(written.get("serviceAccountName"), None);
    assert_eq!(written["ignore"], "");
}

#[test]
fn reads_objects_of_newer_controllers() {
    let kustomization: Kustomization = serde_json::from_value(json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": { "name": "apps", "annotations": { "a": "b" } },
        "spec": {
            "interval": "10m",
            "prune": true,
            "sourceRef": { "kind": "OCIRepository", "name": "apps", "unheardOf": 1 },
            "unheardOf": { "a": [1] },
        },
        "status": {
            "observedGeneration": -1,
            "unheardOf": true,
            "conditions": [{
                "type": "Ready", "status": "True", "reason": "Succeeded", "message": "",
                "lastTransitionTime": "2026-01-01T00:00:00Z",
            }],
        },
    }))
    .unwrap();
    assert_eq!(kustomization.spec.interval, Duration::from_mins(10));
    assert_eq!(
        kustomization.spec.source_ref.kind,
        SourceKind::OCIRepository
    );
    assert_eq!(
        kustomization.spec.source_ref.to_string(),
        "OCIRepository/apps"
    );
    let status = kustomization.status.unwrap();
    assert_eq!(status.observed_generation, -1);
    assert_eq!(
        status.conditions[0].type_,
        flux_api::meta::condition_type::READY
    );
}

#[test]
fn keeps_the_values_of_a_release() {
    let release = json!({
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": { "name": "podinfo" },
        "spec": {
            "interval": "1h0m0s",
            "chartRef": { "kind": "OCIRepository", "name": "podinfo" },
            "values": { "replicas": 2, "ingress": { "hosts": [{ "host": "a" }] } },
        },
    });
    let typed: HelmRelease = serde_json::from_value(release.clone()).unwrap();
    assert_eq!(json!(typed), release);
}

#[test]
fn refuses_what_a_field_cannot_be() {
    let error = "podman".parse::<GitProvider>().unwrap_err();
    assert_eq!(
        error.to_string(),
        r#""podman" is none of: generic, aws, azure, github"#
    );
    assert_eq!("generic-hmac".parse(), Ok(ReceiverType::GenericHmac));
    assert_eq!(ProviderType::default().as_str(), "generic");
    assert_eq!(ProviderType::ALL.len(), 32);
    let interval = json!({ "url": "u", "interval": "30" });
    let error = serde_json::from_value::<GitRepositorySpec>(interval).unwrap_err();
    assert_eq!(error.to_string(), r#"time: missing unit in duration "30""#);
}

#[test]
fn dependencies_read_and_write_as_on_the_command_line() {
    for text in [
        "redis",
        "default/redis",
        "redis@dep.a == 1",
        "infra/db@dep.b/2 == 1 && self.c",
    ] {
        assert_eq!(DependencyReference::from(text).to_string(), text);
    }
    let dependency = DependencyReference::from("infra/db@dep.b/2 == 1");
    assert_eq!(dependency.namespace.as_deref(), Some("infra"));
    assert_eq!(dependency.name, "db");
    assert_eq!(dependency.ready_expr.as_deref(), Some("dep.b/2 == 1"));
    let source = CrossNamespaceSourceReference {
        name: "apps".into(),
        namespace: Some("team".into()),
        ..Default::default()
    };
    assert_eq!(source.to_string(), "GitRepository/team/apps");
}
