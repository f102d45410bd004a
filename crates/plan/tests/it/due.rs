use chrono::{DateTime, TimeDelta, Utc};
use orgraph_model::Status;
use orgraph_plan::{Candidate, Interval, due, due_at, next_attempt};
use proptest::prelude::*;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

const HOUR: Interval = Interval::Every(TimeDelta::hours(1));

#[test]
fn what_was_never_attempted_is_due_at_once_and_disabled_never() {
    assert_eq!(due_at(None, HOUR, 0.5, "a"), Some(at(0)));
    assert_eq!(due_at(None, Interval::Disabled, 0.5, "a"), None);
    assert_eq!(next_attempt(Status::Failed, 1, at(0), Interval::Disabled, 0.5, "a"), None);
}

#[test]
fn jitter_spreads_a_thousand_accounts_over_the_span() {
    let mut minutes = [0; 6];
    for account in 0..1000 {
        let due = due_at(Some(at(0)), HOUR, 0.1, &format!("{account:012}")).unwrap();
        let late = due - at(3600);
        assert!(late >= TimeDelta::zero() && late <= TimeDelta::minutes(6), "{late}");
        minutes[usize::try_from(late.num_minutes().min(5)).unwrap()] += 1;
    }

    assert!(minutes.iter().all(|it| (100..250).contains(it)), "{minutes:?}");
}

#[test]
fn trouble_is_retried_soon_and_refusals_daily() {
    let check = |status, failures, expected_minutes: i64| {
        let next = next_attempt(status, failures, at(0), HOUR, 0.0, "a");
        assert_eq!(next, Some(at(expected_minutes * 60)), "{status} {failures}");
    };

    check(Status::Complete, 0, 60);
    check(Status::Partial, 0, 60);
    check(Status::Throttled, 1, 1);
    check(Status::Timeout, 2, 2);
    check(Status::Expired, 3, 4);
    check(Status::Failed, 30, 60);
    check(Status::DeniedIam, 1, 24 * 60);
    check(Status::DeniedScp, 9, 24 * 60);
    check(Status::RegionDisabled, 1, 24 * 60);
    check(Status::Unsupported, 1, 24 * 60);
}

#[test]
fn the_longest_waiting_account_runs_first() {
    let candidate =
        |account: u64, due: Option<i64>, requested: Option<i64>, cools: Option<i64>, is_running| Candidate {
            account: format!("{account:012}").parse().unwrap(),
            due_at: due.map(at),
            requested_at: requested.map(at),
            cool_down_until: cools.map(at),
            is_running,
        };
    let candidates = [
        candidate(1, Some(50), None, None, false),
        candidate(2, Some(10), None, None, false),
        candidate(3, Some(101), None, None, false),
        candidate(4, None, Some(20), Some(500), false),
        candidate(5, Some(5), None, Some(500), false),
        candidate(6, Some(5), None, None, true),
        candidate(7, None, None, None, false),
    ];

    let order: Vec<_> =
        due(at(100), &candidates).into_iter().map(|it| it.as_str().parse::<u64>().unwrap()).collect();

    assert_eq!(order, [2, 4, 1]);
}

proptest! {
    #[test]
    fn a_run_is_due_within_interval_and_jitter(seconds in 60_i64..1_000_000, jitter in 0.0..1.0_f64, key in ".{0,12}") {
        let interval = TimeDelta::seconds(seconds);

        let due = due_at(Some(at(0)), Interval::Every(interval), jitter, &key).unwrap();

        prop_assert!(due >= at(0) + interval && due <= at(0) + interval * 2);
        prop_assert_eq!(Some(due), due_at(Some(at(0)), Interval::Every(interval), jitter, &key));
    }
}
