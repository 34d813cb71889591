//! `create source oci`.

use clap::{ArgMatches, Args, Command};
use flux_api::source::{
    OCILayerSelector, OCIRepositoryRef, OCIRepositorySpec, OCIRepositoryVerification,
};

use super::super::{Noun, Request, choice, leaf, reference, some};
use super::{SourceArgs, VerifyArgs, fetched, ignore};
use crate::cmd::arguments;
use crate::error::{Error, Result};
use crate::flags::{List, RegistryProvider};
use crate::kinds::OCI_REPOSITORY;

pub(in super::super) const NOUN: Noun = Noun {
    path: &["source", "oci"],
    run,
};

// Flags of `create source oci`.
#[derive(Args)]
struct OciArgs {
    /// Who authenticates to the registry: generic (with a secret), aws, azure or gcp
    #[arg(long, default_value = "generic")]
    provider: RegistryProvider,
    /// The repository's address, such as oci://ghcr.io/org/manifests
    #[arg(long)]
    url: Option<String>,
    /// The tag to pull
    #[arg(long)]
    tag: Option<String>,
    /// The range of versions, of which the newest tag is pulled
    #[arg(long, value_name = "RANGE")]
    tag_semver: Option<String>,
    /// The digest to pull, such as sha256:…
    #[arg(long)]
    digest: Option<String>,
    /// An existing secret with the registry's credentials, of type kubernetes.io/dockerconfigjson
    #[arg(long, value_name = "NAME")]
    secret_ref: Option<String>,
    /// An existing secret with the address of a proxy
    #[arg(long, value_name = "NAME")]
    proxy_secret_ref: Option<String>,
    /// The service account whose image pull secrets are used
    #[arg(long, value_name = "NAME")]
    service_account: Option<String>,
    /// An existing secret with certificates for TLS
    #[arg(long, value_name = "NAME")]
    cert_ref: Option<String>,
    #[command(flatten)]
    verify: VerifyArgs,
    /// Paths to leave out, as .gitignore has them; commas or repeats for several
    #[arg(long, value_name = "PATH")]
    ignore_paths: Vec<List>,
    /// Speak HTTP without TLS to the registry
    #[arg(long)]
    insecure: bool,
    /// Which layer to take and what to do with it, as MEDIA-TYPE:OPERATION; extract or copy
    #[arg(long, value_name = "SELECTOR")]
    layer_selector: Option<String>,
}

pub(super) fn command() -> Command {
    leaf::<OciArgs>(
        Command::new("oci")
            .about("Create or update an OCIRepository")
            .long_about("Create or update an OCIRepository and wait until it is pulled.")
            .after_help(
                "Examples:\n  \
                 # A public artifact\n  \
                 {bin} create source oci podinfo --tag=6.6.2 --interval=10m \\\n    \
                 --url=oci://ghcr.io/stefanprodan/manifests/podinfo\n\n  \
                 # An artifact that a workflow on GitHub has signed\n  \
                 {bin} create source oci podinfo --tag-semver=6.x \\\n    \
                 --url=oci://ghcr.io/stefanprodan/manifests/podinfo --verify-provider=cosign \\\n    \
                 --verify-issuer=^https://token.actions.githubusercontent.com$ \\\n    \
                 --verify-subject=^https://github.com/stefanprodan/podinfo/\n\n  \
                 # A Helm chart, packed as it is\n  \
                 {bin} create source oci valkey --url=oci://example.com/charts/valkey --tag=0.11.6 \\\n    \
                 --layer-selector=application/vnd.cncf.helm.chart.content.v1.tar+gzip:copy",
            ),
    )
}

fn run(request: &Request<'_>, matches: &ArgMatches) -> Result<()> {
    let args: OciArgs = arguments(matches)?;
    let context = request.context;
    let spec = spec(request, &args, &arguments(matches)?)?;
    let object = request.object(&OCI_REPOSITORY, &spec)?;
    if request.export {
        return request.print(&object);
    }
    let ready = context.block_on(async {
        let cluster = context.cluster().await?;
        request.apply(&cluster, &OCI_REPOSITORY, &object).await
    })?;
    context.ui.success("OCIRepository reconciliation completed");
    fetched(request, &OCI_REPOSITORY, &ready, "no artifact was found")
}

fn spec(request: &Request<'_>, args: &OciArgs, source: &SourceArgs) -> Result<OCIRepositorySpec> {
    let url = some(&args.url).ok_or_else(|| Error::usage("url is required"))?;
    let artifact = OCIRepositoryRef {
        digest: some(&args.digest),
        semver: some(&args.tag_semver),
        tag: some(&args.tag),
        ..OCIRepositoryRef::default()
    };
    if artifact == OCIRepositoryRef::default() {
        return Err(Error::usage("--tag, --tag-semver or --digest is required"));
    }
    let layer_selector = some(&args.layer_selector)
        .map(|selector| layer(&selector))
        .transpose()?;
    Ok(OCIRepositorySpec {
        url,
        reference: Some(artifact),
        layer_selector,
        provider: Some(choice(args.provider.as_str())?),
        insecure: args.insecure,
        interval: request.interval,
        timeout: source.timeout(),
        ignore: ignore(&args.ignore_paths),
        service_account_name: some(&args.service_account),
        secret_ref: reference(&args.secret_ref),
        proxy_secret_ref: reference(&args.proxy_secret_ref),
        cert_secret_ref: reference(&args.cert_ref),
        verify: verification(&args.verify)?,
        ..OCIRepositorySpec::default()
    })
}

fn verification(args: &VerifyArgs) -> Result<Option<OCIRepositoryVerification>> {
    let Some(verification) = args.verification()? else {
        return Ok(None);
    };
    Ok(Some(OCIRepositoryVerification {
        provider: choice(verification.provider.as_str())?,
        secret_ref: verification.secret_ref,
        match_oidc_identity: verification.identities,
        trusted_root_secret_ref: None,
    }))
}

/// Reads `<media-type>:<operation>`.
fn layer(selector: &str) -> Result<OCILayerSelector> {
    let refused = |why: &str| Error::usage(format!("invalid --layer-selector {selector:?}: {why}"));
    let (media_type, operation) = selector
        .split_once(':')
        .filter(|(media_type, operation)| !media_type.is_empty() && !operation.is_empty())
        .ok_or_else(|| refused("must be in the format '<media-type>:<operation>'"))?;
    let operation = operation
        .parse()
        .map_err(|_| refused("operation must be \"extract\" or \"copy\""))?;
    Ok(OCILayerSelector {
        media_type: Some(media_type.to_owned()),
        operation: Some(operation),
    })
}
