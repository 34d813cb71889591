//! A situation, and the stage that it is played on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kube::api::{Api, DynamicObject, Patch, PatchParams};
use kube::core::{ApiResource, GroupVersionKind};
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::cluster::{Namespace, block_on, namespace};
use crate::support::{Output, Run};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/golden");

/// What `case.yaml` says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    #[serde(skip)]
    pub(super) name: String,
    /// Command lines, without the program and the namespace.
    pub(super) runs: Vec<String>,
    /// Files of `cluster/` whose objects are in the cluster.
    #[serde(default)]
    cluster: Vec<String>,
    /// Where in the tree it runs.
    #[serde(default)]
    folder: String,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    /// The file of the tree that is its standard input.
    #[serde(default)]
    stdin: String,
    /// The exit code of flux.
    pub(super) code: i32,
    /// What flux says on standard error, a part of it.
    #[serde(default)]
    pub(super) error: String,
    /// What is different here.
    #[serde(default)]
    reflux: Option<Ours>,
}

/// How this program differs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ours {
    code: i32,
    #[serde(default)]
    error: String,
    /// The beginning of the row in docs/differences.md.
    row: String,
}

/// All situations.
pub(super) fn cases() -> impl Iterator<Item = Case> {
    let folders = fs_err::read_dir(Path::new(ROOT).join("cases")).unwrap();
    let mut names: Vec<String> = folders
        .map(|folder| folder.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names.into_iter().map(|name| {
        let text = Case::read(&name, "case.yaml").unwrap();
        let mut case: Case = serde_yaml::from_str(&text)
            .map_err(|error| format!("{name}: {error}"))
            .unwrap();
        case.name = name;
        case
    })
}

impl Case {
    fn read(name: &str, file: &str) -> Option<String> {
        fs_err::read_to_string(Path::new(ROOT).join("cases").join(name).join(file)).ok()
    }

    /// The verb that it is about.
    pub(super) fn verb(&self) -> &str {
        self.name.split('-').next().unwrap()
    }

    /// What is printed: what flux prints, unless there is something else.
    pub(super) fn text(&self, file: &str) -> String {
        Case::read(&self.name, file)
            .or_else(|| Case::read(&self.name, "flux.stdout"))
            .unwrap_or_default()
    }

    /// Writes down what flux prints.
    pub(super) fn record(&self, stdout: &str) {
        let file = Path::new(ROOT).join("cases").join(&self.name);
        fs_err::write(file.join("flux.stdout"), stdout).unwrap();
    }

    /// The row that says what is different.
    pub(super) fn row(&self) -> Option<&str> {
        let has_text = Case::read(&self.name, "reflux.stdout").is_some();
        let ours = self.reflux.as_ref();
        assert!(ours.is_some() || !has_text, "{}: no row", self.name);
        ours.map(|ours| ours.row.as_str())
    }

    /// The exit code of this program and a part of what it says.
    pub(super) fn ours(&self) -> (i32, &str) {
        match &self.reflux {
            Some(ours) => (ours.code, &ours.error),
            None => (self.code, &self.error),
        }
    }
}

/// A namespace with the objects of a case, and a copy of the tree.
pub(super) struct Stage<'c> {
    case: &'c Case,
    ns: Namespace,
    tree: TempDir,
}

impl<'c> Stage<'c> {
    pub(super) fn of(case: &'c Case) -> Self {
        let stage = Stage {
            case,
            ns: namespace(),
            tree: tempfile::tempdir().unwrap(),
        };
        for (file, text) in stage.files() {
            fs_err::create_dir_all(file.parent().unwrap()).unwrap();
            fs_err::write(file, text).unwrap();
        }
        let shared = case.cluster.iter().map(|file| {
            let file = Path::new(ROOT).join("cluster").join(format!("{file}.yaml"));
            fs_err::read_to_string(file).unwrap()
        });
        for text in shared.chain(Case::read(&case.name, "live.yaml")) {
            for document in serde_yaml::Deserializer::from_str(&stage.filled(&text)) {
                stage.apply(&Value::deserialize(document).unwrap());
            }
        }
        stage
    }

    /// What the files of the tree are called in the copy, and what they hold.
    fn files(&self) -> BTreeMap<PathBuf, String> {
        let mut files = BTreeMap::new();
        let source = Path::new(ROOT).join("tree");
        read_all(&source, &mut |path, text| {
            let copy = self.tree.path().join(path.strip_prefix(&source).unwrap());
            files.insert(copy, self.filled(&text));
        });
        files
    }

    /// Whether nothing came, went or changed in the copy.
    pub(super) fn is_as_it_was(&self) -> bool {
        let mut now = BTreeMap::new();
        read_all(self.tree.path(), &mut |path, text| {
            now.insert(path.to_path_buf(), text);
        });
        now == self.files()
    }

    fn apply(&self, object: &Value) {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let api_version = text(&object["apiVersion"]);
        let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
        let kind = GroupVersionKind::gvk(group, version, &text(&object["kind"]));
        let resource = ApiResource::from_gvk(&kind);
        let metadata = &object["metadata"];
        let api: Api<DynamicObject> =
            Api::namespaced_with(self.ns.client(), &text(&metadata["namespace"]), &resource);
        let params = PatchParams::apply("kustomize-controller").force();
        block_on(api.patch(
            &text(&metadata["name"]),
            &params,
            &Patch::Apply(json!(object)),
        ))
        .unwrap();
    }

    /// A text with the names of this stage.
    pub(super) fn filled(&self, text: &str) -> String {
        text.replace("NAMESPACE", &self.ns.name)
            .replace("TREE", &self.tree.path().display().to_string())
    }

    /// Runs a command line; what it prints has the names of this stage taken out.
    pub(super) fn run(&self, program: Run, line: &str) -> Output {
        let line = self.filled(line);
        let args: Vec<&str> = line.split(' ').collect();
        let mut run = self.ns.on(program, &args);
        for (name, value) in &self.case.environment {
            run = run.env(name, value);
        }
        if !self.case.stdin.is_empty() {
            let file = self.tree.path().join(&self.case.stdin);
            run = run.stdin(&fs_err::read_to_string(file).unwrap());
        }
        let folder = self.tree.path().join(&self.case.folder);
        let mut output = run.inside(&folder).run();
        let tree = self.tree.path().display().to_string();
        output.stdout = output
            .stdout
            .replace(&self.ns.name, "NAMESPACE")
            .replace(&tree, "TREE");
        output
    }
}

fn read_all(dir: &Path, found: &mut dyn FnMut(&Path, String)) {
    for entry in fs_err::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, found);
        } else {
            found(&path, fs_err::read_to_string(&path).unwrap());
        }
    }
}
