//! A report as flux writes it. What happens in a Kustomization stands together ([`Report::group`]), so that each has one
//! line before it.

use super::body::{Screen, Tint, body};
use super::change::{Action, Change};
use super::report::Report;

/// The report in lines, for a terminal so many columns wide.
pub fn human(report: &Report, width: usize, colored: bool) -> String {
    let screen = Screen { width, colored };
    let mut begun = vec![false; report.sections.len()];
    let mut text = String::new();
    for change in &report.changes {
        begin(report, change.section, &mut begun, &mut text);
        let (tint, line) = line(report, change);
        text.push_str(&tint.paint(&line, colored));
        text.push('\n');
        if matches!(change.action, Action::Changed | Action::Moved) && !change.found.is_empty() {
            text.push_str(&body(&change.found, screen));
        }
    }
    text
}

/// Writes the lines of the section and of those that it stands in, where they are still due.
fn begin(report: &Report, section: usize, begun: &mut [bool], text: &mut String) {
    let (Some(found), Some(done)) = (report.sections.get(section), begun.get_mut(section)) else {
        return;
    };
    if std::mem::replace(done, true) {
        return;
    }
    if let Some(above) = found.above {
        begin(report, above, begun, text);
    }
    if found.has_line {
        text.push_str(&format!("📁 {} changed\n", found.kustomization));
    }
}

fn line(report: &Report, change: &Change) -> (Tint, String) {
    let tint = match change.action {
        Action::Created => Tint::Added,
        Action::Changed => Tint::Plain,
        Action::Recreated | Action::Deleted => Tint::Removed,
        Action::Moved | Action::Kept | Action::Skipped => Tint::Head,
    };
    let words = change.words(report.against);
    let mut line = format!("► {} {words}", change.subject);
    if let (Action::Kept, Some(reason)) = (change.action, &change.reason) {
        line.push_str(&format!(": {reason}"));
    }
    (tint, line)
}

#[cfg(test)]
mod tests {
    use super::super::report::{Against, Section};
    use super::*;
    use crate::kinds::ObjectName;

    fn subject(kind: &str, name: &str) -> ObjectName {
        ObjectName {
            api_version: "v1".to_owned(),
            kind: kind.to_owned(),
            namespace: Some("ns".to_owned()),
            name: name.to_owned(),
        }
    }

    #[test]
    fn sections_begin_where_something_happens_in_them() {
        let mut report = Report::new(Against::Cluster);
        for (name, above) in [
            ("root", None),
            ("child", Some(0)),
            ("below", Some(1)),
            ("quiet", Some(0)),
        ] {
            report.sections.push(Section {
                kustomization: subject("Kustomization", name),
                above,
                has_line: above.is_some(),
            });
        }
        let mut add = |name: &str, action, section| {
            let mut change = Change::new(subject("ConfigMap", name), action, "ns/x");
            change.section = section;
            change.moved_to = Some("ns/other".to_owned());
            report.add(change);
        };
        // In this order they are found: what goes comes last.
        add("a", Action::Created, 0);
        add("b", Action::Deleted, 2);
        add("c", Action::Moved, 2);
        add("d", Action::Skipped, 0);
        report.group();
        assert_eq!(
            human(&report, 80, false),
            "► ConfigMap/ns/a created\n► ConfigMap/ns/d skipped\n\
             📁 Kustomization/ns/child changed\n📁 Kustomization/ns/below changed\n\
             ► ConfigMap/ns/b deleted\n► ConfigMap/ns/c moved to Kustomization/ns/other\n"
        );
        assert_eq!(
            report.summary_line(),
            "1 created, 1 moved, 1 deleted, 1 skipped"
        );
    }
}
