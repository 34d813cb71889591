//! What is fetched: files and directories, and that nothing leads out of these.

use std::io;
use std::path::{Path, PathBuf};

use kustomize::{Fetched, Files, MemoryFiles, build, to_yaml};

const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";
const OUTSIDE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: outside\n";

/// A tree with a network of two addresses.
struct Connected(MemoryFiles);

impl Files for Connected {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0.read(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.0.is_dir(path)
    }

    fn exists(&self, path: &Path) -> bool {
        self.0.exists(path)
    }

    fn fetch(&self, address: &str) -> io::Result<Fetched> {
        match address {
            "https://example.com/a.yaml" => Ok(Fetched::File(CONFIG.into())),
            "https://example.com/org/repo//base?ref=v1" => Ok(Fetched::Directory {
                path: PathBuf::from("fetched/base"),
                within: PathBuf::from("fetched"),
            }),
            _ => Err(io::Error::other("no such host")),
        }
    }
}

fn tree(app: &str, base: &str) -> Connected {
    let files = [
        ("app/kustomization.yaml", app),
        ("fetched/base/kustomization.yaml", base),
        ("fetched/a.yaml", CONFIG),
        ("outside.yaml", OUTSIDE),
    ];
    Connected(files.into_iter().collect())
}

fn built(app: &str, base: &str) -> Result<String, String> {
    let objects = build(&tree(app, base), Path::new("app"));
    objects
        .map(|objects| to_yaml(&objects))
        .map_err(|error| error.to_string())
}

const REPOSITORY: &str = "resources:\n- https://example.com/org/repo//base?ref=v1\n";

#[test]
fn directories_and_files_are_fetched() {
    assert_eq!(
        built(REPOSITORY, "resources: [../a.yaml]\n").unwrap(),
        CONFIG
    );
    let file = "resources: [https://example.com/a.yaml]\n";
    assert_eq!(built(file, "").unwrap(), CONFIG);
    let generated = "configMapGenerator:\n- name: a\n  files: [k=https://example.com/a.yaml]\n";
    assert!(built(generated, "").unwrap().contains("kind: ConfigMap"));
}

#[test]
fn nothing_leads_out_of_a_repository() {
    for base in [
        "resources:\n- ../../outside.yaml\n",
        "resources:\n- ../../app\n",
        "components:\n- ../../app\n",
        "patches:\n- path: ../../outside.yaml\n",
        "configMapGenerator:\n- name: a\n  files: [../../outside.yaml]\n",
    ] {
        let refused = built(REPOSITORY, base).unwrap_err();
        assert!(
            refused.contains("leads out of the repository fetched"),
            "{base}: {refused}"
        );
        assert!(
            refused.contains("fetched/base/kustomization.yaml:"),
            "{refused}"
        );
    }
}

#[test]
fn what_cannot_be_fetched_is_told_with_its_place() {
    let refused = built("resources:\n- https://me:secret@example.com/org/none\n", "").unwrap_err();
    assert_eq!(
        refused,
        "app/kustomization.yaml:2:3: accumulating resources from 'https://***@example.com/org/none': no such host"
    );
    let files: MemoryFiles = [("kustomization.yaml", REPOSITORY)].into_iter().collect();
    let refused = build(&files, Path::new("")).unwrap_err().to_string();
    assert!(
        refused.contains("remote resources are not fetched"),
        "{refused}"
    );
}
