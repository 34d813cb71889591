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
        "use behavior merge or replace",
        "write behavior: merge or behavior: replace where a generator changes what is there",
    ),
    (
        "doc is missing path",
        "correct the path, or add what is above it first, with op: add",
    ),
    (
        "doc is missing key",
        "correct the path, or add the field with op: add",
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
        "give each of the objects a namespace, or another name",
    ),
    (
        "must be specified at the same time",
        "name the key and its value in full",
    ),
    (
        "fs-security-constraint",
        "files outside of the root are not read: move them below it, or widen it with --root",
    ),
    (
        "leads out of the repository",
        "files outside of the checkout are in no source: move them into the repository",
    ),
    (
        "illegal base64 data",
        "write the value in base64 under data, or as it is under stringData",
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
    use std::path::Path;

    use crate::MemoryFiles;

    const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n";

    /// What to do where a kustomization is refused.
    fn advice(kustomization: &str) -> Option<&'static str> {
        let files: MemoryFiles = [
            ("app/kustomization.yaml", kustomization),
            ("app/web.yaml", DEPLOYMENT),
            ("app/same.yaml", DEPLOYMENT),
            ("empty/web.yaml", DEPLOYMENT),
        ]
        .into_iter()
        .collect();
        crate::build(&files, Path::new("app")).unwrap_err().advice()
    }

    #[test]
    fn what_goes_wrong_has_a_way_out() {
        for (kustomization, wanted) in [
            ("resources: [none.yaml]", "add the file"),
            ("resources: [../empty]", "needs a kustomization.yaml"),
            (
                "kind: Kustomise\nresources: [web.yaml]",
                "kind: Kustomization",
            ),
            ("resorces: [web.yaml]", "correct its name"),
            ("resources: [../app]", "hold itself"),
            ("resources: [web.yaml, same.yaml]", "leave one of them out"),
            (
                "resources: [web.yaml]\npatches: [{patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: x}}'}]",
                "target picks objects",
            ),
            (
                "resources: [web.yaml]\npatches: [{target: {kind: Deployment}, patch: '[{\"op\": \"replace\", \"path\": \"/a/b\", \"value\": 1}]'}]",
                "op: add",
            ),
        ] {
            let advice = advice(kustomization).unwrap_or_default();
            assert!(advice.contains(wanted), "{kustomization}: {advice}");
        }
    }
}
