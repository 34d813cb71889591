//! A report in the form of `diff -u`.

use serde_json::Value;
use similar::TextDiff;

use super::change::{Action, Change};
use super::report::Report;

/// What changes about each object, as YAML. What only moves, stays or is left alone has no part in
/// it.
pub fn unified(report: &Report) -> String {
    report.changes.iter().filter_map(of_change).collect()
}

/// What changes about one object.
pub(super) fn of_change(change: &Change) -> Option<String> {
    let yaml = |value: &Option<Value>| {
        let value = value.as_ref();
        value.map(kustomize::yaml::to_string).unwrap_or_default()
    };
    let (before, after) = match change.action {
        Action::Created => (String::new(), yaml(&change.after)),
        Action::Deleted => (yaml(&change.before), String::new()),
        Action::Changed | Action::Recreated | Action::Moved => {
            (yaml(&change.before), yaml(&change.after))
        }
        Action::Kept | Action::Skipped => return None,
    };
    if before == after && change.action == Action::Moved {
        return None;
    }
    let subject = &change.subject;
    let name = |side: &str, text: &str| match text {
        "" => "/dev/null".to_owned(),
        _ => format!("{side}/{subject}"),
    };
    let (from, to) = match change.action {
        // It is told although nothing of it is known, or all that differs is masked.
        _ if before == after => (format!("a/{subject}"), format!("b/{subject}")),
        _ => (name("a", &before), name("b", &after)),
    };
    if before == after {
        return Some(format!("--- {from}\n+++ {to}\n"));
    }
    let diff = TextDiff::from_lines(&before, &after);
    Some(diff.unified_diff().header(&from, &to).to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::change::Side;
    use super::super::report::Against;
    use super::super::secrets::Secrets;
    use super::*;
    use crate::kinds::ObjectName;

    #[test]
    fn each_object_is_a_file() {
        let object = |value: i32| {
            json!({"apiVersion": "v1", "kind": "ConfigMap",
                "metadata": {"name": "c", "uid": "u", "managedFields": []}, "data": {"a": value}})
        };
        let (one, two) = (object(1), object(2));
        let side = |object| {
            Some(Side {
                object,
                built: object,
                secret: &[],
                hidden: None,
            })
        };
        let mut report = Report::new(Against::Cluster);
        let mut add = |action, before: Option<Side<'_>>, after: Option<Side<'_>>| {
            let change = Change::new(ObjectName::of(&one).unwrap(), action, "ns/k");
            report.add(change.between(before, after, &Secrets::default()));
        };
        add(Action::Changed, side(&one), side(&two));
        add(Action::Deleted, side(&one), None);
        add(Action::Skipped, None, None);
        assert_eq!(
            unified(&report),
            "--- a/ConfigMap/c\n+++ b/ConfigMap/c\n@@ -1,6 +1,6 @@\n apiVersion: v1\n data:\n\
             -  a: 1\n+  a: 2\n kind: ConfigMap\n metadata:\n   name: c\n\
             --- a/ConfigMap/c\n+++ /dev/null\n@@ -1,6 +0,0 @@\n-apiVersion: v1\n-data:\n\
             -  a: 1\n-kind: ConfigMap\n-metadata:\n-  name: c\n"
        );
    }
}
