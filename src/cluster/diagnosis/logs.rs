//! The errors in a controller's log that concern given objects.

use serde_json::Value;

use crate::kinds::Kind;

/// How many errors are kept.
const KEPT: usize = 3;

/// How long an error may be, in characters.
const LONGEST: usize = 600;

/// An object that log lines may be about.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) kind: &'a Kind,
    pub(super) namespace: &'a str,
    pub(super) name: &'a str,
}

/// The last different errors in `log` that are about one of `objects` or about none in particular,
/// the latest last. Lines that are not JSON are passed over: only the controllers' own format says
/// which object a line is about.
pub(super) fn errors(log: &str, objects: &[About<'_>]) -> Vec<String> {
    let mut errors: Vec<String> = Vec::new();
    for line in log.lines().rev() {
        let Ok(entry) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        if entry["level"] != "error" || !concerns(&entry, objects) {
            continue;
        }
        let text = text(&entry);
        if !text.is_empty() && !errors.contains(&text) {
            errors.push(text);
        }
        if errors.len() == KEPT {
            break;
        }
    }
    errors.reverse();
    errors
}

fn concerns(entry: &Value, objects: &[About<'_>]) -> bool {
    let text = |key: &str| entry[key].as_str();
    let Some(kind) = text("controllerKind") else {
        return true;
    };
    objects.iter().any(|object| {
        object.kind.kind == kind
            && text("name") == Some(object.name)
            && text("namespace") == Some(object.namespace)
    })
}

fn text(entry: &Value) -> String {
    let of = |key: &str| entry[key].as_str().unwrap_or_default().trim();
    let text = match (of("msg"), of("error")) {
        // It says no more than the level does.
        ("" | "Reconciler error", error) => error.to_owned(),
        (message, "") => message.to_owned(),
        (message, error) => format!("{message}: {error}"),
    };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::KUSTOMIZATION;

    #[test]
    fn only_errors_about_the_object_or_about_none_are_kept() {
        let line = |level: &str, name: &str, error: &str| {
            format!(
                r#"{{"level":"{level}","msg":"Reconciler error","controllerKind":"Kustomization","name":"{name}","namespace":"fx","error":"{error}"}}"#
            )
        };
        let log = [
            line("error", "app", "first"),
            line("error", "app", "second"),
            line("error", "app", "second"),
            line("error", "other", "of another"),
            line("info", "app", "no error"),
            "E1121 not json".to_owned(),
            r#"{"level":"error","msg":"problem running manager","error":"no\nroute"}"#.to_owned(),
        ]
        .join("\n");
        let about = About {
            kind: &KUSTOMIZATION,
            namespace: "fx",
            name: "app",
        };
        assert_eq!(
            errors(&log, &[about]),
            ["first", "second", "problem running manager: no route"]
        );
        assert_eq!(errors(&log, &[]), ["problem running manager: no route"]);
    }

    #[test]
    fn long_errors_are_cut() {
        let log = format!(r#"{{"level":"error","msg":"{}"}}"#, "ä".repeat(2000));
        assert_eq!(errors(&log, &[])[0].chars().count(), LONGEST + 1);
    }
}
