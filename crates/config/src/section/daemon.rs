use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::review::Review;
use crate::tree::Place;
use crate::value::duration;

/// How daemons on one database share the accounts, and how one stops.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table such as [daemon]")]
pub struct Daemon {
    /// How long an account belongs to the daemon that collects it without a sign of life from that daemon; at
    /// least 10 seconds. Shorter lets another daemon take over sooner, longer bears slower databases.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Text")]
    pub lease: Duration,
    /// Time to finish or hand back the work when asked to stop. Keep it below the time after which the service
    /// manager kills (90 seconds in systemd, 30 in Kubernetes).
    #[serde(with = "duration")]
    #[schemars(with = "duration::Text")]
    pub shutdown_timeout: Duration,
}

impl Default for Daemon {
    fn default() -> Daemon {
        Daemon { lease: Duration::from_secs(90), shutdown_timeout: Duration::from_secs(25) }
    }
}

impl Daemon {
    pub(crate) fn check(&self, place: &Place<'_>, review: &mut Review<'_>) {
        if self.lease < Duration::from_secs(10) {
            let message = "a lease this short would be lost to a slow answer of the database";
            review.problem(&place.key("lease"), message, "write at least \"10s\"");
        }
    }
}
