//! The plan for every state of host and cluster.

use crate::bootstrap::credentials;
use crate::bootstrap::manifests::{self, Texts};
use crate::bootstrap::provider::github::{
    Branch, DeployKey, Head, Permission, Permissions, Repository,
};
use crate::bootstrap::request::{Auth, Author, Request};
use crate::bootstrap::signing::Signer;
use crate::flags::{EcdsaCurve, KeyAlgorithm, RsaKeyBits};
use crate::manifests::keys::{KeyPair, KeySpec};
use crate::manifests::{install, sync};

use super::*;

const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

fn request(auth: Auth) -> Request {
    let path = "./clusters/my".to_owned();
    let mut request = Request {
        host: "github.com".to_owned(),
        owner: "acme".to_owned(),
        repository: "fleet".to_owned(),
        personal: false,
        private: true,
        reconcile: false,
        create: None,
        teams: Vec::new(),
        branch: "main".to_owned(),
        install: install::Options {
            components: vec!["source-controller".to_owned()],
            target_path: path.clone(),
            ..install::Options::default()
        },
        sync: sync::Options {
            target_path: path,
            ..sync::Options::default()
        },
        auth,
        token: "t0ken".into(),
        ca: None,
        author: Author {
            name: "Flux".to_owned(),
            email: String::new(),
        },
        appendix: String::new(),
        signer: None,
        image_pull: None,
        force: false,
        rotate: false,
    };
    request.sync.url = request.sync_url();
    request
}

fn ssh() -> Request {
    request(Auth::DeployKey {
        spec: KeySpec::new(
            KeyAlgorithm::Ed25519,
            EcdsaCurve::P384,
            RsaKeyBits::default(),
        ),
        read_only: true,
        ssh_host: "github.com".to_owned(),
        known_hosts: None,
    })
}

fn repository() -> Repository {
    Repository {
        name: "fleet".to_owned(),
        full_name: "acme/fleet".to_owned(),
        private: true,
        archived: false,
        default_branch: "main".to_owned(),
        permissions: Permissions {
            admin: true,
            push: true,
        },
    }
}

fn key(id: u64, public: &str) -> DeployKey {
    DeployKey {
        id,
        title: ssh().key_title(),
        key: public.to_owned(),
        read_only: true,
    }
}

fn head(message: &str, is_root: bool) -> Branch {
    Branch::At(Head {
        commit: "c".repeat(40),
        tree: "t".repeat(40),
        message: message.to_owned(),
        is_root,
    })
}

/// Everything done.
fn settled(request: &Request, files: &Files) -> Observed {
    let all = [
        Some(&files.components),
        Some(&files.sync),
        files.list.as_ref(),
    ];
    let blobs = all
        .into_iter()
        .flatten()
        .map(|f| (f.path.clone(), names::blob_id(f.content.as_bytes())))
        .collect();
    let secret = match &request.auth {
        Auth::Token => {
            let secret = credentials::token(request);
            let data = secret.expose()["stringData"].as_object().unwrap().clone();
            Stored::new(
                data.into_iter()
                    .map(|(k, v)| (k, v.as_str().unwrap().into())),
            )
        }
        Auth::DeployKey { .. } => Stored::new([
            ("identity".to_owned(), "private".into()),
            ("identity.pub".to_owned(), KEY.into()),
            ("known_hosts".to_owned(), format!("github.com {KEY}").into()),
        ]),
    };
    Observed {
        repository: Some(repository()),
        tip: Tip {
            branch: head("x", false),
            blobs,
        },
        keys: vec![key(1, KEY)],
        grants: Vec::new(),
        secret: Some(secret),
        pull_secret: None,
        installed: true,
    }
}

fn fresh() -> Observed {
    Observed {
        repository: None,
        tip: Tip::empty(),
        keys: Vec::new(),
        grants: Vec::new(),
        secret: None,
        pull_secret: None,
        installed: false,
    }
}

fn files_of(request: &Request) -> Files {
    manifests::files(request, &Texts::new()).unwrap()
}

#[test]
fn a_fresh_start_takes_everything() {
    let request = ssh();
    let plan = plan(&request, &files_of(&request), &fresh());
    assert!(plan.create && plan.install);
    let messages: Vec<&str> = plan.commits.iter().map(|c| c.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "Add Flux v2.9.4 component manifests",
            "Add Flux sync manifests"
        ]
    );
    let paths: Vec<Vec<&str>> = plan
        .commits
        .iter()
        .map(|c| c.files.iter().map(|f| f.path.as_str()).collect())
        .collect();
    let folder = |name: &str| format!("clusters/my/flux-system/{name}");
    assert_eq!(paths[0], [folder("gotk-components.yaml")]);
    assert_eq!(
        paths[1],
        [folder("gotk-sync.yaml"), folder("kustomization.yaml")]
    );
    let (title, read_only) = plan.credentials.unwrap().key.unwrap();
    assert_eq!(title, "flux-system-main-flux-system-./clusters/my");
    assert!(read_only);
}

#[test]
fn a_second_run_takes_nothing() {
    for request in [ssh(), request(Auth::Token)] {
        let files = files_of(&request);
        let plan = plan(&request, &files, &settled(&request, &files));
        assert!(plan.is_empty(), "{plan:?}");
    }
}

#[test]
fn only_what_changed_is_committed() {
    let request = ssh();
    let files = files_of(&request);
    let mut observed = settled(&request, &files);
    observed.tip.blobs.remove(&files.sync.path);
    let plan = plan(&request, &files, &observed);
    assert_eq!(plan.commits.len(), 1);
    assert_eq!(plan.commits[0].part, Part::Sync);
    assert_eq!(plan.commits[0].files, [files.sync]);
}

#[test]
fn a_list_of_the_users_own_is_left_alone() {
    let request = ssh();
    let path = request.sync.kustomization_path();
    let texts = Texts::from([(path, "resources: [gotk-components.yaml]\n".to_owned())]);
    assert_eq!(manifests::files(&request, &texts).unwrap().list, None);
}

#[test]
fn other_manifests_of_the_folder_are_listed_with_ours() {
    let request = ssh();
    let folder = manifests::folder(&request);
    let texts = Texts::from([
        (
            format!("{folder}/extra.yaml"),
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n".to_owned(),
        ),
        (format!("{folder}/README.md"), "# nothing".to_owned()),
        (
            format!("{folder}/sub/kustomization.yaml"),
            "resources: []\n".to_owned(),
        ),
        (
            format!("{folder}/sub/x.yaml"),
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: y}\n".to_owned(),
        ),
    ]);
    let list = manifests::files(&request, &texts).unwrap().list.unwrap();
    assert!(
        list.content.ends_with(
            "resources:\n- extra.yaml\n- gotk-components.yaml\n- gotk-sync.yaml\n- sub\n"
        ),
        "{}",
        list.content
    );
}

#[test]
fn the_users_patches_reach_the_objects() {
    let request = ssh();
    let path = request.sync.kustomization_path();
    let list = "resources:\n- gotk-components.yaml\n- gotk-sync.yaml\npatches:\n- target: {kind: Deployment}\n  patch: |\n    - op: add\n      path: /metadata/annotations\n      value: {mine: \"yes\"}\n";
    let texts = Texts::from([(path, list.to_owned())]);
    let files = manifests::files(&request, &texts).unwrap();
    let objects = manifests::objects(&request, &files, &texts).unwrap();
    let deployment = objects
        .components
        .iter()
        .find(|o| o["kind"] == "Deployment");
    assert_eq!(
        deployment.unwrap()["metadata"]["annotations"]["mine"],
        "yes"
    );
    let kinds: Vec<_> = objects.sync.iter().map(|o| o["kind"].as_str()).collect();
    assert_eq!(kinds, [Some("GitRepository"), Some("Kustomization")]);
}

#[test]
fn the_plain_list_is_built_without_the_engine_to_the_same_end() {
    let request = ssh();
    let files = files_of(&request);
    let plain = manifests::objects(&request, &files, &Texts::new()).unwrap();
    let list = files.list.clone().unwrap();
    // A comment makes it a list of the user's own.
    let texts = Texts::from([(list.path, format!("# mine\n{}", list.content))]);
    let files = manifests::files(&request, &texts).unwrap();
    let built = manifests::objects(&request, &files, &texts).unwrap();
    assert_eq!(plain, built);
}

#[test]
fn credentials_that_do_not_fit_are_replaced() {
    let request = ssh();
    let files = files_of(&request);
    let mut observed = settled(&request, &files);
    observed.keys = vec![key(7, "ssh-ed25519 BBBB")];
    let plan = plan(&request, &files, &observed);
    assert!(plan.credentials.is_some());
    let stale: Vec<u64> = plan.stale_keys.iter().map(|k| k.id).collect();
    assert_eq!(stale, [7]);
}

#[test]
fn keys_that_nobody_uses_are_removed() {
    let request = ssh();
    let files = files_of(&request);
    let mut observed = settled(&request, &files);
    observed.keys.push(key(2, "ssh-ed25519 BBBB"));
    let plan = plan(&request, &files, &observed);
    assert!(plan.credentials.is_none() && !plan.is_empty());
    let stale: Vec<u64> = plan.stale_keys.iter().map(|k| k.id).collect();
    assert_eq!(stale, [2]);
}

#[test]
fn rotation_renews_what_fits() {
    let request = Request {
        rotate: true,
        ..ssh()
    };
    let files = files_of(&request);
    let plan = plan(&request, &files, &settled(&request, &files));
    assert!(plan.credentials.is_some());
    assert_eq!(plan.stale_keys.len(), 1);
    assert!(plan.commits.is_empty());
}

#[test]
fn another_way_to_authenticate_replaces_the_secret() {
    let token = request(Auth::Token);
    let files = files_of(&token);
    let mut observed = settled(&token, &files);
    observed.secret = settled(&ssh(), &files_of(&ssh())).secret;
    let new = plan(&token, &files, &observed).credentials.unwrap();
    assert_eq!(new.key, None);
}

#[test]
fn permissions_are_never_lowered() {
    let wanted = ("ops".to_owned(), Permission::Maintain);
    let grants = |reconcile, held: Option<Permission>| {
        let request = Request {
            teams: vec![wanted.clone()],
            reconcile,
            ..ssh()
        };
        let held: Vec<_> = held.map(|p| ("ops".to_owned(), p)).into_iter().collect();
        super::grants(&request, &held).len()
    };
    assert_eq!(grants(false, None), 1);
    assert_eq!(grants(false, Some(Permission::Pull)), 0);
    assert_eq!(grants(true, Some(Permission::Pull)), 1);
    assert_eq!(grants(true, Some(Permission::Admin)), 0);
    assert_eq!(grants(true, Some(Permission::Maintain)), 0);
}

#[test]
fn visibility_changes_only_when_asked() {
    let public = Repository {
        private: false,
        ..repository()
    };
    assert_eq!(visibility(&ssh(), Some(&public)), None);
    let reconcile = Request {
        reconcile: true,
        ..ssh()
    };
    assert_eq!(visibility(&reconcile, Some(&public)), Some(true));
    assert_eq!(visibility(&reconcile, Some(&repository())), None);
}

#[test]
fn a_commit_that_only_prepared_is_replaced_by_a_signed_one() {
    let pair = KeyPair::generate(KeySpec::Ed25519, &mut rand::rng()).unwrap();
    let signed = Request {
        signer: Some(Signer::ssh(pair.private_key(), None).unwrap()),
        ..ssh()
    };
    let files = files_of(&signed);
    let mut observed = settled(&signed, &files);
    observed.tip.branch = head(SEED_MESSAGE, true);
    assert_eq!(plan(&signed, &files, &observed).commits.len(), 2);
    observed.tip.branch = head(SEED_MESSAGE, false);
    assert!(plan(&signed, &files, &observed).commits.is_empty());
}
