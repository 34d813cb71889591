//! Selectors of labels and annotations: `app=web,tier in (front,back),!legacy`.

use std::collections::BTreeMap;

/// What every chosen object's labels fulfil.
#[derive(Debug, Clone, Default)]
pub(crate) struct LabelSelector(Vec<Requirement>);

#[derive(Debug, Clone)]
struct Requirement {
    key: String,
    operator: Operator,
    values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Exists,
    Missing,
    In,
    NotIn,
    Greater,
    Less,
}

impl LabelSelector {
    /// Reads a selector; an empty text selects everything.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let tokens = tokens(text);
        let mut at = Parser { tokens: &tokens };
        let mut requirements = Vec::new();
        while !at.tokens.is_empty() {
            requirements.push(at.requirement()?);
            match at.next() {
                "" => break,
                "," if !at.tokens.is_empty() => {}
                "," => return Err("found '', expected: identifier after ','".into()),
                other => return Err(format!("found '{other}', expected: ',' or 'end of string'")),
            }
        }
        Ok(Self(requirements))
    }

    /// Whether it selects everything.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.0
            .iter()
            .all(|requirement| requirement.matches(labels.get(&requirement.key)))
    }
}

impl Requirement {
    fn matches(&self, value: Option<&String>) -> bool {
        let number = |text: &String| text.parse::<i64>().ok();
        let compare = |fits: fn(&i64, &i64) -> bool| {
            let wanted = self.values.first().and_then(number);
            value
                .and_then(number)
                .zip(wanted)
                .is_some_and(|(value, wanted)| fits(&value, &wanted))
        };
        match self.operator {
            Operator::Exists => value.is_some(),
            Operator::Missing => value.is_none(),
            Operator::In => value.is_some_and(|value| self.values.contains(value)),
            Operator::NotIn => value.is_none_or(|value| !self.values.contains(value)),
            Operator::Greater => compare(i64::gt),
            Operator::Less => compare(i64::lt),
        }
    }
}

/// Words and signs.
fn tokens(text: &str) -> Vec<&str> {
    let special = |c: char| matches!(c, '=' | '!' | '(' | ')' | ',' | '>' | '<');
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("==") || rest.starts_with("!=") {
            2
        } else if special(first) {
            1
        } else {
            rest.find(|c: char| special(c) || c.is_whitespace())
                .unwrap_or(rest.len())
        };
        let (token, after) = rest.split_at(length);
        found.push(token);
        rest = after.trim_start();
    }
    found
}

struct Parser<'a> {
    tokens: &'a [&'a str],
}

impl<'a> Parser<'a> {
    fn next(&mut self) -> &'a str {
        let Some((first, rest)) = self.tokens.split_first() else {
            return "";
        };
        self.tokens = rest;
        first
    }

    fn peek(&self) -> &'a str {
        self.tokens.first().copied().unwrap_or_default()
    }

    fn word(&mut self) -> Result<String, String> {
        match self.next() {
            token @ ("" | "=" | "==" | "!" | "!=" | "(" | ")" | "," | ">" | "<") => {
                Err(format!("found '{token}', expected: identifier"))
            }
            word => Ok(word.to_owned()),
        }
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        if self.peek() == "!" {
            self.next();
            return Ok(Requirement {
                key: self.word()?,
                operator: Operator::Missing,
                values: Vec::new(),
            });
        }
        let key = self.word()?;
        let operator = match self.peek() {
            "" | "," => {
                return Ok(Requirement {
                    key,
                    operator: Operator::Exists,
                    values: Vec::new(),
                });
            }
            "=" | "==" | "in" => Operator::In,
            "!=" | "notin" => Operator::NotIn,
            ">" => Operator::Greater,
            "<" => Operator::Less,
            other => {
                return Err(format!(
                    "found '{other}', expected: in, notin, =, ==, !=, gt, lt, ',' or 'end of string'"
                ));
            }
        };
        let values = match self.next() {
            "in" | "notin" => self.list()?,
            // A value may be missing: `app=` asks for an empty one.
            _ if matches!(self.peek(), "" | ",") => vec![String::new()],
            _ => vec![self.word()?],
        };
        Ok(Requirement {
            key,
            operator,
            values,
        })
    }

    fn list(&mut self) -> Result<Vec<String>, String> {
        if self.next() != "(" {
            return Err("expected '(' after in or notin".into());
        }
        let mut values = Vec::new();
        loop {
            match self.peek() {
                ")" | "," => values.push(String::new()),
                _ => values.push(self.word()?),
            }
            match self.next() {
                ")" => return Ok(values),
                "," => {}
                other => return Err(format!("found '{other}', expected: ',' or ')'")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selects(selector: &str, labels: &[(&str, &str)]) -> bool {
        let labels = labels
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        LabelSelector::parse(selector).unwrap().matches(&labels)
    }

    #[test]
    fn requirements_are_all_fulfilled() {
        let labels = [("app", "web"), ("n", "5")];
        for selector in [
            "",
            "app",
            "app=web",
            "app == web",
            "app in (api, web)",
            "!x,app!=api",
            "x notin (a),n>4,n<6",
        ] {
            assert!(selects(selector, &labels), "{selector}");
        }
        for selector in [
            "x",
            "!app",
            "app=api",
            "app notin (web)",
            "app,x",
            "n>5",
            "app=",
        ] {
            assert!(!selects(selector, &labels), "{selector}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for selector in ["a=b x", "=a", "a in b", "a in (b", "a,", "a b"] {
            assert!(LabelSelector::parse(selector).is_err(), "{selector}");
        }
    }
}
