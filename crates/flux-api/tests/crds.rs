//! The generated definitions against those of the pinned controllers.
//!
//! Upstream's files come from the controllers' Go modules, at the versions that the sandbox builds:
//! `crates/sandbox/tools/go.mod`. The module of the source watcher cannot be had, so
//! ArtifactGenerator is held against its facts one by one.

mod upstream;

use std::collections::BTreeSet;

use flux_api::crd;
use serde_json::{Value, json};

use upstream::{for_each_schema, name, without_descriptions};

#[test]
fn equal_upstream_but_for_descriptions() {
    let ours = crd::all_json();
    let mut differences = Vec::new();
    let upstream = upstream::definitions();
    for theirs in &upstream {
        let Some(ours) = ours
            .iter()
            .find(|definition| name(definition) == name(theirs))
        else {
            differences.push(format!("{}: not generated", name(theirs)));
            continue;
        };
        let (ours, theirs) = (without_descriptions(ours), without_descriptions(theirs));
        upstream::compare(name(&theirs), &theirs, &ours, &mut differences);
    }
    assert_eq!(upstream.len(), 14, "all kinds but ArtifactGenerator");
    assert!(differences.is_empty(), "\n{}\n", differences.join("\n"));
}

#[test]
fn every_property_is_described() {
    let mut bare = Vec::new();
    for definition in crd::all_json() {
        for_each_schema(&definition, &mut |path, schema| {
            let text = schema["description"].as_str().unwrap_or_default();
            // What a list or map holds is named by the property that holds it.
            let anonymous = path.ends_with("[]") || path.ends_with("{}");
            // The API server refuses a definition that says anything of the metadata but its type.
            let version = path.split_once(' ').map_or(path, |(_, below)| below);
            let metadata = version.split('.').skip(1).eq(["metadata"]);
            if !anonymous && !metadata && text.trim().len() < 5 {
                bare.push(path.to_owned());
            }
        });
    }
    assert!(bare.is_empty(), "no description:\n{}\n", bare.join("\n"));
}

#[test]
fn descriptions_are_our_own_words() {
    let mut theirs = BTreeSet::new();
    for definition in upstream::definitions() {
        for_each_schema(&definition, &mut |_, schema| {
            theirs.extend(schema["description"].as_str().map(words));
        });
    }
    assert!(theirs.len() > 300, "upstream's texts are read");
    let mut copied = Vec::new();
    for definition in crd::all_json() {
        for_each_schema(&definition, &mut |path, schema| {
            let text = words(schema["description"].as_str().unwrap_or_default());
            if text.len() > 5 && theirs.contains(&text) {
                copied.push(path.to_owned());
            }
        });
    }
    assert!(copied.is_empty(), "as upstream:\n{}\n", copied.join("\n"));
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

#[test]
fn typed_definitions_lose_nothing() {
    let mut differences = Vec::new();
    for (typed, json) in crd::all().iter().zip(crd::all_json()) {
        upstream::compare(name(&json), &json, &json!(typed), &mut differences);
    }
    assert!(differences.is_empty(), "\n{}\n", differences.join("\n"));
}

#[test]
fn components_share_out_all_kinds() {
    let components = [
        ("source-controller", 6),
        ("kustomize-controller", 1),
        ("helm-controller", 1),
        ("notification-controller", 3),
        ("image-reflector-controller", 2),
        ("image-automation-controller", 1),
        ("source-watcher", 1),
    ];
    let mut names = Vec::new();
    for (component, count) in components {
        let definitions = crd::by_component_json(component);
        assert_eq!(definitions.len(), count, "{component}");
        assert_eq!(crd::by_component(component).len(), count, "{component}");
        names.extend(
            definitions
                .iter()
                .map(|definition| name(definition).to_owned()),
        );
    }
    let all: Vec<_> = crd::all_json()
        .iter()
        .map(|definition| name(definition).to_owned())
        .collect();
    assert_eq!(names, all);
    assert!(crd::by_component("source").is_empty());
}

#[test]
fn artifact_generator_has_its_facts() {
    let definitions = crd::by_component_json("source-watcher");
    let definition = without_descriptions(&definitions[0]);
    let spec = &definition["spec"];
    assert_eq!(
        name(&definition),
        "artifactgenerators.source.extensions.fluxcd.io"
    );
    assert_eq!(spec["group"], "source.extensions.fluxcd.io");
    assert_eq!(spec["scope"], "Namespaced");
    assert_eq!(
        spec["names"],
        json!({
            "kind": "ArtifactGenerator",
            "listKind": "ArtifactGeneratorList",
            "plural": "artifactgenerators",
            "singular": "artifactgenerator",
            "shortNames": ["ag"],
            "categories": ["all", "fluxcd", "fluxcd-sources"],
        })
    );
    let version = &spec["versions"][0];
    assert_eq!(version["name"], "v1beta1");
    assert_eq!(version["served"], true);
    assert_eq!(version["storage"], true);
    assert_eq!(version["subresources"], json!({ "status": {} }));
    let columns: Vec<_> = version["additionalPrinterColumns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| column["name"].as_str().unwrap())
        .collect();
    assert_eq!(columns, ["Age", "Ready", "Status"]);

    let object = &version["schema"]["openAPIV3Schema"]["properties"];
    assert_eq!(object["spec"]["required"], json!(["artifacts", "sources"]));
    assert_eq!(
        object["spec"]["x-kubernetes-validations"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(object["status"].get("default"), None);
    let statuses: Vec<_> = object["status"]["properties"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    let expected = [
        "conditions",
        "inventory",
        "lastHandledReconcileAt",
        "observedSourcesDigest",
    ];
    assert_eq!(statuses, expected);
    check_generator_spec(&object["spec"]["properties"]);
    let inventory = &object["status"]["properties"]["inventory"]["items"];
    assert_eq!(
        inventory["required"],
        json!(["digest", "filename", "name", "namespace"])
    );
}

/// Limits and patterns of the fields that an ArtifactGenerator is written with.
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
fn check_generator_spec(spec: &Value) {
    let alias = "[a-z0-9]([a-z0-9_-]*[a-z0-9])?";
    assert_eq!(
        spec["pathPattern"],
        json!({ "type": "string", "maxLength": 1024, "pattern": format!("^@({alias})/(.*)$") })
    );

    let sources = &spec["sources"];
    assert_eq!(
        (&sources["minItems"], &sources["maxItems"]),
        (&json!(1), &json!(1000))
    );
    assert_eq!(
        sources["items"]["required"],
        json!(["alias", "kind", "name"])
    );
    let source = &sources["items"]["properties"];
    assert_eq!(
        source["alias"],
        json!({ "type": "string", "maxLength": 63, "pattern": format!("^{alias}$") })
    );
    assert_eq!(
        source["kind"]["enum"],
        json!([
            "Bucket",
            "GitRepository",
            "OCIRepository",
            "HelmChart",
            "ExternalArtifact"
        ])
    );
    assert_eq!(
        source["namespace"],
        json!({
            "type": "string", "minLength": 1, "maxLength": 63,
            "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
        })
    );

    let artifacts = &spec["artifacts"];
    assert_eq!(
        (&artifacts["minItems"], &artifacts["maxItems"]),
        (&json!(1), &json!(1000))
    );
    assert_eq!(artifacts["items"]["required"], json!(["copy", "name"]));
    let artifact = &artifacts["items"]["properties"];
    assert_eq!(
        artifact["name"],
        json!({ "type": "string", "minLength": 1, "maxLength": 253 })
    );
    let revision = json!({ "type": "string", "maxLength": 64, "pattern": format!("^@({alias})$") });
    assert_eq!(artifact["revision"], revision);
    assert_eq!(artifact["originRevision"], revision);

    let copy = &artifact["copy"];
    assert_eq!((&copy["minItems"], copy.get("maxItems")), (&json!(1), None));
    assert_eq!(copy["items"]["required"], json!(["from", "to"]));
    let copy = &copy["items"]["properties"];
    assert_eq!(
        copy["exclude"],
        json!({
            "type": "array", "maxItems": 100,
            "items": { "type": "string", "maxLength": 1024 },
        })
    );
    assert_eq!(
        copy["strategy"]["enum"],
        json!(["Overwrite", "Merge", "Extract"])
    );
    let to = copy["to"]["pattern"].as_str().unwrap();
    assert!(
        to.starts_with("^@artifact/(") && to.ends_with(")*$"),
        "{to}"
    );
}
