//! Many objects at once: one watch for all objects of a kind that are waited for.

use std::collections::{HashMap, HashSet};

use futures::StreamExt;
use futures::stream::{BoxStream, SelectAll};
use kube::api::DynamicObject;
use kube::runtime::watcher::{self, Event};

use super::{Cluster, Error, PAGE, Scope};
use crate::kinds::{Kind, Target};

type Key = (&'static str, String, String);

fn key(target: &Target) -> Key {
    (
        target.kind.kind,
        target.namespace.clone(),
        target.name.clone(),
    )
}

/// What a watch tells about a target.
#[derive(Debug, Clone, Copy)]
pub enum Sight<'a> {
    /// It is like this now.
    Object(&'a DynamicObject),
    /// It does not exist, or not any more.
    Gone,
    /// It cannot be watched, and waiting longer cannot help.
    Lost(&'a Error),
}

/// The objects that one watch covers.
struct Field {
    kind: &'static Kind,
    /// None is every namespace.
    namespace: Option<String>,
    /// Those not settled yet.
    waiting: HashSet<Key>,
    /// Those that the list which begins a watch has shown so far.
    listed: HashSet<Key>,
}

impl Cluster {
    /// Follows all `targets` until `decide` has said of each that it is settled, with one watch for
    /// the objects of a kind in a namespace, or in all namespaces where `everywhere` is set.
    /// `decide` gets the target's place in `targets`; a settled target is not shown again.
    ///
    /// Watches that break come back by themselves, from where they were. The caller owns the
    /// deadline.
    pub async fn follow_many(
        &self,
        targets: &[Target],
        everywhere: bool,
        mut decide: impl FnMut(usize, Sight<'_>) -> bool,
    ) {
        let mut places: HashMap<Key, Vec<usize>> = HashMap::new();
        for (place, target) in targets.iter().enumerate() {
            places.entry(key(target)).or_default().push(place);
        }
        let mut decide_all = |key: &Key, sight: Sight<'_>| {
            let places = places.get(key).map_or(&[][..], Vec::as_slice);
            let mut settled = true;
            // Every place must see it, whatever the first says.
            for place in places {
                settled &= decide(*place, sight);
            }
            settled
        };
        let mut fields = fields(targets, everywhere);
        let mut events: SelectAll<_> = fields
            .iter()
            .enumerate()
            .map(|(at, field)| self.watch_field(at, field))
            .collect();
        while fields.iter().any(|field| !field.waiting.is_empty()) {
            // The watches never end of themselves.
            let Some((at, event)) = events.next().await else {
                return;
            };
            let Some(field) = fields.get_mut(at) else {
                continue;
            };
            match event {
                Ok(event) => field.see(&event, &mut decide_all),
                Err(error) => {
                    for key in std::mem::take(&mut field.waiting) {
                        decide_all(&key, Sight::Lost(&error));
                    }
                }
            }
        }
    }

    fn watch_field(
        &self,
        at: usize,
        field: &Field,
    ) -> BoxStream<'static, (usize, Result<Event<DynamicObject>, Error>)> {
        let scope = field
            .namespace
            .as_deref()
            .map_or(Scope::All, Scope::Namespace);
        let mut config = watcher::Config::default().page_size(PAGE);
        let mut waiting = field.waiting.iter();
        if let (Some((_, _, name)), None) = (waiting.next(), waiting.next()) {
            config = config.fields(&format!("metadata.name={name}"));
        }
        let (cluster, kind) = (self.clone(), field.kind);
        self.events(self.objects(kind, scope), config)
            .then(move |event| {
                let cluster = cluster.clone();
                async move {
                    let event = match event {
                        Ok(event) => Ok(event),
                        Err(error) => Err(cluster.name_versions(error, kind).await),
                    };
                    (at, event)
                }
            })
            .boxed()
    }
}

/// One field for the targets of a kind in a namespace, or in all of them.
fn fields(targets: &[Target], everywhere: bool) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    for target in targets {
        let namespace = (!everywhere).then(|| target.namespace.clone());
        let known = fields
            .iter_mut()
            .find(|f| f.kind.kind == target.kind.kind && f.namespace == namespace);
        match known {
            Some(field) => {
                field.waiting.insert(key(target));
            }
            None => fields.push(Field {
                kind: target.kind,
                namespace,
                waiting: HashSet::from([key(target)]),
                listed: HashSet::new(),
            }),
        }
    }
    fields
}

impl Field {
    /// Shows what the event says about those that are waited for, and forgets the settled.
    fn see(
        &mut self,
        event: &Event<DynamicObject>,
        decide: &mut impl FnMut(&Key, Sight<'_>) -> bool,
    ) {
        match event {
            Event::Init => self.listed.clear(),
            Event::InitApply(object) | Event::Apply(object) => {
                let key = key(&Target::of(self.kind, object));
                if !self.waiting.contains(&key) {
                    return;
                }
                if decide(&key, Sight::Object(object)) {
                    self.waiting.remove(&key);
                } else if matches!(event, Event::InitApply(_)) {
                    self.listed.insert(key);
                }
            }
            Event::Delete(object) => {
                let key = key(&Target::of(self.kind, object));
                if self.waiting.contains(&key) && decide(&key, Sight::Gone) {
                    self.waiting.remove(&key);
                }
            }
            Event::InitDone => {
                let listed = std::mem::take(&mut self.listed);
                self.waiting
                    .retain(|key| listed.contains(key) || !decide(key, Sight::Gone));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kinds::KUSTOMIZATION;

    fn object(name: &str) -> DynamicObject {
        serde_json::from_value(json!({
            "apiVersion": "v1", "kind": "K", "metadata": {"name": name, "namespace": "ns"},
        }))
        .unwrap()
    }

    #[test]
    fn what_a_list_does_not_show_is_gone() {
        let targets = ["a", "b", "c"].map(|name| Target::of(&KUSTOMIZATION, &object(name)));
        let mut fields = fields(&targets, false);
        assert_eq!(fields.len(), 1);
        let mut seen = Vec::new();
        let mut decide = |key: &Key, sight: Sight<'_>| {
            let word = match sight {
                Sight::Object(_) => "there",
                Sight::Gone => "gone",
                Sight::Lost(_) => "lost",
            };
            seen.push(format!("{} {word}", key.2));
            word == "gone" || key.2 == "a"
        };
        for event in [
            Event::Init,
            Event::InitApply(object("a")),
            Event::InitApply(object("b")),
            Event::InitApply(object("other")),
            Event::InitDone,
            Event::Apply(object("a")),
            Event::Apply(object("b")),
            Event::Delete(object("b")),
        ] {
            fields[0].see(&event, &mut decide);
        }
        assert_eq!(seen, ["a there", "b there", "c gone", "b there", "b gone"]);
        assert!(fields[0].waiting.is_empty());
    }
}
