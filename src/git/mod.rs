//! Git servers, beyond what their own APIs offer: the keys by which an SSH server is known, and
//! addresses of repositories.

pub mod host_keys;
pub mod url;
