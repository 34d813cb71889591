//! `build all`: a repository as its clusters would apply it, on disk and without a cluster.

mod folders;

use std::path::Path;
use std::process::Command;

use crate::support::{Output, reflux};

/// A checkout of a repository.
struct Repository(tempfile::TempDir);

impl Repository {
    /// The layout of Flux's example with two clusters.
    fn example() -> Self {
        let repository = Repository(tempfile::tempdir().unwrap());
        repository.write(
            ".git/config",
            "[remote \"origin\"]\n\turl = git@github.com:org/fleet.git\n",
        );
        for cluster in ["production", "staging"] {
            let write = |path: &str, text: &str| {
                let path = path.replace("CLUSTER", cluster);
                repository.write(&path, &text.replace("CLUSTER", cluster));
            };
            write("clusters/CLUSTER/flux-system/gotk-sync.yaml", SYNC);
            write(
                "clusters/CLUSTER/flux-system/kustomization.yaml",
                "resources: [gotk-sync.yaml]\n",
            );
            write(
                "clusters/CLUSTER/apps.yaml",
                &kustomization("apps", "./apps/CLUSTER", APPS),
            );
            write(
                "clusters/CLUSTER/infrastructure.yaml",
                &kustomization("infra", "./infrastructure", INFRA),
            );
            write("apps/CLUSTER/kustomization.yaml", OVERLAY);
        }
        repository.write(
            "apps/base/kustomization.yaml",
            "resources: [release.yaml]\n",
        );
        repository.write("apps/base/release.yaml", RELEASE);
        repository.write(
            "components/team/kustomization.yaml",
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n\
             commonAnnotations: {team: web}\n",
        );
        repository.write("infrastructure/vars.yaml", VARS);
        repository.write("infrastructure/docs/notes.yaml", "not an object");
        repository.write(".sourceignore", "docs/\n");
        repository
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }

    fn path(&self, path: &str) -> String {
        self.0.path().join(path).display().to_string()
    }

    fn build(&self, path: &str, args: &[&str]) -> Output {
        let path = self.path(path);
        reflux().args(["build", "all", &path]).args(args).run()
    }
}

const SYNC: &str = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  \
    name: flux-system\n  namespace: flux-system\nspec:\n  interval: 1m0s\n  ref:\n    branch: main\n  \
    url: ssh://git@github.com/org/fleet\n---\napiVersion: kustomize.toolkit.fluxcd.io/v1\n\
    kind: Kustomization\nmetadata:\n  name: flux-system\n  namespace: flux-system\nspec:\n  \
    interval: 10m0s\n  path: ./clusters/CLUSTER\n  prune: true\n  sourceRef:\n    \
    kind: GitRepository\n    name: flux-system\n";
const APPS: &str = "  dependsOn: [{name: infra}]\n  targetNamespace: web\n  \
    components: [../../components/team]\n  postBuild:\n    substitute: {cluster: CLUSTER}\n    \
    substituteFrom: [{kind: ConfigMap, name: vars}]\n";
const INFRA: &str = "  patches:\n  - target: {kind: ConfigMap}\n    \
    patch: '- {op: replace, path: /data/domain, value: CLUSTER.example.com}'\n";
const OVERLAY: &str = "resources: [../base]\nlabels: [{pairs: {cluster: CLUSTER}}]\n";
const RELEASE: &str = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  \
    name: podinfo\nspec:\n  interval: 1h\n  chart: {spec: {chart: podinfo, \
    sourceRef: {kind: HelmRepository, name: podinfo}}}\n  values:\n    \
    host: ${cluster}.${domain}\n    token: ${token:=none}\n";
const VARS: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars, namespace: flux-system}\n\
    data: {domain: example.com}\n";

fn kustomization(name: &str, path: &str, spec: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  \
         name: {name}\n  namespace: flux-system\nspec:\n  interval: 10m\n  prune: true\n  \
         path: {path}\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n{spec}"
    )
}

#[test]
fn a_cluster_is_printed_in_the_order_in_which_it_is_applied() {
    let repository = Repository::example();
    let output = repository.build("clusters/production", &["--show-origin"]);
    assert_eq!(output.stderr, "✔ 6 objects of 3 Kustomizations built\n");
    let stdout = output.success();
    let comments: Vec<&str> = stdout
        .lines()
        .filter(|line| line.starts_with('#'))
        .collect();
    assert_eq!(
        comments,
        [
            "# Kustomization/flux-system/flux-system",
            "# from clusters/production/apps.yaml:1",
            "# from clusters/production/flux-system/gotk-sync.yaml:1",
            "# from clusters/production/flux-system/gotk-sync.yaml:12",
            "# from clusters/production/infrastructure.yaml:1",
            "# Kustomization/flux-system/infra",
            "# from infrastructure/vars.yaml:1",
            "# Kustomization/flux-system/apps",
            "# from apps/base/release.yaml:1",
        ]
    );
    let release = stdout
        .split("# from apps/base/release.yaml:1\n")
        .nth(1)
        .unwrap();
    assert_eq!(
        release,
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  annotations:\n    \
         team: web\n  labels:\n    cluster: production\n    \
         kustomize.toolkit.fluxcd.io/name: apps\n    \
         kustomize.toolkit.fluxcd.io/namespace: flux-system\n  name: podinfo\n  namespace: web\n\
         spec:\n  chart:\n    spec:\n      chart: podinfo\n      sourceRef:\n        \
         kind: HelmRepository\n        name: podinfo\n  interval: 1h\n  values:\n    \
         host: production.production.example.com\n    token: none\n"
    );
    let plain = repository.build("clusters/production", &[]).success();
    assert!(!plain.contains("# from"), "{plain}");
}

#[test]
fn all_clusters_are_written_to_files() {
    let repository = Repository::example();
    let out = repository.path("out");
    let output = repository.build(".", &["--output-dir", &out, "--quiet"]);
    assert_eq!(
        (output.stdout.as_str(), output.stderr.as_str(), output.code),
        ("", "", 0)
    );
    let list = |path: &str| -> Vec<String> {
        let entries = fs_err::read_dir(repository.path(path)).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    let files = ["apps.yaml", "flux-system.yaml", "infra.yaml"];
    assert_eq!(list("out/clusters/production/flux-system"), files);
    assert_eq!(list("out/clusters/staging/flux-system"), files);
    let read = |path: &str| fs_err::read_to_string(repository.path(path)).unwrap();
    let apps = read("out/clusters/staging/flux-system/apps.yaml");
    assert!(
        apps.starts_with("---\n# clusters/staging: Kustomization/flux-system/apps\n"),
        "{apps}"
    );
    assert!(
        apps.contains("host: staging.staging.example.com\n"),
        "{apps}"
    );

    // What cannot be built leaves the file of the last time, and the others are written.
    repository.write(
        "apps/staging/kustomization.yaml",
        "resources: [none.yaml]\n",
    );
    repository.write("apps/base/release.yaml", &RELEASE.replace("1h", "2h"));
    let output = repository.build(".", &["--output-dir", &out]);
    let stderr = output.failure(1);
    assert!(
        stderr.starts_with(
            "✗ clusters/staging: Kustomization/flux-system/apps: kustomize build failed: "
        ),
        "{stderr}"
    );
    assert!(
        stderr.ends_with("✗ 1 of 6 could not be built\n"),
        "{stderr}"
    );
    assert_eq!(read("out/clusters/staging/flux-system/apps.yaml"), apps);
    let apps = read("out/clusters/production/flux-system/apps.yaml");
    assert!(apps.contains("interval: 2h\n"), "{apps}");
}

#[test]
fn a_source_elsewhere_is_told_once_and_can_be_mapped() {
    let repository = Repository::example();
    let source = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\n\
        metadata: {name: tenants, namespace: flux-system}\n\
        spec: {url: \"https://user:hunter2@example.com/org/tenants\"}\n";
    repository.write("clusters/production/tenants.yaml", source);
    for name in ["one", "two"] {
        let text =
            kustomization(name, "./tenant", "").replace("name: flux-system}", "name: tenants}");
        repository.write(&format!("clusters/production/{name}.yaml"), &text);
    }
    let output = repository.build("clusters/production", &[]);
    assert_eq!(
        output.stderr,
        "⚠️ GitRepository/flux-system/tenants is not in this repository \
         (https://example.com/org/tenants), so these are not built: \
         Kustomization/flux-system/one, Kustomization/flux-system/two; say where it is with \
         --local-sources GitRepository/flux-system/tenants=DIR\n\
         ✔ 9 objects of 3 Kustomizations built\n"
    );
    assert_eq!(output.code, 0);

    let tenants = tempfile::tempdir().unwrap();
    fs_err::create_dir_all(tenants.path().join("tenant")).unwrap();
    fs_err::write(tenants.path().join("tenant/vars.yaml"), VARS).unwrap();
    let source = format!(
        "GitRepository/flux-system/tenants={}",
        tenants.path().display()
    );
    let output = repository.build("clusters/production", &["--local-sources", &source]);
    assert_eq!(output.stderr, "✔ 11 objects of 5 Kustomizations built\n");
}

#[test]
fn variables_that_only_the_cluster_has_are_given() {
    let repository = Repository::example();
    fs_err::remove_file(repository.path("infrastructure/vars.yaml")).unwrap();
    repository.write(
        "infrastructure/other.yaml",
        &VARS.replace("name: vars", "name: other"),
    );
    let stderr = repository.build("clusters/production", &[]).failure(1);
    assert!(
        stderr.contains(
            "✗ Kustomization/flux-system/apps: apps/base/release.yaml:1: var substitution failed for 'podinfo': substitute \
             from 'ConfigMap/vars' error: configmap \"vars\" is not in the tree (--vars-file can give it)\n"
        ),
        "{stderr}"
    );
    repository.write("vars.env", "domain=given.example.com\ntoken=abc\n");
    let file = repository.path("vars.env");
    let build = |args: &[&str]| repository.build("clusters/production", args);
    let stdout = build(&["--vars-file", &file]).success();
    assert!(
        stdout.contains("host: production.given.example.com\n"),
        "{stdout}"
    );
    assert!(stdout.contains("token: abc\n"), "{stdout}");

    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: keys, namespace: flux-system}\n\
        stringData: {token: from-secret}\n";
    repository.write("vars.yaml", &format!("{VARS}---\n{secret}"));
    let file = repository.path("vars.yaml");
    let stdout = build(&["--vars-file", &file]).success();
    assert!(
        stdout.contains("host: production.example.com\n"),
        "{stdout}"
    );

    repository.write("broken.env", "hunter2\n");
    let file = repository.path("broken.env");
    let stderr = build(&["--vars-file", &file]).failure(2);
    assert!(
        stderr.contains(":1: no line of the form NAME=value"),
        "{stderr}"
    );
    assert!(!stderr.contains("hunter2"), "{stderr}");
}

#[test]
fn a_variable_without_a_value_is_an_error_as_for_the_controller() {
    let repository = Repository::example();
    repository.write("apps/base/release.yaml", &RELEASE.replace(":=none", ""));
    let stderr = repository.build("clusters/production", &[]).failure(1);
    assert!(
        stderr.contains("variable not set (strict mode): \"token\"\n"),
        "{stderr}"
    );
    let lenient = ["--strict-substitute=false"];
    let stdout = repository.build("clusters/production", &lenient).success();
    assert!(stdout.contains("token: null\n"), "{stdout}");
}

/// The artifact of a source is more, and less, than what is checked out.
#[test]
fn sources_are_put_together_as_source_controller_does() {
    let repository = Repository::example();
    let sync = SYNC.replace("CLUSTER", "production").replace(
        "  url: ssh",
        "  include: [{repository: {name: lib}, fromPath: deploy, toPath: vendor/lib}]\n  \
         sparseCheckout: [clusters/production, ./apps, components]\n  url: ssh",
    );
    let lib = "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  \
        name: lib\n  namespace: flux-system\nspec:\n  url: https://example.com/org/lib\n";
    repository.write(
        "clusters/production/flux-system/gotk-sync.yaml",
        &(sync + lib),
    );
    repository.write(
        "apps/production/kustomization.yaml",
        "resources: [../base, ../../vendor/lib/config.yaml]\n",
    );
    let output = repository.build("clusters/production", &[]);
    assert!(
        output.stderr.starts_with(
            "⚠️ GitRepository/flux-system/lib is not in this repository \
             (https://example.com/org/lib), so these are not built: Kustomization/flux-system/flux-system; \
             say where it is with --local-sources GitRepository/flux-system/lib=DIR\n"
        ),
        "{}",
        output.stderr
    );
    let lib = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = lib.path().join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    };
    write(
        "deploy/config.yaml",
        &VARS.replace("name: vars", "name: of-lib"),
    );
    let map = format!("GitRepository/flux-system/lib={}", lib.path().display());
    let args = [
        "--local-sources",
        &map,
        "--vars-file=vars.env",
        "--show-origin",
    ];
    let path = repository.path("clusters/production");
    let output = reflux()
        .file("vars.env", "domain=x.org\n")
        .args(["build", "all", &path])
        .args(args)
        .run();
    // The folder infrastructure is not fetched.
    assert!(
        output.stderr.contains(
            "✗ Kustomization/flux-system/infra: the folder ./infrastructure is not in \
             GitRepository/flux-system/flux-system\n"
        ),
        "{}",
        output.stderr
    );
    assert!(
        output.stdout.contains("# from vendor/lib/config.yaml:1\n"),
        "{}",
        output.stdout
    );
}

#[cfg(unix)]
#[test]
fn symbolic_links_are_in_no_artifact() {
    let repository = Repository::example();
    repository.write("elsewhere/base/release.yaml", RELEASE);
    for (link, target) in [
        ("infrastructure/linked.yaml", "docs/notes.yaml"),
        ("infrastructure/linked", "../apps"),
        ("apps/link", "../elsewhere"),
    ] {
        std::os::unix::fs::symlink(target, repository.path(link)).unwrap();
    }
    let before = repository.build("clusters/staging", &[]).success();
    assert!(!before.contains("not an object"), "{before}");
    repository.write(
        "apps/staging/kustomization.yaml",
        "resources: [../link/base/release.yaml]\n",
    );
    let stderr = repository.build("clusters/staging", &[]).failure(1);
    let wanted = "apps/staging/kustomization.yaml:1:13: accumulating resources from \
        '../link/base/release.yaml': open apps/link/base/release.yaml: a symbolic link leads \
        there, and sources leave those out";
    assert!(stderr.contains(wanted), "{stderr}");
}

#[test]
fn encrypted_values_have_a_placeholder() {
    let repository = Repository::example();
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: vars, namespace: flux-system}\n\
        stringData: {domain: \"ENC[AES256_GCM,data:x]\"}\nsops: {mac: \"ENC[AES256_GCM,data:y]\"}\n";
    repository.write("infrastructure/vars.yaml", secret);
    let apps = APPS.replace("kind: ConfigMap", "kind: Secret");
    let apps = kustomization("apps", "./apps/production", &apps);
    repository.write("clusters/production/apps.yaml", &apps);
    repository.write(
        "clusters/production/infrastructure.yaml",
        &kustomization("infra", "./infrastructure", ""),
    );
    let output = repository.build("clusters/production", &[]);
    assert!(
        output
            .stderr
            .starts_with("⚠️ values of Secret/flux-system/vars are encrypted: "),
        "{}",
        output.stderr
    );
    let stdout = output.success();
    assert!(stdout.contains(".__SOPS__\n"), "{stdout}");
    assert!(!stdout.contains("ENC["), "{stdout}");
}

#[test]
fn what_is_missing_is_refused() {
    let repository = Repository::example();
    assert!(
        repository
            .build("nowhere", &[])
            .failure(3)
            .contains("nowhere")
    );
    let stderr = repository.build(".", &["--vars-file", "/none"]).failure(3);
    assert!(stderr.contains("/none"), "{stderr}");
    repository.build(".", &["--local-sources", "x"]).failure(2);
    // A folder in no repository is one by itself.
    let folder = tempfile::tempdir().unwrap();
    fs_err::write(folder.path().join("vars.yaml"), VARS).unwrap();
    let output = reflux()
        .args([Path::new("build"), Path::new("all"), folder.path()])
        .run();
    assert_eq!(output.stderr, "✔ 1 object of 1 Kustomization built\n");
}
