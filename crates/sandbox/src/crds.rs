//! Installing CustomResourceDefinitions and waiting until they are served.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use futures::future::try_join_all;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Patch, PatchParams};
use kube::{Api, Client};
use serde_json::Value;

/// Between two looks at a definition.
const POLL: Duration = Duration::from_millis(50);

/// The API server takes milliseconds; this only ends a wait that would never end.
const PATIENCE: Duration = Duration::from_secs(30);

/// Applies the definitions side by side and waits until each is established.
///
/// # Errors
/// If one is refused, or not established within half a minute.
pub async fn install_crds(client: &Client, definitions: &[Value]) -> Result<()> {
    let api = Api::<CustomResourceDefinition>::all(client.clone());
    let names: Vec<String> = try_join_all(definitions.iter().map(|one| apply(&api, one))).await?;
    let established = async {
        for name in &names {
            while !is_established(client, name).await? {
                tokio::time::sleep(POLL).await;
            }
        }
        anyhow::Ok(())
    };
    match tokio::time::timeout(PATIENCE, established).await {
        Ok(result) => result,
        Err(_) => bail!("not all of {} were established in time", names.join(", ")),
    }
}

async fn apply(api: &Api<CustomResourceDefinition>, definition: &Value) -> Result<String> {
    let name = definition["metadata"]["name"]
        .as_str()
        .context("a CustomResourceDefinition without a name")?;
    let parameters = PatchParams::apply("reflux-sandbox").force();
    api.patch(name, &parameters, &Patch::Apply(definition))
        .await
        .with_context(|| format!("applying the CustomResourceDefinition {name}"))?;
    Ok(name.to_owned())
}

/// Whether the definition of this name (`gitrepositories.source.toolkit.fluxcd.io`) exists and is established.
///
/// # Errors
/// If the API server does not answer.
pub(crate) async fn is_established(client: &Client, name: &str) -> Result<bool> {
    let api = Api::<CustomResourceDefinition>::all(client.clone());
    let found = api.get_opt(name).await?;
    Ok(found
        .and_then(|definition| definition.status)
        .and_then(|status| status.conditions)
        .unwrap_or_default()
        .iter()
        .any(|condition| condition.type_ == "Established" && condition.status == "True"))
}
