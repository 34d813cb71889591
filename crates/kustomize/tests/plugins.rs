//! `generators`, `transformers` and `validators`, and what is refused of them.

use std::path::Path;

use kustomize::{MemoryFiles, build, to_yaml};

const X: &str = "kind: X\nmetadata: {name: x}\n";

/// Builds a kustomization with `x.yaml` and these files beside it.
fn built(kustomization: &str, files: &[(&str, &str)]) -> Result<String, String> {
    let fixed = [("kustomization.yaml", kustomization), ("x.yaml", X)];
    let tree: MemoryFiles = fixed.iter().chain(files).copied().collect();
    match build(&tree, Path::new("")) {
        Ok(objects) => Ok(to_yaml(&objects)),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn generators_stand_inline_in_files_and_in_directories() {
    let objects = built(
        "generators:\n- |-\n  apiVersion: builtin\n  kind: SecretGenerator\n  metadata: {name: s, namespace: a}\n  \
         literals: [k=v]\n  options: {disableNameSuffixHash: true}\n- made\n- iam.yaml\n",
        &[
            ("made/kustomization.yaml", "resources: [config.yaml]\n"),
            (
                "made/config.yaml",
                "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: c}\nliterals: [a=b]\n",
            ),
            (
                "iam.yaml",
                "apiVersion: builtin\nkind: IAMPolicyGenerator\nmetadata: {name: i}\ncloud: gke\n\
                 kubernetesService: {name: k, namespace: n}\nserviceAccount: {name: g, projectId: p}\n",
            ),
        ],
    )
    .unwrap();
    assert_eq!(
        objects,
        "apiVersion: v1\ndata:\n  k: dg==\nkind: Secret\nmetadata:\n  name: s\n  namespace: a\ntype: Opaque\n---\n\
         apiVersion: v1\ndata:\n  a: b\nkind: ConfigMap\nmetadata:\n  name: c-4h2mbtbbt6\n---\n\
         apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  annotations:\n    \
         iam.gke.io/gcp-service-account: g@p.iam.gserviceaccount.com\n  name: k\n  namespace: \"n\"\n"
    );
}

#[test]
fn values_are_added_to_fields_and_paths() {
    let objects = built(
        "resources: [x.yaml]\ntransformers: [add.yaml]\n",
        &[
            (
                "add.yaml",
                "apiVersion: builtin\nkind: ValueAddTransformer\nmetadata: {name: a}\nvalue: v\n\
                 targetFilePath: targets.yaml\n",
            ),
            (
                "targets.yaml",
                "targets:\n- {fieldPath: spec/path, filePathPosition: 1}\n\
                 - {fieldPath: metadata/namespace}\n- {selector: {kind: Z}, fieldPath: spec/y}\n",
            ),
        ],
    );
    assert_eq!(
        objects.unwrap(),
        "kind: X\nmetadata:\n  name: x\n  namespace: v\nspec:\n  path: v\n"
    );
}

#[test]
fn validators_may_mark_and_not_change() {
    let validator = |label: &str| {
        format!(
            "resources: [x.yaml]\nvalidators:\n- |-\n  apiVersion: builtin\n  kind: LabelTransformer\n  \
             metadata: {{name: l}}\n  labels: {{{label}: a}}\n  fieldSpecs: [{{path: metadata/labels, create: true}}]\n"
        )
    };
    assert_eq!(
        built(&validator("validated-by"), &[]).unwrap(),
        "kind: X\nmetadata:\n  labels:\n    validated-by: a\n  name: x\n"
    );
    let refused = built(&validator("other"), &[]).unwrap_err();
    assert!(
        refused.starts_with("kustomization.yaml:4:3: validator shouldn't modify the resource map"),
        "{refused}"
    );
}

#[test]
fn plugins_that_are_not_built_in_are_refused() {
    let plugin = |list: &str, config: &str| {
        format!("resources: [x.yaml]\n{list}:\n- |-\n  {config}\n  metadata: {{name: p}}\n")
    };
    for (list, config, message) in [
        (
            "generators",
            "apiVersion: e.com/v1\n  kind: Render",
            "loading generator plugins: failed to load generator: external plugins disabled; unable to load external \
             plugin 'Render'",
        ),
        (
            "transformers",
            "apiVersion: e.com/v1\n  kind: Render",
            "external plugins disabled; unable to load external plugin 'Render'",
        ),
        (
            "validators",
            "apiVersion: builtin\n  kind: Nope",
            "unable to load builtin Nope.builtin.[noGrp]",
        ),
        (
            "generators",
            "apiVersion: builtin\n  kind: PrefixTransformer",
            "plugin PrefixTransformer.builtin.[noGrp]/p.[noNs] not a generator",
        ),
        (
            "transformers",
            "apiVersion: builtin\n  kind: ConfigMapGenerator",
            "plugin ConfigMapGenerator.builtin.[noGrp]/p.[noNs] not a transformer",
        ),
        (
            "generators",
            "apiVersion: builtin\n  kind: HelmChartInflationGenerator",
            "plugin HelmChartInflationGenerator.builtin.[noGrp]/p.[noNs] fails configuration: must specify \
             --enable-helm",
        ),
        (
            "transformers",
            "apiVersion: builtin\n  kind: PrefixTransformer",
            "plugin PrefixTransformer.builtin.[noGrp]/p.[noNs] fails configuration: fieldSpecs is not expected to be \
             nil",
        ),
    ] {
        let refused = built(&plugin(list, config), &[]).unwrap_err();
        assert!(
            refused.starts_with("kustomization.yaml:4:3: ") && refused.contains(message),
            "{refused}"
        );
    }
}

#[test]
fn inline_patches_are_at_their_lines() {
    let text = "resources: [x.yaml]\npatches:\n- patch: |-\n    kind: X\n    metadata: {name: x}\n    $patch: frob\n";
    let refused = built(text, &[]).unwrap_err();
    assert!(
        refused.starts_with("kustomization.yaml:6:13: "),
        "{refused}"
    );
    assert!(
        refused.contains("unknown patch strategy 'frob'"),
        "{refused}"
    );
    let text =
        "resources: [x.yaml]\npatchesStrategicMerge:\n- |-\n  kind: X\n  metadata: {name: y}\n";
    let refused = built(text, &[]).unwrap_err();
    assert!(
        refused.starts_with("kustomization.yaml:4:3: no matches"),
        "{refused}"
    );
}

#[test]
fn what_is_on_the_network_is_refused() {
    for list in ["resources", "components"] {
        let text = format!("namespace: a\n{list}:\n- https://e.com/x.yaml\n");
        let refused = built(&text, &[]).unwrap_err();
        assert!(refused.starts_with("kustomization.yaml:3:3: "), "{refused}");
        assert!(
            refused.contains("remote resources are not fetched"),
            "{refused}"
        );
    }
}

#[test]
fn fields_of_old_are_taken_for_what_they_became() {
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  template:\n    spec:\n      \
                      containers: [{name: c, image: nginx}]\n";
    let objects = built(
        "bases: [base]\nimageTags: [{name: nginx, newTag: v2}]\nconfigMapGenerator: [{name: c, env: e.env}]\n\
         patchesStrategicMerge: [\"{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, labels: {a: b}}}\"]\n\
         patchesJson6902:\n- target: {kind: Deployment, name: d}\n  \
         patch: '[{\"op\": \"add\", \"path\": \"/spec/replicas\", \"value\": 2}]'\n",
        &[
            ("base/kustomization.yaml", "resources: [d.yaml]\n"),
            ("base/d.yaml", deployment),
            ("e.env", "K=v\n"),
        ],
    )
    .unwrap();
    for line in ["image: nginx:v2", "a: b", "replicas: 2", "K: v"] {
        assert!(objects.contains(line), "{line} in {objects}");
    }
}
