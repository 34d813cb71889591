//! What a build says when it can't go on, and what it reads.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::path::Path;

use kustomize::yaml::{Dialect, parse};
use kustomize::{DiskFiles, MemoryFiles, build, to_yaml, unsupported_fields};
use proptest::prelude::*;

fn files<const N: usize>(files: [(&str, &str); N]) -> MemoryFiles {
    files.into_iter().collect()
}

fn error(files: &MemoryFiles, dir: &str) -> String {
    build(files, Path::new(dir)).unwrap_err().to_string()
}

#[test]
fn errors_name_the_way_the_file_and_the_place() {
    let tree = files([
        ("top/kustomization.yaml", "resources:\n- ../base\n"),
        (
            "base/kustomization.yaml",
            "resources: [app.yaml]\npatches:\n- path: patch.yaml\n",
        ),
        (
            "base/app.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {nodeName: x}\n",
        ),
        (
            "base/patch.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  nodeName: {b: c}\n",
        ),
    ]);
    assert_eq!(
        error(&tree, "top"),
        "top/kustomization.yaml → base/kustomization.yaml → base/patch.yaml:5:13: \
         wrong node kind: expected ScalarNode but got MappingNode"
    );
    let refused = build(&tree, Path::new("./top/../top")).unwrap_err();
    assert_eq!(
        refused.chain(),
        ["top/kustomization.yaml", "base/kustomization.yaml"]
    );
    assert_eq!(refused.file(), Some("base/patch.yaml"));
    assert_eq!(refused.position().map(|position| position.line), Some(5));
}

#[test]
fn a_component_is_no_resource_whatever_is_wrong_with_it() {
    let files = files([
        ("app/kustomization.yaml", "resources: [../part]\n"),
        (
            "part/kustomization.yaml",
            "kind: Component\nresources: [nothing.yaml]\n",
        ),
    ]);
    let said = error(&files, "app");
    assert!(said.contains("expected kind != 'Component'"), "{said}");
}

#[test]
fn annotations_that_have_no_names_are_refused() {
    let kustomization = "resources: [o.yaml]
replacements:
- source: {kind: Thing, fieldPath: list}
  targets: [{select: {}, fieldPaths: [metadata.annotations]}]
";
    let object =
        "kind: Thing\nmetadata: {name: a, annotations: {}}\nlist: [first, second, third]\n";
    let tree = files([
        ("a/kustomization.yaml", kustomization),
        ("a/o.yaml", object),
    ]);
    let text = error(&tree, "a");
    assert!(text.contains("annotations need names (in Thing."), "{text}");
}

#[test]
fn errors_in_a_kustomization_name_its_line() {
    for (text, wanted) in [
        (
            "resources: [nothing.yaml]",
            "a/kustomization.yaml:1:13: accumulating resources from 'nothing.yaml': ",
        ),
        (
            "resources: [x.yaml]\nimages:\n- name: 5",
            "a/kustomization.yaml:3:9: invalid Kustomization: ",
        ),
        (
            "resources: [x.yaml]\nfoo: 1",
            "a/kustomization.yaml:2:1: invalid Kustomization: json: unknown field \"foo\"",
        ),
        (
            "resources: [.]",
            "a/kustomization.yaml:1:13: cycle detected: ",
        ),
        (
            "resources: [x.yaml]\nreplicas:\n- {name: b, count: 1}",
            "a/kustomization.yaml:3:3: resource with name b ",
        ),
        ("a: [", "a/kustomization.yaml:1:4: invalid Kustomization: "),
    ] {
        let tree = files([
            ("a/kustomization.yaml", text),
            ("a/x.yaml", "kind: X\nmetadata: {name: x}\n"),
        ]);
        assert!(
            error(&tree, "a").starts_with(wanted),
            "{}",
            error(&tree, "a")
        );
    }
}

#[test]
fn what_is_not_supported_is_refused_and_told_beforehand() {
    let tree = files([
        (
            "kustomization.yaml",
            "resources: [base, https://example.com/x.yaml]\ncrds: []\n",
        ),
        (
            "base/kustomization.yaml",
            "namespace: ns\nhelmCharts:\n- name: x\n",
        ),
    ]);
    let found = unsupported_fields(&tree, Path::new("")).unwrap();
    let found: Vec<String> = found
        .iter()
        .map(|used| format!("{}:{} {}", used.file, used.position, used.field))
        .collect();
    assert_eq!(
        found,
        [
            "base/kustomization.yaml:2:1 helmCharts",
            "kustomization.yaml:1:19 resources: https://example.com/x.yaml"
        ]
    );
    let refused = error(&tree, "");
    assert!(
        refused.starts_with(
            "kustomization.yaml → base/kustomization.yaml:2:1: trouble configuring builtin HelmChartInflationGenerator with config 'helmCharts': charts are not rendered"
        ),
        "{refused}"
    );
    assert_eq!(
        unsupported_fields(
            &files([("k/kustomization.yaml", "namespace: a")]),
            Path::new("k")
        ),
        Ok(Vec::new())
    );
}

#[test]
fn kustomizations_that_build_on_each_other_without_end_are_refused() {
    let tree = files([
        ("a/kustomization.yaml", "resources: [../b]"),
        ("b/kustomization.yaml", "resources: [../a]"),
    ]);
    assert!(
        error(&tree, "a")
            .contains("cycle detected: candidate root contains visited root: 'a' contains 'a'")
    );
    assert_eq!(unsupported_fields(&tree, Path::new("a")), Ok(Vec::new()));
    let deep: MemoryFiles = (0..300)
        .map(|n| {
            (
                format!("d{n}/kustomization.yaml"),
                format!("resources: [../d{}]", n + 1),
            )
        })
        .collect();
    assert!(error(&deep, "d0").contains("more than 100 kustomizations build on each other"));
}

#[test]
fn an_empty_build_is_an_empty_text() {
    let tree = files([("kustomization.yaml", "resources: []")]);
    assert_eq!(to_yaml(&build(&tree, Path::new(".")).unwrap()), "");
}

#[test]
fn files_on_disk_stay_inside_of_their_directory() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kustomize-disk");
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    };
    write(
        "inside/app/kustomization.yaml",
        "resources: [../x.yaml, ../../outside.yaml]",
    );
    write(
        "inside/x.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
    );
    write(
        "outside.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: y}\n",
    );
    let all = build(&DiskFiles::new(&root).unwrap(), Path::new("inside/app")).unwrap();
    assert_eq!(all.len(), 2);
    let refused = build(
        &DiskFiles::new(root.join("inside")).unwrap(),
        Path::new("app"),
    )
    .unwrap_err();
    assert!(
        refused.message().contains("is not in or below"),
        "{refused}"
    );
}

#[test]
fn many_objects_take_linear_time() {
    let objects: String = (0..2000)
        .map(|n| {
            format!(
                "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{n}}}\ndata: {{k: v}}\n"
            )
        })
        .collect();
    let tree = files([
        (
            "kustomization.yaml",
            "resources: [all.yaml]\nnamePrefix: p-\nnamespace: ns\ncommonLabels: {a: b}\n",
        ),
        ("all.yaml", objects.as_str()),
    ]);
    let built = build(&tree, Path::new("")).unwrap();
    assert_eq!(built.len(), 2000);
    assert_eq!(built[7]["metadata"]["name"], "p-c7");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in "([a-c:{}\\[\\],&*!|>'\"%@`#~<?. \t\n-]|---\n|: |- |\\.\\.\\.\n|<<: |é|\r\n){0,60}") {
        for dialect in [Dialect::Kubernetes, Dialect::Resource] {
            for document in parse(&text, dialect).unwrap_or_default() {
                let written = kustomize::yaml::to_string(&document.to_json());
                prop_assert!(parse(&written, Dialect::Kubernetes).is_ok(), "{written}");
            }
        }
    }

    #[test]
    fn any_patch_applies_or_is_refused(patch in "([a-d:{}\\[\\],'\" \n-]|kind: A\n|metadata: \\{name: a\\}\n|\\$patch: |op: |path: |/a|spec: ){0,40}", target in any::<bool>()) {
        let target = if target { "target: {}" } else { "" };
        let indented: String = patch.lines().map(|line| format!("    {line}\n")).collect();
        let kustomization = format!("resources: [a.yaml]\npatches:\n- patch: |2\n{indented}\n  {target}\n");
        let tree = files([
            ("kustomization.yaml", kustomization.as_str()),
            ("a.yaml", "kind: A\nmetadata: {name: a}\nspec: {a: [{b: c}], d: {a: b}}\n"),
        ]);
        if let Err(error) = build(&tree, Path::new("")) {
            prop_assert!(error.to_string().starts_with("kustomization.yaml"), "{error}");
        }
    }
}
