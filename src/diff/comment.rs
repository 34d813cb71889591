//! A report as a comment on a pull request: the counts, what is lost, and each Kustomization with
//! its objects folded. It is cut to what the host takes: every object has its line, as long as
//! there is room for that, and what differs about it where enough of that can be shown.

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

/// How many bytes of what differs about an object are worth a fold.
const LEAST: usize = 512;

/// What a fold takes besides its line and what is in it.
const FOLD: usize = 96;

/// What is kept for how much is left out.
const NOTE: usize = 160;

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
    let fixed: usize = head.len() + NOTE + parts.iter().map(Part::fixed).sum::<usize>();
    let left_out = share(&mut parts, host.limit().saturating_sub(fixed));
    write(head + &note(left_out), &parts, host.limit())
}

/// Of how many objects it is not shown what differs.
fn note(left_out: usize) -> String {
    match left_out {
        0 => String::new(),
        1 => "\n1 object is listed without what differs about it: there is no room.\n".to_owned(),
        count => {
            format!(
                "\n{count} objects are listed without what differs about them: there is no room.\n"
            )
        }
    }
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

    /// The room that its line takes, with a heading of its own.
    fn fixed(&self) -> usize {
        self.line.len() + 2 * self.kustomization.len() + 16
    }

    /// The room that a fold takes besides.
    fn fold(&self) -> usize {
        self.diff.as_ref().map_or(0, |diff| diff.len() + FOLD)
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

/// Cuts the longest diffs, so that all folds take no more than `room`, and as many as can be are
/// whole. A diff of which too little would be left goes; how many did.
fn share(parts: &mut [Part], room: usize) -> usize {
    let mut places: Vec<usize> = (0..parts.len()).collect();
    places.retain(|place| parts[*place].diff.is_some());
    places.sort_by_key(|place| parts[*place].fold());
    let (mut room, mut left, mut left_out) = (room, places.len(), 0);
    for place in places {
        let part = &mut parts[place];
        let most = (room / left.max(1)).max(LEAST + FOLD).min(room);
        left -= 1;
        if part.fold() > most {
            let most = most.saturating_sub(FOLD);
            let shorter = part.diff.as_deref().map(|diff| cut(diff, most));
            part.diff = shorter.filter(|diff| most >= LEAST && !diff.starts_with(CUT));
            left_out += usize::from(part.diff.is_none());
        }
        room = room.saturating_sub(part.fold());
    }
    left_out
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
    let mut after_fold = false;
    for (place, part) in parts.iter().enumerate() {
        let mut next = String::new();
        if heading != Some(&part.kustomization) {
            next.push_str(&format!("\n#### {}\n\n", escaped(&part.kustomization)));
        } else if after_fold && part.diff.is_none() {
            // HTML goes on up to an empty line.
            next.push('\n');
        }
        next.push_str(&part.text());
        if text.len() + next.len() + 64 > limit {
            let more = parts.len() - place;
            let plural = if more == 1 { "" } else { "s" };
            text.push_str(&format!("\n{CUT}{more} more object{plural}\n"));
            break;
        }
        heading = Some(&part.kustomization);
        after_fold = part.diff.is_some();
        text.push_str(&next);
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::change::{Action, Side};
    use super::super::report::{Against, Failure};
    use super::super::secrets::Secrets;
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
            advice: None,
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

    #[test]
    fn without_room_objects_are_named_and_no_fold_is_empty() {
        let mut report = Report::new(Against::Revision);
        for number in 0..400 {
            let text = "some text\n".repeat(if number % 4 == 0 { 1 } else { 60 });
            let name = format!("o-{number}");
            add(&mut report, "ns/a", Action::Created, &object(&name, &text));
        }
        let text = comment(&report, Host::GitHub, "x");
        assert!(text.len() < 65_536, "{}", text.len());
        assert!(text.len() > 50_000, "{}", text.len());
        for number in 0..400 {
            assert!(text.contains(&format!("ConfigMap/o-{number} created")));
        }
        let (folds, lines) = (
            text.matches("<details>").count(),
            text.matches("\n- ").count(),
        );
        assert_eq!(folds + lines, 400);
        assert!(folds > 100, "{folds}");
        assert!(
            text.contains(&format!(
                "\n{lines} objects are listed without what differs"
            )),
            "{lines}"
        );
        assert!(!text.contains("diff\n… "), "{text}");
        assert!(!text.contains("</details>\n- "), "{text}");
        // All of it is shown where there is room.
        let text = comment(&report, Host::GitLab, "x");
        assert_eq!(text.matches("<details>").count(), 400);
        assert!(!text.contains(CUT) && !text.contains("listed without"));
    }
}
