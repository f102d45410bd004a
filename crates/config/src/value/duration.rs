//! Durations as text: `"90s"`, `"1h 30m"`, `"7d"`. A day is 24 hours; months and years are refused.

use std::borrow::Cow;
use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};

const HELP: &str = "write a number and a unit, such as \"90s\", \"30m\", \"1h 30m\" or \"7d\"";

/// Reads one duration.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a duration\n{HELP}");
    let span: Span = text.parse().map_err(|_| wrong())?;
    let signed = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    Duration::try_from(signed).map_err(|_| format!("`{text}` is a duration below zero\n{HELP}"))
}

/// Writes one duration so that [`parse`] reads it back.
pub(crate) fn print(duration: Duration) -> String {
    const DAY: u64 = 24 * 60 * 60;
    let secs = duration.as_secs();
    if duration.subsec_nanos() == 0 && secs >= DAY && secs.is_multiple_of(DAY) {
        return format!("{}d", secs / DAY);
    }
    let signed = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
    format!("{signed:#}")
}

/// For `#[serde(with = ...)]` on a `Duration`.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    parse(&Cow::<str>::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// For `#[serde(with = ...)]` on a `Duration`.
pub(crate) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&print(*duration))
}

/// The same for a duration that may be left out.
pub(crate) mod optional {
    use std::time::Duration;

    use serde::{Deserializer, Serializer};

    /// For `#[serde(with = ...)]` on an `Option<Duration>`.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        super::deserialize(deserializer).map(Some)
    }

    /// For `#[serde(with = ...)]` on an `Option<Duration>`.
    #[expect(clippy::ref_option, reason = "the signature serde calls")]
    pub(crate) fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match duration {
            Some(duration) => super::serialize(duration, serializer),
            None => serializer.serialize_none(),
        }
    }
}

/// Stands for a duration in the schema.
pub(crate) struct Text;

impl JsonSchema for Text {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "x-kind": "duration" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_survive_being_written_and_read_again() {
        for (text, secs) in [
            ("90s", 90),
            ("30m", 1800),
            ("1h 30m", 5400),
            ("7d", 604_800),
            ("2w", 1_209_600),
            ("26h", 93_600),
        ] {
            let duration = parse(text).unwrap();

            assert_eq!(duration, Duration::from_secs(secs), "{text}");
            assert_eq!(parse(&print(duration)).unwrap(), duration, "{text}");
        }
        assert_eq!(parse("250ms").unwrap(), Duration::from_millis(250));
    }

    #[test]
    fn what_has_no_fixed_length_is_refused() {
        for text in ["", "soon", "30", "1 month", "1y", "-5m", "30m later"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
