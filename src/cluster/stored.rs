//! Kubernetes' own objects: read, compared, written where something is to change.
//!
//! Objects of Flux kinds go through [`Cluster::upsert`].

use std::collections::BTreeMap;
use std::fmt::Debug;

use kube::api::{DeleteParams, ObjectMeta, PostParams, Preconditions};
use kube::{Api, Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::write::post_params;
use super::{Cluster, Error};

/// How often a write is made again after somebody else's.
const ATTEMPTS: usize = 6;

/// What becomes of an object that is there.
pub enum Change<K> {
    /// It is as it should be.
    None,
    /// It is written in this form.
    Update(K),
    /// It cannot become what it should be: it is deleted, and this one created.
    Recreate(K),
}

/// Creates `wanted`, or makes of the one that is there what `change` says.
///
/// # Errors
/// What the server says; a concurrent change is looked at anew.
pub async fn put<K>(
    cluster: &Cluster,
    api: &Api<K>,
    wanted: &K,
    change: impl Fn(K) -> Change<K>,
) -> Result<(), Error>
where
    K: Resource + Clone + Debug + Serialize + DeserializeOwned,
{
    let name = wanted.name_any();
    let params = post_params();
    for attempt in 1.. {
        let outcome = match api.get_opt(&name).await {
            Ok(None) => api.create(&params, wanted).await,
            Ok(Some(existing)) => match change(existing.clone()) {
                Change::None => return Ok(()),
                Change::Update(mut object) => {
                    object.meta_mut().managed_fields = None;
                    api.replace(&name, &params, &object).await
                }
                Change::Recreate(object) => recreate(api, &params, &existing, &object).await,
            },
            Err(error) => Err(error),
        };
        match outcome {
            Ok(_) => return Ok(()),
            Err(kube::Error::Api(status)) if status.code == 409 && attempt < ATTEMPTS => {}
            Err(error) => return Err(cluster.error(error)),
        }
    }
    Ok(())
}

/// Puts `wanted` in the place of the very object that was read. Nothing is deleted unless the
/// server would take what comes after.
async fn recreate<K>(
    api: &Api<K>,
    params: &PostParams,
    existing: &K,
    wanted: &K,
) -> Result<K, kube::Error>
where
    K: Resource + Clone + Debug + Serialize + DeserializeOwned,
{
    let rehearsal = PostParams {
        dry_run: true,
        ..params.clone()
    };
    match api.create(&rehearsal, wanted).await {
        // All that stands in its way is the one that is there, if it still is.
        Err(kube::Error::Api(status)) if status.code == 409 => {}
        Ok(_) => return api.create(params, wanted).await,
        Err(error) => return Err(error),
    }
    let this_one = DeleteParams::default().preconditions(Preconditions {
        uid: existing.uid(),
        resource_version: existing.resource_version(),
    });
    api.delete(&existing.name_any(), &this_one).await?;
    api.create(params, wanted).await
}

/// Adds labels and annotations to those that are there; says whether that changes anything.
pub fn add_metadata(to: &mut ObjectMeta, from: &ObjectMeta) -> bool {
    let labels = add(&mut to.labels, from.labels.as_ref());
    let annotations = add(&mut to.annotations, from.annotations.as_ref());
    labels || annotations
}

fn add(to: &mut Option<BTreeMap<String, String>>, from: Option<&BTreeMap<String, String>>) -> bool {
    let mut changed = false;
    for (key, value) in from.into_iter().flatten() {
        let old = to
            .get_or_insert_default()
            .insert(key.clone(), value.clone());
        changed |= old.as_ref() != Some(value);
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_added_to_those_that_are_there() {
        let labels = |pairs: &[(&str, &str)]| ObjectMeta {
            labels: Some(
                pairs
                    .iter()
                    .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                    .collect(),
            ),
            ..ObjectMeta::default()
        };
        let mut to = labels(&[("a", "1"), ("b", "2")]);
        assert!(!add_metadata(&mut to, &labels(&[("a", "1")])));
        assert!(!add_metadata(&mut to, &ObjectMeta::default()));
        assert!(add_metadata(&mut to, &labels(&[("a", "3"), ("c", "4")])));
        assert_eq!(to, labels(&[("a", "3"), ("b", "2"), ("c", "4")]));
    }
}
