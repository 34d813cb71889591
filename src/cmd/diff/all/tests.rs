//! That nothing is missed where what a change does not touch is not built again.

use std::collections::BTreeMap;
use std::path::Path;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};

use super::sides;
use crate::build::all::memory::Memory;
use crate::build::all::{self, Cluster, Given, Recall, Request};

/// The files of a repository.
type Files = BTreeMap<String, String>;

fn build(files: &Files, recall: Option<&Recall>) -> Vec<Cluster> {
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let request = Request {
        tree: &Memory::tree(&files),
        path: Path::new("/clusters"),
        remotes: &[],
        local_sources: &BTreeMap::new(),
        given: &Given::default(),
        strict: false,
        network: None,
        recall,
        threads: 2,
        progress: &|_| {},
    };
    all::build(&request).unwrap()
}

fn kustomization(name: &str, path: &str, spec: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}, \
         namespace: flux-system}}\nspec:\n  path: {path}\n  prune: true\n  sourceRef: {{kind: \
         GitRepository, name: flux-system}}\n{spec}"
    )
}

fn config(name: &str, value: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: flux-system}}\ndata: \
         {{value: \"{value}\", zone: \"${{zone:=none}}\"}}\n"
    )
}

/// Two clusters with layers: plain folders, overlays of bases, a component, a generator, variables.
fn repository() -> Files {
    let mut files = Vec::new();
    let variables = "  postBuild:\n    substituteFrom: [{kind: ConfigMap, name: vars}]\n";
    for cluster in ["one", "two"] {
        let path = format!("./clusters/{cluster}");
        let own = kustomization("flux-system", &path, "");
        files.push((format!("clusters/{cluster}/sync.yaml"), own));
        let infra = kustomization("infra", "./infra", "");
        files.push((format!("clusters/{cluster}/infra.yaml"), infra));
        for app in 0..6 {
            let spec = match app % 3 {
                0 => variables,
                1 => "  components: [../../components/team]\n",
                _ => "  namePrefix: my-\n",
            };
            let text = kustomization(&format!("app-{app}"), &format!("./apps/{app}"), spec);
            files.push((format!("clusters/{cluster}/app-{app}.yaml"), text));
        }
    }
    files.push((
        "infra/vars.yaml".to_owned(),
        config("vars", "1").replace("zone:", "region:"),
    ));
    for base in 0..3 {
        let list = "resources: [config.yaml]\n".to_owned();
        files.push((format!("bases/{base}/kustomization.yaml"), list));
        let text = config(&format!("base-{base}"), "1");
        files.push((format!("bases/{base}/config.yaml"), text));
    }
    let team = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n\
                commonAnnotations: {team: web}\n";
    files.push((
        "components/team/kustomization.yaml".to_owned(),
        team.to_owned(),
    ));
    for app in 0..6 {
        files.push((
            format!("apps/{app}/own.yaml"),
            config(&format!("own-{app}"), "1"),
        ));
        if app > 1 {
            let list = format!(
                "resources: [own.yaml, ../../bases/{}]\nconfigMapGenerator:\n\
                 - {{name: made, namespace: flux-system, files: [text.txt]}}\n",
                app % 3
            );
            files.push((format!("apps/{app}/kustomization.yaml"), list));
            files.push((format!("apps/{app}/text.txt"), "some text\n".to_owned()));
        }
    }
    files.into_iter().collect()
}

/// Changes a file, or a few: what is in it, whether it is there, what is beside it.
fn change(files: &mut Files, random: &mut StdRng) {
    for _ in 0..random.random_range(1..=3) {
        let paths: Vec<String> = files.keys().cloned().collect();
        let path = paths.choose(random).unwrap();
        let (dir, _) = path.rsplit_once('/').unwrap();
        let number = random.random_range(2..9);
        let edited = files[path]
            .replace("\"1\"", &format!("\"{number}\""))
            .replace("text", "words")
            .replace("my-", "your-");
        let list = format!("resources: [extra.yaml]\nnamePrefix: p{number}-\n");
        let extra = config(&format!("extra-{number}"), "1");
        match random.random_range(0..9) {
            0..4 => files.insert(path.clone(), edited),
            4 => files.remove(path),
            5 => files.insert(format!("{dir}/extra.yaml"), extra),
            // A file that is looked for before, or besides, the one that is there.
            6 => files.insert(format!("{dir}/kustomization.yml"), list),
            7 => files.insert(format!("{dir}/.sourceignore"), "own.yaml\n".to_owned()),
            _ => {
                let text = files.remove(path).unwrap();
                files.insert(format!("{dir}/renamed.yaml"), text)
            }
        };
    }
}

#[test]
fn what_is_not_built_again_would_have_been_the_same() {
    let before = repository();
    let plain_base = build(&before, None);
    let whole: usize = plain_base
        .iter()
        .map(|cluster| cluster.rendered.len())
        .sum();
    assert_eq!(whole, 16);
    let (mut made, mut all) = (0, 0);
    for seed in 0..150 {
        let mut after = before.clone();
        change(&mut after, &mut StdRng::seed_from_u64(seed));
        let recall = Recall::default();
        let base = build(&before, Some(&recall));
        assert_eq!(
            format!("{base:?}"),
            format!("{plain_base:?}"),
            "seed {seed}"
        );
        let shared = recall.count();
        let head = build(&after, Some(&recall));
        let plain = build(&after, None);
        assert_eq!(format!("{head:?}"), format!("{plain:?}"), "seed {seed}");
        let report = |base, head| serde_json::to_string(&sides::compare(base, head)).unwrap();
        assert_eq!(
            report(&base, &head),
            report(&plain_base, &plain),
            "seed {seed}"
        );
        made += recall.count() - shared;
        all += plain
            .iter()
            .map(|cluster| cluster.rendered.len())
            .sum::<usize>();
    }
    // Something is built in most of them, and never much.
    assert!(made > 100 && made < all / 5, "{made} of {all}");
}

#[test]
fn what_a_build_does_not_read_does_not_matter() {
    let before = repository();
    let recall = Recall::default();
    build(&before, Some(&recall));
    let builds = |files: &Files| {
        let before = recall.count();
        build(files, Some(&recall));
        recall.count() - before
    };
    let with = |path: &str, text: &str| {
        let mut files = before.clone();
        files.insert(path.to_owned(), text.to_owned());
        files
    };
    assert_eq!(builds(&before), 0);
    assert_eq!(builds(&with("README.md", "read me")), 0);
    // One app of both clusters: the second takes what the first made.
    assert_eq!(builds(&with("apps/4/text.txt", "other")), 1);
    // A base of two apps.
    assert_eq!(
        builds(&with("bases/2/config.yaml", &config("base-2", "5"))),
        2
    );
    // Variables of two apps, and where they come from.
    let vars = config("vars", "7").replace("zone:", "region:");
    assert_eq!(builds(&with("infra/vars.yaml", &vars)), 3);
    // A file that a folder without a list takes in.
    assert_eq!(builds(&with("apps/1/new.yaml", &config("new", "1"))), 1);
    // A folder that has a list does not see it.
    assert_eq!(builds(&with("apps/3/new.yaml", &config("new", "1"))), 0);
}

#[test]
fn what_happens_in_a_kustomization_stands_together() {
    let before = repository();
    let mut after = before.clone();
    after.remove("apps/1/own.yaml");
    after.insert("apps/1/new.yaml".to_owned(), config("new", "1"));
    let text = before["apps/4/own.yaml"].replace("\"1\"", "\"2\"");
    after.insert("apps/4/own.yaml".to_owned(), text);
    let report = sides::compare(&build(&before, None), &build(&after, None));
    let mut names: Vec<&str> = report
        .changes
        .iter()
        .map(|change| change.kustomization.as_str())
        .collect();
    // Created and deleted in app-1, changed in app-4, in both clusters.
    assert_eq!(names.len(), 6);
    names.dedup();
    assert_eq!(names.len(), 4, "{names:?}");
}

#[test]
fn a_name_with_a_value_of_a_secret_does_not_show_it() {
    let mut files = repository();
    let sync = "clusters/one/sync.yaml";
    let from = "  postBuild:\n    substituteFrom: [{kind: Secret, name: pin}]\n";
    let keys = kustomization("keys", "./keys", from).replace("prune: true", "prune: false");
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: pin, namespace: flux-system}\n\
                  stringData: {pin: \"7431\"}\n";
    let more = format!("{}---\n{keys}---\n{secret}", files[sync]);
    files.insert(sync.to_owned(), more);
    files.insert("keys/one.yaml".to_owned(), config("'key-${pin}'", "1"));
    files.insert("keys/two.yaml".to_owned(), config("other", "1"));
    let base = build(&files, None);
    files.insert("keys/one.yaml".to_owned(), config("third", "1"));
    let report = sides::compare(&base, &build(&files, None));
    let shown: Vec<String> = report
        .changes
        .iter()
        .map(|change| format!("{} {:?}", change.subject, change.action))
        .collect();
    assert_eq!(
        shown,
        [
            "ConfigMap/flux-system/third Created",
            // It is found by its own name: it stays, for want of pruning.
            "ConfigMap/flux-system/key-*** Kept",
        ]
    );
    let json = serde_json::to_string(&report).unwrap();
    assert!(!json.contains("7431"), "{json}");
}
