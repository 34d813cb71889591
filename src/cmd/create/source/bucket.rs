//! `create source bucket`.

use clap::{ArgMatches, Args, Command};
use flux_api::meta::LocalObjectReference;
use flux_api::source::BucketSpec;
use secrecy::SecretString;

use super::super::credentials::secret_value;
use super::super::{Noun, Request, choice, leaf, reference, some};
use super::{SourceArgs, fetched, ignore};
use crate::cli;
use crate::cluster::Cluster;
use crate::cmd::arguments;
use crate::error::{Error, Result};
use crate::flags::{BucketProvider, List};
use crate::kinds::BUCKET;
use crate::manifests::secret::{self, Metadata};

pub(in super::super) const NOUN: Noun = Noun {
    path: &["source", "bucket"],
    run,
};

// Flags of `create source bucket`.
#[derive(Args)]
struct BucketArgs {
    /// What kind of object store it is in: generic (any that speaks S3), aws, azure or gcp
    #[arg(long, default_value = "generic")]
    provider: BucketProvider,
    /// The bucket's name
    #[arg(long, value_name = "NAME")]
    bucket_name: Option<String>,
    /// The store's address, as HOST[:PORT]
    #[arg(long)]
    endpoint: Option<String>,
    /// The access key's identifier
    #[arg(long, value_name = "KEY")]
    access_key: Option<String>,
    /// The secret access key; better from a file
    #[arg(long, value_name = "KEY", value_parser = cli::secret)]
    secret_key: Option<SecretString>,
    /// The file with the secret access key; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "secret_key")]
    secret_key_file: Option<String>,
    /// The bucket's region
    #[arg(long)]
    region: Option<String>,
    /// Speak HTTP without TLS to the store
    #[arg(long)]
    insecure: bool,
    /// An existing secret with the credentials
    #[arg(long, value_name = "NAME")]
    secret_ref: Option<String>,
    /// An existing secret with the address of a proxy
    #[arg(long, value_name = "NAME")]
    proxy_secret_ref: Option<String>,
    /// Paths to leave out, as .gitignore has them; commas or repeats for several
    #[arg(long, value_name = "PATH")]
    ignore_paths: Vec<List>,
}

pub(super) fn command() -> Command {
    leaf::<BucketArgs>(
        Command::new("bucket")
            .about("Create or update a Bucket source")
            .long_about(
                "Create or update a Bucket source and wait until it is fetched.\n\n\
                 An access key and its secret are stored in a secret; without them the store is \
                 asked anonymously, or as the identity that the cloud gives source-controller.",
            )
            .after_help(
                "Examples:\n  \
                 # A bucket in MinIO, with a key that no process list shows\n  \
                 {bin} create source bucket podinfo --bucket-name=podinfo --insecure \\\n    \
                 --endpoint=minio.minio.svc.cluster.local:9000 \\\n    \
                 --access-key=me --secret-key-file=-\n\n  \
                 # A bucket in Amazon S3, as the identity of the nodes\n  \
                 {bin} create source bucket podinfo --bucket-name=podinfo --provider=aws \\\n    \
                 --endpoint=s3.amazonaws.com --region=us-east-1 --interval=10m",
            ),
    )
}

fn run(request: &Request<'_>, matches: &ArgMatches) -> Result<()> {
    let args: BucketArgs = arguments(matches)?;
    let mut spec = spec(request, &args, &arguments(matches)?)?;
    if request.export {
        return request.print(&request.object(&BUCKET, &spec)?);
    }
    let ui = &request.context.ui;
    let ready = request.context.block_on(async {
        let cluster = request.context.cluster().await?;
        ui.generate("generating Bucket source");
        if spec.secret_ref.is_none() {
            spec.secret_ref = credentials(request, &args, &cluster).await?;
        }
        let object = request.object(&BUCKET, &spec)?;
        request.apply(&cluster, &BUCKET, &object).await
    })?;
    ui.success("Bucket source reconciliation completed");
    let otherwise = "Bucket source reconciliation but no artifact was found";
    fetched(request, &BUCKET, &ready, otherwise)
}

fn spec(request: &Request<'_>, args: &BucketArgs, source: &SourceArgs) -> Result<BucketSpec> {
    let name = some(&args.bucket_name).ok_or_else(|| Error::usage("bucket-name is required"))?;
    let endpoint = some(&args.endpoint).ok_or_else(|| Error::usage("endpoint is required"))?;
    Ok(BucketSpec {
        bucket_name: name,
        provider: Some(choice(args.provider.as_str())?),
        insecure: args.insecure,
        endpoint,
        region: some(&args.region),
        interval: request.interval,
        timeout: source.timeout(),
        ignore: ignore(&args.ignore_paths),
        secret_ref: reference(&args.secret_ref),
        proxy_secret_ref: reference(&args.proxy_secret_ref),
        ..BucketSpec::default()
    })
}

/// Stores the credentials that the flags give, and returns their secret.
async fn credentials(
    request: &Request<'_>,
    args: &BucketArgs,
    cluster: &Cluster,
) -> Result<Option<LocalObjectReference>> {
    let ui = &request.context.ui;
    let secret_key = secret_value(
        args.secret_key.as_ref(),
        args.secret_key_file.as_deref(),
        "secret key file",
    )?;
    let (access_key, secret_key) = match (some(&args.access_key), secret_key) {
        (Some(access_key), Some(secret_key)) => (access_key, secret_key),
        (None, None) => return Ok(None),
        _ => {
            ui.warning("no credentials are stored: --access-key and --secret-key go together");
            return Ok(None);
        }
    };
    let metadata = Metadata {
        name: format!("bucket-{}", request.name),
        namespace: request.namespace.clone(),
        labels: request.labels.clone(),
    };
    let secret = secret::bucket(&metadata, &access_key, &secret_key);
    ui.action("applying secret with the bucket credentials");
    cluster.put_secret(secret.expose()).await?;
    ui.success("authentication configured");
    Ok(Some(LocalObjectReference::new(metadata.name)))
}
