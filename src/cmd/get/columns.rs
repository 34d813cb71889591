//! The columns of a table of objects.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use kube::ResourceExt;
use kube::api::DynamicObject;

use super::Request;
use crate::error::Result;
use crate::kinds::suspension::Suspension;
use crate::kinds::{Column, Kind, ZERO_TIME};
use crate::output;
use crate::ui::table::Tint;

type Cell = Box<dyn Fn(&DynamicObject) -> String>;

/// The columns of one kind's table.
pub(super) struct Columns(Vec<(&'static str, Cell)>);

impl Columns {
    pub(super) fn new(request: &Request<'_>, kind: &'static Kind) -> Result<Self> {
        let args = &request.args;
        let wide = request.format == Some(output::Format::Wide);
        let mut all: Vec<(&'static str, Cell)> = Vec::new();
        all.push(("Namespace", Box::new(|o| o.namespace().unwrap_or_default())));
        let across = request.across;
        all.push((
            "Name",
            Box::new(move |o| {
                if across {
                    format!("{}/{}", kind.kind.to_lowercase(), o.name_any())
                } else {
                    o.name_any()
                }
            }),
        ));
        let zone = TimeZone::system();
        let plain = |column: &Column| -> (&'static str, Cell) {
            let (cell, zone) = (column.cell, zone.clone());
            if column.time {
                (column.header, Box::new(move |o| local(&cell(o), &zone)))
            } else {
                (column.header, Box::new(cell))
            }
        };
        all.extend(kind.source_column.iter().map(plain));
        all.extend(kind.columns.iter().map(plain));
        all.extend(more(request.context.ui.is_output_terminal()));
        let shown: Vec<&str> = all.iter().map(|(header, _)| *header).collect();
        let places = if args.columns.is_empty() {
            let usual = |header: &&str| match *header {
                "Namespace" => args.all_namespaces,
                "Source" if kind.source_column.is_some() => wide || request.show_source,
                "Suspended by" | "Reason" | "Until" => wide || args.suspended,
                "Interval" | "Last reconciled" | "Age" | "Created" => wide,
                _ => true,
            };
            (0..shown.len())
                .filter(|place| usual(&shown[*place]))
                .collect()
        } else {
            chosen(&shown, &args.columns, request.across)?
        };
        let mut all: Vec<Option<(&'static str, Cell)>> = all.into_iter().map(Some).collect();
        Ok(Columns(
            places
                .into_iter()
                .filter_map(|place| all[place].take())
                .collect(),
        ))
    }

    pub(super) fn header(&self, request: &Request<'_>) -> Vec<&'static str> {
        if request.args.no_header {
            Vec::new()
        } else {
            self.0.iter().map(|(header, _)| *header).collect()
        }
    }

    pub(super) fn row(&self, object: &DynamicObject) -> Vec<String> {
        self.0.iter().map(|(_, cell)| cell(object)).collect()
    }

    /// How the cell in a column is coloured.
    pub(super) fn tint(&self, column: usize, cell: &str) -> Tint {
        match (self.0.get(column).map(|(header, _)| *header), cell) {
            (Some("Ready"), "True") => Tint::Good,
            (Some("Ready"), "False") => Tint::Bad,
            (Some("Ready"), _) | (Some("Suspended"), "True") => Tint::Doubtful,
            _ => Tint::Plain,
        }
    }
}

/// The places of the columns that were asked for. Of several kinds, not every one has each: it
/// shows those that it has.
fn chosen(shown: &[&str], asked: &[String], across: bool) -> Result<Vec<usize>> {
    if !across {
        return output::choose(shown, asked);
    }
    let mut places = Vec::new();
    for name in asked {
        places.extend(output::choose(shown, std::slice::from_ref(name)).unwrap_or_default());
    }
    if places.is_empty() {
        return output::choose(shown, asked);
    }
    Ok(places)
}

/// Columns that every kind can show. Ages are for people: a program gets times.
fn more(relative: bool) -> Vec<(&'static str, Cell)> {
    let when = move |time: Option<Timestamp>| match time {
        None => String::new(),
        Some(time) if relative => age(Timestamp::now(), time),
        Some(time) => time.to_string(),
    };
    vec![
        (
            "Interval",
            Box::new(|o| {
                o.data["spec"]["interval"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
            }),
        ),
        (
            "Suspended by",
            Box::new(|o| Suspension::of(o).by.unwrap_or_default()),
        ),
        (
            "Reason",
            Box::new(|o| Suspension::of(o).reason.unwrap_or_default()),
        ),
        (
            "Until",
            Box::new(|o| {
                Suspension::of(o)
                    .until
                    .map_or_else(String::new, |t| t.to_string())
            }),
        ),
        (
            "Last reconciled",
            Box::new(move |o| when(last_reconciled(o))),
        ),
        (
            if relative { "Age" } else { "Created" },
            Box::new(move |o| when(o.metadata.creation_timestamp.as_ref().map(|t| t.0))),
        ),
    ]
}

/// A time as flux shows it: to the second, in the user's time zone. What is no time is left as it is.
fn local(text: &str, zone: &TimeZone) -> String {
    let Some(time) = text.parse::<Timestamp>().ok().filter(|_| text != ZERO_TIME) else {
        return text.to_owned();
    };
    let time = time.to_zoned(zone.clone());
    let offset = if time.offset().is_zero() { "Z" } else { "%:z" };
    time.strftime(&format!("%Y-%m-%dT%H:%M:%S{offset}"))
        .to_string()
}

/// When its controller last brought it where it is, as far as the status tells.
fn last_reconciled(object: &DynamicObject) -> Option<Timestamp> {
    let status = &object.data["status"];
    let ready = status["conditions"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|condition| condition["type"] == "Ready");
    [
        &status["history"][0]["lastReconciled"],
        &status["history"][0]["lastDeployed"],
        &status["artifact"]["lastUpdateTime"],
        &status["lastScanResult"]["scanTime"],
        &status["lastAutomationRunTime"],
        ready.map_or(&serde_json::Value::Null, |c| &c["lastTransitionTime"]),
    ]
    .into_iter()
    .filter_map(|time| time.as_str()?.parse().ok())
    .max()
}

/// How long ago, in kubectl's manner.
fn age(now: Timestamp, time: Timestamp) -> String {
    let seconds = now.duration_since(time).as_secs().max(0);
    match seconds {
        0..120 => format!("{seconds}s"),
        120..7_200 => format!("{}m", seconds / 60),
        7_200..172_800 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_local() {
        let tokyo = TimeZone::fixed(jiff::tz::offset(9));
        for (text, utc, there) in [
            (
                "2026-01-01T10:20:30.5+02:00",
                "2026-01-01T08:20:30Z",
                "2026-01-01T17:20:30+09:00",
            ),
            (ZERO_TIME, ZERO_TIME, ZERO_TIME),
            ("", "", ""),
        ] {
            assert_eq!(local(text, &TimeZone::UTC), utc);
            assert_eq!(local(text, &tokyo), there);
        }
    }

    #[test]
    fn ages() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let now = at("2026-01-10T00:00:00Z");
        for (then, want) in [
            ("2026-01-10T00:00:05Z", "0s"),
            ("2026-01-09T23:59:00Z", "60s"),
            ("2026-01-09T23:00:00Z", "60m"),
            ("2026-01-09T00:00:00Z", "24h"),
            ("2026-01-01T00:00:00Z", "9d"),
        ] {
            assert_eq!(age(now, at(then)), want);
        }
    }
}
