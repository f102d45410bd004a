use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::review::Review;
use crate::shape;
use crate::tree::Place;
use crate::value::duration;

/// Services that are called without being collected by themselves.
const CALLED: [&str; 3] = ["account", "organizations", "sts"];

/// How hard AWS is asked, so that other users of the same accounts are not throttled.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table such as [limits]")]
pub struct Limits {
    /// Requests per second for one service in one region of one account. Lower it when other programs in the
    /// accounts are throttled.
    pub requests_per_second: f64,
    /// Requests per second of single operations, for those AWS allows fewer (or more) of.
    #[schemars(extend("x-example" = { "ec2:DescribeInstances": 5.0 }))]
    pub operations: BTreeMap<String, f64>,
    /// Requests waiting for an answer at the same time, for one account.
    pub in_flight: u32,
    /// Accounts collected at the same time by one daemon. More is faster and takes more memory.
    pub accounts: u32,
    /// Time for one attempt of one request. Raise it on slow networks.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Text")]
    pub attempt_timeout: Duration,
    /// Time for one request with all its attempts.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Text")]
    pub operation_timeout: Duration,
    /// Time for one collector in one region of one account. Raise it, and `account_timeout` with it, where a single
    /// listing is very long, such as that of hundreds of thousands of log groups.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Text")]
    pub partition_timeout: Duration,
    /// Time for one collection of one account; what is not collected by then is marked as timed out. Raise it for
    /// very large accounts.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Text")]
    pub account_timeout: Duration,
    /// How often a request is tried when AWS throttles or fails, the first time included.
    pub max_attempts: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            requests_per_second: 10.0,
            operations: BTreeMap::new(),
            in_flight: 16,
            accounts: 8,
            attempt_timeout: Duration::from_secs(20),
            operation_timeout: Duration::from_mins(2),
            partition_timeout: Duration::from_mins(30),
            account_timeout: Duration::from_mins(30),
            max_attempts: 4,
        }
    }
}

impl Limits {
    pub(crate) fn check(&self, place: &Place<'_>, review: &mut Review<'_>) {
        check_rate(self.requests_per_second, &place.key("requests_per_second"), review);
        for (name, rate) in &self.operations {
            let here = place.key("operations").key(name);
            if let Some((service, _)) = shape::operation(name) {
                review.service(&here.name(), service, &CALLED);
            } else {
                let help = "write service and operation in quotes, such as \"ec2:DescribeInstances\" = 5";
                review.problem(&here.name(), format!("`{name}` is not an operation"), help);
            }
            check_rate(*rate, &here, review);
        }
        for (option, count) in
            [("in_flight", self.in_flight), ("accounts", self.accounts), ("max_attempts", self.max_attempts)]
        {
            if count == 0 {
                let message = format!("with {option} = 0 nothing would ever be collected");
                review.problem(&place.key(option), message, "write 1 or more");
            }
        }
        self.check_timeouts(place, review);
    }

    /// Each is set, and none is shorter than a request within it. That of an account may be shorter than that of a
    /// partition, which then ends with the account.
    fn check_timeouts(&self, place: &Place<'_>, review: &mut Review<'_>) {
        let attempt = ("attempt_timeout", self.attempt_timeout);
        let operation = ("operation_timeout", self.operation_timeout);
        let partition = ("partition_timeout", self.partition_timeout);
        let account = ("account_timeout", self.account_timeout);
        for (option, timeout) in [attempt, operation, partition, account] {
            if timeout.is_zero() {
                let message = "nothing is done in no time";
                review.problem(&place.key(option), message, "write a duration such as \"30s\"");
            }
        }
        for ((inner, short), (outer, long)) in
            [(attempt, operation), (operation, partition), (operation, account)]
        {
            if short > long && !long.is_zero() {
                let message = format!("`{outer}` is shorter than `{inner}`");
                let help = format!("write at least {outer} = \"{}\"", duration::print(short));
                let here = if place.key(outer).is_set() { place.key(outer) } else { place.key(inner) };
                review.problem(&here, message, help);
            }
        }
    }
}

fn check_rate(rate: f64, place: &Place<'_>, review: &mut Review<'_>) {
    if !(rate.is_finite() && rate > 0.0) {
        let help = "write a number above 0; 0.5 is one request in two seconds";
        review.problem(place, "this rate would let no request through", help);
    }
}
