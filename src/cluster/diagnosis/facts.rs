//! What a diagnosis knows: values without any connection, and how each reads as a line.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

use super::super::health::{Health, Trouble};
use crate::kinds::Kind;

/// Everything that was found out.
#[derive(Default)]
pub struct Facts<'a> {
    /// The objects in question, what they are made from before them.
    pub objects: Vec<ObjectFact<'a>>,
    /// The controllers that act on them.
    pub controllers: Vec<Health>,
    /// The namespace of the controllers.
    pub namespace: String,
    /// Pods of what the objects applied that are not ready.
    pub pods: Vec<PodFact>,
    /// Recent warnings about all of these, the latest last.
    pub events: Vec<String>,
    /// The last errors in the controllers' logs, the latest last.
    pub logs: Vec<LogFact>,
    /// What could not be read, and why.
    pub unread: Vec<String>,
}

/// A Flux object in question.
pub struct ObjectFact<'a> {
    /// Its kind.
    pub kind: &'a Kind,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What is known of it.
    pub state: ObjectState,
}

/// What is known of an object.
#[derive(Debug)]
pub enum ObjectState {
    /// The server does not have the kind.
    KindMissing,
    /// It does not exist.
    Missing,
    /// It could not be read.
    Unread,
    /// It is there.
    Present {
        /// Its conditions.
        conditions: Vec<Condition>,
        /// Whether it is suspended.
        suspended: bool,
    },
}

/// A pod that is not ready.
#[derive(Debug)]
pub struct PodFact {
    /// Its namespace and name.
    pub name: String,
    /// What keeps it.
    pub trouble: Trouble,
}

/// An error in a controller's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFact {
    /// The controller.
    pub controller: String,
    /// What it says.
    pub text: String,
}

impl ObjectFact<'_> {
    /// What the object is called in sentences: `Kind namespace/name`.
    pub fn title(&self) -> String {
        format!("{} {}/{}", self.kind.kind, self.namespace, self.name)
    }

    /// The conditions that say that something is wrong, the gravest first.
    pub fn complaints(&self) -> impl Iterator<Item = &Condition> {
        let conditions = match &self.state {
            ObjectState::Present { conditions, .. } => conditions.as_slice(),
            _ => &[],
        };
        let of = |kind: &str| conditions.iter().find(|c| c.type_ == kind);
        let stalled = of("Stalled").filter(|c| c.status == "True");
        let ready = of("Ready").filter(|c| c.status != "True");
        let others = conditions.iter().filter(|c| {
            c.status == "True"
                && !matches!(&*c.type_, "Ready" | "Stalled" | "Reconciling")
                && c.type_.ends_with("Failed")
        });
        stalled.into_iter().chain(ready).chain(others)
    }

    /// Whether the object is there and its controller has said nothing about it.
    pub fn is_unseen(&self) -> bool {
        matches!(&self.state, ObjectState::Present { conditions, .. } if conditions.is_empty())
    }

    fn lines(&self) -> Vec<String> {
        let title = self.title();
        let told = |text: &str| vec![format!("{title}: {text}")];
        match &self.state {
            ObjectState::KindMissing => told("the cluster does not have this kind"),
            ObjectState::Missing => told("does not exist"),
            ObjectState::Unread => Vec::new(),
            ObjectState::Present {
                suspended: true, ..
            } => told("is suspended"),
            ObjectState::Present { conditions, .. } if conditions.is_empty() => {
                told("no controller has looked at it")
            }
            ObjectState::Present { .. } => {
                let mut lines: Vec<String> = Vec::new();
                for c in self.complaints() {
                    let line = format!(
                        "{title}: {} {}, {}: {}",
                        c.type_, c.status, c.reason, c.message
                    );
                    // Several conditions often repeat one message.
                    if !lines
                        .iter()
                        .any(|earlier| earlier.ends_with(c.message.as_str()))
                    {
                        lines.push(line);
                    }
                }
                if lines.is_empty() {
                    lines = told("is ready");
                }
                lines
            }
        }
    }
}

impl Facts<'_> {
    /// The facts as lines for people, the most telling first.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.objects.iter().flat_map(ObjectFact::lines).collect();
        for controller in &self.controllers {
            lines.extend(controller_line(&self.namespace, controller));
        }
        lines.extend(
            self.pods
                .iter()
                .map(|pod| format!("pod {}: {}", pod.name, pod.trouble)),
        );
        lines.extend(self.events.iter().map(|event| format!("event: {event}")));
        for log in &self.logs {
            lines.push(format!("log of {}: {}", log.controller, log.text));
        }
        lines.extend(self.unread.iter().map(|what| format!("not known: {what}")));
        lines
    }
}

/// What is to be said of a controller; nothing where it runs.
fn controller_line(namespace: &str, controller: &Health) -> Option<String> {
    let name = &controller.name;
    if let Some(why) = controller.why() {
        return Some(format!("{name} in {namespace} is not ready: {why}"));
    }
    if !controller.is_ready() {
        return Some(format!("{name} is not in the {namespace} namespace"));
    }
    controller
        .is_scaled_to_zero()
        .then(|| format!("{name} in {namespace} is scaled to zero"))
}
