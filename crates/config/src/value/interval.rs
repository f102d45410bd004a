//! How often something is collected: a duration, one of eight names, or never by itself.

use std::borrow::Cow;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::duration;
use crate::suggest::closest;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// The names that may stand for an interval, with their length in seconds; `DISABLED` has none.
const NAMES: [(&str, Option<u64>); 8] = [
    ("DISABLED", None),
    ("THIRTY_MINUTES", Some(30 * MINUTE)),
    ("ONE_HOUR", Some(HOUR)),
    ("FOUR_HOURS", Some(4 * HOUR)),
    ("EIGHT_HOURS", Some(8 * HOUR)),
    ("TWELVE_HOURS", Some(12 * HOUR)),
    ("ONE_DAY", Some(24 * HOUR)),
    ("ONE_WEEK", Some(7 * 24 * HOUR)),
];

/// How often something is collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// Only when somebody asks for it; written `"DISABLED"`.
    Disabled,
    /// Again when this much time has passed since the last run began.
    Every(Duration),
}

impl Interval {
    fn parse(text: &str) -> Result<Interval, String> {
        if let Some((_, secs)) = NAMES.iter().find(|(name, _)| *name == text) {
            return Ok(match secs {
                Some(secs) => Interval::Every(Duration::from_secs(*secs)),
                None => Interval::Disabled,
            });
        }
        duration::parse(text).map(Interval::Every).map_err(|_| {
            let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
            match closest(&text.to_uppercase().replace([' ', '-'], "_"), names.iter().copied()) {
                Some(name) => format!("`{text}` is not an interval\ndid you mean \"{name}\"?"),
                None => format!(
                    "`{text}` is not an interval\nwrite a duration such as \"30m\", or one of {}",
                    names.join(", ")
                ),
            }
        })
    }
}

impl<'de> Deserialize<'de> for Interval {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Interval, D::Error> {
        Interval::parse(&Cow::<str>::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Serialize for Interval {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Interval::Disabled => serializer.serialize_str("DISABLED"),
            Interval::Every(duration) => duration::serialize(duration, serializer),
        }
    }
}

impl JsonSchema for Interval {
    fn schema_name() -> Cow<'static, str> {
        "Interval".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "x-kind": "interval" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_durations_are_both_intervals() {
        assert_eq!(Interval::parse("DISABLED"), Ok(Interval::Disabled));
        for (name, same) in [
            ("THIRTY_MINUTES", "30m"),
            ("ONE_HOUR", "1h"),
            ("FOUR_HOURS", "4h"),
            ("EIGHT_HOURS", "8h"),
            ("TWELVE_HOURS", "12h"),
            ("ONE_DAY", "1d"),
            ("ONE_WEEK", "7d"),
        ] {
            assert_eq!(Interval::parse(name), Interval::parse(same), "{name}");
        }
        assert!(Interval::parse("one_day").unwrap_err().contains("did you mean \"ONE_DAY\"?"));
        assert!(Interval::parse("never").is_err());
    }
}
