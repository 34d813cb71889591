//! The syntax of `$(NAME)` in a text.

use std::collections::BTreeMap;

use crate::yaml::{Data, Node, Scalar, float_text};

/// What a var stands for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Int(i64),
    Float(f64),
    Bool(bool),
}

impl Value {
    /// The value of a field; `None` for lists and mappings, which no var can stand for.
    ///
    /// # Errors
    ///
    /// For numbers that are not written as Go's `strconv` reads them.
    pub(super) fn of(node: &Node) -> Result<Option<Self>, ()> {
        let Data::Scalar(text, scalar) = &node.data else {
            return Ok(None);
        };
        match scalar {
            // What was written without a type is a text, whatever it looks like.
            _ if node.untagged => Ok(Self::Text(text.clone())),
            Scalar::Int(_) => text.parse().map(Self::Int).map_err(|_| ()),
            Scalar::Float(_) => text.parse().map(Self::Float).map_err(|_| ()),
            Scalar::Bool(value) => Ok(Self::Bool(*value)),
            _ => Ok(Self::Text(text.clone())),
        }
        .map(Some)
    }

    fn node(&self) -> Node {
        match self {
            Self::Text(text) => Node::text(text),
            Self::Int(value) => Node::int(*value),
            Self::Float(value) => Data::Scalar(float_text(*value), Scalar::Float(*value)).into(),
            Self::Bool(value) => Data::Scalar(value.to_string(), Scalar::Bool(*value)).into(),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Int(value) => value.to_string(),
            Self::Float(value) => float_text(*value),
            Self::Bool(value) => value.to_string(),
        }
    }
}

/// The values by the names of their vars.
pub(super) type Values<'a> = BTreeMap<&'a str, Option<Value>>;

/// Replaces each `$(NAME)` in a text. `$$` stands for `$`; what is no var stays as it is. A text that is a var and
/// nothing else takes over the type of its value.
pub(super) fn expand(text: &str, values: &Values<'_>) -> Node {
    let value = |name: &str| values.get(name).and_then(Option::as_ref);
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        expanded.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let reference = after
            .strip_prefix('(')
            .and_then(|inner| inner.split_once(')'));
        rest = match reference {
            Some((name, behind)) => {
                match value(name) {
                    Some(value) if at == 0 && behind.is_empty() && rest.len() == text.len() => {
                        return value.node();
                    }
                    Some(value) => expanded.push_str(&value.text()),
                    None => {
                        expanded.push_str("$(");
                        expanded.push_str(name);
                        expanded.push(')');
                    }
                }
                behind
            }
            None => {
                expanded.push('$');
                // What follows is read along with the sign; a second one is dropped.
                let length = after.chars().next().map_or(0, char::len_utf8);
                let (next, behind) = after.split_at(length);
                if next != "$" {
                    expanded.push_str(next);
                }
                behind
            }
        };
    }
    expanded.push_str(rest);
    Node::text(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(text: &str) -> serde_json::Value {
        let values: Values<'_> = [
            ("A", Some(Value::Text("a".into()))),
            ("N", Some(Value::Int(7))),
            ("F", Some(Value::Float(2.5))),
            ("B", Some(Value::Bool(true))),
            ("LIST", None),
        ]
        .into_iter()
        .collect();
        expand(text, &values).to_json()
    }

    #[test]
    fn names_in_parentheses_are_replaced() {
        assert_eq!(expanded("x$(A)y$(N) $(F)-$(B)"), "xay7 2.5-true");
        assert_eq!(expanded("$(N)"), 7);
        assert_eq!(expanded("$(F)"), 2.5);
        assert_eq!(expanded("$(B)"), true);
        assert_eq!(expanded("$(N)$(N)"), "77");
    }

    #[test]
    fn what_is_no_var_stays() {
        for text in ["$(X)", "$(LIST)", "$(A", "$A", "a$", "$", "$()", "$é"] {
            assert_eq!(expanded(text), text);
        }
    }

    #[test]
    fn two_signs_stand_for_one() {
        assert_eq!(expanded("$$(A)"), "$(A)");
        assert_eq!(expanded("$$$(A)"), "$a");
        assert_eq!(expanded("$x$(A)"), "$xa");
    }
}
