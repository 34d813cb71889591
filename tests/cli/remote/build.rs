//! `build kustomization`, `build all` and `diff all` of what is elsewhere.

use std::path::PathBuf;

use super::{CONFIG, Host, git, web, write};
use crate::support::{Output, reflux};

const SOURCE: &str = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  \
    name: flux-system\n  namespace: flux-system\nspec:\n  url: https://example.com/org/fleet\n";

fn kustomization(name: &str, path: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  \
         name: {name}\n  namespace: flux-system\nspec:\n  interval: 10m\n  prune: true\n  \
         path: {path}\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n"
    )
}

/// A checkout whose clusters build on other repositories.
struct Checkout {
    folder: tempfile::TempDir,
    env: Vec<(&'static str, PathBuf)>,
}

impl Checkout {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let env = vec![("XDG_CACHE_HOME", folder.path().join("cache"))];
        let checkout = Checkout { folder, env };
        checkout.write("clusters/a/source.yaml", SOURCE);
        let init = ["init", "--quiet", "--initial-branch=main"];
        git(&checkout.root(), &init);
        checkout.write(
            "clusters/a/self.yaml",
            &kustomization("flux-system", "./clusters/a"),
        );
        checkout
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("fleet")
    }

    fn write(&self, path: &str, text: &str) {
        write(&self.root(), path, text);
    }

    /// A Kustomization of the cluster, and its folder with one resource.
    fn app(&self, name: &str, resource: &str) {
        let text = format!("namePrefix: {name}-\nresources:\n- {resource}\n");
        self.write(&format!("apps/{name}/kustomization.yaml"), &text);
        let manifest = kustomization(name, &format!("./apps/{name}"));
        self.write(&format!("clusters/a/{name}.yaml"), &manifest);
    }

    fn run(&self, args: &[&str]) -> Output {
        let root = self.root().display().to_string();
        let args = args.iter().map(|arg| arg.replace("ROOT", &root));
        let run = self
            .env
            .iter()
            .fold(reflux(), |run, (name, value)| run.env(name, value));
        run.args(args).run()
    }
}

#[test]
fn each_remote_is_fetched_once_for_a_whole_repository() {
    let mut checkout = Checkout::new();
    let host = Host::start(&[
        ("one/kustomization.yaml", "resources: [../config.yaml]\n"),
        ("two/kustomization.yaml", "resources: [config.yaml]\n"),
        ("two/config.yaml", &CONFIG.replace("settings", "two")),
        ("config.yaml", CONFIG),
        // What is left out of the source concerns nobody else.
        (".sourceignore", "*\n"),
    ]);
    let (server, authority) = web(checkout.folder.path());
    server.put("/config.yaml", CONFIG.replace("settings", "file"));
    let trace = checkout.folder.path().join("trace");
    checkout.env.extend([
        ("GIT_SSL_CAINFO", host.github.ca_file().to_path_buf()),
        ("SSL_CERT_FILE", authority),
        ("GIT_TRACE", trace.clone()),
    ]);
    checkout.write(".sourceignore", "127.0.0.1*\nlocalhost*\n");
    for name in ["a", "b", "c", "d", "e", "f"] {
        checkout.app(
            &format!("one-{name}"),
            &format!("{}//one?ref=main", host.url()),
        );
        checkout.app(
            &format!("two-{name}"),
            &format!("{}//two?ref=main", host.url()),
        );
        checkout.app(
            &format!("file-{name}"),
            &format!("{}/config.yaml", server.url()),
        );
    }
    let output = checkout.run(&["build", "all", "ROOT/clusters/a", "--show-origin"]);
    let stdout = output.success();
    for name in ["one-a-settings", "two-f-two", "file-c-file"] {
        assert!(stdout.contains(&format!("  name: {name}\n")), "{stdout}");
    }
    assert!(stdout.contains("/org/bases@"), "{stdout}");
    let trace = fs_err::read_to_string(trace).unwrap();
    let fetches = trace.matches("built-in: git fetch ").count();
    assert_eq!(fetches, 1, "{trace}");
    assert_eq!(server.asked(), ["/config.yaml"]);
}

#[test]
fn what_cannot_be_fetched_names_the_place_and_hides_nothing_else() {
    let checkout = Checkout::new();
    checkout.app("bad", "https://127.0.0.1:1/org/bases//one?ref=main");
    checkout.app("file", "https://127.0.0.1:1/config.yaml");
    checkout.app("good", "own.yaml");
    checkout.write("apps/good/own.yaml", CONFIG);
    let output = checkout.run(&["build", "all", "ROOT/clusters/a"]);
    assert!(
        output.stdout.contains("  name: good-settings\n"),
        "{}",
        output.stdout
    );
    let stderr = output.failure(1);
    for name in ["bad", "file"] {
        let start = format!(
            "✗ Kustomization/flux-system/{name}: kustomize build failed: \
             apps/{name}/kustomization.yaml:3:3: "
        );
        let mut lines = stderr.lines();
        let line = lines.find(|line| line.starts_with(&start));
        let line = line.unwrap_or_else(|| panic!("{start}\n{stderr}"));
        assert!(line.contains("copied into the repository"), "{line}");
    }
    assert!(
        stderr.contains("`git ls-remote https://127.0.0.1:1/org/bases`"),
        "{stderr}"
    );
    let refused = checkout.run(&["build", "all", "ROOT/clusters/a", "--no-remote-bases"]);
    let stderr = refused.failure(1);
    assert!(
        stderr.contains("remote resources are not fetched"),
        "{stderr}"
    );
}

#[test]
fn one_kustomization_is_built_on_what_is_elsewhere() {
    let mut checkout = Checkout::new();
    let host = Host::start(&[
        ("one/config.yaml", CONFIG),
        ("one/kustomization.yaml", "resources: [config.yaml]\n"),
    ]);
    let authority = host.github.ca_file().to_path_buf();
    checkout.env.push(("GIT_SSL_CAINFO", authority));
    checkout.app("app", &format!("{}//one?ref=main", host.url()));
    let args = [
        "build",
        "kustomization",
        "app",
        "--dry-run",
        "--path=ROOT/apps/app",
        "--kustomization-file=ROOT/clusters/a/app.yaml",
    ];
    let stdout = checkout.run(&args).success();
    assert!(stdout.contains("  name: app-settings\n"), "{stdout}");
    // An address may do without its scheme.
    for resource in [&format!("{}//one", host.url()), "github.com/org/bases//one"] {
        checkout.app("app", resource);
        let stderr = checkout
            .run(&[&args[..], &["--no-remote-bases"]].concat())
            .failure(1);
        assert!(stderr.contains("apps/app/kustomization.yaml:"), "{stderr}");
        assert!(
            stderr.contains("remote resources are not fetched"),
            "{stderr}"
        );
    }
}

#[test]
fn both_revisions_see_the_same() {
    let mut checkout = Checkout::new();
    let host = Host::start(&[
        ("one/config.yaml", CONFIG),
        ("one/kustomization.yaml", "resources: [config.yaml]\n"),
    ]);
    let trace = checkout.folder.path().join("trace");
    checkout.env.extend([
        ("GIT_SSL_CAINFO", host.github.ca_file().to_path_buf()),
        ("GIT_TRACE", trace.clone()),
    ]);
    checkout.app("app", &format!("{}//one?ref=main", host.url()));
    let root = checkout.root();
    git(&root, &["add", "."]);
    git(&root, &["commit", "--quiet", "-m", "a"]);
    let text = fs_err::read_to_string(root.join("apps/app/kustomization.yaml")).unwrap();
    checkout.write("apps/app/kustomization.yaml", &text.replace("app-", "new-"));
    let output = checkout.run(&["diff", "all", "ROOT/clusters/a", "--base=HEAD", "-oname"]);
    assert_eq!(output.code, 1, "{}", output.stderr);
    assert!(output.stdout.contains("new-settings"), "{}", output.stdout);
    let trace = fs_err::read_to_string(trace).unwrap();
    assert_eq!(trace.matches("built-in: git fetch ").count(), 1, "{trace}");
}
