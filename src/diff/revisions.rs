//! Two lists of objects, compared: what a change to a repository does, without any cluster.

use std::collections::BTreeMap;

use serde_json::Value;

use super::change::{Action, Change, Side};
use super::report::Report;
use super::secrets::Secrets;
use crate::build::Hidden;
use crate::kinds::ObjectName;

/// An object that was built.
#[derive(Debug, Clone, Copy)]
pub struct Rendered<'a> {
    /// The Kustomization that it is of, as `namespace/name`.
    pub kustomization: &'a str,
    /// The object.
    pub object: &'a Value,
    /// The places of secrets in it, as JSON pointers; each covers what is below it.
    pub secret: &'a [String],
    /// What is hidden in it because it is encrypted.
    pub hidden: &'a Hidden,
    /// The values of Secrets' variables that were put into it.
    pub secret_values: &'a [String],
}

impl Rendered<'_> {
    fn side(&self) -> Side<'_> {
        Side {
            object: self.object,
            built: self.object,
            secret: self.secret,
            hidden: Some(self.hidden),
        }
    }
}

/// Adds to the report what becomes of the objects: those that are there afterwards in their
/// order, and then those that go. An object that is there before and afterwards in different
/// Kustomizations moves. `section` says where in the report the objects of a Kustomization
/// stand.
///
/// Returns what is secret in the objects: their names may still show it ([`Report::hide_names`]).
pub fn compare_lists(
    report: &mut Report,
    before: &[Rendered<'_>],
    after: &[Rendered<'_>],
    section: impl Fn(&str) -> usize,
) -> Secrets {
    let mut secrets = Secrets::default();
    for rendered in before.iter().chain(after) {
        secrets.learn(rendered.object, rendered.secret, rendered.secret_values);
    }
    let mut left = Left::new();
    for rendered in before {
        if let Some(subject) = ObjectName::of(rendered.object) {
            left.entry(subject).or_default().push(rendered);
        }
    }
    let mut add = |mut change: Change| {
        change.section = section(&change.kustomization);
        report.add(change);
    };
    let after: Vec<(ObjectName, &Rendered<'_>)> = after
        .iter()
        .filter_map(|rendered| Some((ObjectName::of(rendered.object)?, rendered)))
        .collect();
    // What stays where it is, is nothing that moves elsewhere.
    let own: Vec<Option<&Rendered<'_>>> = after
        .iter()
        .map(|(subject, rendered)| take_own(&mut left, subject, rendered.kustomization))
        .collect();
    let mut unchanged = 0;
    for ((subject, rendered), own) in after.into_iter().zip(own) {
        match own.or_else(|| take_any(&mut left, &subject)) {
            None => {
                let change = Change::new(subject, Action::Created, rendered.kustomization);
                add(change.between(None, Some(rendered.side()), &secrets));
            }
            Some(old) => {
                let moves = old.kustomization != rendered.kustomization;
                if !moves && is_same(old, rendered) {
                    unchanged += 1;
                    continue;
                }
                let action = if moves {
                    Action::Moved
                } else {
                    Action::Changed
                };
                let mut change = Change::new(subject, action, old.kustomization);
                change.moved_to = moves.then(|| rendered.kustomization.to_owned());
                add(change.between(Some(old.side()), Some(rendered.side()), &secrets));
            }
        }
    }
    let mut gone: Vec<(&ObjectName, &Rendered<'_>)> = left
        .iter()
        .flat_map(|(subject, olds)| olds.iter().map(move |old| (subject, *old)))
        .collect();
    gone.sort_by(|(a, _), (b, _)| a.rank().cmp(&b.rank()));
    for (subject, old) in gone {
        let change = Change::new(subject.clone(), Action::Deleted, old.kustomization);
        add(change.between(Some(old.side()), None, &secrets));
    }
    (0..unchanged).for_each(|_| report.add_unchanged());
    secrets
}

/// Old objects by name.
type Left<'r, 'a> = BTreeMap<ObjectName, Vec<&'r Rendered<'a>>>;

/// The old object of that name in the same Kustomization.
fn take_own<'r, 'a>(
    left: &mut Left<'r, 'a>,
    subject: &ObjectName,
    kustomization: &str,
) -> Option<&'r Rendered<'a>> {
    let olds = left.get_mut(subject)?;
    let place = olds
        .iter()
        .position(|old| old.kustomization == kustomization)?;
    Some(olds.remove(place))
}

/// An old object of that name.
fn take_any<'r, 'a>(left: &mut Left<'r, 'a>, subject: &ObjectName) -> Option<&'r Rendered<'a>> {
    let olds = left.get_mut(subject)?;
    (!olds.is_empty()).then(|| olds.remove(0))
}

/// Whether two objects are equal; one that was not built again is itself.
fn is_same(one: &Rendered<'_>, other: &Rendered<'_>) -> bool {
    std::ptr::eq(one.object, other.object)
        || (one.object == other.object && one.hidden == other.hidden)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::report::Against;
    use super::*;

    static NOTHING: Hidden = Hidden::new();

    fn object(name: &str, value: &str) -> Value {
        json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": "ns"}, "data": {"a": value}})
    }

    #[test]
    fn objects_come_change_move_and_go() {
        let before = [
            ("ns/one", object("same", "1")),
            ("ns/one", object("changed", "1")),
            ("ns/one", object("moved", "1")),
            ("ns/two", object("gone", "1")),
        ];
        let after = [
            ("ns/two", object("new", "1")),
            ("ns/one", object("same", "1")),
            ("ns/one", object("changed", "2")),
            ("ns/two", object("moved", "1")),
        ];
        let rendered = |objects: &'static [(&'static str, Value)]| -> Vec<Rendered<'static>> {
            let rendered = |(kustomization, object): &'static (&'static str, Value)| Rendered {
                kustomization,
                object,
                secret: &[],
                hidden: &NOTHING,
                secret_values: &[],
            };
            objects.iter().map(rendered).collect()
        };
        let leak = |objects: [(&'static str, Value); 4]| rendered(Box::leak(Box::new(objects)));
        let mut report = Report::new(Against::Revision);
        compare_lists(&mut report, &leak(before), &leak(after), |_| 0);
        let shown: Vec<String> = report
            .changes
            .iter()
            .map(|change| {
                format!(
                    "{} {}",
                    change.subject.name,
                    change.words(Against::Revision)
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                "new created",
                "changed changed",
                "moved moved to Kustomization/ns/two",
                "gone deleted",
            ]
        );
        assert_eq!(
            report.summary_line(),
            "1 created, 1 changed, 1 moved, 1 deleted, 1 unchanged"
        );
        assert_eq!(report.changes[1].differences.len(), 1);
    }

    #[test]
    fn changed_secrets_are_told_and_not_shown() {
        let (old, new) = (object("c", "hunter-one"), object("c", "hunter-two"));
        let secret = ["/data/a".to_owned()];
        let rendered = |object| Rendered {
            kustomization: "ns/one",
            object,
            secret: &secret,
            hidden: &NOTHING,
            secret_values: &[],
        };
        let mut report = Report::new(Against::Revision);
        compare_lists(&mut report, &[rendered(&old)], &[rendered(&new)], |_| 0);
        let json = serde_json::to_string(&report).unwrap();
        assert!(
            json.contains("*** (after)") && !json.contains("hunter"),
            "{json}"
        );
    }
}
