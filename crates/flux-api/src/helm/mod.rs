//! Helm releases (`helm.toolkit.fluxcd.io`).

mod action;
mod chart;
mod release;
mod status;

pub use action::{
    CRDsPolicy, ChartNameChangeStrategy, DeletionPropagation, Filter, Install, InstallRemediation,
    InstallStrategy, RemediationStrategy, Rollback, ServerSideApplyMode, StrategyName, Test,
    Uninstall, Upgrade, UpgradeRemediation, UpgradeStrategy,
};
pub use chart::{
    ChartRefKind, CrossNamespaceObjectReference, CrossNamespaceSourceReference, HelmChartTemplate,
    HelmChartTemplateObjectMeta, HelmChartTemplateSpec, HelmChartTemplateVerification,
};
pub use release::{
    DriftDetection, DriftDetectionMode, HelmRelease, HelmReleaseSpec, Kustomize,
    PostRenderStrategy, PostRenderer, ValuesReference, WaitStrategy, WaitStrategyName,
};
pub use status::{HelmReleaseStatus, ReleaseAction, Snapshot, TestHookStatus};
