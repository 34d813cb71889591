//! Providers.

#![expect(
    unreachable_pub,
    reason = "KubeSchema copies the struct into a function, with its visibility"
)]

use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

use crate::choices::choices;
use crate::duration::TIMEOUT_PATTERN;
use crate::meta::LocalObjectReference;
use crate::{Duration, omit};

/// Which service to send to, and with which credentials.
#[derive(Clone, CustomResource, Debug, Default, Deserialize, KubeSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "notification.toolkit.fluxcd.io",
    version = "v1beta3",
    kind = "Provider",
    plural = "providers",
    namespaced,
    schema = "disabled",
    derive = "Default",
    derive = "PartialEq",
    doc = "A service that events are sent to.",
    category = "all",
    category = "fluxcd",
    category = "fluxcd-notifications",
    printcolumn = r#"{ "name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp" }"#
)]
#[x_kube(validation = (
    "self.type == 'github' || self.type == 'gitlab' || self.type == 'gitea' || self.type == 'bitbucketserver' || self.type == 'bitbucket' || self.type == 'azuredevops' || !has(self.commitStatusExpr)",
    "spec.commitStatusExpr is only supported for the 'github', 'gitlab', 'gitea', 'bitbucketserver', 'bitbucket', 'azuredevops' provider types",
))]
pub struct ProviderSpec {
    /// Service to send to.
    pub r#type: ProviderType,

    /// Has no effect any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Duration>,

    /// Channel, room, topic or the like to post in.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(length(max = 2048))]
    pub channel: Option<String>,

    /// Name to post under.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(length(max = 2048))]
    pub username: Option<String>,

    /// Where the service is: an HTTP(S) address, or for some types a project or namespace.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(length(max = 2048))]
    pub address: Option<String>,

    /// How long sending may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = TIMEOUT_PATTERN))]
    pub timeout: Option<Duration>,

    /// Address of the proxy to go through. Deprecated: name a Secret for it.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(length(max = 2048), regex(pattern = r"^(http|https)://.*$"))]
    pub proxy: Option<String>,

    /// Secret with the proxy to go through: key `address`, and `username` and `password` if needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy_secret_ref: Option<LocalObjectReference>,

    /// Secret with the credentials; which keys it has depends on the type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<LocalObjectReference>,

    /// ServiceAccount whose cloud identity is used; for Azure and Google Cloud services.
    ///
    /// It excludes credentials in a Secret, and needs the controller's feature gate
    /// ObjectLevelWorkloadIdentity.
    #[serde(skip_serializing_if = "omit::text")]
    pub service_account_name: Option<String>,

    /// Secret for TLS: a client certificate (`tls.crt` and `tls.key`), an authority to trust
    /// (`ca.crt`), or both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_secret_ref: Option<LocalObjectReference>,

    /// Whether sending is stopped for now.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub suspend: bool,

    /// CEL expression for the name of a commit status; it can read `event`, `alert` and `provider`.
    ///
    /// Only for types that set commit statuses.
    #[serde(skip_serializing_if = "omit::text")]
    pub commit_status_expr: Option<String>,
}

choices! {
    /// Services that events can be sent to.
    #[derive(Default)]
    pub enum ProviderType {
        /// Slack.
        Slack = "slack",
        /// Discord.
        Discord = "discord",
        /// Microsoft Teams.
        MsTeams = "msteams",
        /// Rocket.Chat.
        Rocket = "rocket",
        /// Any web server: the event as JSON.
        #[default]
        Generic = "generic",
        /// Any web server, with a signature of the event.
        GenericHmac = "generic-hmac",
        /// GitHub commit statuses.
        GitHub = "github",
        /// GitLab commit statuses.
        GitLab = "gitlab",
        /// Gitea commit statuses.
        Gitea = "gitea",
        /// Comments on Gitea pull requests.
        GiteaPullRequestComment = "giteapullrequestcomment",
        /// Bitbucket Server build statuses.
        BitbucketServer = "bitbucketserver",
        /// Bitbucket build statuses.
        Bitbucket = "bitbucket",
        /// Azure DevOps commit statuses.
        AzureDevOps = "azuredevops",
        /// Google Chat.
        GoogleChat = "googlechat",
        /// Google Cloud Pub/Sub.
        GooglePubSub = "googlepubsub",
        /// Webex.
        Webex = "webex",
        /// Sentry.
        Sentry = "sentry",
        /// Azure Event Hubs.
        AzureEventHub = "azureeventhub",
        /// Telegram.
        Telegram = "telegram",
        /// Lark.
        Lark = "lark",
        /// Matrix.
        Matrix = "matrix",
        /// Opsgenie.
        Opsgenie = "opsgenie",
        /// Prometheus Alertmanager.
        Alertmanager = "alertmanager",
        /// Grafana annotations.
        Grafana = "grafana",
        /// GitHub repository dispatch events.
        GitHubDispatch = "githubdispatch",
        /// Comments on GitHub pull requests.
        GitHubPullRequestComment = "githubpullrequestcomment",
        /// Comments on GitLab merge requests.
        GitLabMergeRequestComment = "gitlabmergerequestcomment",
        /// PagerDuty.
        PagerDuty = "pagerduty",
        /// Datadog.
        Datadog = "datadog",
        /// NATS.
        Nats = "nats",
        /// Zulip.
        Zulip = "zulip",
        /// OpenTelemetry traces.
        Otel = "otel",
    }
}
