//! Alert: which events notification-controller sends where.

use flux_api::notification::AlertSpec;

use super::{Column, Fixed, Kind, NOT_RECONCILED, Noun, SUSPENDED, field_suspended, through};

/// The row of Alert.
pub static ALERT: Kind = Kind {
    group: "notification.toolkit.fluxcd.io",
    version: "v1beta3",
    kind: "Alert",
    plural: "alerts",
    short_names: &[],
    singular: Noun {
        path: &["alert"],
        aliases: &[],
    },
    list: Noun {
        path: &["alerts"],
        aliases: &["alert"],
    },
    human: "alert",
    title: "Alert",
    controller: "notification-controller",
    actions: NOT_RECONCILED,
    columns: &[
        SUSPENDED,
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
    done: |_| "Alert reconciliation completed".to_owned(),
    fixed: Fixed::Always(STANDING),
    suspended: field_suspended,
    requests: &[],
    pruned: None,
    normalize: through::<AlertSpec>,
    example: "on-call",
};

const STANDING: &str = "Alert is Ready";
