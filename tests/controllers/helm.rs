//! HelmRepository, HelmChart and HelmRelease: charts from a web server and from a registry.

use reflux::kinds::{HELM_CHART, HELM_RELEASE, HELM_REPOSITORY, OCI_REPOSITORY};
use sandbox::sources::{Artifact, Chart};
use serde_json::{Value, json};

use crate::life::Life;
use crate::place::{Place, becomes};
use crate::stage::{block_on, stage};

/// A chart whose release is a ConfigMap.
fn chart(version: &str) -> Chart {
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n\
                    data:\n  value: \"{{ .Chart.Version }} {{ .Values.greeting }}\"\n";
    Chart::new("web", version)
        .with("values.yaml", "greeting: hello\n")
        .with("templates/settings.yaml", template)
}

/// Puts charts of these versions on the web server, in a repository of the place's.
fn publish(place: &Place, versions: &[&str]) {
    let web = &stage().web;
    let charts: Vec<Chart> = versions.iter().map(|version| chart(version)).collect();
    for chart in &charts {
        let path = format!("/{}/{}", place.name, chart.file_name());
        web.put(&path, chart.archive().unwrap());
    }
    let path = format!("/{}/index.yaml", place.name);
    web.put(&path, Chart::index(&charts).unwrap());
}

/// A HelmRepository `charts` of the place's repository on the web server.
fn repository<'a>(place: &'a Place, versions: &[&str]) -> Life<'a> {
    publish(place, versions);
    let life = Life::of(place, &HELM_REPOSITORY, "charts");
    life.create(&[
        &format!("--url={}/{}", stage().web.url(), place.name),
        "--interval=1h",
    ]);
    life
}

fn refresh(place: &Place) {
    let args = ["reconcile", "source", "helm", "charts"];
    place.reflux(&args).success();
}

#[test]
fn a_helm_repository_lives() {
    let place = Place::new("charts");
    let life = repository(&place, &["1.0.0"]);
    let first = life.revision().unwrap();
    publish(&place, &["1.0.0", "1.1.0"]);
    life.reconcile(&[]);
    let second = life.revision().unwrap();
    assert_ne!(second, first);
    life.suspend();
    publish(&place, &["1.0.0", "1.1.0", "1.2.0"]);
    assert_eq!(life.revision(), Some(second.clone()));
    life.resume();
    becomes(|| life.revision() == Some(second.clone()), false);
    life.delete();
}

#[test]
fn a_helm_chart_lives() {
    let place = Place::new("chart");
    let repository = repository(&place, &["1.0.0"]);
    let life = Life::of(&place, &HELM_CHART, "web");
    life.create(&[
        "--source=HelmRepository/charts",
        "--chart=web",
        "--chart-version=>=1.0.0",
        "--interval=1h",
    ]);
    assert_eq!(life.revision().as_deref(), Some("1.0.0"));
    publish(&place, &["1.0.0", "1.1.0"]);
    life.reconcile(&["--with-source"]);
    life.reaches("1.1.0");
    life.pause(|| {
        publish(&place, &["1.0.0", "1.1.0", "1.2.0"]);
        refresh(&place);
        "1.2.0".to_owned()
    });
    life.delete();
    repository.delete();
}

#[test]
fn a_helm_release_lives() {
    let place = Place::new("release");
    let repository = repository(&place, &["1.0.0"]);
    place.file("values.yaml", "greeting: good morning\n");
    let life = Life::of(&place, &HELM_RELEASE, "web");
    let chart = [
        "--source=HelmRepository/charts",
        "--chart=web",
        "--chart-version=>=1.0.0",
        "--interval=1h",
    ];
    life.create(&[&chart[..], &["--values=values.yaml"]].concat());
    let value = || place.value("settings").unwrap_or_default();
    assert_eq!(value(), "1.0.0 good morning");

    publish(&place, &["1.0.0", "1.1.0"]);
    life.reconcile(&["--with-source"]);
    becomes(value, "1.1.0 good morning".to_owned());
    let releases = || life.object().data["status"]["history"][0]["version"].clone();
    let before = releases();
    life.reconcile(&["--force", "--reset"]);
    assert_ne!(releases(), before, "forced, it is released again");

    life.pause(|| {
        publish(&place, &["1.0.0", "1.1.0", "1.2.0"]);
        refresh(&place);
        "1.2.0".to_owned()
    });
    assert_eq!(value(), "1.2.0 good morning");

    life.create(&chart);
    becomes(value, "1.2.0 hello".to_owned());
    life.delete();
    becomes(|| place.value("settings"), None);
    repository.delete();
}

/// Pushes a chart to the place's repository of the registry.
fn push(place: &Place, version: &str) {
    let artifact = Artifact::chart(&chart(version)).unwrap();
    let repository = format!("{}/web", place.name);
    block_on(stage().registry.push(&repository, version, &artifact)).unwrap();
}

#[test]
fn a_registry_of_charts_lives() {
    let place = Place::new("registry");
    push(&place, "1.0.0");
    let life = Life::of(&place, &HELM_REPOSITORY, "charts");
    let host = stage().registry.host();
    life.create(&[&format!("--url=oci://{host}/{}", place.name)]);
    assert_eq!(life.object().data["spec"]["type"], "oci");
    let conditions = &life.object().data["status"]["conditions"];
    assert_eq!(*conditions, Value::Null, "nobody acts on it");
    // No flag of `create source helm` says that the registry has no TLS.
    place.set(&HELM_REPOSITORY, "charts", json!({"insecure": true}));

    let chart = Life::of(&place, &HELM_CHART, "web");
    chart.create(&[
        "--source=HelmRepository/charts",
        "--chart=web",
        "--chart-version=>=1.0.0",
        "--interval=1h",
    ]);
    assert_eq!(chart.revision().as_deref(), Some("1.0.0"));
    push(&place, "1.1.0");
    chart.reconcile(&[]);
    chart.reaches("1.1.0");
    chart.delete();

    let args = ["suspend", "source", "helm", "charts"];
    place.reflux(&args).success();
    assert_eq!(life.object().data["spec"]["suspend"], true);
    life.resume();
    life.delete();
}

#[test]
fn a_release_of_an_oci_repository_lives() {
    let place = Place::new("chartref");
    push(&place, "1.0.0");
    let source = Life::of(&place, &OCI_REPOSITORY, "web");
    let host = stage().registry.host();
    source.create(&[
        &format!("--url=oci://{host}/{}/web", place.name),
        "--tag-semver=>=1.0.0",
        "--layer-selector=application/vnd.cncf.helm.chart.content.v1.tar+gzip:copy",
        "--insecure",
        "--interval=1h",
    ]);
    let life = Life::of(&place, &HELM_RELEASE, "web");
    life.create(&["--chart-ref=OCIRepository/web", "--interval=1h"]);
    // The controller adds the digest to the version: 1.0.0+95df367caa0b.
    let version = || {
        let value = place.value("settings").unwrap_or_default();
        value.split('+').next().map(str::to_owned)
    };
    becomes(version, Some("1.0.0".to_owned()));
    push(&place, "1.1.0");
    life.reconcile(&["--with-source"]);
    becomes(version, Some("1.1.0".to_owned()));
    life.delete();
    becomes(|| place.value("settings"), None);
    source.delete();
}
