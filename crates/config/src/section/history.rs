use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::review::Review;
use crate::tree::Place;
use crate::value::duration;

/// How long the past is kept.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table such as [history]")]
pub struct History {
    /// How long versions that ended are kept; at least a day. When not set: forever. Set it to bound the size of
    /// the database.
    #[serde(with = "duration::optional")]
    #[schemars(with = "Option<duration::Text>", extend("x-example" = "365d"))]
    pub retention: Option<Duration>,
}

impl History {
    pub(crate) fn check(&self, place: &Place<'_>, review: &mut Review<'_>) {
        if self.retention.is_some_and(|retention| retention < Duration::from_hours(24)) {
            let help = "write at least \"1d\", or remove the option to keep everything";
            review.problem(&place.key("retention"), "history is kept for at least a day", help);
        }
    }
}
