//! The Go programs that the sandbox runs: where they are, and building the missing ones.
//!
//! Their versions are those of the tool dependencies in `tools/go.mod`, `tools/watcher/go.mod` and `tools/s3/go.mod`.
//! Binaries are kept in `${REFLUX_SANDBOX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/reflux/sandbox}/KEY/bin`, where KEY
//! follows from the bytes of one's `go.mod` and `go.sum`: a changed version is a new folder. etcd and the API server
//! come from `KUBEBUILDER_ASSETS` where that is set, as for other projects that test against a real API server.

mod build;
mod table;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

pub use self::table::Tool;
use self::table::{Module, Row};
use crate::host;

/// Receives one line at a time about work that takes long.
pub type Progress = dyn Fn(&str) + Send + Sync;

/// Finds tools and builds the missing ones.
#[derive(Clone)]
pub struct Toolbox {
    main: Versions,
    watcher: Versions,
    object_store: Versions,
    /// `KUBEBUILDER_ASSETS`.
    assets: Option<PathBuf>,
    progress: Arc<Progress>,
}

/// The pinned versions of one module.
#[derive(Clone)]
struct Versions {
    /// Folder with `go.mod` and `go.sum`.
    module: PathBuf,
    /// Folder of these versions in the cache.
    home: PathBuf,
}

impl Versions {
    fn of(module: Module, cache: &Path) -> Result<Self> {
        let module = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tools")
            .join(module.folder());
        let key = cache_key(
            &fs_err::read(module.join("go.mod"))?,
            &fs_err::read(module.join("go.sum"))?,
        );
        Ok(Self {
            module,
            home: cache.join(key),
        })
    }

    fn bin(&self) -> PathBuf {
        self.home.join("bin")
    }
}

impl Toolbox {
    /// The toolbox that the environment describes. Progress goes to standard error.
    ///
    /// # Errors
    /// If the module files cannot be read or no folder for the cache is known.
    pub fn from_env() -> Result<Self> {
        let cache = cache_root()?;
        Ok(Self {
            main: Versions::of(Module::Main, &cache)?,
            watcher: Versions::of(Module::Watcher, &cache)?,
            object_store: Versions::of(Module::ObjectStore, &cache)?,
            assets: host::path_variable("KUBEBUILDER_ASSETS"),
            progress: Arc::new(host::progress),
        })
    }

    /// Sends progress lines to `progress` instead of standard error.
    #[must_use]
    pub fn with_progress(self, progress: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self {
            progress: Arc::new(progress),
            ..self
        }
    }

    /// Where the binary of `tool` is, or will be once it is built.
    pub fn path(&self, tool: Tool) -> PathBuf {
        let row = tool.row();
        match &self.assets {
            Some(assets) if row.in_assets => assets.join(row.name),
            _ => self.versions(row.module).bin().join(row.name),
        }
    }

    /// Makes sure that each of `tools` can be run; blocks for minutes where a build is needed.
    ///
    /// # Errors
    /// If a tool is missing and Go is not installed or the build fails, or if `KUBEBUILDER_ASSETS` is set and lacks one.
    pub fn ensure(&self, tools: &[Tool]) -> Result<()> {
        for module in Module::ALL {
            let missing = || -> Result<Vec<&'static Row>> {
                let mut rows = self.missing(tools)?;
                rows.retain(|row| row.module == module);
                Ok(rows)
            };
            if missing()?.is_empty() {
                continue;
            }
            let versions = self.versions(module);
            let _lock = self.lock(versions)?;
            // Another process may have built them while this one waited for the lock.
            let missing = missing()?;
            if !missing.is_empty() {
                build::build(versions, &*self.progress, &missing)?;
            }
        }
        Ok(())
    }

    /// [`Self::ensure`] for async callers: the build runs on a thread of its own.
    ///
    /// # Errors
    /// As [`Self::ensure`].
    pub async fn ensure_async(&self, tools: &[Tool]) -> Result<()> {
        let (toolbox, tools) = (self.clone(), tools.to_vec());
        tokio::task::spawn_blocking(move || toolbox.ensure(&tools)).await?
    }

    /// The folder of a Go module of the pinned version, for the files it holds beside its code (CRDs, kwok's stages).
    /// Downloads the module if need be.
    ///
    /// # Errors
    /// If Go is not installed, or the module is unknown or cannot be downloaded.
    pub fn module_dir(&self, module: &str) -> Result<PathBuf> {
        build::module_dir(&self.main.module, module)
    }

    /// The folder with kwok's CRDs and stages (`crd/bases`, `stage`), kept beside the binaries so that running them
    /// needs no Go.
    ///
    /// # Errors
    /// As [`Self::module_dir`], or if the cache cannot be written.
    pub fn kwok_files(&self) -> Result<PathBuf> {
        let kept = self.main.home.join("share").join("kwok");
        if !kept.exists() {
            let _lock = self.lock(&self.main)?;
            if !kept.exists() {
                let module = self.module_dir("sigs.k8s.io/kwok")?;
                build::keep_folder(&module.join("kustomize"), &kept)?;
            }
        }
        Ok(kept)
    }

    fn versions(&self, module: Module) -> &Versions {
        match module {
            Module::Main => &self.main,
            Module::Watcher => &self.watcher,
            Module::ObjectStore => &self.object_store,
        }
    }

    /// The rows of those tools that are not there yet, without repeats.
    fn missing(&self, tools: &[Tool]) -> Result<Vec<&'static Row>> {
        let mut missing: Vec<&'static Row> = Vec::new();
        for tool in tools {
            let row = tool.row();
            let path = self.path(*tool);
            if path.exists() || missing.iter().any(|other| other.tool == row.tool) {
                continue;
            }
            if self.assets.is_some() && row.in_assets {
                bail!(
                    "{} does not exist: KUBEBUILDER_ASSETS must name a folder that holds etcd and kube-apiserver; \
                     unset it to have them built",
                    path.display()
                );
            }
            missing.push(row);
        }
        Ok(missing)
    }

    /// Held while the cache is written, so that test processes side by side do not build twice.
    fn lock(&self, versions: &Versions) -> Result<std::fs::File> {
        fs_err::create_dir_all(&versions.home)?;
        let path = versions.home.join("lock");
        let (file, _) = fs_err::File::create(&path)?.into_parts();
        if file.try_lock().is_err() {
            (self.progress)("waiting for another process that builds tools");
            file.lock()
                .with_context(|| format!("locking {}", path.display()))?;
        }
        Ok(file)
    }
}

/// The first 16 hexadecimal digits of the SHA-256 of both files, one after the other.
fn cache_key(go_mod: &[u8], go_sum: &[u8]) -> String {
    let digest = Sha256::new()
        .chain_update(go_mod)
        .chain_update(go_sum)
        .finalize();
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn cache_root() -> Result<PathBuf> {
    if let Some(root) = host::path_variable("REFLUX_SANDBOX_CACHE") {
        return Ok(root);
    }
    let caches = host::path_variable("XDG_CACHE_HOME")
        .or_else(|| host::path_variable("HOME").map(|home| home.join(".cache")))
        .context(
            "no folder for the sandbox's tools: set HOME, XDG_CACHE_HOME or REFLUX_SANDBOX_CACHE",
        )?;
    Ok(caches.join("reflux").join("sandbox"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_covers_both_files() {
        // sha256("ab") = fb8e20fc2e4c3f24…
        assert_eq!(cache_key(b"a", b"b"), "fb8e20fc2e4c3f24");
        assert_ne!(cache_key(b"a", b"c"), cache_key(b"a", b"b"));
    }

    fn toolbox(home: &Path, assets: Option<PathBuf>) -> Toolbox {
        let versions = Versions {
            module: home.to_path_buf(),
            home: home.to_path_buf(),
        };
        Toolbox {
            main: versions.clone(),
            watcher: versions.clone(),
            object_store: versions,
            assets,
            progress: Arc::new(|_| ()),
        }
    }

    #[test]
    fn assets_hold_etcd_and_the_api_server_only() {
        let home = tempfile::tempdir().unwrap();
        let toolbox = toolbox(home.path(), Some("/assets".into()));
        assert_eq!(toolbox.path(Tool::Etcd), Path::new("/assets/etcd"));
        assert_eq!(toolbox.path(Tool::Kwok), home.path().join("bin/kwok"));
        let error = toolbox.ensure(&[Tool::Etcd]).unwrap_err();
        assert!(error.to_string().contains("KUBEBUILDER_ASSETS"), "{error}");
    }

    #[test]
    fn what_exists_is_not_built() {
        let home = tempfile::tempdir().unwrap();
        fs_err::create_dir_all(home.path().join("bin")).unwrap();
        fs_err::write(home.path().join("bin/kwok"), "").unwrap();
        toolbox(home.path(), None).ensure(&[Tool::Kwok]).unwrap();
    }
}
