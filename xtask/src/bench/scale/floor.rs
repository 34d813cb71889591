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
    let mut times = Vec::new();
    for _ in 0..=samples {
        times.push(list(client, kinds).await?);
    }
    Ok(median(times))
}

/// Waits until the server is at rest: after thousands of writes it tidies up for a while, and lists
/// take longer. It is when five lists in a row are none the quicker.
pub(super) async fn rest(client: &Client, kinds: &[&Kind]) -> Result<()> {
    let (mut shortest, mut no_quicker) = (Duration::MAX, 0);
    while no_quicker < 5 {
        let took = list(client, kinds).await?;
        no_quicker = if took < shortest { 0 } else { no_quicker + 1 };
        shortest = shortest.min(took);
    }
    Ok(())
}

/// How long it takes to list all objects of `kinds`.
async fn list(client: &Client, kinds: &[&Kind]) -> Result<Duration> {
    let started = Instant::now();
    try_join_all(kinds.iter().map(async |kind| {
        let path = format!("/apis/{}/{}", kind.api_version(), kind.plural);
        let request = Request::new(path).list(&ListParams::default())?;
        client.request_text(request).await?;
        anyhow::Ok(())
    }))
    .await?;
    Ok(started.elapsed())
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
