//! `labels`, `commonLabels` and `commonAnnotations`.

use std::collections::BTreeMap;

use super::{Fields, failure};
use crate::configuration::{Configuration, Field};
use crate::error::Error;
use crate::fieldspec::{Blank, FieldSpec, split_path};
use crate::generate::check_key;
use crate::id::Gvk;
use crate::kustomization::Kustomization;
use crate::resource::Resource;
use crate::yaml::{Entry, Node, Shared};

/// A field that holds labels, of some kinds: group, version, kind, path, whether it is made where it is missing.
type Row = (&'static str, &'static str, &'static str, &'static str, bool);

const TEMPLATE: &str = "spec/template/metadata/";

/// Selectors, and other places that choose pods by labels.
const SELECTORS: &[Row] = &[
    ("", "v1", "Service", "spec/selector", true),
    ("", "v1", "ReplicationController", "spec/selector", true),
    ("", "", "Deployment", "spec/selector/matchLabels", true),
    ("", "", "ReplicaSet", "spec/selector/matchLabels", true),
    ("", "", "DaemonSet", "spec/selector/matchLabels", true),
    ("apps", "", "StatefulSet", "spec/selector/matchLabels", true),
    ("batch", "", "Job", "spec/selector/matchLabels", false),
    (
        "batch",
        "",
        "CronJob",
        "spec/jobTemplate/spec/selector/matchLabels",
        false,
    ),
    (
        "policy",
        "",
        "PodDisruptionBudget",
        "spec/selector/matchLabels",
        false,
    ),
    (
        "networking.k8s.io",
        "",
        "NetworkPolicy",
        "spec/podSelector/matchLabels",
        false,
    ),
    (
        "networking.k8s.io",
        "",
        "NetworkPolicy",
        "spec/ingress/from/podSelector/matchLabels",
        false,
    ),
    (
        "networking.k8s.io",
        "",
        "NetworkPolicy",
        "spec/egress/to/podSelector/matchLabels",
        false,
    ),
];

/// Where pods of Deployments and StatefulSets choose other pods, below `spec/template/spec`.
const POD_SELECTORS: [&str; 5] = [
    "affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    "affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    "affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "topologySpreadConstraints/labelSelector/matchLabels",
];

/// The kinds with templates: group, version, kind, and the metadata of their templates.
const TEMPLATES: &[(&str, &str, &str, &str)] = &[
    ("", "v1", "ReplicationController", TEMPLATE),
    ("", "", "Deployment", TEMPLATE),
    ("", "", "ReplicaSet", TEMPLATE),
    ("", "", "DaemonSet", TEMPLATE),
    ("batch", "", "Job", TEMPLATE),
    ("batch", "", "CronJob", "spec/jobTemplate/metadata/"),
    (
        "batch",
        "",
        "CronJob",
        "spec/jobTemplate/spec/template/metadata/",
    ),
];

fn spec(group: &str, version: &str, kind: &str, path: &str, create: bool) -> FieldSpec {
    let gvk = Gvk {
        group: group.into(),
        version: version.into(),
        kind: kind.into(),
    };
    FieldSpec {
        gvk,
        path: split_path(path),
        create,
    }
}

/// The metadata of templates: labels or annotations.
fn templates(field: &str) -> Vec<FieldSpec> {
    let specs = TEMPLATES.iter().map(|(group, version, kind, path)| {
        spec(group, version, kind, &format!("{path}{field}"), true)
    });
    specs.collect()
}

pub(super) fn template_labels() -> Vec<FieldSpec> {
    let mut specs = vec![FieldSpec::anywhere("metadata/labels", true)];
    specs.extend(templates("labels"));
    specs.push(spec(
        "apps",
        "",
        "StatefulSet",
        "spec/template/metadata/labels",
        true,
    ));
    specs.push(spec(
        "apps",
        "",
        "StatefulSet",
        "spec/volumeClaimTemplates[]/metadata/labels",
        true,
    ));
    specs
}

pub(super) fn common_labels() -> Vec<FieldSpec> {
    let mut specs: Vec<FieldSpec> = SELECTORS
        .iter()
        .map(|(group, version, kind, path, create)| spec(group, version, kind, path, *create))
        .collect();
    for kind in ["Deployment", "StatefulSet"] {
        let below = POD_SELECTORS.map(|path| format!("spec/template/spec/{path}"));
        specs.extend(below.iter().map(|path| spec("apps", "", kind, path, false)));
    }
    specs.extend(template_labels());
    specs
}

pub(super) fn annotations() -> Vec<FieldSpec> {
    let mut specs = vec![FieldSpec::anywhere("metadata/annotations", true)];
    specs.extend(templates("annotations"));
    specs.push(spec(
        "",
        "",
        "StatefulSet",
        "spec/template/metadata/annotations",
        true,
    ));
    specs
}

/// Adds fields to others, each once.
fn add(specs: &mut Vec<FieldSpec>, more: &[FieldSpec]) -> Result<(), String> {
    for spec in more {
        match specs.iter().find(|known| known.covers(spec)) {
            Some(known) if known.create != spec.create => {
                return Err("failed to merge labels: conflicting fieldspecs".into());
            }
            Some(_) => {}
            None => specs.push(spec.clone()),
        }
    }
    Ok(())
}

/// The fields that each entry of `labels` goes to, checked before anything changes.
pub(super) fn specs(
    kustomization: &Kustomization,
    configuration: &Configuration,
) -> Result<Vec<Vec<FieldSpec>>, Error> {
    let of_label = |label: &crate::kustomization::Label| {
        let mut specs = label.fields.clone();
        let own = [FieldSpec::anywhere("metadata/labels", true)];
        let mut more = vec![configuration.fields(Field::Labels)];
        if label.include_selectors {
            more.push(configuration.fields(Field::CommonLabels));
        } else {
            if label.include_templates {
                more.push(configuration.fields(Field::TemplateLabels));
            }
            more.push(&own);
        }
        let mut more = more.into_iter();
        let merged = more.try_for_each(|more| add(&mut specs, more));
        merged.map_err(|error| Error::new(error).at(&kustomization.file, label.position))?;
        Ok(specs)
    };
    kustomization.labels.iter().map(of_label).collect()
}

/// How many transformations the labels take: one for each entry, and one for those that are common.
pub(super) fn count(kustomization: &Kustomization) -> usize {
    let (entries, common) = (
        kustomization.labels.len(),
        kustomization.common_labels.len(),
    );
    if entries + common > 0 { entries + 1 } else { 0 }
}

pub(super) fn apply(
    kustomization: &Kustomization,
    specs: &[Vec<FieldSpec>],
    fields: &Fields<'_>,
    resources: &mut [Resource],
) -> Result<(), Error> {
    for (label, specs) in kustomization.labels.iter().zip(specs) {
        write(kustomization, specs, &label.pairs, resources)?;
    }
    if !kustomization.common_labels.is_empty() {
        write(
            kustomization,
            fields(Field::CommonLabels),
            &kustomization.common_labels,
            resources,
        )?;
    }
    if !kustomization.common_annotations.is_empty() {
        write(
            kustomization,
            fields(Field::CommonAnnotations),
            &kustomization.common_annotations,
            resources,
        )?;
    }
    Ok(())
}

fn write(
    kustomization: &Kustomization,
    specs: &[FieldSpec],
    pairs: &BTreeMap<String, String>,
    resources: &mut [Resource],
) -> Result<(), Error> {
    if pairs.is_empty() {
        return Ok(());
    }
    for resource in resources {
        let gvk = resource.gvk();
        let first_shared = resource.next_shared();
        for spec in specs.iter().filter(|spec| gvk.is_selected(&spec.gvk)) {
            let mut insert = |field: &mut Node| {
                if field.is_null() {
                    return Ok(());
                }
                let entries = field
                    .as_mapping_mut()
                    .ok_or("labels and annotations are mappings")?;
                for (number, (key, text)) in (first_shared..).zip(pairs) {
                    if !entries.contains_key(key) {
                        check_key(key).map_err(|error| error.message().to_owned())?;
                    }
                    let field = entries.entry(key.clone()).or_insert_with(|| {
                        Entry::from(Node {
                            shared: Shared::new(number),
                            untagged: false,
                            ..Node::text(text)
                        })
                    });
                    field.value.untagged = false;
                    field.value.data = Node::text(text).data;
                }
                Ok(())
            };
            let done = spec.apply(&mut resource.node, Some(Blank::Mapping), &mut insert);
            done.map_err(|error| failure(kustomization, resource, &error))?;
        }
        pairs
            .values()
            .for_each(|text| resource.share(Node::text(text)));
        resource.sync_shared();
    }
    Ok(())
}
