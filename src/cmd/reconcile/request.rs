//! A request for a reconciliation, and the controller's answer.

use jiff::Timestamp;
use kube::api::DynamicObject;

/// Now, as a request's time. Requests are told apart by it, so it is never a whole second, which
/// would be written shorter.
pub(super) fn time() -> Timestamp {
    let now = Timestamp::now();
    if now.subsec_nanosecond() == 0 {
        now + jiff::SignedDuration::from_nanos(1)
    } else {
        now
    }
}

/// Whether the controller has dealt with our request, or with a later one that replaced it.
pub(super) fn is_handled(object: &DynamicObject, requested: Timestamp) -> bool {
    let handled = object.data["status"]["lastHandledReconcileAt"].as_str();
    handled
        .and_then(|text| text.parse::<Timestamp>().ok())
        .is_some_and(|handled| handled >= requested)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_our_request_or_a_later_one_counts() {
        let object = |handled: serde_json::Value| -> DynamicObject {
            serde_json::from_value(json!({
                "apiVersion": "v1", "kind": "K", "metadata": {"name": "n"},
                "status": {"lastHandledReconcileAt": handled},
            }))
            .unwrap()
        };
        let requested: Timestamp = "2026-01-01T00:00:10.5Z".parse().unwrap();
        for (handled, want) in [
            (json!("2026-01-01T00:00:10.5Z"), true),
            (json!("2026-01-01T01:00:10.5+01:00"), true),
            (json!("2026-01-01T00:00:11Z"), true),
            (json!("2026-01-01T00:00:09Z"), false),
            (json!("by hand"), false),
            (json!(null), false),
        ] {
            assert_eq!(
                is_handled(&object(handled.clone()), requested),
                want,
                "{handled}"
            );
        }
    }
}
