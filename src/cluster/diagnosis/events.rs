//! Which warnings concern a subject.

use k8s_openapi::api::core::v1::Event;
use k8s_openapi::jiff::Timestamp;

/// How many warnings are kept.
const KEPT: usize = 5;

/// What warnings may be about.
#[derive(Debug, Default)]
pub(super) struct Concerns {
    /// Kind, namespace and name of objects.
    pub(super) objects: Vec<(String, String, String)>,
    /// Namespace and name of workloads whose pods and replica sets count too: these are called
    /// `name-…`.
    pub(super) workloads: Vec<(String, String)>,
}

impl Concerns {
    fn include(&self, event: &Event) -> bool {
        let about = &event.involved_object;
        let kind = about.kind.as_deref().unwrap_or_default();
        let namespace = about.namespace.as_deref().unwrap_or_default();
        let name = about.name.as_deref().unwrap_or_default();
        let is_object =
            |(k, ns, n): &(String, String, String)| k == kind && ns == namespace && n == name;
        let is_part = |(ns, workload): &(String, String)| {
            let rest = name.strip_prefix(workload.as_str());
            ns == namespace && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        self.objects.iter().any(is_object)
            || matches!(
                kind,
                "Pod" | "ReplicaSet" | "Deployment" | "StatefulSet" | "DaemonSet" | "Job"
            ) && self.workloads.iter().any(is_part)
    }
}

/// The last different warnings that concern the subject, as lines, the latest last. Those that say
/// no more than `known` does are left out.
pub(super) fn warnings(mut events: Vec<Event>, concerns: &Concerns, known: &[&str]) -> Vec<String> {
    events.retain(|event| event.type_.as_deref() == Some("Warning") && concerns.include(event));
    events.sort_by_key(time);
    let mut lines: Vec<String> = Vec::new();
    for event in events.iter().rev() {
        let message = event.message.as_deref().unwrap_or_default().trim();
        let about = &event.involved_object;
        let line = format!(
            "{}/{}/{} {}: {message}",
            about.kind.as_deref().unwrap_or_default(),
            about.namespace.as_deref().unwrap_or_default(),
            about.name.as_deref().unwrap_or_default(),
            event.reason.as_deref().unwrap_or_default(),
        );
        if !known.contains(&message) && !lines.contains(&line) {
            lines.push(line);
        }
        if lines.len() == KEPT {
            break;
        }
    }
    lines.reverse();
    lines
}

/// When it last happened, as far as the event says.
fn time(event: &Event) -> Option<Timestamp> {
    let series = event
        .series
        .as_ref()
        .and_then(|s| s.last_observed_time.as_ref());
    series
        .or(event.event_time.as_ref())
        .map(|time| time.0)
        .max(event.last_timestamp.as_ref().map(|time| time.0))
        .or(event
            .metadata
            .creation_timestamp
            .as_ref()
            .map(|time| time.0))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(type_: &str, kind: &str, name: &str, message: &str, second: u8) -> Event {
        serde_json::from_value(json!({
            "metadata": {"name": "e", "namespace": "fx"},
            "involvedObject": {"kind": kind, "namespace": "fx", "name": name},
            "type": type_, "reason": "Why", "message": message,
            "lastTimestamp": format!("2026-01-01T00:00:{second:02}Z"),
        }))
        .unwrap()
    }

    #[test]
    fn only_warnings_about_the_subject_count() {
        let events = vec![
            event("Warning", "Pod", "source-controller-1-x", "pull failed", 3),
            event("Warning", "Pod", "source-controllers", "another's", 4),
            event("Normal", "GitRepository", "app", "fine", 5),
            event("Warning", "GitRepository", "app", "known already", 6),
            event("Warning", "GitRepository", "app", "no such host", 2),
            event("Warning", "GitRepository", "app", "no such host", 1),
            event("Warning", "Secret", "source-controller", "another kind", 7),
        ];
        let concerns = Concerns {
            objects: vec![("GitRepository".into(), "fx".into(), "app".into())],
            workloads: vec![("fx".into(), "source-controller".into())],
        };
        assert_eq!(
            warnings(events, &concerns, &["known already"]),
            [
                "GitRepository/fx/app Why: no such host",
                "Pod/fx/source-controller-1-x Why: pull failed"
            ]
        );
    }
}
