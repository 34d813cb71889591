//! What to do about an error.
//!
//! Messages are kustomize's own, because those are what people look for; what to do stands beside them. It goes by what
//! the message says, as the same thing goes wrong in many places.

use crate::error::Error;

/// A part of a message, and what to do about it.
const ADVICE: &[(&str, &str)] = &[
    (
        "unable to find one of 'kustomization.yaml'",
        "a directory needs a kustomization.yaml that lists its files under resources",
    ),
    (
        "no such file or directory",
        "a path is relative to the directory of the file that names it: correct it there, or add the file",
    ),
    (
        "json: unknown field",
        "take the field out, or correct its name: an unknown one is never left out silently",
    ),
    (
        "kind should be",
        "leave kind and apiVersion out, or write kind: Kustomization, or Component for one under components",
    ),
    (
        "expected kind != 'Component'",
        "list a Component under components, not under resources",
    ),
    (
        "cycle detected",
        "take that entry out: no kustomization can hold itself, or a directory that it is in",
    ),
    (
        "no matches for Id",
        "the object needs to be there under that group, version, kind, name and namespace, as its own file names it; \
         target picks objects by patterns",
    ),
    (
        "may not add resource with an already registered id",
        "two objects have that identity: leave one of them out, or make it a patch of the other",
    ),
    (
        "behavior must be merge or replace",
        "write behavior: merge or behavior: replace where a generator changes what is there",
    ),
    (
        "doc is missing path",
        "correct the path, or add what is above it first, with op: add",
    ),
    (
        "nothing selected by",
        "a source is named as it is in the end, or in its own file: correct group, kind, name or namespace",
    ),
    (
        "multiple matches for selector",
        "add what tells the objects apart: group, version, kind, name or namespace",
    ),
    (
        "found multiple possible referrals",
        "several objects were called that: refer to one by a name that only it had, or give them namespaces",
    ),
    (
        "fs-security-constraint",
        "files outside of the root are not read: move them below it",
    ),
];

impl Error {
    /// What to do about it, where that is known.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        advice(self.message())
    }
}

fn advice(message: &str) -> Option<&'static str> {
    let (_, advice) = ADVICE.iter().find(|(part, _)| message.contains(part))?;
    Some(advice)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::{ADVICE, advice};
    use crate::{DiskFiles, Files as _, MemoryFiles};

    const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n";
    const ONE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n";
    const CONFIGS: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: a}\n---\n\
                           apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: b}\n";
    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: pod}\nspec:\n  containers:\n  \
                       - {name: c, envFrom: [{configMapRef: {name: one}}]}\n";

    /// What goes wrong with a kustomization.
    fn refusal(kustomization: &str) -> String {
        let renamed = ["x", "y"].map(|name| {
            format!(
                "resources: [../one]\npatches: [{{target: {{kind: ConfigMap}}, options: {{allowNameChange: true}}, \
                 patch: '{{kind: ConfigMap, metadata: {{name: {name}}}}}'}}]\n"
            )
        });
        let files: MemoryFiles = [
            ("app/kustomization.yaml", kustomization),
            ("app/web.yaml", DEPLOYMENT),
            ("app/same.yaml", DEPLOYMENT),
            ("app/configs.yaml", CONFIGS),
            ("app/pod.yaml", POD),
            ("empty/web.yaml", DEPLOYMENT),
            (
                "part/kustomization.yaml",
                "kind: Component\nnamePrefix: a-\n",
            ),
            ("renamed-x/kustomization.yaml", renamed[0].as_str()),
            ("renamed-y/kustomization.yaml", renamed[1].as_str()),
            ("one/kustomization.yaml", "resources: [one.yaml]\n"),
            ("one/one.yaml", ONE),
            (
                "base/kustomization.yaml",
                "configMapGenerator: [{name: made, literals: [a=b]}]\n",
            ),
        ]
        .into_iter()
        .collect();
        let error = crate::build(&files, Path::new("app")).unwrap_err();
        assert_eq!(error.advice(), advice(error.message()));
        error.message().to_owned()
    }

    #[test]
    fn what_goes_wrong_has_a_way_out() {
        let copied = |resource: &str| {
            format!(
                "resources: [{resource}]\nreplacements: [{{source: {{kind: ConfigMap}}, targets: [{{select: {{}}, \
                 fieldPaths: [a]}}]}}]"
            )
        };
        let outside = DiskFiles::new(Path::new(env!("CARGO_MANIFEST_DIR")))
            .unwrap()
            .read(Path::new(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../Cargo.toml"
            )))
            .unwrap_err();
        let messages = [
            refusal("resources: [none.yaml]"),
            refusal("resources: [../empty]"),
            refusal("resources: [../part]"),
            refusal("kind: Kustomise\nresources: [web.yaml]"),
            refusal("resorces: [web.yaml]"),
            refusal("resources: [../app]"),
            refusal("resources: [web.yaml, same.yaml]"),
            refusal(
                "resources: [web.yaml]\npatches: [{patch: '{kind: Deployment, metadata: {name: x}}'}]",
            ),
            refusal("resources: [../base]\nconfigMapGenerator: [{name: made, literals: [a=c]}]"),
            refusal(
                "resources: [web.yaml]\npatches: [{target: {kind: Deployment}, patch: \
                 '[{\"op\": \"replace\", \"path\": \"/a/b\", \"value\": 1}]'}]",
            ),
            refusal(&copied("web.yaml")),
            refusal(&copied("configs.yaml")),
            refusal("resources: [../renamed-x, ../renamed-y, pod.yaml]"),
            outside.to_string(),
        ];
        let given: BTreeSet<&str> = messages
            .iter()
            .map(|message| advice(message).expect(message))
            .collect();
        // Each is given where something really goes wrong.
        let all: BTreeSet<&str> = ADVICE.iter().map(|(_, advice)| *advice).collect();
        assert_eq!(given, all);
    }
}
