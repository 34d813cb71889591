//! The first run, the second run, and what is left alone.

use super::stage::{NAME, OWNER, Stage};

#[test]
fn the_first_run_does_everything_and_says_so_as_flux_does() {
    let stage = Stage::new();
    let output = stage.run_as_flux(&["--token-auth"]);
    let lines: Vec<String> = output
        .stderr
        .lines()
        .map(|line| {
            line.replace(stage.github.host(), "HOST")
                .replace(&stage.namespace.name, "NS")
        })
        .collect();
    let commits = stage.github.commits(OWNER, NAME, "main").unwrap();
    let (components, sync) = (&commits[1].id, &commits[0].id);
    let want = format!(
        "\
► connecting to HOST
✔ repository \"https://HOST/acme/fleet\" created
► reading branch \"main\" of Git repository \"https://HOST/acme/fleet.git\"
✔ read repository
► generating component manifests
✔ generated component manifests
✔ committed component manifests to \"main\" (\"{components}\")
► pushing component manifests to \"https://HOST/acme/fleet.git\"
► installing components in \"NS\" namespace
✔ installed components
✔ reconciled components
► determining if source secret \"NS/flux-system\" exists
► generating source secret
► applying source secret \"NS/flux-system\"
✔ reconciled source secret
► generating sync manifests
✔ generated sync manifests
✔ committed sync manifests to \"main\" (\"{sync}\")
► pushing sync manifests to \"https://HOST/acme/fleet.git\"
► applying sync manifests
✔ reconciled sync configuration
◎ waiting for GitRepository \"NS/NS\" to be reconciled
✔ GitRepository reconciled successfully
◎ waiting for Kustomization \"NS/NS\" to be reconciled
✔ Kustomization reconciled successfully
► confirming components are healthy
✔ source-controller: deployment ready
✔ kustomize-controller: deployment ready
✔ all components are healthy"
    );
    let mut lines_sorted = lines.clone();
    // The components become ready in any order.
    if let Some(at) = lines
        .iter()
        .position(|l| l == "✔ kustomize-controller: deployment ready")
        && lines[at + 1] == "✔ source-controller: deployment ready"
    {
        lines_sorted.swap(at, at + 1);
    }
    assert_eq!(lines_sorted.join("\n"), want);
    assert_eq!(output.success(), "");
    assert_eq!(
        stage.messages(),
        [
            "Add Flux sync manifests",
            "Add Flux v2.9.4 component manifests"
        ]
    );
    assert_eq!(
        (commits[0].author.as_str(), commits[0].email.as_str()),
        ("Flux", "")
    );
    let files: Vec<String> = stage
        .github
        .tree(OWNER, NAME, "main")
        .unwrap()
        .into_keys()
        .collect();
    assert_eq!(
        files,
        [
            stage.path("gotk-components.yaml"),
            stage.path("gotk-sync.yaml"),
            stage.path("kustomization.yaml"),
        ]
    );
    assert!(stage.github.is_private(OWNER, NAME).unwrap());
    let secret = stage.secret().unwrap();
    assert_eq!(secret["username"], "git");
    assert!(secret.contains_key("password") && secret.contains_key("ca.crt"));
}

#[test]
fn a_second_run_writes_nothing_and_says_so() {
    for auth in ["--token-auth", "--token-auth=false"] {
        let stage = Stage::new();
        stage.run(&[auth]).success();
        let (head, keys, versions) = (
            stage.github.head(OWNER, NAME, "main").unwrap(),
            stage.github.deploy_keys(OWNER, NAME).unwrap(),
            stage.versions(),
        );
        assert_eq!(keys.len(), usize::from(auth != "--token-auth"));
        stage.github.clear_requests();
        let output = stage.run(&[auth]);
        assert!(
            output
                .stderr
                .contains("✔ nothing to do: the repository and the cluster were up to date"),
            "{}",
            output.stderr
        );
        output.success();
        assert!(stage.writes().is_empty(), "{:?}", stage.writes());
        assert_eq!(stage.github.head(OWNER, NAME, "main").unwrap(), head);
        assert_eq!(stage.github.deploy_keys(OWNER, NAME).unwrap(), keys);
        assert_eq!(stage.versions(), versions);
    }
}

#[test]
fn the_deploy_key_has_fluxs_title_and_opens_the_repository() {
    let stage = Stage::new();
    stage.run(&[]).success();
    let keys = stage.github.deploy_keys(OWNER, NAME).unwrap();
    let ns = &stage.namespace.name;
    assert_eq!(keys.len(), 1);
    assert_eq!(
        keys[0].title,
        format!("{ns}-main-flux-system-./clusters/my")
    );
    assert!(keys[0].read_only);
    let secret = stage.secret().unwrap();
    assert_eq!(secret["identity.pub"].trim(), keys[0].key);
    let port = stage.github.ssh_host().rsplit(':').next().unwrap();
    assert!(secret["known_hosts"].starts_with(&format!("[localhost]:{port} ")));
    let sync = stage.file(&stage.path("gotk-sync.yaml")).unwrap();
    let url = format!("url: ssh://git@{}/acme/fleet\n", stage.github.ssh_host());
    assert!(sync.contains(&url), "{sync}");
}

#[test]
fn renewed_credentials_leave_one_key() {
    let stage = Stage::new();
    stage.run(&[]).success();
    let old = stage.github.deploy_keys(OWNER, NAME).unwrap();
    stage.run(&["--rotate-credentials"]).success();
    let new = stage.github.deploy_keys(OWNER, NAME).unwrap();
    assert_eq!((old.len(), new.len()), (1, 1));
    assert_ne!(old[0].key, new[0].key);
    assert_eq!(stage.secret().unwrap()["identity.pub"].trim(), new[0].key);
}

#[test]
fn another_way_to_authenticate_replaces_the_secret_as_a_whole() {
    let stage = Stage::new();
    stage.run(&[]).success();
    stage.run(&["--token-auth"]).success();
    let keys: Vec<String> = stage.secret().unwrap().into_keys().collect();
    assert_eq!(keys, ["ca.crt", "password", "username"]);
    stage.run(&[]).success();
    let keys: Vec<String> = stage.secret().unwrap().into_keys().collect();
    assert_eq!(keys, ["identity", "identity.pub", "known_hosts"]);
    assert_eq!(stage.github.deploy_keys(OWNER, NAME).unwrap().len(), 1);
}

#[test]
fn other_peoples_files_are_left_alone() {
    let stage = Stage::with_repository();
    stage
        .run(&["--token-auth", "--commit-message-appendix=[ci skip]"])
        .success();
    assert_eq!(stage.file("README.md").as_deref(), Some("# fleet\n"));
    assert_eq!(
        stage.messages(),
        [
            "Add Flux sync manifests\n\n[ci skip]",
            "Add Flux v2.9.4 component manifests\n\n[ci skip]",
            "Change README.md",
        ]
    );
    let commits = stage.github.commits(OWNER, NAME, "main").unwrap();
    assert_eq!(commits[1].files, [stage.path("gotk-components.yaml")]);
}

#[test]
fn patches_of_the_users_own_are_kept_and_applied() {
    let stage = Stage::with_repository();
    let list = "\
resources: [gotk-components.yaml, gotk-sync.yaml]
patches:
- target: {kind: Deployment, name: source-controller}
  patch: |
    - op: add
      path: /metadata/annotations
      value: {mine: 'yes'}
";
    stage.push(&stage.path("kustomization.yaml"), list);
    stage.run(&["--token-auth"]).success();
    assert_eq!(
        stage.file(&stage.path("kustomization.yaml")).as_deref(),
        Some(list)
    );
    use k8s_openapi::api::apps::v1::Deployment;
    let api: kube::Api<Deployment> =
        kube::Api::namespaced(stage.namespace.client(), &stage.namespace.name);
    let deployment = crate::support::cluster::block_on(api.get("source-controller")).unwrap();
    assert_eq!(deployment.metadata.annotations.unwrap()["mine"], "yes");
}

#[test]
fn a_list_that_cannot_be_built_is_refused_before_anything_is_written() {
    let stage = Stage::with_repository();
    let list = "resources: [gotk-components.yaml, gotk-sync.yaml]\nhelmCharts: [{name: x}]\n";
    stage.push(&stage.path("kustomization.yaml"), list);
    let stderr = stage.run(&["--token-auth"]).failure(1);
    assert!(stderr.contains("kustomization.yaml"), "{stderr}");
    assert!(stage.writes().is_empty());
}
