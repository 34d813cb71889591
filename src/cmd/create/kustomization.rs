//! `create kustomization`.

use clap::{ArgMatches, Args, Command};
use flux_api::Duration;
use flux_api::kustomize::{CrossNamespaceSourceReference, Decryption, KustomizationSpec};
use flux_api::meta::NamespacedObjectKindReference;

use super::dependencies::dependencies;
use super::ready::{announce, finish};
use super::{Noun, Request, choice, kubeconfig, leaf, reference};
use crate::cmd::arguments;
use crate::error::{Error, Result};
use crate::flags::{self, DecryptionProvider, KustomizationSource, List, SafeRelativePath};
use crate::kinds::KUSTOMIZATION;

pub(super) const NOUN: Noun = Noun {
    path: &["kustomization"],
    run,
};

// Flags of `create kustomization`.
#[derive(Args)]
struct KustomizationArgs {
    /// The source, as [KIND/]NAME[.NAMESPACE]; the kind is GitRepository, OCIRepository or Bucket
    #[arg(long)]
    source: Option<KustomizationSource>,
    /// The folder in the source with the kustomization.yaml
    #[arg(long, default_value = "./")]
    path: SafeRelativePath,
    /// Delete objects that are no longer in the source
    #[arg(long)]
    prune: bool,
    /// Wait for the health of everything that is applied
    #[arg(long)]
    wait: bool,
    /// A workload whose health counts, as KIND/NAME.NAMESPACE; commas or repeats for several
    #[arg(long, value_name = "OBJECT")]
    health_check: Vec<List>,
    /// How long the health checks may take, as a Go duration
    #[arg(long, value_parser = flags::duration, default_value = "2m0s")]
    health_check_timeout: Duration,
    /// No longer used: everything is validated by the server
    #[arg(long, hide = true)]
    validation: Option<String>,
    /// A Kustomization that must be ready before, as [NAMESPACE/]NAME; commas or repeats for several
    #[arg(long, value_name = "OBJECT")]
    depends_on: Vec<List>,
    /// The service account to act as
    #[arg(long)]
    service_account: Option<String>,
    /// How secrets in the source are decrypted: sops
    #[arg(long)]
    decryption_provider: Option<DecryptionProvider>,
    /// The secret with the decryption keys
    #[arg(long)]
    decryption_secret: Option<String>,
    /// The namespace to put all objects into
    #[arg(long)]
    target_namespace: Option<String>,
    /// The secret with the kubeconfig of the cluster to apply to
    #[arg(long)]
    kubeconfig_secret_ref: Option<String>,
    /// How soon to try again after a failure, as a Go duration
    #[arg(long, value_parser = flags::duration, default_value = "0s")]
    retry_interval: Duration,
}

pub(super) fn command() -> Command {
    leaf::<KustomizationArgs>(
        Command::new("kustomization")
            .visible_alias("ks")
            .about("Create or update a Kustomization")
            .after_help(
                "Examples:\n  \
                 # Apply a folder of a source, delete what leaves it, and wait until it runs\n  \
                 {bin} create kustomization apps --source=GitRepository/fleet \\\n    \
                 --path=./apps --prune --wait --interval=10m\n\n  \
                 # Apply it after another one\n  \
                 {bin} create kustomization apps --depends-on=infra --source=fleet --path=./apps",
            ),
    )
}

fn run(request: &Request<'_>, matches: &ArgMatches) -> Result<()> {
    let args: KustomizationArgs = arguments(matches)?;
    let ui = &request.context.ui;
    if args.validation.is_some() {
        // flux says this on stdout, so scripts that compare its output see it there.
        ui.answer(
            "Flag --validation has been deprecated, this arg is no longer used, all resources are \
             validated using server-side apply dry-run\n",
        )?;
    }
    let source = args
        .source
        .as_ref()
        .ok_or_else(|| Error::usage("source is required"))?;
    announce(request, &KUSTOMIZATION);
    let spec = spec(request, &args, source)?;
    if let Some(ready) = finish(request, &KUSTOMIZATION, &spec)? {
        ui.success((KUSTOMIZATION.done)(&ready));
    }
    Ok(())
}

fn spec(
    request: &Request<'_>,
    args: &KustomizationArgs,
    source: &KustomizationSource,
) -> Result<KustomizationSpec> {
    let health_checks = if args.wait {
        Vec::new()
    } else {
        List::all(&args.health_check)
            .iter()
            .map(|check| health_check(check))
            .collect::<Result<_>>()?
    };
    let checks_health = args.wait || !health_checks.is_empty();
    Ok(KustomizationSpec {
        interval: request.interval,
        path: Some(args.path.as_str().to_owned()),
        prune: args.prune,
        wait: args.wait,
        source_ref: CrossNamespaceSourceReference {
            kind: choice(source.kind)?,
            name: source.name.clone(),
            namespace: source.namespace.clone(),
            ..CrossNamespaceSourceReference::default()
        },
        target_namespace: args.target_namespace.clone(),
        depends_on: dependencies(request, &args.depends_on),
        kube_config: kubeconfig(&args.kubeconfig_secret_ref),
        timeout: checks_health.then_some(args.health_check_timeout),
        health_checks,
        service_account_name: args.service_account.clone(),
        decryption: decryption(args)?,
        retry_interval: (args.retry_interval > Duration::default()).then_some(args.retry_interval),
        ..KustomizationSpec::default()
    })
}

fn decryption(args: &KustomizationArgs) -> Result<Option<Decryption>> {
    let Some(provider) = args.decryption_provider else {
        return Ok(None);
    };
    Ok(Some(Decryption {
        provider: choice(provider.as_str())?,
        secret_ref: reference(&args.decryption_secret),
        ..Decryption::default()
    }))
}

fn health_check(text: &str) -> Result<NamespacedObjectKindReference> {
    let malformed =
        || format!("invalid health check '{text}' must be in the format 'kind/name.namespace'");
    let parts: Vec<&str> = text.split('/').collect();
    let &[kind, rest] = parts.as_slice() else {
        let parts = parts.join(" ");
        return Err(Error::usage(format!("{} [{parts}]", malformed())));
    };
    if !["Deployment", "DaemonSet", "StatefulSet", "HelmRelease"].contains(&kind) {
        return Err(Error::usage(format!(
            "invalid health check kind '{kind}' can be HelmRelease, Deployment, DaemonSet or \
             StatefulSet"
        )));
    }
    let (name, namespace) = match rest.split('.').collect::<Vec<_>>()[..] {
        [name, namespace] => (name, namespace),
        _ => return Err(Error::usage(malformed())),
    };
    Ok(NamespacedObjectKindReference {
        api_version: (kind == "HelmRelease").then(|| "helm.toolkit.fluxcd.io/v2".to_owned()),
        kind: kind.to_owned(),
        name: name.to_owned(),
        namespace: Some(namespace.to_owned()),
    })
}
