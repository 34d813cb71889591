//! Variables that the user gives: what stands in for ConfigMaps and Secrets of the cluster.

use kustomize::yaml::{self, Dialect};
use serde_json::Value;

use super::super::Error;
use super::super::post_build::is_name;
use super::super::variables::KINDS;

/// What `--vars-file` gives.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// Variables for every Kustomization that takes some from ConfigMaps or Secrets.
    pub(super) variables: Vec<(String, String)>,
    /// ConfigMaps and Secrets that count as if they were in the tree.
    pub(super) objects: Vec<Value>,
}

impl Given {
    /// Adds what a file holds: YAML, which is ConfigMaps and Secrets or a mapping of names to
    /// values, or lines of `NAME=value`.
    ///
    /// # Errors
    /// When it is neither. The error shows no value.
    pub fn read(&mut self, text: &str, file: &str) -> Result<(), Error> {
        let is_yaml = [".yaml", ".yml", ".json"]
            .iter()
            .any(|end| file.ends_with(end));
        if is_yaml {
            self.read_yaml(text, file)
        } else {
            self.read_lines(text, file)
        }
    }

    fn read_yaml(&mut self, text: &str, file: &str) -> Result<(), Error> {
        let documents = yaml::parse(text, Dialect::Kubernetes)
            .map_err(|error| Error::new(format!("{file}: {error}")))?;
        for document in documents {
            let object = document.to_json();
            let kind = object["kind"].as_str().unwrap_or_default();
            if object["apiVersion"] == "v1" && KINDS.contains(&kind) {
                self.objects.push(object);
                continue;
            }
            let Value::Object(fields) = object else {
                return Err(Error::new(format!("{file}: no mapping")));
            };
            for (name, value) in fields {
                let value = match value {
                    Value::String(text) => text,
                    Value::Number(_) | Value::Bool(_) => value.to_string(),
                    Value::Null => String::new(),
                    Value::Array(_) | Value::Object(_) => {
                        return Err(Error::new(format!("{file}: {name} is no text")));
                    }
                };
                if !is_name(&name) {
                    let message = format!("{file}: {name:?} is no name of a variable");
                    return Err(Error::new(message));
                }
                self.variables.push((name, value));
            }
        }
        Ok(())
    }

    fn read_lines(&mut self, text: &str, file: &str) -> Result<(), Error> {
        for (number, line) in text.lines().enumerate() {
            let line = line.trim_end_matches('\r');
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let refuse = |why: &str| Error::new(format!("{file}:{}: {why}", number + 1));
            let (name, value) = line
                .split_once('=')
                .ok_or_else(|| refuse("no line of the form NAME=value"))?;
            let name = name.trim();
            if !is_name(name) {
                return Err(refuse(&format!("{name:?} is no name of a variable")));
            }
            self.variables.push((name.to_owned(), value.to_owned()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_lines_or_yaml() {
        let mut given = Given::default();
        given.read("# all\nA=1\n\nB=x=y\r\n", "vars.env").unwrap();
        given.read("c: 5\nd: yes it is\n", "vars.yaml").unwrap();
        let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n";
        given.read(secret, "secret.yml").unwrap();
        let names: Vec<&str> = given
            .variables
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(names, ["A", "B", "c", "d"]);
        assert_eq!(given.variables[1].1, "x=y");
        assert_eq!(given.objects.len(), 1);
        for (text, file, wanted) in [
            (
                "a=1\nhunter2",
                "vars",
                "vars:2: no line of the form NAME=value",
            ),
            (
                "a=1\nexport b=hunter2",
                "vars",
                "vars:2: \"export b\" is no name of a variable",
            ),
            ("a: [hunter2]", "vars.yaml", "vars.yaml: a is no text"),
            (
                "b-c: x",
                "vars.yaml",
                "vars.yaml: \"b-c\" is no name of a variable",
            ),
            ("- hunter2", "vars.yaml", "vars.yaml: no mapping"),
        ] {
            let error = Given::default().read(text, file).unwrap_err();
            assert_eq!(error.to_string(), wanted);
        }
    }
}
