//! Trees in one file, in the format of Go's `txtar`: a comment, then each file after a line with its name.
//!
//! A name with ` -> ` in it is a symbolic link, and one with ` (base64)` behind it a file that is no text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::trees::{Content, Rendered, Tree};

/// The directory that is built.
const TARGET: &str = "app";

pub(crate) fn write(tree: &Tree) -> String {
    let mut text = String::new();
    for (path, rendered) in tree.rendered() {
        match rendered {
            Rendered::Link(target) => text.push_str(&format!("-- {path} -> {target} --\n")),
            Rendered::File(bytes) => match String::from_utf8(bytes) {
                Ok(content) => {
                    text.push_str(&format!("-- {path} --\n{content}"));
                    if !content.is_empty() && !content.ends_with('\n') {
                        text.push('\n');
                    }
                }
                Err(error) => {
                    let content = STANDARD.encode(error.as_bytes());
                    text.push_str(&format!("-- {path} (base64) --\n{content}\n"));
                }
            },
        }
    }
    text
}

pub(crate) fn read(text: &str) -> Tree {
    let mut tree = Tree {
        target: TARGET.into(),
        ..Tree::default()
    };
    let mut path: Option<String> = None;
    for line in text.split_inclusive('\n') {
        let name = line
            .trim_end()
            .strip_prefix("-- ")
            .and_then(|line| line.strip_suffix(" --"));
        match (name, &path) {
            (Some(name), _) => path = Some(start(&mut tree, name)),
            (None, Some(path)) => match tree.files.get_mut(path) {
                Some(Content::Text(text)) => text.push_str(line),
                Some(Content::Bytes(bytes)) => bytes.extend(STANDARD.decode(line.trim()).unwrap()),
                _ => {}
            },
            (None, None) => {}
        }
    }
    tree
}

/// Adds what a name stands for, and returns its path.
fn start(tree: &mut Tree, name: &str) -> String {
    let (path, content) = match (name.split_once(" -> "), name.strip_suffix(" (base64)")) {
        (Some((path, target)), _) => (path, Content::Link(target.to_owned())),
        (None, Some(path)) => (path, Content::Bytes(Vec::new())),
        (None, None) => (name, Content::Text(String::new())),
    };
    tree.files.insert(path.to_owned(), content);
    path.to_owned()
}
