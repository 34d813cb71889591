//! Which cluster, as whom: kubeconfig files, the flags that override them, and the in-cluster
//! configuration.

use std::path::Path;

use kube::Config;
use kube::config::{
    AuthInfo, Cluster, Context, KubeConfigOptions, Kubeconfig, KubeconfigError, NamedAuthInfo,
    NamedCluster, NamedContext,
};

use super::proxy;
use crate::cli::KubeArgs;
use crate::env::{self, Env};
use crate::error::{Error, Kind, Result};
use crate::flags;

/// The name of the entries that flags add; it cannot clash with one of a file.
const FROM_FLAGS: &str = "\u{0}flags";

/// The client configuration that the flags, the environment and the files amount to.
///
/// # Errors
/// When a named file, context, cluster or user does not exist, or a file cannot be read.
pub async fn load(args: &KubeArgs, env: &Env) -> Result<Config> {
    let kubeconfig = read(args, env)?;
    let mut config = match kubeconfig {
        Some(kubeconfig) => from_kubeconfig(kubeconfig, args).await?,
        None if args.server.is_none() && env.is_set(env::KUBERNETES_SERVICE_HOST) => {
            Config::incluster().map_err(|error| {
                Error::failed("in-cluster configuration is not usable").caused_by(error)
            })?
        }
        // client-go's last resort, too: what fails then is the connection, with its address.
        None => from_kubeconfig(Kubeconfig::default(), args).await?,
    };
    override_auth(&mut config.auth_info, args)?;
    if args.disable_compression {
        config.disable_compression = true;
    }
    if let Some(timeout) = args.request_timeout {
        config.read_timeout = Some(flags::std_duration(timeout));
    }
    config.proxy_url = proxy::of_cluster(&config, env)?;
    // Throttling and transient failures are retried by the calls that may be repeated.
    config.default_retry = true;
    Ok(config)
}

/// The namespace of the selected context.
///
/// # Errors
/// When a file cannot be read.
pub fn context_namespace(args: &KubeArgs, env: &Env) -> Result<Option<String>> {
    let Some(kubeconfig) = read(args, env)? else {
        return Ok(None);
    };
    let name = args
        .context
        .as_ref()
        .or(kubeconfig.current_context.as_ref());
    Ok(kubeconfig
        .contexts
        .iter()
        .find(|c| Some(&c.name) == name)
        .and_then(|c| c.context.as_ref()?.namespace.clone())
        .filter(|n| !n.is_empty()))
}

/// The names of all contexts, for completion.
///
/// # Errors
/// When a file cannot be read.
pub fn context_names(args: &KubeArgs, env: &Env) -> Result<Vec<String>> {
    Ok(read(args, env)?
        .map(|k| k.contexts.into_iter().map(|c| c.name).collect())
        .unwrap_or_default())
}

/// The merged kubeconfig, or nothing where there is no file.
fn read(args: &KubeArgs, env: &Env) -> Result<Option<Kubeconfig>> {
    if let Some(path) = &args.kubeconfig {
        let path = Path::new(path);
        if !path.exists() {
            return Err(Error::new(
                Kind::NotFound,
                format!("kubeconfig {}: no such file or directory", path.display()),
            ));
        }
        return read_file(path).map(Some);
    }
    let mut files = env.kubeconfig_files();
    if files.is_empty() {
        files.extend(env.home().map(|home| home.join(".kube").join("config")));
    }
    // Files of the list that do not exist are passed over, as kubectl does.
    let mut merged: Option<Kubeconfig> = None;
    for path in files.into_iter().filter(|p| p.exists()) {
        let next = read_file(&path)?;
        merged = Some(match merged {
            Some(merged) => merged.merge(next).map_err(|error| broken(&path, error))?,
            None => next,
        });
    }
    Ok(merged)
}

fn read_file(path: &Path) -> Result<Kubeconfig> {
    let mut kubeconfig = Kubeconfig::read_from(path).map_err(|error| broken(path, error))?;
    // An empty name is no name, so that a later file's counts.
    kubeconfig.current_context = kubeconfig.current_context.filter(|name| !name.is_empty());
    Ok(kubeconfig)
}

fn broken(path: &Path, error: KubeconfigError) -> Error {
    Error::failed(format!("kubeconfig {} is not usable", path.display())).caused_by(error)
}

async fn from_kubeconfig(mut kubeconfig: Kubeconfig, args: &KubeArgs) -> Result<Config> {
    let mut options = KubeConfigOptions {
        context: args.context.clone(),
        cluster: args.cluster.clone(),
        user: args.user.clone(),
    };
    check_names(&kubeconfig, args)?;
    apply_cluster_flags(&mut kubeconfig, &mut options, args);
    Config::from_custom_kubeconfig(kubeconfig, &options)
        .await
        .map_err(|error| Error::failed("kubernetes configuration load failed").caused_by(error))
}

/// client-go's words for names that do not exist, with what does.
fn check_names(kubeconfig: &Kubeconfig, args: &KubeArgs) -> Result<()> {
    let missing = |what: &str, name: &str, have: Vec<&str>| {
        let error = Error::new(Kind::NotFound, format!("{what} {name:?} does not exist"));
        if have.is_empty() {
            error
        } else {
            error.hint(format!("the kubeconfig has: {}", have.join(", ")))
        }
    };
    if let Some(name) = &args.context
        && !kubeconfig.contexts.iter().any(|c| &c.name == name)
    {
        let have = kubeconfig
            .contexts
            .iter()
            .map(|c| c.name.as_str())
            .collect();
        return Err(missing("context", name, have));
    }
    if let Some(name) = &args.cluster
        && !kubeconfig.clusters.iter().any(|c| &c.name == name)
    {
        let have = kubeconfig
            .clusters
            .iter()
            .map(|c| c.name.as_str())
            .collect();
        return Err(missing("cluster", name, have));
    }
    if let Some(name) = &args.user
        && !kubeconfig.auth_infos.iter().any(|u| &u.name == name)
    {
        let have = kubeconfig
            .auth_infos
            .iter()
            .map(|u| u.name.as_str())
            .collect();
        return Err(missing("user", name, have));
    }
    Ok(())
}

/// Puts a cluster (and, without a context, a context) of the flags in place of the file's.
fn apply_cluster_flags(
    kubeconfig: &mut Kubeconfig,
    options: &mut KubeConfigOptions,
    args: &KubeArgs,
) {
    let context_name = options
        .context
        .as_ref()
        .or(kubeconfig.current_context.as_ref());
    let context = kubeconfig
        .contexts
        .iter()
        .find(|c| Some(&c.name) == context_name)
        .and_then(|c| c.context.clone());
    let cluster_name = options
        .cluster
        .clone()
        .or_else(|| context.as_ref().map(|c| c.cluster.clone()));
    let mut cluster = kubeconfig
        .clusters
        .iter()
        .find(|c| Some(&c.name) == cluster_name.as_ref())
        .and_then(|c| c.cluster.clone())
        .unwrap_or_else(|| Cluster {
            server: Some("http://localhost:8080".to_owned()),
            ..Cluster::default()
        });
    if let Some(server) = &args.server {
        cluster.server = Some(with_scheme(server));
    }
    if let Some(name) = &args.tls_server_name {
        cluster.tls_server_name = Some(name.clone());
    }
    if let Some(path) = &args.certificate_authority {
        cluster.certificate_authority = Some(path.clone());
        cluster.certificate_authority_data = None;
    }
    if args.insecure_skip_tls_verify {
        cluster.insecure_skip_tls_verify = Some(true);
        cluster.certificate_authority = None;
        cluster.certificate_authority_data = None;
    }
    kubeconfig.clusters.push(NamedCluster {
        name: FROM_FLAGS.to_owned(),
        cluster: Some(cluster),
        ..NamedCluster::default()
    });
    options.cluster = Some(FROM_FLAGS.to_owned());
    if context.is_none() {
        kubeconfig.auth_infos.push(NamedAuthInfo {
            name: FROM_FLAGS.to_owned(),
            auth_info: Some(AuthInfo::default()),
            ..NamedAuthInfo::default()
        });
        kubeconfig.contexts.push(NamedContext {
            name: FROM_FLAGS.to_owned(),
            context: Some(Context {
                cluster: FROM_FLAGS.to_owned(),
                user: Some(FROM_FLAGS.to_owned()),
                ..Context::default()
            }),
            ..NamedContext::default()
        });
        options.context = Some(FROM_FLAGS.to_owned());
    }
}

fn with_scheme(server: &str) -> String {
    if server.contains("://") {
        server.to_owned()
    } else {
        format!("http://{server}")
    }
}

/// Puts the flags that say who the user is in place of the file's.
fn override_auth(auth: &mut AuthInfo, args: &KubeArgs) -> Result<()> {
    if let Some(token) = &args.token {
        auth.token = Some(token.clone());
        auth.token_file = None;
        auth.exec = None;
    }
    if let Some(path) = &args.client_certificate {
        auth.client_certificate = Some(path.clone());
        auth.client_certificate_data = None;
    }
    if let Some(path) = &args.client_key {
        auth.client_key = Some(path.clone());
        auth.client_key_data = None;
    }
    if let Some(user) = &args.as_user {
        auth.impersonate = Some(user.clone());
    }
    if let Some(uid) = &args.as_uid {
        auth.impersonate_uid = Some(uid.clone());
    }
    if !args.as_group.is_empty() {
        auth.impersonate_groups = Some(args.as_group.clone());
    }
    for extra in &args.as_user_extra {
        let (key, value) = extra.split_once('=').ok_or_else(|| {
            Error::usage(format!(
                "invalid --as-user-extra {extra:?}: it must be key=value"
            ))
        })?;
        auth.impersonate_user_extra
            .get_or_insert_default()
            .entry(key.to_owned())
            .or_default()
            .push(value.to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn flags_override_the_file() {
        let kubeconfig = Kubeconfig::from_yaml(
            "apiVersion: v1\nkind: Config\ncurrent-context: a\nclusters:\n- name: c\n  cluster: {server: \"https://file:1\"}\nusers:\n- name: u\n  user: {token: filetoken}\ncontexts:\n- name: a\n  context: {cluster: c, user: u, namespace: ns}\n",
        )
        .unwrap();
        let args = KubeArgs {
            server: Some("https://flag:2".to_owned()),
            insecure_skip_tls_verify: true,
            ..KubeArgs::default()
        };
        let config = from_kubeconfig(kubeconfig.clone(), &args).await.unwrap();
        assert_eq!(config.cluster_url.to_string(), "https://flag:2/");
        assert!(config.accept_invalid_certs);
        assert!(config.auth_info.token.is_some());

        let args = KubeArgs {
            context: Some("b".to_owned()),
            ..KubeArgs::default()
        };
        let error = from_kubeconfig(kubeconfig, &args).await.unwrap_err();
        assert_eq!(error.to_string(), "context \"b\" does not exist");
        assert_eq!(error.kind(), Kind::NotFound);
    }

    #[tokio::test]
    async fn without_any_file_the_last_resort_is_localhost() {
        let config = load(&KubeArgs::default(), &Env::default()).await.unwrap();
        assert_eq!(config.cluster_url.to_string(), "http://localhost:8080/");
    }
}
