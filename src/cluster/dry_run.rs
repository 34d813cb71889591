//! What is on the server, and what would become of it: many objects at once, with a bound.
//!
//! Nothing is written. An object that the server refuses is an answer like any other.

use std::collections::HashMap;

use futures::{StreamExt, stream};
use kube::Api;
use kube::api::{DynamicObject, ListParams, Patch, PatchParams};
use kube::core::{ApiResource, Request, params::GetParams};
use serde_json::Value;

use super::resource::{kind_missing, known};
use super::{Cluster, Error, PAGE, again};
use crate::kinds::ObjectName;

/// How many objects are asked about at once.
const AT_ONCE: usize = 16;

/// From how many objects of a kind in a namespace on they are listed rather than read one by one.
const MANY: usize = 4;

/// A kind by its version, and where the server has it; none where it has not.
type Kinds = HashMap<(String, String), Option<(ApiResource, bool)>>;

/// What the server says about an object that it does not take.
#[derive(Debug)]
pub struct Refusal {
    /// Why, in the server's words.
    pub error: Error,
    /// The server's word for the reason.
    pub reason: String,
    /// Whether a field is changed that cannot be changed. The server's words do not always tell
    /// that from an object that is wrong.
    pub is_immutable: bool,
}

impl Cluster {
    /// Reads the objects. The answers are in their order; none is an object that does not exist.
    /// Those of a kind and namespace that have `labels` are listed together, where there are many.
    pub async fn look(
        &self,
        names: &[ObjectName],
        labels: Option<&str>,
    ) -> Vec<Result<Option<Value>, Error>> {
        let kinds = self.kinds(names).await;
        let mut listed = self.list_together(names, &kinds, labels).await;
        let reads = names.iter().map(|name| {
            let listed = listed.remove(name);
            let kinds = &kinds;
            async move {
                match listed {
                    Some(object) => Ok(Some(object)),
                    None => self.read(name, kinds).await,
                }
            }
        });
        let reads: Vec<_> = reads.collect();
        stream::iter(reads).buffered(AT_ONCE).collect().await
    }

    /// What the server would make of the objects if `manager` applied them, taking over fields
    /// of others. The answers are in their order.
    pub async fn would_become(
        &self,
        objects: &[(ObjectName, &Value)],
        manager: &str,
    ) -> Vec<Result<Value, Refusal>> {
        let params = PatchParams::apply(manager).force();
        let objects = objects.iter();
        let questions = objects.map(|(name, object)| (name, Patch::Apply(*object)));
        self.would_become_by(questions.collect(), params).await
    }

    /// What the server would make of the objects if `manager` patched them (RFC 7386). The
    /// answers are in their order.
    pub async fn would_become_patched(
        &self,
        patches: &[(ObjectName, Value)],
        manager: &str,
    ) -> Vec<Result<Value, Refusal>> {
        let params = PatchParams {
            field_manager: Some(manager.to_owned()),
            ..PatchParams::default()
        };
        let patches = patches.iter();
        let questions = patches.map(|(name, patch)| (name, Patch::Merge(patch)));
        self.would_become_by(questions.collect(), params).await
    }

    async fn would_become_by(
        &self,
        questions: Vec<(&ObjectName, Patch<&Value>)>,
        mut params: PatchParams,
    ) -> Vec<Result<Value, Refusal>> {
        params.dry_run = true;
        let names: Vec<ObjectName> = questions.iter().map(|(name, _)| (*name).clone()).collect();
        let kinds = self.kinds(&names).await;
        let questions = questions.into_iter();
        let asked = questions.map(|(name, patch)| self.ask(name, patch, &params, &kinds));
        let asked: Vec<_> = asked.collect();
        stream::iter(asked).buffered(AT_ONCE).collect().await
    }

    async fn read(&self, name: &ObjectName, kinds: &Kinds) -> Result<Option<Value>, Error> {
        let api = self.api_in(name, kinds).await?;
        let read = async || {
            let request = Request::new(api.resource_url())
                .get(&name.name, &GetParams::default())
                .map_err(kube::Error::BuildRequest)?;
            self.client.request::<Value>(request).await
        };
        match again::repeat(read).await {
            Ok(object) => Ok(Some(object)),
            Err(error) => match self.error(error) {
                Error::NotFound(_) => Ok(None),
                Error::KindMissing { .. } => Err(kind_missing(name)),
                error => Err(error.about(name)),
            },
        }
    }

    /// Lists the objects of kinds that many are asked for. What cannot be listed is left out.
    async fn list_together(
        &self,
        names: &[ObjectName],
        kinds: &Kinds,
        labels: Option<&str>,
    ) -> HashMap<ObjectName, Value> {
        let Some(labels) = labels else {
            return HashMap::new();
        };
        let mut alike: HashMap<(&str, &str, Option<&str>), Vec<&ObjectName>> = HashMap::new();
        for name in names {
            let place = (
                name.api_version.as_str(),
                name.kind.as_str(),
                name.namespace.as_deref(),
            );
            alike.entry(place).or_default().push(name);
        }
        let many = alike.into_values().filter(|names| names.len() >= MANY);
        let lists = many.map(|names| self.list_alike(names, kinds, labels));
        let lists: Vec<_> = lists.collect();
        let lists: Vec<Vec<(ObjectName, Value)>> =
            stream::iter(lists).buffered(AT_ONCE).collect().await;
        lists.into_iter().flatten().collect()
    }

    /// The labelled objects among `names`, which are of one kind and namespace.
    async fn list_alike(
        &self,
        names: Vec<&ObjectName>,
        kinds: &Kinds,
        labels: &str,
    ) -> Vec<(ObjectName, Value)> {
        let Some(first) = names.first() else {
            return Vec::new();
        };
        let Ok(api) = self.api_in(first, kinds).await else {
            return Vec::new();
        };
        let mut params = ListParams::default().labels(labels).limit(PAGE);
        let mut found = Vec::new();
        loop {
            let read = async || {
                let request = Request::new(api.resource_url())
                    .list(&params)
                    .map_err(kube::Error::BuildRequest)?;
                self.client.request::<Value>(request).await
            };
            let Ok(mut page) = again::repeat(read).await else {
                return found;
            };
            let items = page.get_mut("items").and_then(Value::as_array_mut);
            for mut item in items.map(std::mem::take).unwrap_or_default() {
                let name = item["metadata"]["name"].as_str().unwrap_or_default();
                let Some(name) = names.iter().find(|wanted| wanted.name == name) else {
                    continue;
                };
                // Items of a list come without their kind.
                if let Some(fields) = item.as_object_mut() {
                    fields.insert("apiVersion".to_owned(), name.api_version.as_str().into());
                    fields.insert("kind".to_owned(), name.kind.as_str().into());
                }
                found.push(((*name).clone(), item));
            }
            let token = page["metadata"]["continue"].as_str().unwrap_or_default();
            if token.is_empty() {
                return found;
            }
            params.continue_token = Some(token.to_owned());
        }
    }

    async fn ask(
        &self,
        name: &ObjectName,
        patch: Patch<&Value>,
        params: &PatchParams,
        kinds: &Kinds,
    ) -> Result<Value, Refusal> {
        let api = self.api_in(name, kinds).await.map_err(|error| Refusal {
            error,
            reason: String::new(),
            is_immutable: false,
        })?;
        let read = async || {
            let request = Request::new(api.resource_url())
                .patch(&name.name, params, &patch)
                .map_err(kube::Error::BuildRequest)?;
            self.client.request::<Value>(request).await
        };
        again::repeat(read)
            .await
            .map_err(|error| self.refusal(name, error))
    }

    fn refusal(&self, name: &ObjectName, error: kube::Error) -> Refusal {
        let (reason, code, message) = match &error {
            kube::Error::Api(status) => {
                (status.reason.clone(), status.code, status.message.clone())
            }
            _ => (String::new(), 0, String::new()),
        };
        let immutable = message.contains("is immutable") || message.contains("immutable field");
        let error = match self.error(error) {
            Error::KindMissing { .. } => kind_missing(name),
            error => error,
        };
        Refusal {
            error,
            reason,
            is_immutable: matches!(code, 409 | 422) || immutable,
        }
    }

    async fn api_in(&self, name: &ObjectName, kinds: &Kinds) -> Result<Api<DynamicObject>, Error> {
        let place = (name.api_version.clone(), name.kind.clone());
        let client = self.client.clone();
        match kinds.get(&place) {
            Some(Some((resource, true))) => match &name.namespace {
                Some(namespace) => Ok(Api::namespaced_with(client, namespace, resource)),
                None => Err(Error::Invalid(format!(
                    "{name} namespace not specified: the server could not find the requested \
                     resource"
                ))),
            },
            Some(Some((resource, false))) => Ok(Api::all_with(client, resource)),
            Some(None) => Err(kind_missing(name)),
            None => self.api_of(name).await,
        }
    }

    /// Where the server has the kinds of the objects. Each kind is asked for once.
    async fn kinds(&self, names: &[ObjectName]) -> Kinds {
        let mut kinds = Kinds::new();
        let mut unknown: Vec<&ObjectName> = Vec::new();
        for name in names {
            let place = (name.api_version.clone(), name.kind.clone());
            if kinds.contains_key(&place) {
                continue;
            }
            let here = known(name);
            if here.is_none() {
                unknown.push(name);
            }
            kinds.insert(place, here);
        }
        let asked = unknown
            .into_iter()
            .map(|name| async move { (name, self.discover(name).await) });
        let asked: Vec<_> = asked.collect();
        let mut answers = stream::iter(asked).buffer_unordered(AT_ONCE);
        while let Some((name, answer)) = answers.next().await {
            let place = (name.api_version.clone(), name.kind.clone());
            match answer {
                Ok(found) => drop(kinds.insert(place, Some(found))),
                Err(Error::KindMissing { .. }) => {}
                // Whoever needs it asks again, and hears why not.
                Err(_) => drop(kinds.remove(&place)),
            }
        }
        kinds
    }
}
