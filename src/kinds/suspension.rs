//! Who suspended an object, why and until when: annotations that `suspend` writes and `resume`
//! removes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kube::ResourceExt;
use kube::api::DynamicObject;

/// Why it was suspended.
pub const REASON: &str = "reflux.dev/suspend-reason";
/// Who suspended it, as the API server knows them.
pub const BY: &str = "reflux.dev/suspended-by";
/// Until when it is meant to stay suspended, in RFC 3339.
pub const UNTIL: &str = "reflux.dev/suspended-until";

/// What is known of a suspension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suspension {
    /// Who.
    pub by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Until when.
    pub until: Option<Timestamp>,
}

impl Suspension {
    /// What the object's annotations say.
    pub fn of(object: &DynamicObject) -> Self {
        let annotations = object.annotations();
        let text = |key: &str| annotations.get(key).filter(|t| !t.is_empty()).cloned();
        Suspension {
            by: text(BY),
            reason: text(REASON),
            until: text(UNTIL).and_then(|t| t.parse().ok()),
        }
    }

    /// The annotations that say it. What is not known is none of them, which takes an older
    /// suspension's away when they are merged.
    pub fn annotations(&self) -> BTreeMap<&'static str, Option<String>> {
        BTreeMap::from([
            (BY, self.by.clone()),
            (REASON, self.reason.clone()),
            (UNTIL, self.until.map(|t| t.to_string())),
        ])
    }

    /// The annotations of the object that say something of its suspension, to be taken away.
    pub fn removal(object: &DynamicObject) -> BTreeMap<&'static str, Option<String>> {
        [BY, REASON, UNTIL]
            .into_iter()
            .filter(|key| object.annotations().contains_key(*key))
            .map(|key| (key, None))
            .collect()
    }

    /// Whether its time is over at `now`.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let suspension = Suspension {
            by: Some("ops".to_owned()),
            reason: None,
            until: "2026-01-01T10:00:00Z".parse().ok(),
        };
        let annotations: BTreeMap<_, _> = suspension
            .annotations()
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)))
            .collect();
        let object: DynamicObject = serde_json::from_value(json!({
            "apiVersion": "v1", "kind": "K",
            "metadata": {"name": "n", "annotations": annotations},
        }))
        .unwrap();
        assert_eq!(Suspension::of(&object), suspension);
        assert_eq!(Suspension::removal(&object).len(), 2);
        assert!(suspension.is_expired("2026-01-01T10:00:00Z".parse().unwrap()));
        assert!(!suspension.is_expired("2026-01-01T09:59:59Z".parse().unwrap()));
    }
}
