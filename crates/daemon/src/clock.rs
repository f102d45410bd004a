//! The one place that reads the wall clock.

use chrono::{DateTime, Utc};

/// The time now. Everything below the daemon gets it as an argument.
#[expect(clippy::disallowed_methods, reason = "the daemon is where time enters")]
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}
