//! Fields whose drift a Kustomization ignores: `spec.ignore`.

use regex::Regex;
use serde_json::Value;

/// A term of a selector: a key, the values it must or must not have, and which.
#[derive(Debug)]
struct Term {
    key: String,
    test: Test,
}

#[derive(Debug)]
enum Test {
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    Missing,
}

/// The rules of a Kustomization.
#[derive(Debug, Default)]
pub struct IgnoreRules(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    paths: Vec<String>,
    target: Option<Target>,
}

/// Which objects a rule is for.
#[derive(Debug)]
struct Target {
    /// Group, version, kind, namespace and name.
    patterns: [Option<Regex>; 5],
    labels: Vec<Term>,
    annotations: Vec<Term>,
}

impl IgnoreRules {
    /// The rules in the spec of a Kustomization.
    ///
    /// # Errors
    /// Says which pattern or selector is malformed.
    pub fn of(spec: &Value) -> Result<Self, String> {
        let rules = spec["ignore"].as_array().into_iter().flatten();
        rules.map(rule).collect::<Result<_, _>>().map(IgnoreRules)
    }

    /// Takes away from `object` what the rules for `wanted` name. Both sides of a comparison are
    /// stripped by what is wanted.
    pub fn strip(&self, wanted: &Value, object: &mut Value) {
        for rule in &self.0 {
            if rule
                .target
                .as_ref()
                .is_none_or(|target| target.fits(wanted))
            {
                for path in &rule.paths {
                    remove(object, path);
                }
            }
        }
    }
}

fn rule(rule: &Value) -> Result<Rule, String> {
    let paths = rule["paths"].as_array().into_iter().flatten();
    let paths = paths.filter_map(Value::as_str).map(str::to_owned).collect();
    let target = match &rule["target"] {
        Value::Object(_) => Some(target(&rule["target"])?),
        _ => None,
    };
    Ok(Rule { paths, target })
}

fn target(target: &Value) -> Result<Target, String> {
    let text = |field: &str| target[field].as_str().unwrap_or_default();
    let mut patterns = [const { None }; 5];
    let fields = ["group", "version", "kind", "namespace", "name"];
    for (pattern, field) in patterns.iter_mut().zip(fields) {
        let given = text(field);
        if !given.is_empty() {
            let compiled = Regex::new(&format!("^(?:{given})$"));
            *pattern = Some(compiled.map_err(|_| format!("invalid {field} regex: {given:?}"))?);
        }
    }
    let selector = |field: &str| {
        terms(text(field)).ok_or_else(|| format!("invalid {field}: {:?}", text(field)))
    };
    Ok(Target {
        patterns,
        labels: selector("labelSelector")?,
        annotations: selector("annotationSelector")?,
    })
}

impl Target {
    fn fits(&self, object: &Value) -> bool {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let api_version = text(&object["apiVersion"]);
        let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
        let metadata = &object["metadata"];
        let values = [
            group.to_owned(),
            version.to_owned(),
            text(&object["kind"]),
            text(&metadata["namespace"]),
            text(&metadata["name"]),
        ];
        let fits = |(pattern, value): (&Option<Regex>, &String)| {
            pattern.as_ref().is_none_or(|p| p.is_match(value))
        };
        let selects = |terms: &[Term], field: &str| {
            terms
                .iter()
                .all(|term| term.fits(metadata[field][&term.key].as_str()))
        };
        self.patterns.iter().zip(&values).all(fits)
            && selects(&self.labels, "labels")
            && selects(&self.annotations, "annotations")
    }
}

impl Term {
    fn fits(&self, value: Option<&str>) -> bool {
        match &self.test {
            Test::In(values) => value.is_some_and(|v| values.iter().any(|one| one == v)),
            Test::NotIn(values) => value.is_none_or(|v| values.iter().all(|one| one != v)),
            Test::Exists => value.is_some(),
            Test::Missing => value.is_none(),
        }
    }
}

/// Reads a selector as Kubernetes writes them; none where it is malformed.
fn terms(text: &str) -> Option<Vec<Term>> {
    let mut parts = vec![String::new()];
    let mut depth = 0_usize;
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    if depth > 0 {
        return None;
    }
    let parts = parts.iter().map(|part| part.trim());
    parts.filter(|part| !part.is_empty()).map(term).collect()
}

fn term(text: &str) -> Option<Term> {
    let made = |key: &str, test: Test| {
        let key = key.trim();
        let good = !key.is_empty() && !key.contains([' ', '=', '!', '(', ')']);
        good.then(|| Term {
            key: key.to_owned(),
            test,
        })
    };
    if let Some(rest) = text.strip_suffix(')') {
        let (head, values) = rest.split_once('(')?;
        let values = values
            .split(',')
            .map(|value| value.trim().to_owned())
            .collect();
        let (key, operator) = head.trim().rsplit_once(char::is_whitespace)?;
        return match operator {
            "in" => made(key, Test::In(values)),
            "notin" => made(key, Test::NotIn(values)),
            _ => None,
        };
    }
    let one = |value: &str| vec![value.trim().to_owned()];
    if let Some((key, value)) = text.split_once("!=") {
        return made(key, Test::NotIn(one(value)));
    }
    if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
        return made(key, Test::In(one(value)));
    }
    match text.strip_prefix('!') {
        Some(key) => made(key, Test::Missing),
        None => made(text, Test::Exists),
    }
}

/// Removes what a JSON pointer names, where it is there.
fn remove(object: &mut Value, pointer: &str) {
    let Some((parent, last)) = pointer.rsplit_once('/') else {
        return;
    };
    let key = last.replace("~1", "/").replace("~0", "~");
    match object.pointer_mut(parent) {
        Some(Value::Object(fields)) => {
            fields.remove(&key);
        }
        Some(Value::Array(items)) => {
            // A number below zero counts from the end.
            let at = key.parse::<isize>().ok().and_then(|at| match at {
                0.. => usize::try_from(at).ok(),
                _ => items.len().checked_sub(at.unsigned_abs()),
            });
            if let Some(at) = at.filter(|at| *at < items.len()) {
                items.remove(at);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn stripped(rule: Value, object: &Value) -> Value {
        let rules = IgnoreRules::of(&json!({"ignore": [rule]})).unwrap();
        let mut left = object.clone();
        rules.strip(object, &mut left);
        left
    }

    #[test]
    fn rules_take_away_what_they_name() {
        let object = json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "a", "labels": {"team": "x"}},
            "spec": {"replicas": 1, "l": [1, 2, 3], "a/b": 1}});
        let paths = json!(["/spec/replicas", "/spec/l/-1", "/spec/a~1b", "/spec/none/x"]);
        let left = stripped(json!({"paths": paths}), &object);
        assert_eq!(left["spec"], json!({"l": [1, 2]}));
        let fits = |target: Value| {
            let rule = json!({"paths": ["/spec"], "target": target});
            stripped(rule, &object).get("spec").is_none()
        };
        for target in [
            json!({"kind": "Deployment|StatefulSet", "group": "apps", "version": "v1"}),
            json!({"name": "w.*", "labelSelector": "team in (x, y),!other,team"}),
            json!({"labelSelector": "team=x,a!=b", "annotationSelector": "c notin (d)"}),
        ] {
            assert!(fits(target.clone()), "{target}");
        }
        for target in [
            json!({"kind": "Deploy"}),
            json!({"namespace": "b"}),
            json!({"labelSelector": "team==y"}),
            json!({"labelSelector": "other"}),
            json!({"annotationSelector": "team=x"}),
        ] {
            assert!(!fits(target.clone()), "{target}");
        }
    }

    #[test]
    fn malformed_rules_are_refused() {
        for target in [
            json!({"kind": "("}),
            json!({"labelSelector": "a in (b"}),
            json!({"labelSelector": "a b"}),
        ] {
            let spec = json!({"ignore": [{"paths": ["/a"], "target": target}]});
            assert!(IgnoreRules::of(&spec).is_err(), "{target}");
        }
    }
}
