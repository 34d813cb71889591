//! What the API server takes by itself, whoever asks: the same calls, made over connections that
//! stand already, with the answers thrown away unread.
//!
//! No client is faster than that, so it is what the other figures are to be read against.

use std::time::{Duration, Instant};

use anyhow::Result;
use futures::future::try_join_all;
use kube::Client;
use kube::api::{ListParams, Patch, PatchParams};
use kube::core::Request;
use reflux::kinds::{KUSTOMIZATION, Kind};
use serde_json::json;

use super::fill;

/// Who is measured.
pub(super) const NAME: &str = "API server alone";

/// The median of `samples` times that all objects of `kinds` are listed, each kind by one request.
pub(super) async fn lists(client: &Client, kinds: &[&Kind], samples: usize) -> Result<Duration> {
    let paths: Vec<String> = kinds
        .iter()
        .map(|kind| format!("/apis/{}/{}", kind.api_version(), kind.plural))
        .collect();
    let all = async || {
        try_join_all(paths.iter().map(async |path| {
            let request = Request::new(path.as_str()).list(&ListParams::default())?;
            client.request_text(request).await?;
            anyhow::Ok(())
        }))
        .await
    };
    let mut times = Vec::new();
    for _ in 0..=samples {
        let started = Instant::now();
        all().await?;
        times.push(started.elapsed());
    }
    Ok(median(times))
}

/// How many requests are under way at once, as in reflux.
const AT_ONCE: usize = 8;

/// The median of `samples` times that the first `count` Kustomizations are suspended, or made to go
/// on again.
pub(super) async fn patches(
    client: &Client,
    namespace: &str,
    count: usize,
    samples: usize,
) -> Result<Duration> {
    let api = fill::api(client, &KUSTOMIZATION, namespace);
    let mut times = Vec::new();
    for round in 0..=samples {
        let patch = json!({"spec": {"suspend": round % 2 == 0}});
        let started = Instant::now();
        fill::each(count, AT_ONCE, async |number| {
            let params = PatchParams::default();
            api.patch(&fill::name(number), &params, &Patch::Merge(&patch))
                .await?;
            Ok(())
        })
        .await?;
        times.push(started.elapsed());
    }
    Ok(median(times))
}

/// The median of what was measured after the first time, which only warms up.
fn median(times: Vec<Duration>) -> Duration {
    let mut times: Vec<Duration> = times.into_iter().skip(1).collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
