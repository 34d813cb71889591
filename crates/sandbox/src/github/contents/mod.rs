//! The Contents API: files by path, each change a commit.

pub(crate) mod read;
pub(crate) mod write;
