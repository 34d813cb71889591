//! Git beyond what hosts' own APIs offer: the keys by which an SSH server is known, addresses of
//! repositories, the files of a revision, what a checkout ignores, and repositories that are elsewhere.

mod blobs;
pub mod fetch;
pub mod host_keys;
pub mod ignored;
pub mod revision;
pub mod url;
