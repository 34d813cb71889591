//! A report in Markdown, with the parts of each object folded.

use super::change::Change;
use super::report::Report;
use super::unified;

/// The report in Markdown: the counts, a line for each object, and folded below it what changes.
pub fn markdown(report: &Report) -> String {
    let mut text = format!("**{}**\n", report.summary_line());
    if !report.exact {
        text.push_str("\nCompared without the server's help: less exact.\n");
    }
    for failure in &report.errors {
        text.push_str(&format!(
            "\n> ✗ {}\n",
            escaped(&failure.message).replace('\n', "\n> ")
        ));
    }
    for change in &report.changes {
        text.push('\n');
        text.push_str(&part(report, change));
    }
    text
}

/// One object.
fn part(report: &Report, change: &Change) -> String {
    let line = line(report, change);
    match unified::of_change(change) {
        Some(diff) => {
            let fence = fence(&diff);
            format!(
                "<details><summary>{line}</summary>\n\n{fence}diff\n{diff}{fence}\n\n</details>\n"
            )
        }
        None => format!("- {line}\n"),
    }
}

pub(super) fn line(report: &Report, change: &Change) -> String {
    let reason = change.reason.as_deref().map(|reason| format!(": {reason}"));
    let words = change.words(report.against);
    let text = format!("{} {words}{}", change.subject, reason.unwrap_or_default());
    escaped(&text)
}

/// More backticks than the text has in a row.
pub(super) fn fence(text: &str) -> String {
    let runs = text.split(|c| c != '`').map(str::len);
    "`".repeat(runs.max().unwrap_or_default().max(2) + 1)
}

/// Text that HTML and Markdown leave as it is.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '`' | '*' | '_' | '[' | ']' | '\\' => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::change::{Action, Side};
    use super::super::report::{Against, Failure};
    use super::super::secrets::Secrets;
    use super::*;
    use crate::kinds::ObjectName;

    #[test]
    fn a_fence_is_longer_than_what_is_in_it() {
        let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"},
            "data": {"a": "````"}});
        let side = Side {
            object: &object,
            built: &object,
            secret: &[],
            hidden: None,
        };
        let mut report = Report::new(Against::Cluster);
        let subject = ObjectName::of(&object).unwrap();
        let created = Change::new(subject.clone(), Action::Created, "ns/k");
        report.add(created.between(None, Some(side), &Secrets::default()));
        report.add(Change::new(subject, Action::Kept, "ns/k").because("prune is <off>"));
        report.fail(Failure {
            object: None,
            kustomization: "ns/k".to_owned(),
            message: "odd *thing*".to_owned(),
            advice: None,
        });
        let text = markdown(&report);
        assert!(
            text.starts_with("**1 created, 1 kept, 1 failed**\n\n> ✗ odd \\*thing\\*\n"),
            "{text}"
        );
        assert!(
            text.contains("\n`````diff\n--- /dev/null\n+++ b/ConfigMap/c\n"),
            "{text}"
        );
        assert!(
            text.ends_with("- ConfigMap/c kept: prune is &lt;off&gt;\n"),
            "{text}"
        );
    }
}
