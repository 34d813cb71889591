//! What a tree of kustomizations asks for that is not built, found before a build.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::accumulate::MAX_LAYERS;
use crate::error::Error;
use crate::files::Files;
use crate::kustomization::UnsupportedField;
use crate::load::Directory;
use crate::remote;

/// Adds what the kustomizations in and under a directory ask for and this engine does not build.
pub(crate) fn find(
    files: &dyn Files,
    path: &Path,
    seen: &mut Vec<PathBuf>,
) -> Result<Vec<UnsupportedField>, Error> {
    if seen.iter().any(|seen| seen == path) || seen.len() >= MAX_LAYERS * MAX_LAYERS {
        return Ok(Vec::new());
    }
    seen.push(path.to_path_buf());
    let schema = Rc::default();
    let directory = Directory {
        files,
        path,
        schema: &schema,
        within: None,
    };
    let kustomization = directory.kustomization()?;
    let mut found = kustomization.unsupported.clone();
    let lists = [
        ("resources", &kustomization.resources),
        ("components", &kustomization.components),
    ];
    for (field, entry) in lists
        .into_iter()
        .flat_map(|(field, list)| list.iter().map(move |entry| (field, entry)))
    {
        if remote::is_remote(&entry.text) {
            found.push(UnsupportedField {
                file: kustomization.file.clone(),
                field: format!("{field}: {}", entry.text),
                position: entry.position,
            });
            continue;
        }
        let below = directory.resolve(&entry.text);
        if files.is_dir(&below) {
            let more = find(files, &below, seen);
            found.extend(more.map_err(|error| error.within(&kustomization.file))?);
        }
    }
    Ok(found)
}
