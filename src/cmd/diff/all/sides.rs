//! What two builds of a repository have in common, and what not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::build::all::{Cluster, Id, Rendered, id, title};
use crate::build::spec::{GROUP, Kustomization};
use crate::diff::{self, Action, Against, Failure, Report, Section, in_metadata, unseen};
use crate::kinds::ObjectName;

/// Compares the clusters of two builds, which began with the same folders as far as those are
/// there. A cluster that only `head` has is a new one. One that only `base` has is none that goes:
/// its controller does not find the folder, and leaves everything as it is.
pub(super) fn compare(base: &[Cluster], head: &[Cluster]) -> Report {
    let mut report = Report::new(Against::Revision);
    let entries: BTreeSet<&Path> = base.iter().chain(head).map(|c| c.entry.as_path()).collect();
    let several = entries.len() > 1;
    for entry in entries {
        let find = |clusters: &'_ [Cluster]| -> Option<usize> {
            clusters.iter().position(|cluster| cluster.entry == entry)
        };
        let (before, after) = (find(base), find(head));
        let name = match entry.display().to_string() {
            root if root.is_empty() => ".".to_owned(),
            name => name,
        };
        let pair = Pair {
            base: Side::of(before.map(|at| &base[at])),
            head: Side::of(after.map(|at| &head[at])),
            prefix: several.then(|| name.clone()),
        };
        if before.is_some() && after.is_none() {
            pair.fail_whole(
                &mut report,
                format!(
                    "the folder {name} is not there after the change: a cluster that follows it \
                     applies nothing new and deletes nothing (kustomization path not found)"
                ),
            );
        } else if let Some(follower) = pair.unfollowed() {
            let follower = title(follower);
            pair.fail_whole(
                &mut report,
                format!(
                    "{follower}, which follows {name}, is not among its objects after the change: if \
                     it prunes, it deletes itself and then all that it applied; nothing of it is \
                     compared"
                ),
            );
        } else {
            pair.compare(&mut report);
        }
    }
    report.group();
    report
}

/// The Kustomizations of a cluster in one revision.
#[derive(Default)]
struct Side<'c> {
    rendered: Vec<&'c Rendered>,
    by_id: BTreeMap<Id, &'c Rendered>,
    /// Why a Kustomization that is there is not built.
    elsewhere: BTreeMap<&'c Id, &'c str>,
}

impl<'c> Side<'c> {
    fn of(cluster: Option<&'c Cluster>) -> Self {
        let Some(cluster) = cluster else {
            return Side::default();
        };
        let elsewhere = cluster.elsewhere.iter().flat_map(|elsewhere| {
            let source = elsewhere.source.as_str();
            elsewhere.kustomizations.iter().map(move |id| (id, source))
        });
        Side {
            rendered: cluster.rendered.iter().collect(),
            by_id: cluster
                .rendered
                .iter()
                .map(|rendered| (id(&rendered.kustomization), rendered))
                .collect(),
            elsewhere: elsewhere.collect(),
        }
    }

    /// Whether a Kustomization is one of those, or below one of them.
    fn is_below(&self, of: &Rendered, those: &BTreeSet<Id>) -> bool {
        let mut next = Some(id(&of.kustomization));
        // Nothing is deeper than there are Kustomizations.
        for _ in 0..=self.rendered.len() {
            let Some(id) = next else {
                return false;
            };
            if those.contains(&id) {
                return true;
            }
            next = self
                .by_id
                .get(&id)
                .and_then(|rendered| rendered.above.clone());
        }
        false
    }
}

struct Pair<'c> {
    base: Side<'c>,
    head: Side<'c>,
    /// The cluster, where there are several.
    prefix: Option<String>,
}

impl Pair<'_> {
    /// The Kustomization by which a cluster followed its folder, where the folder has none after
    /// the change.
    fn unfollowed(&self) -> Option<&Id> {
        let is_top = |id: &Id| !id.1.is_empty();
        let mut tops = self.base.by_id.iter();
        let (top, _) = tops.find(|(id, rendered)| rendered.above.is_none() && is_top(id))?;
        let folder = (String::new(), String::new());
        let folder = self.head.by_id.get(&folder)?;
        // What cannot be built is told as that.
        (folder.objects.is_ok() && !self.head.by_id.contains_key(top)).then_some(top)
    }

    /// Tells why nothing of a cluster is compared.
    fn fail_whole(&self, report: &mut Report, message: String) {
        let top = self.base.by_id.iter();
        let mut top = top.filter(|(_, rendered)| rendered.above.is_none());
        let kustomization = top.next().map(|(id, _)| self.key(id));
        report.fail(Failure {
            object: None,
            kustomization: kustomization.unwrap_or_default(),
            message,
            advice: None,
        });
    }

    fn compare(&self, report: &mut Report) {
        let uncompared = self.failures(report);
        // Where the folder to begin with cannot be built, nothing is known of what is below it.
        if uncompared.iter().any(|(_, name)| name.is_empty()) {
            return;
        }
        let (base, head) = (&self.base, &self.head);
        let keys = |side: &Side<'_>| -> Vec<(String, usize)> {
            let compared = side.rendered.iter().enumerate();
            compared
                .filter(|(_, rendered)| !side.is_below(rendered, &uncompared))
                .map(|(at, rendered)| (self.key(&id(&rendered.kustomization)), at))
                .collect()
        };
        let (base_keys, head_keys) = (keys(base), keys(head));
        let begins = report.changes.len();
        let mut sections = BTreeMap::new();
        for (side, keys) in [(head, &head_keys), (base, &base_keys)] {
            for (key, at) in keys {
                sections.entry(key.clone()).or_insert_with(|| {
                    report.sections.push(Section {
                        kustomization: self.subject(&id(&side.rendered[*at].kustomization)),
                        above: None,
                        has_line: true,
                    });
                    report.sections.len() - 1
                });
            }
        }
        let secrets = diff::compare_lists(
            report,
            &objects(base, &base_keys),
            &objects(head, &head_keys),
            |key| sections.get(key).copied().unwrap_or_default(),
        );
        let ids: BTreeMap<&str, Id> = base_keys
            .iter()
            .map(|(key, at)| (key.as_str(), id(&base.rendered[*at].kustomization)))
            .collect();
        self.keep(report, begins, &ids);
        report.hide_names(&secrets);
    }

    /// Tells what could not be built; returns the Kustomizations that are not compared.
    fn failures(&self, report: &mut Report) -> BTreeSet<Id> {
        let mut uncompared = BTreeSet::new();
        let mut fail = |id: &Id, message: String, advice: Option<&'static str>| {
            uncompared.insert(id.clone());
            report.fail(Failure {
                object: None,
                kustomization: self.key(id),
                message: match &self.prefix {
                    Some(prefix) => format!("{prefix}: {message}"),
                    None => message,
                },
                advice,
            });
        };
        for (side, other, name) in [
            (&self.base, &self.head, "before"),
            (&self.head, &self.base, "after"),
        ] {
            for rendered in &side.rendered {
                if let Err(error) = &rendered.objects {
                    let id = id(&rendered.kustomization);
                    fail(
                        &id,
                        format!("{} cannot be built {name} the change: {error}", title(&id)),
                        error.advice,
                    );
                }
            }
            for (id, source) in &side.elsewhere {
                if other.by_id.contains_key(*id) {
                    let title = title(id);
                    fail(
                        id,
                        format!(
                            "{title} cannot be built {name} the change: {source} is not in this \
                             repository"
                        ),
                        Some("say where it is: --local-sources Kind/namespace/name=DIR"),
                    );
                }
            }
        }
        uncompared
    }

    /// Tells of objects that go whether anything would delete them, and what goes with them.
    fn keep(&self, report: &mut Report, begins: usize, ids: &BTreeMap<&str, Id>) {
        let Report {
            changes, summary, ..
        } = report;
        for change in changes.iter_mut().skip(begins) {
            if change.action != Action::Deleted {
                continue;
            }
            let Some(id) = ids.get(change.kustomization.as_str()) else {
                continue;
            };
            let reason = self
                .kept_object(id, &change.subject)
                .or_else(|| self.kept_by(id, 0));
            match reason {
                Some(reason) => {
                    change.action = Action::Kept;
                    change.reason = Some(reason);
                    summary.deleted -= 1;
                    summary.kept += 1;
                }
                None => change.reason = self.taken_along(id, &change.subject),
            }
        }
    }

    /// Why an object itself stays.
    fn kept_object(&self, id: &Id, subject: &ObjectName) -> Option<String> {
        let object = self.before(id, subject)?;
        let key = format!("{GROUP}/prune");
        in_metadata(object, &key, "disabled").then(|| format!("it says {key}: disabled"))
    }

    /// What goes with an object and is not among those that are compared.
    fn taken_along(&self, id: &Id, subject: &ObjectName) -> Option<String> {
        let own = (
            subject.namespace.clone().unwrap_or_default(),
            subject.name.clone(),
        );
        if subject.is(GROUP, "Kustomization") {
            // What it applied is told, object by object.
            let rendered = self.base.by_id.get(&own);
            if rendered.is_some_and(|rendered| rendered.objects.is_ok()) {
                return None;
            }
        }
        unseen(subject, self.before(id, subject)?).map(str::to_owned)
    }

    /// An object of a Kustomization before the change.
    fn before(&self, id: &Id, subject: &ObjectName) -> Option<&Value> {
        let objects = self.base.by_id.get(id)?.objects.as_ref().ok()?;
        let mut objects = objects.iter().map(|object| &object.value);
        objects.find(|object| ObjectName::of(object).as_ref() == Some(subject))
    }

    /// Why what goes from a Kustomization stays in the cluster.
    fn kept_by(&self, id: &Id, depth: usize) -> Option<String> {
        let name = title(id);
        if let Some(rendered) = self.head.by_id.get(id) {
            let spec = &rendered.kustomization.spec;
            return if id.1.is_empty() {
                Some("nothing deletes what is not in the folder any more".to_owned())
            } else if spec.suspend {
                Some(format!("{name} is suspended"))
            } else if spec.prune {
                None
            } else {
                Some(format!("{name} does not prune"))
            };
        }
        let rendered = self.base.by_id.get(id)?;
        let Some(above) = &rendered.above else {
            return deleted_with(&rendered.kustomization).map(|why| format!("{name} {why}"));
        };
        if depth > self.base.rendered.len() {
            return None;
        }
        // It goes itself, or stays with all that it has.
        let itself = ObjectName::of(&serde_json::json!({
            "apiVersion": format!("{GROUP}/v1"), "kind": "Kustomization",
            "metadata": {"name": id.1, "namespace": id.0},
        }));
        let stays = itself
            .and_then(|itself| self.kept_object(above, &itself))
            .or_else(|| self.kept_by(above, depth + 1));
        match stays {
            Some(_) => Some(format!("{name} stays")),
            None => deleted_with(&rendered.kustomization).map(|why| format!("{name} {why}")),
        }
    }

    /// What a Kustomization is called in the report.
    fn key(&self, (namespace, name): &Id) -> String {
        let own = match (namespace.as_str(), name.as_str()) {
            (_, "") => "the folder itself".to_owned(),
            ("", name) => name.to_owned(),
            (namespace, name) => format!("{namespace}/{name}"),
        };
        match &self.prefix {
            Some(prefix) => format!("{prefix}: {own}"),
            None => own,
        }
    }

    fn subject(&self, (namespace, name): &Id) -> ObjectName {
        let kind = match &self.prefix {
            Some(prefix) => format!("{prefix}: Kustomization"),
            None => "Kustomization".to_owned(),
        };
        let name = if name.is_empty() { "." } else { name };
        ObjectName {
            api_version: format!("{GROUP}/v1"),
            kind,
            namespace: Some(namespace.clone()).filter(|namespace| !namespace.is_empty()),
            name: name.to_owned(),
        }
    }
}

/// The objects of the Kustomizations at those places.
fn objects<'c>(side: &Side<'c>, keys: &'c [(String, usize)]) -> Vec<diff::Rendered<'c>> {
    let mut all = Vec::new();
    for (key, at) in keys {
        let objects = side.rendered[*at].objects.as_deref().unwrap_or_default();
        all.extend(objects.iter().map(|object| diff::Rendered {
            kustomization: key,
            object: &object.value,
            secret: &object.secret,
            hidden: &object.hidden,
            secret_values: object.secret_values.texts(),
        }));
    }
    all
}

/// Why a Kustomization leaves what it applied when it is deleted.
fn deleted_with(kustomization: &Kustomization) -> Option<String> {
    let spec = &kustomization.spec;
    if spec.suspend {
        return Some("is suspended".to_owned());
    }
    match spec.deletion_policy.as_str() {
        "Delete" | "WaitForTermination" => None,
        "Orphan" => Some("has the deletion policy Orphan".to_owned()),
        _ if spec.prune => None,
        _ => Some("does not prune".to_owned()),
    }
}
