//! Patches of every kind, and kustomizations: the input is a kustomization, an object file and a patch file, with a
//! line of `%` between them.

#![no_main]

use std::path::Path;

use kustomize::{MemoryFiles, build, to_yaml};
use libfuzzer_sys::fuzz_target;

/// Kustomizations that apply the patch; the first part of the input chooses one, or is one itself.
const KUSTOMIZATIONS: [&str; 4] = [
    "resources: [o.yaml]\npatches: [{path: p.yaml}]\n",
    "resources: [o.yaml]\npatches: [{path: p.yaml, target: {}}]\n",
    "resources: [o.yaml]\npatchesStrategicMerge: [p.yaml]\nnamePrefix: a-\nnamespace: n\n",
    "resources: [o.yaml]\nreplacements: [{path: p.yaml}]\ncommonLabels: {a: b}\n",
];

fuzz_target!(|text: &str| {
    let mut parts = text.splitn(3, "\n%\n");
    let (first, objects, patch) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let kustomization = match first {
        "0" | "1" | "2" | "3" => KUSTOMIZATIONS[usize::from(first.as_bytes()[0] - b'0')],
        own => own,
    };
    let files: MemoryFiles = [
        ("kustomization.yaml", kustomization),
        ("o.yaml", objects),
        ("p.yaml", patch),
    ]
    .into_iter()
    .collect();
    if let Ok(objects) = build(&files, Path::new("")) {
        let _ = to_yaml(&objects);
    }
});
