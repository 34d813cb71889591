//! `create helmrelease`: charts, values, and how it waits; and what `create kustomization` shares.

use insta::assert_snapshot;
use reflux::kinds::HELM_RELEASE;
use sandbox::Player;
use serde_json::json;

use crate::support::cluster::{condition, namespace, runtime};
use crate::support::{Run, flux, reflux};

const CHART: [&str; 5] = [
    "create",
    "helmrelease",
    "podinfo",
    "--source=HelmRepository/podinfo",
    "--chart=podinfo",
];

fn exported(run: Run, args: &[&str]) -> String {
    run.args(CHART)
        .args(args)
        .args(["--export"])
        .run()
        .success()
}

/// What follows a line of an object.
fn below<'a>(text: &'a str, line: &str) -> &'a str {
    text.split_once(&format!("\n  {line}\n")).unwrap().1
}

#[test]
fn a_release_has_all_its_flags() {
    let text = reflux()
        .args([
            "create",
            "hr",
            "podinfo",
            "--source=helmrepository/podinfo.charts",
            "--chart=podinfo",
            "--chart-version=>=6.0.0",
            "--chart-interval=1h",
            "--reconcile-strategy=Revision",
            "--release-name=web",
            "--target-namespace=apps",
            "--create-target-namespace",
            "--crds=CreateReplace",
            "--depends-on=db,ns/a/b,c@dep.x == 1",
            "--depends-on=",
            "--service-account=deployer",
            "--kubeconfig-secret-ref=remote",
            "--values-from=secret/a,ConfigMap/b",
            "--interval=10m",
            "--export",
        ])
        .run();
    let warning = "⚠️ the expression in --depends-on is left out: \"c@dep.x == 1\"\n";
    assert_eq!(text.stderr, warning);
    assert_snapshot!(text.success(), @r"
    ---
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: podinfo
      namespace: flux-system
    spec:
      chart:
        spec:
          chart: podinfo
          interval: 1h0m0s
          reconcileStrategy: Revision
          sourceRef:
            kind: HelmRepository
            name: podinfo
            namespace: charts
          version: '>=6.0.0'
      dependsOn:
      - name: db
      - name: a/b
        namespace: ns
      - name: c
      install:
        crds: Create
        createNamespace: true
      interval: 10m0s
      kubeConfig:
        secretRef:
          name: remote
      releaseName: web
      serviceAccountName: deployer
      storageNamespace: apps
      targetNamespace: apps
      upgrade:
        crds: CreateReplace
      valuesFrom:
      - kind: Secret
        name: a
      - kind: ConfigMap
        name: b
    ");
}

#[test]
fn a_chart_may_be_an_object() {
    let text = reflux()
        .args(["create", "hr", "podinfo", "--storage-namespace=s"])
        .args(["--chart-ref=HelmChart/podinfo.io.ns", "--export"])
        .run()
        .success();
    assert_snapshot!(below(&text, "namespace: flux-system"), @r"
    spec:
      chartRef:
        kind: HelmChart
        name: podinfo.io
        namespace: ns
      interval: 1m0s
      storageNamespace: s
    ");
}

#[test]
fn values_of_files_are_merged_as_helm_merges_them() {
    let run = reflux()
        .file(
            "one.yaml",
            "image: {tag: v1, pull: Always}\nlist: [1, 2]\nflat: 1\nyes: on\n",
        )
        .file(
            "two.yaml",
            "image:\n  tag: v2\n  empty:\nlist: [3]\nflat: {x: 1e3}\n---\nignored: [\n",
        )
        .file("three.yaml", "flat:\n  z: 9007199254740993\n  z: \"012\"\n");
    let text = exported(run, &["--values=one.yaml,two.yaml", "--values=three.yaml"]);
    assert_snapshot!(below(&text, "interval: 1m0s"), @r#"
      values:
        flat:
          x: 1000
          z: "012"
        image:
          empty: null
          pull: Always
          tag: v2
        list:
        - 3
        "true": true
    "#);
}

#[test]
fn empty_files_are_no_values() {
    let run = reflux()
        .file("a.yaml", "# nothing\n")
        .file("b.yaml", "null\n");
    let text = exported(run, &["--values=a.yaml", "--values=b.yaml"]);
    assert_eq!(below(&text, "interval: 1m0s"), "  values: {}\n");
}

#[test]
fn it_creates_then_updates_and_waits_until_ready() {
    let ns = namespace();
    let _player = Player::start(
        runtime().handle(),
        &ns.client(),
        Some(&ns.name),
        &[HELM_RELEASE.api_resource()],
        |object| {
            let generation = object.metadata.generation?;
            let seen = object.data["status"]["observedGeneration"] == generation;
            let ready = condition("Ready", "True", "Succeeded", "fine", generation);
            (!seen).then(|| {
                json!({
                    "observedGeneration": generation,
                    "lastAttemptedRevision": format!("6.5.{generation}"),
                    "conditions": [ready],
                })
            })
        },
    );
    let output = ns.flux(&CHART);
    assert_snapshot!(output.stderr, @r"
    ✚ generating HelmRelease
    ► applying HelmRelease
    ✔ HelmRelease created
    ◎ waiting for HelmRelease reconciliation
    ✔ HelmRelease podinfo is ready
    ✔ applied revision 6.5.1
    ");
    assert_eq!((output.code, output.stdout.as_str()), (0, ""));
    let run = reflux().file("v.yaml", "replicas: 2\n");
    let args = [&CHART[..], &["--values=v.yaml"]].concat();
    let output = ns.on(run, &args).run();
    assert!(
        output.stderr.ends_with("✔ applied revision 6.5.2\n"),
        "{}",
        output.stderr
    );
    let object = ns.get(&HELM_RELEASE, "podinfo").unwrap();
    assert_eq!(object.data["spec"]["values"], json!({"replicas": 2}));
}

#[test]
fn a_release_that_is_never_ready_ends_in_a_time_out() {
    let ns = namespace();
    let args = [&CHART[..], &["--timeout=1s"]].concat();
    let error = ns.reflux(&args).failure(6);
    assert!(
        error.contains("timed out waiting for HelmRelease"),
        "{error}"
    );
}

#[test]
fn what_the_server_refuses_is_told() {
    let ns = namespace();
    let args = ["create", "helmrelease", "podinfo", "--chart=podinfo"];
    let error = ns.reflux(&args).failure(1);
    assert!(error.contains("sourceRef.kind"), "{error}");
}

#[test]
fn bad_input_is_refused_in_fluxs_words() {
    let cases: &[(&[&str], &str)] = &[
        (&[], "chart or chart-ref is required"),
        (
            &["--chart=c", "--chart-ref=HelmChart/x"],
            "cannot use --chart in combination with --chart-ref",
        ),
        (
            &["--chart-ref=helmchart/x"],
            "chart reference kind 'helmchart' is not supported, must be one of: OCIRepository, \
             HelmChart",
        ),
        (
            &["--chart-ref=x"],
            "chart reference kind '' is not supported",
        ),
        (
            &["--chart=c", "--source=x"],
            "invalid helm chart source 'x', must be in format <kind>/<name>",
        ),
        (
            &["--chart=c", "--source=OCIRepository/x"],
            "source kind 'OCIRepository' is not supported, must be one of: HelmRepository, \
             GitRepository, Bucket",
        ),
        (
            &["--chart=c", "--reconcile-strategy="],
            "'' is an invalid reconcile strategy(valid: Revision, ChartVersion)",
        ),
        (
            &["--chart=c", "--crds=create"],
            "unsupported upgrade CRDs policy 'create', must be one of: Skip, Create, CreateReplace",
        ),
        (
            &["--chart=c", "--values-from=x"],
            "invalid Kubernetes object reference 'x', must be in format <kind>/<name>",
        ),
        (
            &["--chart=c", "--values-from=Pod/x"],
            "reference kind 'Pod' is not supported, must be one of: Secret, ConfigMap",
        ),
        (
            &["--chart=c", "--values=list.yaml"],
            "unmarshaling values from list.yaml failed: json: cannot unmarshal array into Go value",
        ),
        (
            &["--chart=c", "--values=bad.yaml"],
            "converting values to JSON from bad.yaml failed: line 1, column",
        ),
    ];
    for (args, want) in cases {
        let all = [&["create", "hr", "podinfo"], *args].concat();
        let files = |run: Run| run.file("list.yaml", "- 1\n").file("bad.yaml", "a: [1\n");
        let error = files(reflux()).args(&all).run().failure(2);
        assert!(error.contains(want), "{args:?}: {error}");
        assert_eq!(files(flux()).args(&all).run().code, 1, "{args:?}");
    }
    let args = [&CHART[..], &["--values=none.yaml"]].concat();
    let error = reflux().args(&args).run().failure(3);
    assert!(
        error.contains("reading values from none.yaml failed"),
        "{error}"
    );
}

#[test]
fn kustomizations_read_lists_the_same_way() {
    let run = |args: &[&str]| {
        let all = ["create", "ks", "apps", "--source=fleet", "--export"];
        reflux().args(all).args(args).run()
    };
    let text = run(&["--depends-on=\"a\",ns/b/c", "--depends-on="]).success();
    let text = below(&text, "namespace: flux-system");
    assert!(
        text.contains("dependsOn:\n  - name: a\n  - name: b/c\n    namespace: ns\n"),
        "{text}"
    );
    let text = run(&["--label=\"a=b\",c=d"]).success();
    assert!(text.contains("labels:\n    a: b\n    c: d\n"), "{text}");
    let error = run(&["--health-check=Deployment"]).failure(2);
    assert!(
        error.contains("must be in the format 'kind/name.namespace' [Deployment]"),
        "{error}"
    );
}
