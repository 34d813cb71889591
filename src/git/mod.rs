//! Git beyond what hosts' own APIs offer: the keys by which an SSH server is known, addresses of
//! repositories, and the files of a revision.

pub mod host_keys;
pub mod revision;
pub mod url;
