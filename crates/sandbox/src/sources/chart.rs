//! Helm charts, as small as they can be.

use anyhow::Result;
use serde_json::{Value, json};

use super::archive::tar_gz;
use super::artifact::digest;

/// A chart. It starts without templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    name: String,
    version: String,
    /// Paths below the chart's folder, and what is there.
    files: Vec<(String, String)>,
}

impl Chart {
    /// A chart of this name and version (`1.2.3`).
    #[must_use]
    pub fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            files: Vec::new(),
        }
    }

    /// Adds a file: `values.yaml`, `templates/web.yaml`.
    #[must_use]
    pub fn with(mut self, path: &str, text: &str) -> Self {
        self.files.push((path.to_owned(), text.to_owned()));
        self
    }

    /// What `Chart.yaml` says.
    pub(super) fn metadata(&self) -> Value {
        json!({"apiVersion": "v2", "name": self.name, "version": self.version, "type": "application"})
    }

    /// The name of its archive, `NAME-VERSION.tgz`.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{}-{}.tgz", self.name, self.version)
    }

    /// The chart, packed.
    ///
    /// # Errors
    /// If it cannot be packed.
    pub fn archive(&self) -> Result<Vec<u8>> {
        // JSON is YAML.
        let metadata = ("Chart.yaml".to_owned(), self.metadata().to_string());
        let files: Vec<(String, &str)> = [&metadata]
            .into_iter()
            .chain(&self.files)
            .map(|(path, text)| (format!("{}/{path}", self.name), text.as_str()))
            .collect();
        tar_gz(files.iter().map(|(path, text)| (path.as_str(), *text)))
    }

    /// The `index.yaml` of a chart repository that has these charts beside it.
    ///
    /// # Errors
    /// If one cannot be packed.
    pub fn index(charts: &[Self]) -> Result<String> {
        let mut entries = serde_json::Map::new();
        for chart in charts {
            let mut entry = chart.metadata();
            entry["urls"] = json!([chart.file_name()]);
            entry["created"] = json!("2026-01-01T00:00:00Z");
            entry["digest"] = json!(digest(&chart.archive()?).trim_start_matches("sha256:"));
            let versions = entries.entry(&chart.name).or_insert_with(|| json!([]));
            if let Value::Array(versions) = versions {
                versions.push(entry);
            }
        }
        let index = json!({
            "apiVersion": "v1", "entries": entries, "generated": "2026-01-01T00:00:00Z",
        });
        Ok(serde_yaml::to_string(&index)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_names_every_version() {
        let charts = ["1.0.0", "1.1.0"].map(|version| Chart::new("web", version));
        let index: Value = serde_yaml::from_str(&Chart::index(&charts).unwrap()).unwrap();
        let versions = index["entries"]["web"].as_array().unwrap();
        assert_eq!(versions.len(), 2);
        assert_eq!(versions[1]["version"], "1.1.0");
        assert_eq!(versions[1]["urls"][0], "web-1.1.0.tgz");
        assert_eq!(versions[1]["digest"].as_str().unwrap().len(), 64);
    }
}
