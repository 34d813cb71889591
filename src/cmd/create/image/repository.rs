//! `create image repository`.

use clap::{ArgMatches, Args, Command};
use flux_api::Duration;
use flux_api::image::ImageRepositorySpec;

use super::super::{Noun, Request, leaf, reference, some};
use super::finish;
use crate::cmd::arguments;
use crate::error::{Error, Result};
use crate::flags;
use crate::kinds::IMAGE_REPOSITORY;

pub(in super::super) const NOUN: Noun = Noun {
    path: &["image", "repository"],
    run,
};

// Flags of `create image repository`.
#[derive(Args)]
struct RepositoryArgs {
    /// The image whose tags are scanned, without a tag, such as ghcr.io/org/app
    #[arg(long)]
    image: Option<String>,
    /// An existing secret with the registry's credentials, of type kubernetes.io/dockerconfigjson
    #[arg(long, value_name = "NAME")]
    secret_ref: Option<String>,
    /// An existing secret with certificates for TLS
    #[arg(long, value_name = "NAME")]
    cert_ref: Option<String>,
    /// How long one scan may take, as a Go duration; as long as the interval where it is 0s
    #[arg(long, value_parser = flags::duration, default_value = "0s")]
    scan_timeout: Duration,
}

pub(super) fn command() -> Command {
    leaf::<RepositoryArgs>(
        Command::new("repository")
            .about("Create or update an ImageRepository")
            .long_about("Create or update an ImageRepository and wait until it is scanned.")
            .after_help(
                "Examples:\n  \
                 # Scan the tags of a public image\n  \
                 {bin} create image repository alpine --image=alpine --interval=20m\n\n  \
                 # Scan an image with an existing image pull secret\n  \
                 {bin} create image repository app --image=ghcr.io/org/app \\\n    \
                 --secret-ref=image-pull --interval=5m",
            ),
    )
}

fn run(request: &Request<'_>, matches: &ArgMatches) -> Result<()> {
    let args: RepositoryArgs = arguments(matches)?;
    let image = some(&args.image)
        .ok_or_else(|| Error::usage("an image repository (--image) is required"))?;
    flags::image_repository(&image)
        .map_err(|why| Error::usage(format!("unable to parse image value: {why}")))?;
    let spec = ImageRepositorySpec {
        image,
        interval: request.interval,
        timeout: (args.scan_timeout != Duration::default()).then_some(args.scan_timeout),
        secret_ref: reference(&args.secret_ref),
        cert_secret_ref: reference(&args.cert_ref),
        ..ImageRepositorySpec::default()
    };
    finish(request, &IMAGE_REPOSITORY, &spec)
}
