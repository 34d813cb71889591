//! `create source helm`.

use clap::{ArgMatches, Args, Command};
use flux_api::meta::LocalObjectReference;
use flux_api::source::{HelmRepositorySpec, HelmRepositoryType};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::super::credentials::{self, secret_value};
use super::super::{Noun, Request, leaf, reference, some};
use super::{SourceArgs, fetched};
use crate::cli;
use crate::cluster::Cluster;
use crate::cmd::arguments;
use crate::cmd::input::read_file;
use crate::error::{Error, Result};
use crate::flags::go_url;
use crate::kinds::HELM_REPOSITORY;
use crate::manifests::secret::{self, HelmCredentials, Metadata, TlsFiles};

pub(in super::super) const NOUN: Noun = Noun {
    path: &["source", "helm"],
    run,
};

// Flags of `create source helm`.
#[derive(Args)]
struct HelmArgs {
    /// The repository's address, such as https://charts.example.com or oci://ghcr.io/org/charts
    #[arg(long)]
    url: Option<String>,
    /// The user name
    #[arg(long, short = 'u')]
    username: Option<String>,
    /// The password; better from a file
    #[arg(long, short = 'p', value_parser = cli::secret)]
    password: Option<SecretString>,
    /// The file with the password; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "password")]
    password_file: Option<String>,
    /// The file with the client's certificate, PEM; it goes with --key-file
    #[arg(long, value_name = "FILE")]
    cert_file: Option<String>,
    /// The file with the private key of the client's certificate, PEM
    #[arg(long, value_name = "FILE")]
    key_file: Option<String>,
    /// The file with the authorities that may sign the server's certificate, PEM
    #[arg(long, value_name = "FILE")]
    ca_file: Option<String>,
    /// An existing secret with the credentials
    #[arg(long, value_name = "NAME")]
    secret_ref: Option<String>,
    /// Who authenticates to a registry: generic (with a secret), aws, azure or gcp
    #[arg(long, value_name = "PROVIDER")]
    oci_provider: Option<String>,
    /// Give the credentials to other hosts, too, where the index has charts on them
    #[arg(long)]
    pass_credentials: bool,
}

pub(super) fn command() -> Command {
    leaf::<HelmArgs>(
        Command::new("helm")
            .about("Create or update a HelmRepository source")
            .long_about(
                "Create or update a HelmRepository source and wait until its index is fetched.\n\n\
                 Credentials are stored in a secret. An address that begins with oci:// names a \
                 registry, from which nothing is fetched before a chart is.",
            )
            .after_help(
                "Examples:\n  \
                 # A public repository\n  \
                 {bin} create source helm podinfo --interval=10m \\\n    \
                 --url=https://stefanprodan.github.io/podinfo\n\n  \
                 # A repository that asks for a password, which no process list shows\n  \
                 {bin} create source helm charts --url=https://charts.example.com \\\n    \
                 --username=me --password-file=-\n\n  \
                 # A repository that asks for a certificate\n  \
                 {bin} create source helm charts --url=https://charts.example.com \\\n    \
                 --cert-file=tls.crt --key-file=tls.key --ca-file=ca.crt\n\n  \
                 # Charts in a registry\n  \
                 {bin} create source helm podinfo --url=oci://ghcr.io/stefanprodan/charts",
            ),
    )
}

fn run(request: &Request<'_>, matches: &ArgMatches) -> Result<()> {
    let args: HelmArgs = arguments(matches)?;
    let (mut spec, provider) = spec(request, &args, &arguments(matches)?)?;
    if request.export {
        let spec = complete(&spec, provider)?;
        return request.print(&request.object(&HELM_REPOSITORY, &spec)?);
    }
    let ui = &request.context.ui;
    let ready = request.context.block_on(async {
        let cluster = request.context.cluster().await?;
        let files = tls_files(&args)?;
        ui.generate("generating HelmRepository source");
        if spec.secret_ref.is_none()
            && let Some(name) = credentials_secret(request, &args, files, &cluster).await?
        {
            spec.secret_ref = Some(LocalObjectReference::new(name));
            spec.pass_credentials = args.pass_credentials;
        }
        let object = request.object(&HELM_REPOSITORY, &complete(&spec, provider)?)?;
        request
            .apply_as(&cluster, &HELM_REPOSITORY, &object, "source")
            .await
    })?;
    ui.success("HelmRepository source reconciliation completed");
    if HELM_REPOSITORY.is_fixed(&ready) {
        return Ok(());
    }
    let otherwise = "HelmRepository source reconciliation completed but no artifact was found";
    fetched(request, &HELM_REPOSITORY, &ready, otherwise)
}

/// The spec without the provider, which is of any text, and the provider.
fn spec<'a>(
    request: &Request<'_>,
    args: &'a HelmArgs,
    source: &SourceArgs,
) -> Result<(HelmRepositorySpec, Option<&'a str>)> {
    let address = some(&args.url).ok_or_else(|| Error::usage("url is required"))?;
    let url = go_url(&address).map_err(|why| Error::usage(format!("url parse failed: {why}")))?;
    if !["http", "https", "oci"].contains(&url.scheme.as_str()) {
        return Err(Error::usage(format!(
            "url scheme '{}' not supported, can be: http, https and oci",
            url.scheme
        )));
    }
    if url.host.is_empty() {
        return Err(Error::usage("url host is required"));
    }
    let is_registry = url.scheme == "oci";
    let secret_ref = reference(&args.secret_ref);
    let spec = HelmRepositorySpec {
        url: address,
        interval: request.interval,
        timeout: source.timeout(),
        r#type: is_registry.then_some(HelmRepositoryType::Oci),
        // Without credentials there is nothing to pass.
        pass_credentials: args.pass_credentials && secret_ref.is_some(),
        secret_ref,
        ..HelmRepositorySpec::default()
    };
    let provider = args.oci_provider.as_deref();
    let provider = provider.filter(|text| is_registry && !text.is_empty());
    Ok((spec, provider))
}

/// The whole spec. Which providers there are is for the server to say, as with flux.
fn complete(spec: &HelmRepositorySpec, provider: Option<&str>) -> Result<Value> {
    let mut spec = serde_json::to_value(spec)
        .map_err(|error| Error::failed("cannot make the object").caused_by(error))?;
    if let Some(provider) = provider {
        spec["provider"] = json!(provider);
    }
    Ok(spec)
}

/// Reads the files for TLS. A certificate without its key counts for nothing, or the other way
/// round.
fn tls_files(args: &HelmArgs) -> Result<TlsFiles> {
    let authorities = credentials::ca_file(args.ca_file.as_deref())?;
    let read = |path: &str, what: &str| -> Result<String> {
        let bytes = read_file(path, what).map_err(|error| {
            Error::new(error.kind(), format!("failed to read {what}")).caused_by(error)
        })?;
        String::from_utf8(bytes).map_err(|_| Error::usage(format!("{path}: not PEM text")))
    };
    let (certificate, private_key) = match (some(&args.cert_file), some(&args.key_file)) {
        (Some(certificate), Some(key)) => (
            Some(read(&certificate, "cert file")?),
            Some(SecretString::from(read(&key, "key file")?)),
        ),
        _ => (None, None),
    };
    Ok(TlsFiles {
        certificate,
        private_key,
        authorities,
    })
}

/// Stores the credentials that the flags give, and returns the name of their secret.
async fn credentials_secret(
    request: &Request<'_>,
    args: &HelmArgs,
    tls: TlsFiles,
    cluster: &Cluster,
) -> Result<Option<String>> {
    let ui = &request.context.ui;
    if some(&args.cert_file).is_some() != some(&args.key_file).is_some() {
        ui.warning("no certificate is stored: --cert-file and --key-file go together");
    }
    let credentials = HelmCredentials {
        username: some(&args.username).unwrap_or_default(),
        password: secret_value(
            args.password.as_ref(),
            args.password_file.as_deref(),
            "password file",
        )?,
        tls,
    };
    let metadata = Metadata {
        name: format!("helm-{}", request.name),
        namespace: request.namespace.clone(),
        // flux gives this one no labels.
        ..Metadata::default()
    };
    let secret = secret::helm(&metadata, &credentials)?;
    if secret.keys().next().is_none() {
        return Ok(None);
    }
    ui.action("applying secret with repository credentials");
    cluster.put_secret(secret.expose()).await?;
    ui.success("authentication configured");
    Ok(Some(metadata.name))
}
