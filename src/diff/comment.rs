//! A report as a comment on a pull request: the counts, what is lost, and each Kustomization with
//! its objects folded. It is cut to what the host takes.

use super::change::Change;
use super::markdown::{escaped, fence, line};
use super::report::Report;
use super::unified;

/// Whose pull request it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// GitHub.
    GitHub,
    /// GitLab, where it is a merge request.
    GitLab,
}

impl Host {
    /// How many bytes of a comment the host takes, and a little less.
    fn limit(self) -> usize {
        match self {
            Host::GitHub => 65_000,
            Host::GitLab => 990_000,
        }
    }
}

/// By this the comment of an earlier run can be found and replaced.
const MARK: &str = "<!-- diff of manifests -->\n";

/// Before the sign that something is left out.
const CUT: &str = "… ";

/// The report as a comment below a title, both in Markdown.
pub fn comment(report: &Report, host: Host, title: &str) -> String {
    let mut head = format!(
        "{MARK}### {}\n\n**{}**\n",
        escaped(title),
        report.summary_line()
    );
    head.push_str(&losses(report, host));
    for failure in &report.errors {
        let message = escaped(&failure.message).replace('\n', "\n> ");
        head.push_str(&format!("\n> ✗ {message}\n"));
    }
    let head = cut(&head, host.limit() / 2);
    let mut parts: Vec<Part> = report
        .changes
        .iter()
        .map(|change| Part::of(report, change))
        .collect();
    let fixed: usize = head.len() + parts.iter().map(Part::fixed).sum::<usize>();
    share(&mut parts, host.limit().saturating_sub(fixed));
    write(head, &parts, host.limit())
}

/// A warning of what goes.
fn losses(report: &Report, host: Host) -> String {
    let lost: Vec<String> = report
        .changes
        .iter()
        .filter(|change| change.action.deletes())
        .map(|change| escaped(&change.subject.to_string()))
        .collect();
    if lost.is_empty() {
        return String::new();
    }
    let objects = if lost.len() == 1 {
        "object goes"
    } else {
        "objects go"
    };
    let shown = lost.len().min(20);
    let more = match lost.len() - shown {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let mark = match host {
        Host::GitHub => "> [!CAUTION]\n> ",
        Host::GitLab => "> ⚠️ ",
    };
    let count = lost.len();
    format!(
        "\n{mark}{count} {objects}: {}{more}\n",
        lost[..shown].join(", ")
    )
}

/// An object in the comment.
struct Part {
    kustomization: String,
    line: String,
    diff: Option<String>,
}

impl Part {
    fn of(report: &Report, change: &Change) -> Self {
        Part {
            kustomization: change.kustomization.clone(),
            line: line(report, change),
            diff: unified::of_change(change),
        }
    }

    /// The room that it takes besides its diff, with a heading of its own.
    fn fixed(&self) -> usize {
        self.line.len() + self.kustomization.len() + 128
    }

    fn text(&self) -> String {
        match &self.diff {
            Some(diff) => {
                let (line, fence) = (&self.line, fence(diff));
                format!(
                    "<details><summary>{line}</summary>\n\n{fence}diff\n{diff}{fence}\n\n</details>\n"
                )
            }
            None => format!("- {}\n", self.line),
        }
    }
}

/// Cuts the longest diffs, so that all of them take no more than `room`.
fn share(parts: &mut [Part], room: usize) {
    let length = |part: &Part| part.diff.as_ref().map_or(0, String::len);
    let mut places: Vec<usize> = (0..parts.len()).collect();
    places.sort_by_key(|place| length(&parts[*place]));
    let mut room = room;
    let mut left = places.len();
    for place in places {
        let most = room / left.max(1);
        if let Some(diff) = &mut parts[place].diff
            && diff.len() > most
        {
            *diff = cut(diff, most);
        }
        room = room.saturating_sub(length(&parts[place]));
        left -= 1;
    }
}

/// The first lines of a text that take no more than `most`, and how many are left out.
fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let room = most.saturating_sub(64);
    let mut kept = String::new();
    let mut lines = text.split_inclusive('\n');
    let mut left_out = 0;
    for line in lines.by_ref() {
        if kept.len() + line.len() > room {
            left_out = 1;
            break;
        }
        kept.push_str(line);
    }
    left_out += lines.count();
    let plural = if left_out == 1 { "" } else { "s" };
    kept.push_str(&format!("{CUT}{left_out} more line{plural}\n"));
    kept
}

/// The comment, with as many objects as it holds.
fn write(mut text: String, parts: &[Part], limit: usize) -> String {
    let mut heading = None;
    for (place, part) in parts.iter().enumerate() {
        let mut next = String::new();
        if heading != Some(&part.kustomization) {
            next.push_str(&format!("\n#### {}\n\n", escaped(&part.kustomization)));
        }
        next.push_str(&part.text());
        if text.len() + next.len() + 64 > limit {
            text.push_str(&format!("\n{CUT}{} more objects\n", parts.len() - place));
            break;
        }
        heading = Some(&part.kustomization);
        text.push_str(&next);
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::change::{Action, Side};
    use super::super::mask::Secrets;
    use super::super::report::{Against, Failure};
    use super::*;
    use crate::kinds::ObjectName;

    fn object(name: &str, text: &str) -> Value {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name},
            "data": {"text": text}})
    }

    fn add(report: &mut Report, kustomization: &str, action: Action, object: &Value) {
        let side = Side {
            object,
            built: object,
            secret: &[],
            hidden: None,
        };
        let change = Change::new(ObjectName::of(object).unwrap(), action, kustomization);
        let (before, after) = match action {
            Action::Deleted => (Some(side), None),
            _ => (None, Some(side)),
        };
        report.add(change.between(before, after, &Secrets::default()));
    }

    #[test]
    fn objects_stand_below_their_kustomizations() {
        let mut report = Report::new(Against::Revision);
        add(&mut report, "ns/a", Action::Created, &object("one", "x"));
        add(&mut report, "ns/a", Action::Created, &object("two", "x"));
        add(&mut report, "ns/b", Action::Deleted, &object("three", "x"));
        report.fail(Failure {
            object: None,
            kustomization: "ns/c".to_owned(),
            message: "broken".to_owned(),
        });
        let text = comment(&report, Host::GitHub, "main → HEAD");
        assert!(
            text.starts_with(
                "<!-- diff of manifests -->\n### main → HEAD\n\n**2 created, 1 deleted, 1 \
                 failed**\n\n> [!CAUTION]\n> 1 object goes: ConfigMap/three\n\n> ✗ broken\n\n\
                 #### ns/a\n\n<details><summary>ConfigMap/one created</summary>\n\n```diff\n"
            ),
            "{text}"
        );
        assert_eq!(text.matches("#### ").count(), 2);
        let text = comment(&report, Host::GitLab, "x");
        assert!(
            text.contains("\n> ⚠️ 1 object goes: ConfigMap/three\n"),
            "{text}"
        );
    }

    #[test]
    fn a_comment_is_no_longer_than_the_host_takes() {
        let mut report = Report::new(Against::Revision);
        add(&mut report, "ns/a", Action::Created, &object("small", "x"));
        add(
            &mut report,
            "ns/a",
            Action::Created,
            &object("large", &"some text\n".repeat(20_000)),
        );
        let text = comment(&report, Host::GitHub, "x");
        assert!(text.len() < 65_536, "{}", text.len());
        assert!(text.contains("+  text: x\n"), "{text}");
        assert!(text.contains(" more lines\n```\n"), "{text}");
        assert!(comment(&report, Host::GitLab, "x").len() > 200_000);

        let mut report = Report::new(Against::Revision);
        for number in 0..5_000 {
            add(
                &mut report,
                "ns/a",
                Action::Created,
                &object(&format!("o-{number}"), "x"),
            );
        }
        let text = comment(&report, Host::GitHub, "x");
        assert!(text.len() < 65_536, "{}", text.len());
        assert!(text.ends_with(" more objects\n"), "{text}");
    }
}
