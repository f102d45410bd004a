use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::review::Review;
use crate::tree::Place;
use crate::value::duration;

/// When a listing that would remove much waits until a second listing agrees. A partition is what one collector
/// finds in one region of one account.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table such as [guard]")]
pub struct Guard {
    /// Hold back removals that look too large. Switch it off only where whole accounts come and go by the minute.
    pub enabled: bool,
    /// Share of a partition, in percent, that one listing may remove without a second one. 1 to 100. A listing
    /// that empties a partition always waits.
    pub percent: u8,
    /// Rows a partition must have for `percent` to apply; in smaller ones a few removals are normal.
    pub min_rows: u64,
    /// Time that must pass before the second listing counts.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Text")]
    pub confirm_after: Duration,
}

impl Default for Guard {
    fn default() -> Guard {
        Guard { enabled: true, percent: 30, min_rows: 20, confirm_after: Duration::from_mins(1) }
    }
}

impl Guard {
    pub(crate) fn check(&self, place: &Place<'_>, review: &mut Review<'_>) {
        if !(1..=100).contains(&self.percent) {
            let message = format!("{} is not a percentage from 1 to 100", self.percent);
            review.problem(&place.key("percent"), message, "write for instance percent = 30");
        }
    }
}
