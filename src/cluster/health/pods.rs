//! Why a pod is not ready.

use k8s_openapi::api::core::v1::{ContainerState, ContainerStatus, Pod, PodStatus};

/// What keeps a pod from being ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// One word, as Kubernetes has it, such as `ImagePullBackOff` or `Unschedulable`.
    pub reason: String,
    /// What Kubernetes says about it; may be empty.
    pub message: String,
}

/// Reasons that do not go away while one watches.
const STUCK: &[&str] = &[
    "Unschedulable",
    "ErrImagePull",
    "ImagePullBackOff",
    "ErrImageNeverPull",
    "InvalidImageName",
    "CrashLoopBackOff",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
    "OOMKilled",
    "Evicted",
];

impl Trouble {
    fn new(reason: impl Into<String>, message: impl Into<String>) -> Self {
        Trouble {
            reason: reason.into(),
            message: message.into(),
        }
    }

    /// Whether it is of the kind that somebody has to do something about.
    pub fn is_stuck(&self) -> bool {
        STUCK.contains(&self.reason.as_str())
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.message.trim() {
            "" => f.write_str(&self.reason),
            message => write!(f, "{}: {message}", self.reason),
        }
    }
}

/// What keeps the pod from being ready; nothing where it is, or has done its work.
pub fn trouble(pod: &Pod) -> Option<Trouble> {
    let Some(status) = &pod.status else {
        return Some(Trouble::new("Pending", "it has no status yet"));
    };
    let phase = status.phase.as_deref().unwrap_or_default();
    if phase == "Succeeded" || is_ready(status) {
        return None;
    }
    if phase == "Failed" {
        let reason = status.reason.as_deref().unwrap_or("Failed");
        return Some(Trouble::new(
            reason,
            status.message.as_deref().unwrap_or_default(),
        ));
    }
    unscheduled(status)
        .or_else(|| containers(status).find_map(waiting))
        .or_else(|| containers(status).find_map(starting))
        .or_else(|| unready(status))
        .or_else(|| {
            Some(Trouble::new(
                if phase.is_empty() { "Pending" } else { phase },
                "",
            ))
        })
}

fn is_ready(status: &PodStatus) -> bool {
    condition(status, "Ready").is_some_and(|(status, ..)| status == "True")
}

fn unscheduled(status: &PodStatus) -> Option<Trouble> {
    let (value, reason, message) = condition(status, "PodScheduled")?;
    (value == "False").then(|| Trouble::new(reason, message))
}

/// A container that waits or has stopped, with a reason worth telling.
fn waiting(container: &ContainerStatus) -> Option<Trouble> {
    let state = container.state.as_ref()?;
    let waiting = state.waiting.as_ref();
    if let Some(waiting) = waiting.filter(|w| !is_starting(w.reason.as_deref())) {
        let message = match ended(container.last_state.as_ref()) {
            Some(last) => format!("{}; {last}", waiting.message.as_deref().unwrap_or_default()),
            None => waiting.message.clone().unwrap_or_default(),
        };
        return Some(Trouble::new(waiting.reason.as_deref()?, message));
    }
    let terminated = state.terminated.as_ref().filter(|t| t.exit_code != 0)?;
    let reason = terminated.reason.as_deref().unwrap_or("Error");
    Some(Trouble::new(reason, ended(Some(state)).unwrap_or_default()))
}

/// A container that is about to start.
fn starting(container: &ContainerStatus) -> Option<Trouble> {
    let waiting = container.state.as_ref()?.waiting.as_ref()?;
    Some(Trouble::new(
        waiting.reason.as_deref()?,
        waiting.message.as_deref().unwrap_or_default(),
    ))
}

fn is_starting(reason: Option<&str>) -> bool {
    matches!(reason, None | Some("ContainerCreating" | "PodInitializing"))
}

fn ended(state: Option<&ContainerState>) -> Option<String> {
    let terminated = state?.terminated.as_ref()?;
    let message = terminated.message.as_deref().unwrap_or_default().trim();
    let text = format!(
        "it ended with exit code {} ({})",
        terminated.exit_code,
        terminated.reason.as_deref().unwrap_or("Error")
    );
    // A container may leave whole logs as its last message; its last line says most.
    Some(match message.lines().last() {
        Some(line) => format!("{text}: {line}"),
        None => text,
    })
}

/// Everything runs, but a probe fails.
fn unready(status: &PodStatus) -> Option<Trouble> {
    let (_, reason, message) = condition(status, "Ready")?;
    Some(Trouble::new(
        if reason.is_empty() {
            "NotReady"
        } else {
            reason
        },
        message,
    ))
}

fn containers(status: &PodStatus) -> impl Iterator<Item = &ContainerStatus> {
    let init = status.init_container_statuses.iter().flatten();
    init.chain(status.container_statuses.iter().flatten())
}

/// Status, reason and message of the condition.
fn condition<'a>(status: &'a PodStatus, kind: &str) -> Option<(&'a str, &'a str, &'a str)> {
    let condition = status
        .conditions
        .as_ref()?
        .iter()
        .find(|c| c.type_ == kind)?;
    Some((
        &condition.status,
        condition.reason.as_deref().unwrap_or_default(),
        condition.message.as_deref().unwrap_or_default(),
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn of(status: Value) -> Option<String> {
        let pod = serde_json::from_value(json!({"metadata": {"name": "p"}, "status": status}));
        trouble(&pod.unwrap()).map(|t| format!("{}{t}", if t.is_stuck() { "stuck: " } else { "" }))
    }

    #[test]
    fn reasons() {
        let ready = json!([{"type": "Ready", "status": "True"}]);
        let container = |state: Value| {
            json!({"phase": "Pending", "containerStatuses": [
            {"name": "manager", "ready": false, "restartCount": 0, "image": "", "imageID": "",
             "state": state}]})
        };
        let cases = [
            (json!({"phase": "Running", "conditions": ready}), None),
            (json!({"phase": "Succeeded"}), None),
            (json!({}), Some("Pending")),
            (
                json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False",
                    "reason": "Unschedulable", "message": "0/2 nodes are available"}]}),
                Some("stuck: Unschedulable: 0/2 nodes are available"),
            ),
            (
                container(
                    json!({"waiting": {"reason": "ImagePullBackOff", "message": "Back-off"}}),
                ),
                Some("stuck: ImagePullBackOff: Back-off"),
            ),
            (
                container(json!({"waiting": {"reason": "ContainerCreating"}})),
                Some("ContainerCreating"),
            ),
            (
                container(json!({"terminated": {"reason": "OOMKilled", "exitCode": 137}})),
                Some("stuck: OOMKilled: it ended with exit code 137 (OOMKilled)"),
            ),
            (
                json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "False",
                    "reason": "ContainersNotReady", "message": "containers with unready status"}]}),
                Some("ContainersNotReady: containers with unready status"),
            ),
            (
                json!({"phase": "Failed", "reason": "Evicted", "message": "low on memory"}),
                Some("stuck: Evicted: low on memory"),
            ),
        ];
        for (status, want) in cases {
            assert_eq!(of(status.clone()).as_deref(), want, "{status}");
        }
    }

    #[test]
    fn a_container_that_keeps_ending_says_how_it_ended() {
        let status = json!({"phase": "Running", "containerStatuses": [{
            "name": "manager", "ready": false, "restartCount": 4, "image": "", "imageID": "",
            "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s"}},
            "lastState": {"terminated": {"exitCode": 1, "reason": "Error", "message": "a\npanic: b\n"}},
        }]});
        assert_eq!(
            of(status).as_deref(),
            Some(
                "stuck: CrashLoopBackOff: back-off 40s; it ended with exit code 1 (Error): panic: b"
            )
        );
    }
}
