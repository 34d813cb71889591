//! `create image policy`.

use clap::{ArgMatches, Args, Command};
use flux_api::Duration;
use flux_api::image::{
    AlphabeticalPolicy, ImagePolicyChoice, ImagePolicySpec, NumericalPolicy, ReflectionPolicy,
    SemVerPolicy, SortOrder, TagFilter,
};
use flux_api::meta::NamespacedObjectReference;

use super::super::{Noun, Request, leaf, some};
use super::finish;
use crate::cmd::arguments;
use crate::error::{Error, Result};
use crate::flags;
use crate::kinds::IMAGE_POLICY;

pub(in super::super) const NOUN: Noun = Noun {
    path: &["image", "policy"],
    run,
};

// Flags of `create image policy`.
#[derive(Args)]
struct PolicyArgs {
    /// The ImageRepository whose tags it chooses from
    #[arg(long, value_name = "NAME")]
    image_ref: Option<String>,
    /// Choose the newest version within a range, such as 1.x
    #[arg(long, value_name = "RANGE")]
    select_semver: Option<String>,
    /// Choose by the alphabet: asc takes the last tag, desc the first
    #[arg(long, value_name = "ORDER")]
    select_alpha: Option<String>,
    /// Choose by number: asc takes the largest tag, desc the smallest
    #[arg(long, value_name = "ORDER")]
    select_numeric: Option<String>,
    /// The tags that count, as a Go regular expression
    #[arg(long, value_name = "REGEX")]
    filter_regex: Option<String>,
    /// What of a tag is compared, made of the groups of --filter-regex, such as $ts
    #[arg(long, value_name = "TEXT")]
    filter_extract: Option<String>,
    /// When the digest of the chosen image is looked up: Never, IfNotPresent or Always
    #[arg(long, value_name = "POLICY")]
    reflect_digest: Option<String>,
    /// How often the digest is looked up, with --reflect-digest=Always; a Go duration
    #[arg(long, value_parser = flags::duration, default_value = "0s")]
    interval: Duration,
}

pub(super) fn command() -> Command {
    leaf::<PolicyArgs>(
        Command::new("policy")
            .about("Create or update an ImagePolicy")
            .long_about(
                "Create or update an ImagePolicy and wait until it has chosen.\n\n\
                 It chooses one of the tags that an ImageRepository has scanned, by one of \
                 --select-semver, --select-alpha and --select-numeric.",
            )
            .after_help(
                "Examples:\n  \
                 # The newest release\n  \
                 {bin} create image policy podinfo --image-ref=podinfo --select-semver='>=1.0.0'\n\n  \
                 # The latest build of a branch, by the time in tags such as main-9fceb02-1700000000\n  \
                 {bin} create image policy podinfo --image-ref=podinfo --select-numeric=asc \\\n    \
                 --filter-regex='^main-[a-f0-9]+-(?P<ts>[0-9]+)' --filter-extract='$ts'\n\n  \
                 # A tag that is moved, by its digest\n  \
                 {bin} create image policy podinfo --image-ref=podinfo --select-alpha=asc \\\n    \
                 --filter-regex='^latest$' --reflect-digest=Always --interval=10m",
            ),
    )
}

fn run(request: &Request<'_>, matches: &ArgMatches) -> Result<()> {
    let args: PolicyArgs = arguments(matches)?;
    let image = some(&args.image_ref).ok_or_else(|| {
        Error::usage("the name of an ImageRepository in the namespace is required (--image-ref)")
    })?;
    let policy = policy(request, &args)?;
    let filter_tags = filter(&args)?;
    let digest_reflection_policy = reflection(&args)?;
    let is_limited = args.interval != Duration::default();
    if is_limited && digest_reflection_policy != Some(ReflectionPolicy::Always) {
        return Err(Error::usage(
            "the --interval flag can only be used with the 'Always' digest reflection policy, use \
             --reflect-digest=Always",
        ));
    }
    let spec = ImagePolicySpec {
        image_repository_ref: NamespacedObjectReference {
            name: image,
            namespace: None,
        },
        policy,
        filter_tags,
        digest_reflection_policy,
        interval: is_limited.then_some(args.interval),
        ..ImagePolicySpec::default()
    };
    finish(request, &IMAGE_POLICY, &spec)
}

/// The rule that the flags name. Of a range together with an order flux makes no rule at all.
fn policy(request: &Request<'_>, args: &PolicyArgs) -> Result<ImagePolicyChoice> {
    let semver = some(&args.select_semver);
    let alpha = some(&args.select_alpha);
    let numeric = some(&args.select_numeric);
    let mut policy = ImagePolicyChoice::default();
    match (semver, alpha, numeric) {
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
            // flux forgets to refuse this, so scripts may count on it.
            let ui = &request.context.ui;
            ui.warning(
                "no policy is set: only one of --select-semver, --select-alpha and \
                 --select-numeric can be",
            );
        }
        (None, Some(_), Some(_)) => {
            return Err(Error::usage(
                "only one of --select-semver, --select-alpha or --select-numeric can be specified",
            ));
        }
        (Some(range), None, None) => policy.sem_ver = Some(SemVerPolicy { range }),
        (None, Some(text), None) => {
            let order = Some(order("--select-alpha", &text)?);
            policy.alphabetical = Some(AlphabeticalPolicy { order });
        }
        (None, None, Some(text)) => {
            let order = Some(order("--select-numeric", &text)?);
            policy.numerical = Some(NumericalPolicy { order });
        }
        (None, None, None) => {
            return Err(Error::usage(
                "a policy must be provided with either --select-semver or --select-alpha",
            )
            .hint("or with --select-numeric"));
        }
    }
    Ok(policy)
}

fn order(flag: &str, text: &str) -> Result<SortOrder> {
    let order = text.parse();
    order.map_err(|_| Error::usage(format!("{flag} must be one of [\"asc\", \"desc\"]")))
}

fn filter(args: &PolicyArgs) -> Result<Option<TagFilter>> {
    let extract = some(&args.filter_extract);
    let Some(pattern) = some(&args.filter_regex) else {
        return match extract {
            None => Ok(None),
            Some(_) => Err(Error::usage(
                "cannot specify --filter-extract without specifying --filter-regex",
            )),
        };
    };
    let groups = flags::go_regex(&pattern).map_err(|why| {
        Error::usage("--filter-regex is an invalid regex pattern").hint(format!("it has: {why}"))
    })?;
    if let Some(extract) = &extract {
        let names = flags::group_names(extract)
            .map_err(|why| Error::usage("--filter-extract is malformed").hint(why))?;
        if let Some(name) = names.iter().find(|n| !groups.iter().any(|g| g == *n)) {
            return Err(Error::usage(format!(
                "capture group ${name} used in --filter-extract not found in --filter-regex"
            )));
        }
    }
    Ok(Some(TagFilter {
        pattern,
        extract: extract.unwrap_or_default(),
    }))
}

fn reflection(args: &PolicyArgs) -> Result<Option<ReflectionPolicy>> {
    let policy = some(&args.reflect_digest).map(|text| text.parse());
    policy.transpose().map_err(|_| {
        Error::usage(
            "invalid value for --reflect-digest, must be one of 'Never', 'IfNotPresent', 'Always'",
        )
    })
}
