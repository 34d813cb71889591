//! Random trees of kustomizations that mean something: objects that refer to each other, layers that build on each
//! other, and fields that find what they change.
//!
//! A seed decides a tree. Trees keep their structure until they are written, so that [`shrink`] can take parts away.

mod dice;
mod fields;
mod generators;
mod layers;
mod objects;
mod patches;
mod paths;
mod plugins;
mod pods;
mod settings;
mod shrink;
mod text;
mod values;
mod wrong;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

pub(crate) use layers::generate;
pub(crate) use shrink::shrink;

/// What is at a path.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// YAML or JSON.
    Documents(Vec<Value>),
    Text(String),
    Bytes(Vec<u8>),
    /// A symbolic link.
    Link(String),
}

/// A tree of files, and the directory to build.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree {
    /// Decides how documents are written.
    pub(crate) style: u64,
    pub(crate) files: BTreeMap<String, Content>,
    pub(crate) target: String,
}

impl Tree {
    pub(crate) fn add(&mut self, path: &str, documents: Vec<Value>) {
        self.files
            .insert(path.to_owned(), Content::Documents(documents));
    }

    /// The bytes of each file; links apart.
    pub(crate) fn rendered(&self) -> impl Iterator<Item = (&str, Rendered)> {
        self.files.iter().map(|(path, content)| {
            let rendered = match content {
                Content::Documents(documents) => {
                    let seed = path.bytes().fold(self.style, |seed, byte| {
                        seed.wrapping_mul(31).wrapping_add(u64::from(byte))
                    });
                    Rendered::File(text::write(documents, seed).into_bytes())
                }
                Content::Text(text) => Rendered::File(text.clone().into_bytes()),
                Content::Bytes(bytes) => Rendered::File(bytes.clone()),
                Content::Link(target) => Rendered::Link(target.clone()),
            };
            (path.as_str(), rendered)
        })
    }

    /// Writes the tree below `root`, which is emptied first.
    pub(crate) fn write(&self, root: &Path) -> std::io::Result<()> {
        if root.exists() {
            std::fs::remove_dir_all(root)?;
        }
        fs_err::create_dir_all(root)?;
        for (path, rendered) in self.rendered() {
            let path = root.join(path);
            fs_err::create_dir_all(path.parent().unwrap_or(root))?;
            match rendered {
                Rendered::File(bytes) => fs_err::write(path, bytes)?,
                Rendered::Link(target) => std::os::unix::fs::symlink(target, path)?,
            }
        }
        Ok(())
    }
}

/// What is written at a path.
pub(crate) enum Rendered {
    File(Vec<u8>),
    Link(String),
}
