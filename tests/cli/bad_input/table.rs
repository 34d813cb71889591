//! The trees, and what has to be said of them.

/// A tree that cannot be built.
pub(super) struct Case {
    pub(super) name: &'static str,
    /// By their paths in the checkout; `app` is built.
    pub(super) files: &'static [(&'static str, Content)],
    /// Where the error is; empty where no place is at fault.
    pub(super) place: &'static str,
    /// What is said besides.
    pub(super) says: &'static [&'static str],
    /// Whether `build kustomization` meets the error, too.
    pub(super) is_of_flux: bool,
}

impl Case {
    pub(super) const NONE: Case = Case {
        name: "",
        files: &[],
        place: "",
        says: &[],
        is_of_flux: true,
    };
}

/// What is at a path.
pub(super) enum Content {
    Text(&'static str),
    /// A text that is too long to be written down here.
    Made(fn() -> Vec<u8>),
    /// So many bytes that take no room on disk.
    Sparse(u64),
    /// A symbolic link.
    Link(&'static str),
    /// A named pipe, which never ends.
    Pipe,
}

use Content::{Link, Made, Pipe, Sparse, Text};

pub(super) const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";
const RESOURCES: &str = "resources:\n- a.yaml\n";
const GIBIBYTE: u64 = 1 << 30;

fn deep(open: &str, close: &str) -> Vec<u8> {
    let depth = 10_000;
    let (open, close) = (open.repeat(depth), close.repeat(depth));
    format!("{CONFIG}data:\n  a: {open}x{close}\n").into_bytes()
}

fn deep_lists() -> Vec<u8> {
    deep("[", "]")
}

fn deep_mappings() -> Vec<u8> {
    deep("{a: ", "}")
}

fn deep_blocks() -> Vec<u8> {
    let text = format!("{CONFIG}data:\n  a:\n    {}x\n", "- ".repeat(10_000));
    text.into_bytes()
}

fn deep_kustomization() -> Vec<u8> {
    format!("resources: {}{}\n", "[".repeat(10_000), "]".repeat(10_000)).into_bytes()
}

/// Nine lists of nine, each of those before it: a billion texts.
fn laughs() -> Vec<u8> {
    let mut text = format!("{CONFIG}data:\n  a0: &a0 [lol, lol]\n");
    for level in 1..30 {
        let below = vec![format!("*a{}", level - 1); 9].join(", ");
        text.push_str(&format!("  a{level}: &a{level} [{below}]\n"));
    }
    text.into_bytes()
}

/// Copies of a value into itself, each twice as large as the one before.
fn copies() -> Vec<u8> {
    let mut text =
        "resources: [a.yaml]\npatches:\n- target: {kind: ConfigMap}\n  patch: |-\n".to_owned();
    text.push_str("    - {op: add, path: /data, value: {a: b}}\n");
    for number in 0..40 {
        let line = format!("    - {{op: copy, from: /data, path: /data/x{number}}}\n");
        text.push_str(&line);
    }
    text.into_bytes()
}

/// Replacements of a field by the object that it is in.
fn growth() -> Vec<u8> {
    let mut text = "resources: [a.yaml]\nreplacements:\n".to_owned();
    for number in 0..40 {
        text.push_str(&format!(
            "- source: {{kind: ConfigMap, fieldPath: data}}\n  targets:\n  - select: {{kind: ConfigMap}}\n    fieldPaths: [data.x{number}]\n    options: {{create: true}}\n"
        ));
    }
    text.into_bytes()
}

fn no_text() -> Vec<u8> {
    b"apiVersion: v1\nkind: \xff\xfe\x00\x01\n".to_vec()
}

fn image() -> Vec<u8> {
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec()
}

pub(super) const CASES: &[Case] = &[
    Case {
        name: "no kustomization file",
        files: &[("app/sub/a.yaml", Text(CONFIG))],
        says: &["unable to find one of 'kustomization.yaml'"],
        is_of_flux: false,
        ..Case::NONE
    },
    Case {
        name: "missing file",
        files: &[("app/kustomization.yaml", Text(RESOURCES))],
        place: "app/kustomization.yaml:2:3: ",
        says: &["app/a.yaml: no such file or directory"],
        ..Case::NONE
    },
    Case {
        name: "missing directory",
        files: &[("app/kustomization.yaml", Text("resources:\n- ../base\n"))],
        place: "app/kustomization.yaml:2:3: ",
        says: &["checkout/base: no such file or directory"],
        ..Case::NONE
    },
    Case {
        name: "missing patch",
        files: &[
            (
                "app/kustomization.yaml",
                Text("resources: [a.yaml]\npatches:\n- path: p.yaml\n"),
            ),
            ("app/a.yaml", Text(CONFIG)),
        ],
        place: "app/kustomization.yaml:3:",
        says: &["app/p.yaml: no such file or directory"],
        ..Case::NONE
    },
    Case {
        name: "wrong kind of kustomization",
        files: &[
            ("app/kustomization.yaml", Text("resources:\n- ../base\n")),
            (
                "base/kustomization.yaml",
                Text("kind: Deployment\nresources: []\n"),
            ),
        ],
        place: "base/kustomization.yaml:1:7: ",
        says: &["kind should be Kustomization or Component"],
        ..Case::NONE
    },
    Case {
        name: "component among resources",
        files: &[
            ("app/kustomization.yaml", Text("resources:\n- ../base\n")),
            (
                "base/kustomization.yaml",
                Text(
                    "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: a-\n",
                ),
            ),
        ],
        place: "base/kustomization.yaml",
        says: &["expected kind != 'Component'"],
        ..Case::NONE
    },
    Case {
        name: "unknown field",
        files: &[
            ("app/kustomization.yaml", Text("resources:\n- ../base\n")),
            (
                "base/kustomization.yaml",
                Text("resources: []\nnamePrefixes: a-\n"),
            ),
        ],
        place: "base/kustomization.yaml:2:1: ",
        says: &["unknown field \"namePrefixes\""],
        ..Case::NONE
    },
    Case {
        name: "field of another type",
        files: &[
            ("app/kustomization.yaml", Text("resources:\n- ../base\n")),
            (
                "base/kustomization.yaml",
                Text("resources: []\nnamePrefix: [a]\n"),
            ),
        ],
        place: "base/kustomization.yaml:2:",
        says: &["cannot unmarshal array"],
        ..Case::NONE
    },
    Case {
        name: "cycle",
        files: &[
            ("app/kustomization.yaml", Text("resources:\n- ../b\n")),
            ("b/kustomization.yaml", Text("resources:\n- ../app\n")),
        ],
        place: "b/kustomization.yaml:2:3: ",
        says: &["cycle detected"],
        ..Case::NONE
    },
    Case {
        name: "cycle through a link",
        files: &[
            ("app/kustomization.yaml", Text("resources:\n- again\n")),
            ("app/again", Link("../app")),
        ],
        place: "app/kustomization.yaml:2:3: ",
        says: &["cycle detected"],
        ..Case::NONE
    },
    Case {
        name: "patch without a target in the build",
        files: &[
            (
                "app/kustomization.yaml",
                Text("resources: [a.yaml]\npatches:\n- path: p.yaml\n"),
            ),
            ("app/a.yaml", Text(CONFIG)),
            (
                "app/p.yaml",
                Text("# two\n# lines\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n"),
            ),
        ],
        place: "app/p.yaml:3:1: ",
        says: &[
            "app/p.yaml",
            "no matches for Id ConfigMap.v1.[noGrp]/other.[noNs]",
        ],
        ..Case::NONE
    },
    Case {
        name: "ambiguous reference",
        files: &[
            (
                "app/kustomization.yaml",
                Text("resources: [../one, ../two, pod.yaml]\n"),
            ),
            (
                "app/pod.yaml",
                Text(
                    "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {volumes: [{name: v, configMap: {name: a}}]}\n",
                ),
            ),
            (
                "one/kustomization.yaml",
                Text(
                    "resources: [../base]\npatches:\n- target: {kind: ConfigMap}\n  options: {allowNameChange: true}\n  patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: one}}'\n",
                ),
            ),
            (
                "two/kustomization.yaml",
                Text(
                    "resources: [../base]\npatches:\n- target: {kind: ConfigMap}\n  options: {allowNameChange: true}\n  patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: two}}'\n",
                ),
            ),
            ("base/kustomization.yaml", Text(RESOURCES)),
            ("base/a.yaml", Text(CONFIG)),
        ],
        place: "app/pod.yaml:1:1",
        says: &["found multiple possible referrals", "one", "two"],
        ..Case::NONE
    },
    Case {
        name: "invalid JSON pointer",
        files: &[
            (
                "app/kustomization.yaml",
                Text(
                    "resources: [a.yaml]\npatches:\n- target: {kind: ConfigMap}\n  patch: '[{\"op\": \"add\", \"path\": \"data\", \"value\": {}}]'\n",
                ),
            ),
            ("app/a.yaml", Text(CONFIG)),
        ],
        place: "app/kustomization.yaml:3:",
        says: &["doc is missing path: \"data\""],
        ..Case::NONE
    },
    Case {
        name: "the same object twice",
        files: &[
            (
                "app/kustomization.yaml",
                Text("resources: [a.yaml, b.yaml]\n"),
            ),
            ("app/a.yaml", Text(CONFIG)),
            (
                "app/b.yaml",
                Text("---\n# another\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"),
            ),
        ],
        place: "app/b.yaml:3:1: ",
        says: &[
            "app/b.yaml",
            "already registered id: ConfigMap.v1.[noGrp]/a.[noNs]",
        ],
        ..Case::NONE
    },
    Case {
        name: "bad base64",
        files: &[
            ("app/kustomization.yaml", Text(RESOURCES)),
            (
                "app/a.yaml",
                Text(
                    "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata:\n  key: !!binary \"%%%\"\n",
                ),
            ),
        ],
        place: "app/a.yaml:5:",
        says: &["app/a.yaml", "invalid base64 data"],
        ..Case::NONE
    },
    Case {
        name: "no YAML",
        files: &[
            ("app/kustomization.yaml", Text(RESOURCES)),
            (
                "app/a.yaml",
                Text("apiVersion: v1\nkind: [ConfigMap\nmetadata: {name: a}\n"),
            ),
        ],
        place: "app/a.yaml:",
        says: &["app/a.yaml", "did not find expected ',' or ']'"],
        ..Case::NONE
    },
    Case {
        name: "10 000 lists",
        files: &[
            ("app/kustomization.yaml", Text(RESOURCES)),
            ("app/a.yaml", Made(deep_lists)),
        ],
        place: "app/a.yaml:6:",
        says: &["app/a.yaml", "deeper than 250 levels"],
        ..Case::NONE
    },
    Case {
        name: "10 000 mappings",
        files: &[
            ("app/kustomization.yaml", Text(RESOURCES)),
            ("app/a.yaml", Made(deep_mappings)),
        ],
        place: "app/a.yaml:6:",
        says: &["app/a.yaml", "deeper than 250 levels"],
        ..Case::NONE
    },
    Case {
        name: "10 000 lists in blocks",
        files: &[
            ("app/kustomization.yaml", Text(RESOURCES)),
            ("app/a.yaml", Made(deep_blocks)),
        ],
        place: "app/a.yaml:7:",
        says: &["app/a.yaml", "deeper than 250 levels"],
        ..Case::NONE
    },
    Case {
        name: "10 000 levels in a kustomization",
        files: &[
            ("app/kustomization.yaml", Text("resources:\n- ../base\n")),
            ("base/kustomization.yaml", Made(deep_kustomization)),
        ],
        place: "base/kustomization.yaml:1:",
        says: &["base/kustomization.yaml", "deeper than 250 levels"],
        ..Case::NONE
    },
    Case {
        name: "10 000 levels in a patch",
        files: &[
            (
                "app/kustomization.yaml",
                Text("resources: [a.yaml]\npatches:\n- path: p.yaml\n"),
            ),
            ("app/a.yaml", Text(CONFIG)),
            ("app/p.yaml", Made(deep_mappings)),
        ],
        place: "app/p.yaml:6:",
        says: &["app/p.yaml", "deeper than 250 levels"],
        ..Case::NONE
    },
    Case {
        name: "aliases of aliases",
        files: &[
            ("app/kustomization.yaml", Text(RESOURCES)),
            ("app/a.yaml", Made(laughs)),
        ],
        place: "app/a.yaml:",
        says: &["app/a.yaml", "excessive aliasing"],
        ..Case::NONE
    },
    Case {
        name: "copies of copies",
        files: &[
            ("app/kustomization.yaml", Made(copies)),
            ("app/a.yaml", Text(CONFIG)),
        ],
        place: "app/kustomization.yaml:3:",
        says: &["may not copy more than"],
        ..Case::NONE
    },
    Case {
        name: "replacements of replacements",
        files: &[
            ("app/kustomization.yaml", Made(growth)),
            (
                "app/a.yaml",
                Text("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata: {a: b}\n"),
            ),
        ],
        place: "app/kustomization.yaml:",
        says: &["the target would hold more than"],
        ..Case::NONE
    },
    Case {
        name: "a resource that is no text",
        files: &[
            ("app/kustomization.yaml", Text(RESOURCES)),
            ("app/a.yaml", Made(no_text)),
        ],
        place: "app/a.yaml:2:7: ",
        says: &["app/a.yaml", "not UTF-8"],
        ..Case::NONE
    },
    Case {
        name: "a picture for a resource",
        files: &[
            ("app/kustomization.yaml", Text(RESOURCES)),
            ("app/a.yaml", Made(image)),
        ],
        place: "app/a.yaml:1:1: ",
        says: &["app/a.yaml", "not UTF-8"],
        ..Case::NONE
    },
    Case {
        name: "a kustomization that is no text",
        files: &[
            ("app/kustomization.yaml", Text("resources:\n- ../base\n")),
            ("base/kustomization.yaml", Made(image)),
        ],
        place: "base/kustomization.yaml",
        says: &["base/kustomization.yaml", "not UTF-8"],
        ..Case::NONE
    },
    Case {
        name: "a resource of a gibibyte",
        files: &[
            ("app/kustomization.yaml", Text(RESOURCES)),
            ("app/a.yaml", Sparse(GIBIBYTE)),
        ],
        place: "app/kustomization.yaml:2:3: ",
        says: &["app/a.yaml: is larger than 128 MiB"],
        ..Case::NONE
    },
    Case {
        name: "a generator's file of a gibibyte",
        files: &[
            (
                "app/kustomization.yaml",
                Text("configMapGenerator:\n- name: a\n  files: [blob]\n"),
            ),
            ("app/blob", Sparse(GIBIBYTE)),
        ],
        place: "app/kustomization.yaml:2:",
        says: &["app/blob: is larger than 128 MiB"],
        ..Case::NONE
    },
    Case {
        name: "a kustomization of a gibibyte",
        files: &[
            ("app/kustomization.yaml", Text("resources:\n- ../base\n")),
            ("base/kustomization.yaml", Sparse(GIBIBYTE)),
        ],
        place: "base/kustomization.yaml",
        says: &["base/kustomization.yaml: is larger than 128 MiB"],
        ..Case::NONE
    },
    Case {
        name: "a device for a resource",
        files: &[
            ("app/kustomization.yaml", Text(RESOURCES)),
            ("app/a.yaml", Pipe),
        ],
        place: "app/kustomization.yaml:2:3: ",
        says: &["app/a.yaml: is not a regular file"],
        ..Case::NONE
    },
    Case {
        name: "a path out of the root",
        files: &[("app/kustomization.yaml", Text("resources:\n- ../../home\n"))],
        place: "app/kustomization.yaml:2:3: ",
        says: &["is not in or below"],
        ..Case::NONE
    },
    Case {
        name: "a link out of the root",
        files: &[
            ("app/kustomization.yaml", Text(RESOURCES)),
            ("app/a.yaml", Link("../../flux.yaml")),
        ],
        place: "app/kustomization.yaml:2:3: ",
        says: &["flux.yaml", "is not in or below"],
        ..Case::NONE
    },
    Case {
        name: "a link to itself",
        files: &[
            ("app/kustomization.yaml", Text(RESOURCES)),
            ("app/a.yaml", Link("a.yaml")),
        ],
        place: "app/kustomization.yaml:2:3: ",
        says: &["app/a.yaml", "symbolic links"],
        ..Case::NONE
    },
    Case {
        name: "a file in the place of a folder",
        files: &[
            (
                "app/kustomization.yaml",
                Text("resources:\n- a.yaml/base\n"),
            ),
            ("app/a.yaml", Text(CONFIG)),
        ],
        place: "app/kustomization.yaml:2:3: ",
        says: &["app/a.yaml/base", "ot a directory"],
        ..Case::NONE
    },
    Case {
        name: "a remote base without network",
        files: &[(
            "app/kustomization.yaml",
            Text("resources:\n- https://127.0.0.1:9/org/repository//base?ref=v1\n"),
        )],
        place: "app/kustomization.yaml:2:3: ",
        says: &["from 'https://127.0.0.1:9/org/repository//base?ref=v1': "],
        ..Case::NONE
    },
    Case {
        name: "a remote file without network",
        files: &[(
            "app/kustomization.yaml",
            Text("resources:\n- https://me:secret@127.0.0.1:9/all.yaml\n"),
        )],
        place: "app/kustomization.yaml:2:3: ",
        says: &["from 'https://***@127.0.0.1:9/all.yaml': "],
        ..Case::NONE
    },
];
