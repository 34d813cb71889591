//! `create source chart`.

use clap::{ArgMatches, Args, Command};
use flux_api::source::{HelmChartSpec, HelmChartVerification, LocalHelmChartSourceReference};
use serde_json::{Value, json};

use super::super::{Noun, Request, choice, leaf, some};
use super::{VerifyArgs, fetched};
use crate::cmd::arguments;
use crate::error::{Error, Result};
use crate::flags::LocalChartSource;
use crate::kinds::HELM_CHART;

pub(in super::super) const NOUN: Noun = Noun {
    path: &["source", "chart"],
    run,
};

// Flags of `create source chart`.
#[derive(Args)]
struct ChartArgs {
    /// The chart's name in a HelmRepository, or its folder in another source
    #[arg(long)]
    chart: Option<String>,
    /// The version or range of versions, for charts of a HelmRepository
    #[arg(long, value_name = "RANGE")]
    chart_version: Option<String>,
    /// The source, as KIND/NAME; the kind is HelmRepository, GitRepository or Bucket
    #[arg(long)]
    source: Option<LocalChartSource>,
    /// What makes a new artifact: ChartVersion, a new version; Revision, any change of the source
    #[arg(long, value_name = "STRATEGY", default_value = "ChartVersion")]
    reconcile_strategy: String,
    #[command(flatten)]
    verify: VerifyArgs,
}

pub(super) fn command() -> Command {
    leaf::<ChartArgs>(
        Command::new("chart")
            .about("Create or update a HelmChart source")
            .long_about("Create or update a HelmChart source and wait until the chart is there.")
            .after_help(
                "Examples:\n  \
                 # A chart of a HelmRepository\n  \
                 {bin} create source chart podinfo --source=HelmRepository/podinfo \\\n    \
                 --chart=podinfo --chart-version=6.x\n\n  \
                 # A chart in a Git repository, made anew with each commit\n  \
                 {bin} create source chart podinfo --source=GitRepository/podinfo \\\n    \
                 --chart=./charts/podinfo --reconcile-strategy=Revision\n\n  \
                 # A chart that a workflow on GitHub has signed\n  \
                 {bin} create source chart podinfo --source=HelmRepository/podinfo \\\n    \
                 --chart=podinfo --chart-version=6.6.2 --verify-provider=cosign \\\n    \
                 --verify-issuer=^https://token.actions.githubusercontent.com$ \\\n    \
                 --verify-subject=^https://github.com/stefanprodan/podinfo/",
            ),
    )
}

fn run(request: &Request<'_>, matches: &ArgMatches) -> Result<()> {
    let args: ChartArgs = arguments(matches)?;
    let context = request.context;
    let source = args.source.as_ref();
    let source = source.ok_or_else(|| Error::usage("chart source is required"))?;
    let chart = some(&args.chart);
    let chart = chart.ok_or_else(|| Error::usage("chart name or path is required"))?;
    context.ui.generate("generating HelmChart source");
    let spec = spec(request, &args, source, chart)?;
    let object = request.object(&HELM_CHART, &spec)?;
    if request.export {
        return request.print(&object);
    }
    let ready = context.block_on(async {
        let cluster = context.cluster().await?;
        let noun = "source";
        request.apply_as(&cluster, &HELM_CHART, &object, noun).await
    })?;
    context
        .ui
        .success("HelmChart source reconciliation completed");
    let otherwise = "HelmChart source reconciliation completed but no artifact was found";
    fetched(request, &HELM_CHART, &ready, otherwise)
}

fn spec(
    request: &Request<'_>,
    args: &ChartArgs,
    source: &LocalChartSource,
    chart: String,
) -> Result<Value> {
    let spec = HelmChartSpec {
        chart,
        version: some(&args.chart_version),
        source_ref: LocalHelmChartSourceReference {
            kind: choice(source.kind)?,
            name: source.name.clone(),
            ..LocalHelmChartSourceReference::default()
        },
        interval: request.interval,
        verify: verification(request, &args.verify)?,
        ..HelmChartSpec::default()
    };
    let mut spec = serde_json::to_value(spec)
        .map_err(|error| Error::failed("cannot make the object").caused_by(error))?;
    // Which strategies there are is for the server to say, as with flux.
    if !args.reconcile_strategy.is_empty() {
        spec["reconcileStrategy"] = json!(args.reconcile_strategy);
    }
    Ok(spec)
}

fn verification(request: &Request<'_>, args: &VerifyArgs) -> Result<Option<HelmChartVerification>> {
    let is_alone = args.verify_provider.is_none()
        && some(&args.verify_issuer).is_none()
        && some(&args.verify_secret_ref).is_none();
    if is_alone && some(&args.verify_subject).is_some() {
        // flux forgets to refuse this, so scripts may count on it.
        let ui = &request.context.ui;
        ui.warning("no signature is checked: --verify-subject needs --verify-provider");
        return Ok(None);
    }
    let Some(verification) = args.verification()? else {
        return Ok(None);
    };
    Ok(Some(HelmChartVerification {
        provider: choice(verification.provider.as_str())?,
        secret_ref: verification.secret_ref,
        match_oidc_identity: verification.identities,
    }))
}
