//! Provider: where notification-controller sends alerts.

use flux_api::notification::ProviderSpec;

use super::{Column, Fixed, Kind, NOT_RECONCILED, Noun, field_suspended, through};

/// The row of Provider.
pub static PROVIDER: Kind = Kind {
    group: "notification.toolkit.fluxcd.io",
    version: "v1beta3",
    kind: "Provider",
    plural: "providers",
    short_names: &[],
    singular: Noun {
        path: &["alert-provider"],
        aliases: &[],
    },
    list: Noun {
        path: &["alert-providers"],
        aliases: &["alert-provider"],
    },
    human: "alert provider",
    title: "Provider",
    controller: "notification-controller",
    actions: NOT_RECONCILED,
    columns: &[
        Column {
            header: "Ready",
            time: false,
            cell: |_| "True".to_owned(),
        },
        Column {
            header: "Message",
            time: false,
            cell: |_| STANDING.to_owned(),
        },
    ],
    source_column: None,
    source: None,
    reconciled_first: None,
    credentials: None,
    revision: |_| None,
    done: |_| "Provider reconciliation completed".to_owned(),
    fixed: Fixed::Always(STANDING),
    suspended: field_suspended,
    requests: &[],
    pruned: None,
    normalize: through::<ProviderSpec>,
    example: "slack",
};

const STANDING: &str = "Provider is Ready";
