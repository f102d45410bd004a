use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::review::Review;
use crate::tree::Place;
use crate::value::interval::Interval;

/// How often accounts are collected. An interval is a duration (`"30m"`, `"1d"`) or one of `DISABLED`,
/// `THIRTY_MINUTES`, `ONE_HOUR`, `FOUR_HOURS`, `EIGHT_HOURS`, `TWELVE_HOURS`, `ONE_DAY`, `ONE_WEEK`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table such as [polling]")]
pub struct Polling {
    /// Time from the beginning of one collection of an account to the next; at least a minute. `DISABLED`
    /// collects only when asked to. Longer means fewer calls to AWS and an older graph.
    pub interval: Interval,
    /// How far an account may be moved from its time, in percent of its interval, so that accounts do not all
    /// start together. 0 to 50.
    pub jitter_percent: u8,
    /// Intervals of single services, for those that change rarely or answer slowly.
    #[schemars(extend("x-example" = { "iam": "4h", "s3": "ONE_DAY" }))]
    pub services: BTreeMap<String, Interval>,
}

impl Default for Polling {
    fn default() -> Polling {
        let interval = Interval::Every(Duration::from_hours(1));
        Polling { interval, jitter_percent: 10, services: BTreeMap::new() }
    }
}

impl Polling {
    pub(crate) fn check(&self, place: &Place<'_>, review: &mut Review<'_>) {
        check_interval(self.interval, &place.key("interval"), review);
        if self.jitter_percent > 50 {
            let message = format!("{} percent is more than half of the interval", self.jitter_percent);
            review.problem(&place.key("jitter_percent"), message, "write a number from 0 to 50");
        }
        for (service, interval) in &self.services {
            let here = place.key("services").key(service);
            review.service(&here.name(), service, &[]);
            check_interval(*interval, &here, review);
        }
    }
}

/// Collecting more often than once a minute would only ask AWS for the same again.
pub(super) fn check_interval(interval: Interval, place: &Place<'_>, review: &mut Review<'_>) {
    if let Interval::Every(duration) = interval
        && duration < Duration::from_mins(1)
    {
        let help = "write at least \"1m\", or \"DISABLED\" to collect only when asked to";
        review.problem(place, "an interval is at least a minute", help);
    }
}
