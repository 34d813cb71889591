//! What is looked at before anything is written: the token, the repository, the branch, the
//! cluster and what runs on it. What could not end well is refused here, with what to grant.

mod cluster;
mod host;
mod rights;

use super::manifests::Texts;
use super::plan::Observed;
use super::provider::github::{Client, Identity};
use super::request::Request;
use crate::cluster::Cluster;
use crate::context::Context;
use crate::error::Result;

pub use cluster::Standing;
pub use host::read_tip;

/// What preflight found.
pub struct Findings {
    /// Who the token speaks for.
    pub identity: Identity,
    /// What is there.
    pub observed: Observed,
    /// The texts of the files in the folder that decide what its objects are.
    pub texts: Texts,
    /// What runs on the cluster.
    pub standing: Standing,
}

/// Looks at host and cluster at once, and refuses what could not end well.
///
/// # Errors
/// The first thing that would go wrong; rights that are missing all at once.
pub async fn preflight(
    context: &Context,
    request: &Request,
    client: &Client,
    cluster: &Cluster,
) -> Result<Findings> {
    let (host, standing) =
        futures::join!(host::look(request, client), cluster::look(request, cluster));
    // The command line's own mistakes show on the host, so its answer comes first.
    let host = host?;
    let standing = standing?;
    standing.refuse(request)?;
    for warning in host.warnings.into_iter().chain(standing.moves(request)) {
        context.ui.warning(warning);
    }
    if host.repository.is_none() {
        host::consent(context, request)?;
    }
    Ok(Findings {
        identity: host.identity,
        observed: Observed {
            repository: host.repository,
            tip: host.tip,
            keys: host.keys,
            grants: host.grants,
            secret: standing.secret.clone(),
            pull_secret: standing.pull_secret.clone(),
            installed: standing.installed,
        },
        texts: host.texts,
        standing,
    })
}
