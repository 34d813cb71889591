//! How values are written down: as kustomize would, as JSON, or in a mixture of the styles that people use.
//!
//! A style is decided by a seed and the place of a value, so that a tree that loses a part keeps the style of the rest.

use serde_json::Value;

use super::dice::Dice;

/// The only key of a mapping that stands for a text with documents in it.
pub(crate) const YAML: &str = "\u{0}yaml";
/// The only key of a mapping that stands for a text of JSON.
pub(crate) const JSON: &str = "\u{0}json";

/// The value with the texts that its embedded documents amount to.
pub(crate) fn resolve(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(resolve).collect(),
        Value::Object(entries) => {
            if let Some(Value::Array(documents)) = entries.get(YAML) {
                let documents: Vec<Value> = documents.iter().map(resolve).collect();
                return kustomize::yaml::to_string_all(&documents).into();
            }
            if let Some(document) = entries.get(JSON) {
                return resolve(document).to_string().into();
            }
            entries
                .iter()
                .map(|(key, value)| (key.clone(), resolve(value)))
                .collect()
        }
        other => other.clone(),
    }
}

/// The documents as a file.
pub(crate) fn write(documents: &[Value], seed: u64) -> String {
    let documents: Vec<Value> = documents.iter().map(resolve).collect();
    match Dice::new(seed).below(10) {
        0..4 => kustomize::yaml::to_string_all(&documents),
        4 if documents.len() == 1 => documents[0].to_string(),
        _ => {
            let texts = documents.iter().enumerate().map(|(at, document)| {
                let mut text = String::new();
                let writer = Writer { seed };
                match document {
                    Value::Object(entries) if !entries.is_empty() => {
                        writer.block(document, &at.to_string(), 0, &mut text);
                    }
                    _ => text = kustomize::yaml::to_string(document),
                }
                text
            });
            texts.collect::<Vec<_>>().join("---\n")
        }
    }
}

struct Writer {
    seed: u64,
}

impl Writer {
    /// A number from 0 below 100 for a place.
    fn style(&self, place: &str, question: u64) -> usize {
        let hash = place.bytes().fold(self.seed ^ question, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Dice::new(hash).below(100)
    }

    /// A mapping or list that is not empty, each entry on lines of its own.
    fn block(&self, value: &Value, place: &str, indent: usize, out: &mut String) {
        let margin = " ".repeat(indent);
        match value {
            Value::Object(entries) => {
                for (key, value) in entries {
                    let place = format!("{place}/{key}");
                    if self.style(&place, 1) < 4 {
                        out.push_str(&format!("{margin}# about {}\n", key.escape_default()));
                    }
                    out.push_str(&format!("{margin}{}:", key_text(key)));
                    self.entry(value, &place, indent, out);
                }
            }
            Value::Array(items) => {
                for (at, value) in items.iter().enumerate() {
                    let place = format!("{place}/{at}");
                    match value {
                        Value::Object(entries)
                            if !entries.is_empty() && self.style(&place, 2) < 85 =>
                        {
                            let mut inner = String::new();
                            self.block(value, &place, indent + 2, &mut inner);
                            // The first line follows the dash, unless it is a comment.
                            let start = if inner.trim_start().starts_with('#') {
                                format!("{margin}-\n{inner}")
                            } else {
                                format!("{margin}- {}", &inner[indent + 2..])
                            };
                            out.push_str(&start);
                        }
                        _ => {
                            out.push_str(&format!("{margin}-"));
                            self.entry(value, &place, indent + 1, out);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// What follows a key or a dash.
    fn entry(&self, value: &Value, place: &str, indent: usize, out: &mut String) {
        let is_flow = self.style(place, 3) < 12;
        match value {
            Value::Object(entries) if !entries.is_empty() && !is_flow => {
                out.push('\n');
                self.block(value, place, indent + 2, out);
            }
            Value::Array(items) if !items.is_empty() && !is_flow => {
                out.push('\n');
                let deeper = if self.style(place, 4) < 50 { 2 } else { 0 };
                self.block(value, place, indent + deeper, out);
            }
            Value::String(text) if text.ends_with('\n') && is_plain_block(text) => {
                out.push_str(" |\n");
                for line in text.lines() {
                    out.push_str(&format!("{}{line}\n", " ".repeat(indent + 2)));
                }
            }
            Value::String(text) => {
                let comment = if self.style(place, 5) < 3 {
                    " # so it is"
                } else {
                    ""
                };
                out.push_str(&format!(" {}{comment}\n", self.text(text, place)));
            }
            Value::Null if self.style(place, 6) < 40 => out.push('\n'),
            other => out.push_str(&format!(" {other}\n")),
        }
    }

    fn text(&self, text: &str, place: &str) -> String {
        let canonical = kustomize::yaml::to_string(&text.into());
        let canonical = canonical.trim_end_matches('\n');
        let is_printable = text.chars().all(|c| !c.is_control());
        match self.style(place, 7) {
            0..60 if !canonical.contains('\n') => canonical.to_owned(),
            60..80 if is_printable => format!("'{}'", text.replace('\'', "''")),
            _ => Value::from(text).to_string(),
        }
    }
}

fn key_text(key: &str) -> String {
    let text = kustomize::yaml::to_string(&key.into());
    text.trim_end_matches('\n').to_owned()
}

/// Whether a text can stand as a literal block without any signs.
fn is_plain_block(text: &str) -> bool {
    text.lines().all(|line| {
        !line.is_empty()
            && !line.starts_with([' ', '\t'])
            && !line.ends_with(' ')
            && line.chars().all(|c| !c.is_control())
    })
}
