//! How a run over a partition ended.

use std::fmt;

use serde::Serialize;

/// How a run over a partition ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Every listing ended and every detail was read.
    Complete,
    /// Something is missing; the gaps say what.
    Partial,
    /// A policy of the account, the role or a resource refused the listing.
    DeniedIam,
    /// A service control policy of the organization refused the listing.
    DeniedScp,
    /// The region is not enabled for the account.
    RegionDisabled,
    /// The service does not exist here, was closed by AWS, or is not subscribed.
    Unsupported,
    /// AWS asked to slow down until the attempts ran out.
    Throttled,
    /// No answer in time.
    Timeout,
    /// The credentials ran out and could not be renewed.
    Expired,
    /// Anything else: a bad answer, a broken connection, a bug.
    Failed,
}

impl Status {
    /// Every status, the best first.
    pub const ALL: &'static [Self] = &[
        Self::Complete,
        Self::Partial,
        Self::DeniedIam,
        Self::DeniedScp,
        Self::RegionDisabled,
        Self::Unsupported,
        Self::Throttled,
        Self::Timeout,
        Self::Expired,
        Self::Failed,
    ];

    /// The status as stored in `coverage`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::DeniedIam => "denied_iam",
            Self::DeniedScp => "denied_scp",
            Self::RegionDisabled => "region_disabled",
            Self::Unsupported => "unsupported",
            Self::Throttled => "throttled",
            Self::Timeout => "timeout",
            Self::Expired => "expired",
            Self::Failed => "failed",
        }
    }

    /// The status stored as `text`.
    pub fn by_name(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_str() == text)
    }

    /// Whether the listing itself ended, so that its rows may be written.
    pub fn has_rows(self) -> bool {
        matches!(self, Self::Complete | Self::Partial)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A status with the reason a person reads. The reason never carries secrets or response bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How the run ended.
    pub status: Status,
    /// Why it is not complete.
    pub reason: Option<String>,
}

impl Outcome {
    /// Everything was read.
    pub fn complete() -> Self {
        Self { status: Status::Complete, reason: None }
    }

    /// Ended as `status` because of `reason`.
    pub fn because(status: Status, reason: impl Into<String>) -> Self {
        Self { status, reason: Some(reason.into()) }
    }
}
