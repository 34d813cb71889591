//! A Kustomization against the cluster, and those below it.
//!
//! Level by level: build, look at what is there, ask what would become of it, judge. What is
//! deleted is found last, because what one Kustomization loses another one may have got.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use futures::future::{FutureExt, LocalBoxFuture};
use serde_json::Value;

use super::ask::{Answer, Question, ask};
use super::judge::{Rules, is_left_alone};
use super::parts::{Item, Outcome, Part};
use super::root::Root;
use crate::build::Object;
use crate::build::spec::is_kustomization;
use crate::cluster::{self, Cluster};
use crate::cmd::build::render::Builder;
use crate::diff::{self, Against, Change, Failure, IgnoreRules, Removal, Report, Secrets};
use crate::error::{Error, Result};
use crate::kinds::{self, Kind, ObjectName};
use crate::ui::Ui;

/// What goes below a refusal of an object without the fields that kubectl set.
const TAKEN_OVER: &str = "  (this is after kustomize-controller has taken over the fields that were set with kubectl, and \
     dropped those that are not in the folder)";

/// A comparison under way.
pub(super) struct Walk<'a> {
    ui: &'a Ui,
    cluster: &'a Cluster,
    builder: &'a Builder,
    /// Whether the server is asked what would become of the objects.
    exact: bool,
    recursive: bool,
    secrets: Secrets,
    /// Namespaces that the change makes.
    namespaces: BTreeSet<String>,
    /// Kinds that the change defines: group and kind.
    kinds: BTreeSet<(String, String)>,
    /// What the Kustomizations contain afterwards, and which.
    contained: Vec<(ObjectName, String)>,
}

/// An object on its way to the answer.
struct Asked {
    subject: ObjectName,
    object: Object,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        ui: &'a Ui,
        cluster: &'a Cluster,
        builder: &'a Builder,
        exact: bool,
        recursive: bool,
    ) -> Self {
        Walk {
            ui,
            cluster,
            builder,
            exact,
            recursive,
            secrets: Secrets::default(),
            namespaces: BTreeSet::new(),
            kinds: BTreeSet::new(),
            contained: Vec::new(),
        }
    }

    /// All that happens.
    pub(super) async fn report(mut self, root: Root, dir: PathBuf) -> Result<Report> {
        if root.spec()["suspend"] == true {
            self.ui.warning(format!(
                "{} is suspended: nothing of this happens until it is resumed",
                root.subject()
            ));
        }
        if root.spec()["kubeConfig"].is_object() {
            self.ui.warning(format!(
                "{} is for another cluster: it is compared with the one that is asked",
                root.subject()
            ));
        }
        let part = self.part(&root, &dir, &[]).await?;
        let mut report = Report::new(Against::Cluster);
        report.exact = self.exact;
        let mut removed = self.removed(&part, &mut report).await;
        part.tell(None, &mut report, &mut |owner| {
            removed.remove(owner).unwrap_or_default()
        });
        report.group();
        report.hide_names(&self.secrets);
        Ok(report)
    }

    /// What happens in a Kustomization. `above` are those on the way to it.
    fn part<'w>(
        &'w mut self,
        root: &'w Root,
        dir: &'w Path,
        above: &'w [String],
    ) -> LocalBoxFuture<'w, Result<Part>> {
        async move {
            let kustomization = root.name();
            let objects = self.builder.build_one(dir, &root.kustomization).await?;
            let asked = self.prepare(objects, &kustomization);
            let names: Vec<ObjectName> = asked.iter().map(|asked| asked.subject.clone()).collect();
            let metadata = &root.kustomization.metadata;
            let labels = format!(
                "kustomize.toolkit.fluxcd.io/name={},kustomize.toolkit.fluxcd.io/namespace={}",
                metadata.name, metadata.namespace
            );
            let live = self.cluster.look(&names, Some(&labels)).await;
            self.learn_coming(&asked, &live);
            let mut part = Part::new(root.subject());
            let outcomes = self.outcomes(root, &asked, &live).await?;
            let mut above = above.to_vec();
            above.push(kustomization);
            for ((asked, live), outcome) in asked.iter().zip(live).zip(outcomes) {
                part.unchanged += usize::from(matches!(outcome, Outcome::Unchanged));
                let compared = !matches!(outcome, Outcome::Failed(_));
                part.items.extend(outcome.item(root, &asked.subject));
                if self.recursive && compared && is_kustomization(&asked.object.value) {
                    let live = live.ok().flatten();
                    part.items
                        .extend(self.child(&asked.object.value, live, &above).await);
                }
            }
            let contained = asked.iter().map(|asked| asked.subject.identity());
            part.stale = root.stale(contained.collect());
            Ok(part)
        }
        .boxed_local()
    }

    /// Makes built objects ready, and remembers what they mean for others.
    fn prepare(&mut self, objects: Vec<Object>, kustomization: &str) -> Vec<Asked> {
        let mut asked = Vec::with_capacity(objects.len());
        for mut object in objects {
            diff::prepare(&mut object.value);
            self.secrets
                .learn(&object.value, &object.secret, object.secret_values.texts());
            let Some(subject) = ObjectName::of(&object.value) else {
                continue;
            };
            self.contained
                .push((subject.clone(), kustomization.to_owned()));
            asked.push(Asked { subject, object });
        }
        asked
    }

    /// Remembers the namespaces and kinds that come with the objects.
    fn learn_coming(&mut self, asked: &[Asked], live: &[Result<Option<Value>, cluster::Error>]) {
        for (asked, live) in asked.iter().zip(live) {
            let subject = &asked.subject;
            if subject.is("", "Namespace") && matches!(live, Ok(None)) {
                self.namespaces.insert(subject.name.clone());
            }
            if subject.is("apiextensions.k8s.io", "CustomResourceDefinition") {
                let spec = &asked.object.value["spec"];
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                self.kinds
                    .insert((text(&spec["group"]), text(&spec["names"]["kind"])));
            }
        }
    }

    /// Whether the object's namespace or kind comes with the change, so that the server cannot be
    /// asked about it.
    fn waits_for_others(&self, subject: &ObjectName, kind_missing: bool) -> bool {
        let kind = (subject.group().to_owned(), subject.kind.clone());
        if kind_missing {
            return self.kinds.contains(&kind);
        }
        let namespace = subject.namespace.as_ref();
        namespace.is_some_and(|namespace| self.namespaces.contains(namespace))
    }

    /// What happens to each object.
    async fn outcomes(
        &self,
        root: &Root,
        asked: &[Asked],
        live: &[Result<Option<Value>, cluster::Error>],
    ) -> Result<Vec<Outcome>> {
        let kustomization = root.name();
        let ignore = IgnoreRules::of(root.spec())
            .map_err(|why| Error::failed(format!("{}: spec.ignore: {why}", root.subject())))?;
        let rules = Rules {
            kustomization: &kustomization,
            ignore: &ignore,
            force: root.spec()["force"] == true,
            secrets: &self.secrets,
        };
        let mut outcomes: Vec<Option<Outcome>> = Vec::with_capacity(asked.len());
        let mut questions = Vec::new();
        for (asked, live) in asked.iter().zip(live) {
            let outcome = self.at_sight(&rules, asked, live);
            if outcome.is_none() {
                questions.push(Question {
                    subject: &asked.subject,
                    object: &asked.object.value,
                    live: live.as_ref().ok().and_then(Option::as_ref),
                });
            }
            outcomes.push(outcome);
        }
        let mut answers = ask(self.cluster, &questions).await.into_iter();
        let mut done = Vec::with_capacity(asked.len());
        for ((asked, live), outcome) in asked.iter().zip(live).zip(outcomes) {
            done.push(match (outcome, live) {
                (Some(outcome), _) => outcome,
                (None, Ok(live)) => match answers.next() {
                    Some(answer) => self.answered(&rules, asked, live.as_ref(), answer),
                    None => Outcome::Unchanged,
                },
                (None, Err(error)) => Outcome::Failed(error.to_string()),
            });
        }
        Ok(done)
    }

    /// What happens to an object, where the server need not be asked for that.
    fn at_sight(
        &self,
        rules: &Rules<'_>,
        asked: &Asked,
        live: &Result<Option<Value>, cluster::Error>,
    ) -> Option<Outcome> {
        let Asked {
            subject, object, ..
        } = asked;
        let live = match live {
            Ok(live) => live.as_ref(),
            Err(error) => {
                let missing = error.is_kind_missing();
                if missing && self.waits_for_others(subject, true) {
                    return Some(Outcome::changed(rules.created(subject, object)));
                }
                let text = if missing {
                    format!("{subject}: {error}")
                } else {
                    error.to_string()
                };
                return Some(Outcome::Failed(rules.secrets.hide_names(&text)));
            }
        };
        if is_left_alone(&object.value, live) {
            return Some(Outcome::changed(rules.skipped(subject)));
        }
        match live {
            None if self.waits_for_others(subject, false) || !self.exact => {
                Some(Outcome::changed(rules.created(subject, object)))
            }
            Some(live) if !self.exact => {
                let merged = diff::guess(live, &object.value);
                let change = rules.merged(subject, object, live, merged);
                Some(change.map_or(Outcome::Unchanged, Outcome::changed))
            }
            _ => None,
        }
    }

    fn answered(
        &self,
        rules: &Rules<'_>,
        asked: &Asked,
        live: Option<&Value>,
        answer: Answer,
    ) -> Outcome {
        let subject = &asked.subject;
        if !answer.left_out.is_empty() {
            let fields = answer.left_out.join(", ");
            let fields = rules.secrets.hide(&fields, Some(subject));
            let subject = rules.secrets.shown(subject);
            self.ui.warning(format!(
                "{subject}: the server does not know {fields}: left out, as kustomize-controller does"
            ));
        }
        let without = answer.object.map(|value| Object {
            value,
            ..asked.object.clone()
        });
        let object = without.as_ref().unwrap_or(&asked.object);
        match (answer.outcome, live) {
            (Ok(_), None) => Outcome::changed(rules.created(subject, object)),
            (Ok(merged), Some(live)) => {
                let change = rules.merged(subject, object, live, merged);
                change.map_or(Outcome::Unchanged, Outcome::changed)
            }
            (Err(refusal), live) => match rules.refused(subject, object, live, &refusal) {
                Ok(change) => Outcome::changed(change),
                Err(text) if answer.took_over => Outcome::Failed(format!("{text}\n{TAKEN_OVER}")),
                Err(text) => Outcome::Failed(text),
            },
        }
    }

    /// What happens in a Kustomization among the objects.
    async fn child(
        &mut self,
        object: &Value,
        live: Option<Value>,
        above: &[String],
    ) -> Option<Item> {
        let failed = |subject: Option<ObjectName>, message: String| {
            Some(Item::Failure(Failure {
                object: subject,
                kustomization: above.last().cloned().unwrap_or_default(),
                message,
                advice: None,
            }))
        };
        let is_new = live.is_none();
        let child = match Root::of(object.clone(), live, &self.builder.namespace) {
            Ok(child) => child,
            Err(error) => return failed(ObjectName::of(object), error.chain()),
        };
        let subject = child.subject();
        let name = child.name();
        if above.last() == Some(&name) {
            return None;
        }
        if above.contains(&name) {
            return failed(Some(subject.clone()), format!("{subject} contains itself"));
        }
        if let Some(why) = child.is_out_of_reach() {
            let shown = self.secrets.shown(&subject);
            self.ui.warning(format!("{shown} {why}"));
            return None;
        }
        let dir = match self.builder.dir_of(&child.kustomization) {
            Ok(dir) => dir,
            Err(error) if is_new => {
                let text = format!("what {subject} applies is not shown: {}", error.chain());
                self.ui.warning(self.secrets.hide_names(&text));
                return None;
            }
            Err(error) => return failed(Some(subject), error.chain()),
        };
        match self.part(&child, &dir, above).await {
            Ok(part) => Some(Item::Part(part)),
            Err(error) => {
                let shown = self.secrets.shown(&subject);
                let why = self.secrets.hide(&error.chain(), Some(&subject));
                failed(Some(subject), format!("{shown}: {why}"))
            }
        }
    }

    /// What goes with each Kustomization that does not contain something any more.
    async fn removed(&self, part: &Part, report: &mut Report) -> BTreeMap<ObjectName, Vec<Change>> {
        let mut removals = Vec::new();
        part.removals(&mut removals);
        let mut removed = BTreeMap::new();
        for (owner, stale) in removals {
            let namespace = owner.namespace.as_deref().unwrap_or_default();
            let own = format!("{namespace}/{}", owner.name);
            let others = self.contained.iter().filter(|(_, other)| *other != own);
            let others = others.map(|(subject, other)| (subject, other.as_str()));
            let mut removal = Removal::new(owner, stale.to_vec()).with_elsewhere(others);
            while !removal.is_done() {
                let names: Vec<ObjectName> = removal.wanted().iter().map(current_name).collect();
                let live = self.cluster.look(&names, None).await.into_iter();
                let live = live.zip(&names).map(|(answer, name)| {
                    answer.map_err(|error| match error {
                        error if error.is_kind_missing() => format!("{name}: {error}"),
                        error => error.to_string(),
                    })
                });
                removal.see(live.collect());
            }
            let (changes, failures) = removal.finish();
            failures
                .into_iter()
                .for_each(|failure| report.fail(failure));
            removed.insert(owner.clone(), changes);
        }
        removed
    }
}

/// The name of an object in an inventory. The version there is the one it was applied in; of
/// Flux's own kinds the present one is asked for.
fn current_name(subject: &ObjectName) -> ObjectName {
    let row = kinds::by_name(&subject.kind).filter(|kind| kind.group == subject.group());
    ObjectName {
        api_version: row.map_or_else(|| subject.api_version.clone(), Kind::api_version),
        ..subject.clone()
    }
}
