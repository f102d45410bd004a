//! When something is due. Nothing here starts a run.

use chrono::{DateTime, TimeDelta, Utc};
use orgraph_model::{AccountId, Status};

/// How often something is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    /// Again after this time.
    Every(TimeDelta),
    /// Only when somebody asks for it.
    Disabled,
}

/// When the next run after `last_attempt` is due; `None` means never by itself.
///
/// `jitter` is the fraction of the interval over which runs are spread. Where in that span a run falls depends on
/// `key` alone, so that a restart does not shuffle the schedule. What was never attempted is due at once.
pub fn due_at(
    last_attempt: Option<DateTime<Utc>>,
    interval: Interval,
    jitter: f64,
    key: &str,
) -> Option<DateTime<Utc>> {
    let Interval::Every(interval) = interval else { return None };
    let Some(last_attempt) = last_attempt else { return Some(DateTime::UNIX_EPOCH) };
    Some(last_attempt + interval + share(interval, jitter, key))
}

/// When a partition whose last run ended as `status` is worth another attempt.
///
/// What a policy or the region refuses is probed once a day, however short the interval. Trouble that passes by itself
/// is retried earlier than the interval: after a minute, then twice as long each time, up to the interval.
pub fn next_attempt(
    status: Status,
    failures: u32,
    last_attempt: DateTime<Utc>,
    interval: Interval,
    jitter: f64,
    key: &str,
) -> Option<DateTime<Utc>> {
    let Interval::Every(every) = interval else { return None };
    match status {
        Status::Complete | Status::Partial => due_at(Some(last_attempt), interval, jitter, key),
        Status::DeniedIam | Status::DeniedScp | Status::RegionDisabled | Status::Unsupported => {
            let pause = every.max(TimeDelta::days(1));
            Some(last_attempt + pause + share(pause, jitter, key))
        }
        Status::Throttled | Status::Timeout | Status::Expired | Status::Failed => {
            let doublings = failures.saturating_sub(1).min(20);
            let pause = (RETRY_PAUSE * 2_i32.pow(doublings)).min(every);
            Some(last_attempt + pause + share(pause, jitter, key))
        }
    }
}

const RETRY_PAUSE: TimeDelta = TimeDelta::minutes(1);

/// What is known about an account that might be due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The account.
    pub account: AccountId,
    /// When it is due by itself; `None` means only on request.
    pub due_at: Option<DateTime<Utc>>,
    /// When somebody asked for a run.
    pub requested_at: Option<DateTime<Utc>>,
    /// Until when it is left alone after trouble. A request does not wait for it.
    pub cool_down_until: Option<DateTime<Utc>>,
    /// Whether a run holds its lease.
    pub is_running: bool,
}

impl Candidate {
    /// Since when it waits, if it does: what was asked for counts from the asking.
    fn waits_since(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.is_running {
            return None;
        }
        let cools = self.cool_down_until.is_some_and(|it| it > now);
        let scheduled = self.due_at.filter(|it| *it <= now && !cools);
        self.requested_at.into_iter().chain(scheduled).min()
    }
}

/// The accounts to run now, the longest waiting first so that none starves.
pub fn due<'a>(
    now: DateTime<Utc>,
    candidates: impl IntoIterator<Item = &'a Candidate>,
) -> Vec<&'a AccountId> {
    let mut waiting: Vec<_> =
        candidates.into_iter().filter_map(|it| Some((it.waits_since(now)?, &it.account))).collect();
    waiting.sort_unstable();
    waiting.into_iter().map(|(_, account)| account).collect()
}

/// The part of `jitter` times `span` that belongs to `key`.
fn share(span: TimeDelta, jitter: f64, key: &str) -> TimeDelta {
    // 1024 steps are fine enough to spread ten thousand accounts over an hour.
    let step = i32::try_from(hash(key) % 1024).unwrap_or_default();
    let jitter = jitter.clamp(0.0, 1.0);
    #[expect(clippy::cast_possible_truncation, reason = "between 0 and 1024 after the clamp")]
    let parts = (jitter * 1024.0) as i32;
    span / 1024 * parts / 1024 * step
}

/// FNV-1a: the same in every build, unlike the hasher of the standard library.
fn hash(key: &str) -> u64 {
    let fnv = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    fnv ^ (fnv >> 32)
}
