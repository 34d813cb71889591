//! `create image`: what it prints, what it makes, and how it waits.

use insta::assert_snapshot;
use reflux::kinds::{IMAGE_POLICY, IMAGE_REPOSITORY};
use serde_json::json;

use crate::support::cluster::namespace;
use crate::support::controller::Controller;
use crate::support::{flux, reflux};

/// The words of `create image …`.
fn create(line: &str) -> Vec<&str> {
    let words = line.split_whitespace();
    ["create", "image"].into_iter().chain(words).collect()
}

fn export(line: &str) -> String {
    let run = reflux().args(create(line)).args(["--export"]);
    run.run().success()
}

#[test]
fn a_repository_has_all_its_flags() {
    let text = export(
        "repository app --image=ghcr.io/org/app --secret-ref=s --cert-ref=c --scan-timeout=30s \
         --interval=5m --label=a=b -n apps",
    );
    assert_snapshot!(text, @"
    ---
    apiVersion: image.toolkit.fluxcd.io/v1
    kind: ImageRepository
    metadata:
      labels:
        a: b
      name: app
      namespace: apps
    spec:
      certSecretRef:
        name: c
      image: ghcr.io/org/app
      interval: 5m0s
      secretRef:
        name: s
      timeout: 30s
    ");
}

#[test]
fn a_policy_has_all_its_flags() {
    let text = export(
        "policy app --image-ref=app --select-numeric=desc --filter-regex=^(?P<n>[0-9]+)-(.*)$ \
         --filter-extract=${n}$2$$ --reflect-digest=Always --interval=10m --label=a=b",
    );
    assert_snapshot!(text, @"
    ---
    apiVersion: image.toolkit.fluxcd.io/v1
    kind: ImagePolicy
    metadata:
      labels:
        a: b
      name: app
      namespace: flux-system
    spec:
      digestReflectionPolicy: Always
      filterTags:
        extract: ${n}$2$$
        pattern: ^(?P<n>[0-9]+)-(.*)$
      imageRepositoryRef:
        name: app
      interval: 10m0s
      policy:
        numerical:
          order: desc
    ");
    // The pattern is for a Go program, which takes what Rust does not.
    let text = export("policy app --image-ref=app --select-alpha=asc --filter-regex=[[x]{,2}");
    assert!(text.contains("pattern: '[[x]{,2}'\n"), "{text}");
}

#[test]
fn an_update_has_all_its_flags() {
    let text = export(
        "update app --git-repo-ref=fleet --git-repo-namespace=flux-system --git-repo-path=./apps \
         --checkout-branch=main --push-branch=images --commit-template={{.Changed}} \
         --author-name=flux --author-email=flux@example.com --signing-key-secret=k \
         --signing-key-type=ssh --interval=3m -n apps",
    );
    assert_snapshot!(text, @"
    ---
    apiVersion: image.toolkit.fluxcd.io/v1
    kind: ImageUpdateAutomation
    metadata:
      name: app
      namespace: apps
    spec:
      git:
        checkout:
          ref:
            branch: main
        commit:
          author:
            email: flux@example.com
            name: flux
          messageTemplate: '{{.Changed}}'
          signingKey:
            secretRef:
              name: k
            type: ssh
        push:
          branch: images
      interval: 3m0s
      sourceRef:
        kind: GitRepository
        name: fleet
        namespace: flux-system
      update:
        path: ./apps
        strategy: Setters
    ");
}

#[test]
fn a_range_beside_an_order_makes_no_policy() {
    let args = create("policy app --image-ref=app --select-semver=1.x --select-alpha=asc");
    let output = reflux().args(args).args(["--export"]).run();
    assert!(output.stderr.contains("no policy is set"));
    assert!(output.success().contains("\n  policy: {}\n"));
}

#[test]
fn they_are_created_and_waited_for() {
    let ns = namespace();
    let _controller = Controller::content(&ns);
    let output = ns.flux(&create("repository app --image=app"));
    assert_snapshot!(output.stderr, @"
    ✚ generating ImageRepository
    ► applying ImageRepository
    ✔ ImageRepository created
    ◎ waiting for ImageRepository reconciliation
    ✔ ImageRepository reconciliation completed
    ");
    assert_eq!((output.code, output.stdout.as_str()), (0, ""));
    let output = ns.flux(&create("policy app --image-ref=app --select-semver=1.x"));
    assert_snapshot!(output.stderr, @"
    ✚ generating ImagePolicy
    ► applying ImagePolicy
    ✔ ImagePolicy created
    ◎ waiting for ImagePolicy reconciliation
    ✔ ImagePolicy reconciliation completed
    ");
    assert_eq!((output.code, output.stdout.as_str()), (0, ""));
    let output = ns.flux(&create(
        "update app --git-repo-ref=f --checkout-branch=main --author-name=a --author-email=b",
    ));
    assert_snapshot!(output.stderr, @"
    ✚ generating ImageUpdateAutomation
    ► applying ImageUpdateAutomation
    ✔ ImageUpdateAutomation created
    ◎ waiting for ImageUpdateAutomation reconciliation
    ✔ ImageUpdateAutomation reconciliation completed
    ");
    assert_eq!((output.code, output.stdout.as_str()), (0, ""));
    let policy = ns.get(&IMAGE_POLICY, "app").unwrap();
    assert_eq!(
        policy.data["spec"]["policy"],
        json!({"semver": {"range": "1.x"}})
    );
}

#[test]
fn what_is_as_it_should_be_is_not_written() {
    let ns = namespace();
    let _controller = Controller::content(&ns);
    let policy = "policy app --image-ref=app --select-semver=1.x --reflect-digest=Never";
    ns.flux(&create(policy)).success();
    let written = ns.get(&IMAGE_POLICY, "app").unwrap().metadata.generation;
    let again = ns.flux(&create(policy));
    assert_snapshot!(again.stderr, @"
    ✚ generating ImagePolicy
    ► applying ImagePolicy
    ◎ waiting for ImagePolicy reconciliation
    ✔ ImagePolicy reconciliation completed
    ");
    assert_eq!(again.code, 0);
    let other = format!("{policy} --label=a=b");
    let output = ns.flux(&create(&other));
    assert!(output.stderr.contains("✔ ImagePolicy updated\n"));
    let object = ns.get(&IMAGE_POLICY, "app").unwrap();
    assert_eq!(object.metadata.labels.unwrap()["a"], "b");
    assert_eq!(object.metadata.generation, written);

    // What the server fills in counts as another spec.
    let repository = create("repository app --image=app");
    ns.flux(&repository).success();
    let again = ns.flux(&repository);
    assert!(again.stderr.contains("✔ ImageRepository updated\n"));
    let output = ns.flux(&create("repository app --image=other"));
    assert!(output.stderr.contains("✔ ImageRepository updated\n"));
    let object = ns.get(&IMAGE_REPOSITORY, "app").unwrap();
    assert_eq!(object.data["spec"]["image"], "other");
}

#[test]
fn what_stalls_is_not_waited_for() {
    let ns = namespace();
    let _controller = Controller::start(&ns, |_| ("False", "Stalled", "no such thing"));
    for line in [
        "repository app --image=app",
        "policy app --image-ref=app --select-semver=1.x",
        "update app --git-repo-ref=f --checkout-branch=main --author-name=a --author-email=b",
    ] {
        let error = ns.reflux(&create(line)).failure(7);
        assert!(error.contains("no such thing"), "{line}: {error}");
    }
}

#[test]
fn bad_input_is_refused_before_anything_is_done() {
    let policy = "policy app --image-ref=app";
    let semver = &format!("{policy} --select-semver=1.x");
    let update = "update app --git-repo-ref=f";
    let signed = &format!("{update} --checkout-branch=m --author-name=a --author-email=b");
    let cases: &[(&str, &str, &str)] = &[
        (
            "repository app",
            "",
            "an image repository (--image) is required",
        ),
        (
            "repository app",
            "--image=app:1.0",
            "unable to parse image value: repository can only contain the characters",
        ),
        (
            "policy app",
            "--select-semver=1.x",
            "the name of an ImageRepository in the namespace is required (--image-ref)",
        ),
        (policy, "", "a policy must be provided"),
        (
            policy,
            "--select-alpha=asc --select-numeric=asc",
            "only one of --select-semver, --select-alpha or --select-numeric can be specified",
        ),
        (
            policy,
            "--select-alpha=up",
            "--select-alpha must be one of [\"asc\", \"desc\"]",
        ),
        (
            semver,
            "--filter-regex=a**",
            "--filter-regex is an invalid regex pattern",
        ),
        (
            semver,
            "--filter-extract=$a",
            "cannot specify --filter-extract without specifying --filter-regex",
        ),
        (
            semver,
            "--filter-regex=a --filter-extract=$",
            "--filter-extract is malformed",
        ),
        (
            semver,
            "--filter-regex=(?P<a>b) --filter-extract=$b",
            "capture group $b used in --filter-extract not found in --filter-regex",
        ),
        (
            semver,
            "--reflect-digest=always",
            "invalid value for --reflect-digest, must be one of 'Never', 'IfNotPresent', 'Always'",
        ),
        (
            semver,
            "--interval=1m",
            "the --interval flag can only be used with the 'Always' digest reflection policy",
        ),
        (
            "update app",
            "",
            "a reference to a GitRepository is required (--git-repo-ref)",
        ),
        (
            update,
            "",
            "the Git repository branch is required (--checkout-branch)",
        ),
        (
            update,
            "--checkout-branch=m",
            "the author name is required (--author-name)",
        ),
        (
            update,
            "--checkout-branch=m --author-name=a",
            "the author email is required (--author-email)",
        ),
        (
            signed,
            "--signing-key-type=ssh",
            "--signing-key-type requires --signing-key-secret",
        ),
        (
            signed,
            "--signing-key-secret=k --signing-key-type=x509",
            "--signing-key-type must be one of: gpg, ssh",
        ),
    ];
    for (line, flags, want) in cases {
        let line = format!("{line} {flags}");
        let error = reflux().args(create(&line)).run().failure(2);
        assert!(error.contains(want), "{line}: {error}");
        assert_eq!(flux().args(create(&line)).run().code, 1, "{line}");
    }
}
