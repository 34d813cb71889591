//! `create helmrelease`.

mod values;

use clap::{ArgMatches, Args, Command};
use flux_api::Duration;
use flux_api::helm::{
    CRDsPolicy, CrossNamespaceObjectReference, CrossNamespaceSourceReference, HelmChartTemplate,
    HelmChartTemplateSpec, HelmReleaseSpec, Install, Upgrade, ValuesReference,
};
use flux_api::meta::DataKind;
use flux_api::source::ReconcileStrategy;
use serde_json::{Value, json};

use super::dependencies::dependencies;
use super::ready::{announce, finish};
use super::{Noun, Request, choice, kubeconfig, leaf, some};
use crate::cmd::arguments;
use crate::error::{Error, Result};
use crate::flags::{self, CrdsPolicy, HelmChartSource, List, ObjectReference};
use crate::kinds::HELM_RELEASE;

pub(super) const NOUN: Noun = Noun {
    path: &["helmrelease"],
    run,
};

// Flags of `create helmrelease`.
#[derive(Args)]
struct HelmReleaseArgs {
    /// The name that Helm knows the release by [default: [TARGET-NAMESPACE-]NAME]
    #[arg(long, value_name = "NAME")]
    release_name: Option<String>,
    /// The source with the chart, as KIND/NAME[.NAMESPACE]; the kind is HelmRepository,
    /// GitRepository or Bucket
    #[arg(long)]
    source: Option<HelmChartSource>,
    /// The chart's name, or its folder in the source
    #[arg(long)]
    chart: Option<String>,
    /// The chart's version, or a range of which the newest is taken; only from a HelmRepository
    #[arg(long, value_name = "RANGE")]
    chart_version: Option<String>,
    /// The object that is the chart, as KIND/NAME[.NAMESPACE]; the kind is OCIRepository or
    /// HelmChart
    #[arg(long, value_name = "OBJECT")]
    chart_ref: Option<String>,
    /// How often to look for a new version of the chart, as a Go duration
    #[arg(long, value_parser = flags::duration, default_value = "0s")]
    chart_interval: Duration,
    /// What makes a new chart: ChartVersion, its version, or Revision, any change of the source
    #[arg(long, default_value = "ChartVersion", value_name = "STRATEGY")]
    reconcile_strategy: String,
    /// A HelmRelease that must be ready before, as [NAMESPACE/]NAME; commas or repeats for several
    #[arg(long, value_name = "OBJECT")]
    depends_on: Vec<List>,
    /// The namespace to install into [default: the HelmRelease's]
    #[arg(long, value_name = "NAMESPACE")]
    target_namespace: Option<String>,
    /// The namespace that Helm keeps its records in [default: the target namespace]
    #[arg(long, value_name = "NAMESPACE")]
    storage_namespace: Option<String>,
    /// Create the target namespace where it is missing
    #[arg(long)]
    create_target_namespace: bool,
    /// The service account to act as
    #[arg(long, value_name = "NAME")]
    service_account: Option<String>,
    /// A YAML file with values, over those of the files before it; commas or repeats for several
    #[arg(long, value_name = "FILE")]
    values: Vec<List>,
    /// An object whose key values.yaml holds values, as KIND/NAME; the kind is Secret or ConfigMap;
    /// commas or repeats for several
    #[arg(long, value_name = "OBJECT")]
    values_from: Vec<List>,
    /// What an upgrade does with the chart's CRDs: Skip, Create or CreateReplace
    #[arg(long, value_name = "POLICY")]
    crds: Option<CrdsPolicy>,
    /// The secret with the kubeconfig of the cluster to install to
    #[arg(long, value_name = "NAME")]
    kubeconfig_secret_ref: Option<String>,
}

pub(super) fn command() -> Command {
    leaf::<HelmReleaseArgs>(
        Command::new("helmrelease")
            .visible_alias("hr")
            .about("Create or update a HelmRelease")
            .after_help(
                "Examples:\n  \
                 # The newest chart of a range, with values of one's own\n  \
                 {bin} create helmrelease podinfo --source=HelmRepository/podinfo \\\n    \
                 --chart=podinfo --chart-version='>=6.0.0' --values=./values.yaml\n\n  \
                 # A chart that lies in a Git repository\n  \
                 {bin} create helmrelease podinfo --source=GitRepository/podinfo.flux-system \\\n    \
                 --chart=./charts/podinfo --reconcile-strategy=Revision\n\n  \
                 # A chart in a registry\n  \
                 {bin} create helmrelease podinfo --chart-ref=OCIRepository/podinfo",
            ),
    )
}

fn run(request: &Request<'_>, matches: &ArgMatches) -> Result<()> {
    let args: HelmReleaseArgs = arguments(matches)?;
    let chart = chart(&args)?;
    announce(request, &HELM_RELEASE);
    let spec = spec(request, &args, chart)?;
    if let Some(ready) = finish(request, &HELM_RELEASE, &spec)? {
        request.context.ui.success((HELM_RELEASE.done)(&ready));
    }
    Ok(())
}

/// Where the chart comes from.
enum Chart {
    /// A chart of this name in a source.
    Named(String),
    /// The object that is the chart.
    Object(String),
}

fn chart(args: &HelmReleaseArgs) -> Result<Chart> {
    match (some(&args.chart), some(&args.chart_ref)) {
        (Some(chart), None) => Ok(Chart::Named(chart)),
        (None, Some(object)) => Ok(Chart::Object(object)),
        (Some(_), Some(_)) => Err(Error::usage(
            "cannot use --chart in combination with --chart-ref",
        )),
        (None, None) => Err(Error::usage("chart or chart-ref is required")),
    }
}

fn spec(request: &Request<'_>, args: &HelmReleaseArgs, chart: Chart) -> Result<Value> {
    let strategy: ReconcileStrategy = args.reconcile_strategy.parse().map_err(|_| {
        Error::usage(format!(
            "'{}' is an invalid reconcile strategy(valid: Revision, ChartVersion)",
            args.reconcile_strategy
        ))
    })?;
    let files = List::all(&args.values);
    let target_namespace = some(&args.target_namespace);
    let mut spec = HelmReleaseSpec {
        interval: request.interval,
        release_name: some(&args.release_name),
        storage_namespace: some(&args.storage_namespace).or_else(|| target_namespace.clone()),
        target_namespace,
        depends_on: dependencies(request, &args.depends_on),
        kube_config: kubeconfig(&args.kubeconfig_secret_ref),
        install: install(args),
        upgrade: upgrade(args)?,
        service_account_name: some(&args.service_account),
        ..HelmReleaseSpec::default()
    };
    match chart {
        Chart::Named(name) => spec.chart = Some(template(args, name, strategy)?),
        Chart::Object(text) => spec.chart_ref = Some(chart_ref(&text)?),
    }
    if !files.is_empty() {
        spec.values = Some(values::merged(&files)?);
    }
    spec.values_from = List::all(&args.values_from)
        .iter()
        .map(|text| values_reference(text))
        .collect::<Result<_>>()?;
    let mut spec = serde_json::to_value(spec)
        .map_err(|error| Error::failed("cannot make the object").caused_by(error))?;
    // Without a source flux writes an empty reference, which no type of ours can be.
    if args.source.is_none()
        && let Some(source) = spec.pointer_mut("/chart/spec/sourceRef")
    {
        *source = json!({"name": ""});
    }
    Ok(spec)
}

fn template(
    args: &HelmReleaseArgs,
    chart: String,
    strategy: ReconcileStrategy,
) -> Result<HelmChartTemplate> {
    let mut source_ref = CrossNamespaceObjectReference::default();
    if let Some(source) = &args.source {
        source_ref.kind = choice(source.kind)?;
        source_ref.name.clone_from(&source.name);
        source_ref.namespace.clone_from(&source.namespace);
    }
    Ok(HelmChartTemplate {
        metadata: None,
        spec: HelmChartTemplateSpec {
            chart,
            version: some(&args.chart_version),
            source_ref,
            interval: Some(args.chart_interval).filter(|i| *i != Duration::default()),
            reconcile_strategy: Some(strategy),
            ..HelmChartTemplateSpec::default()
        },
    })
}

fn chart_ref(text: &str) -> Result<CrossNamespaceSourceReference> {
    const KINDS: [&str; 2] = ["OCIRepository", "HelmChart"];
    let object = ObjectReference::namespaced(text);
    let kind = KINDS
        .contains(&object.kind.as_str())
        .then(|| object.kind.parse().ok())
        .flatten()
        .ok_or_else(|| {
            Error::usage(format!(
                "chart reference kind '{}' is not supported, must be one of: {}",
                object.kind,
                KINDS.join(", ")
            ))
        })?;
    Ok(CrossNamespaceSourceReference {
        api_version: None,
        kind,
        name: object.name,
        namespace: Some(object.namespace),
    })
}

/// How to install. CRDs are created whatever the policy of upgrades is.
fn install(args: &HelmReleaseArgs) -> Option<Install> {
    (args.create_target_namespace || args.crds.is_some()).then(|| Install {
        create_namespace: args.create_target_namespace,
        crds: args.crds.map(|_| CRDsPolicy::Create),
        ..Install::default()
    })
}

fn upgrade(args: &HelmReleaseArgs) -> Result<Option<Upgrade>> {
    let Some(policy) = args.crds else {
        return Ok(None);
    };
    Ok(Some(Upgrade {
        crds: Some(choice(policy.as_str())?),
        ..Upgrade::default()
    }))
}

fn values_reference(text: &str) -> Result<ValuesReference> {
    let object = ObjectReference::local(text);
    if object.kind.is_empty() {
        return Err(Error::usage(format!(
            "invalid Kubernetes object reference '{text}', must be in format <kind>/<name>"
        )));
    }
    let known = DataKind::ALL
        .iter()
        .find(|kind| kind.as_str().eq_ignore_ascii_case(&object.kind));
    let kind = known.ok_or_else(|| {
        Error::usage(format!(
            "reference kind '{}' is not supported, must be one of: Secret, ConfigMap",
            object.kind
        ))
    })?;
    Ok(ValuesReference {
        kind: *kind,
        name: object.name,
        values_key: None,
        target_path: None,
        optional: false,
        literal: false,
    })
}
