use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use orgraph_model::{AccountId, Status};
use orgraph_plan::{
    AccountState, DepartureSettings, RunSummary, Sighting, departures, may_close, state_after_run,
    state_after_sighting,
};

fn accounts(range: std::ops::Range<u32>) -> BTreeSet<AccountId> {
    range.map(|it| format!("{it:012}").parse().unwrap()).collect()
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

#[test]
fn a_sighting_changes_the_state_only_where_it_must() {
    let check = |current, sighting, expected| {
        assert_eq!(state_after_sighting(current, sighting), expected, "{current:?} {sighting:?}");
    };

    check(None, Sighting::Wanted, AccountState::Pending);
    check(Some(AccountState::Degraded), Sighting::Wanted, AccountState::Degraded);
    for returned in
        [AccountState::Left, AccountState::Suspended, AccountState::Skipped, AccountState::Excluded]
    {
        check(Some(returned), Sighting::Wanted, AccountState::Pending);
    }
    check(Some(AccountState::Active), Sighting::Suspended, AccountState::Suspended);
    check(Some(AccountState::Active), Sighting::Closed, AccountState::Left);
    check(Some(AccountState::Active), Sighting::Skipped, AccountState::Skipped);
    check(None, Sighting::Excluded, AccountState::Excluded);
}

#[test]
fn the_state_after_a_run_is_never_better_than_its_partitions() {
    let check = |statuses: &[Status], expected| {
        let mut run = RunSummary::default();
        for status in statuses {
            run.count(*status);
        }
        assert_eq!(state_after_run(run), expected, "{statuses:?}");
    };

    check(&[], AccountState::Failing);
    check(&[Status::Complete, Status::RegionDisabled], AccountState::Active);
    check(&[Status::Complete, Status::DeniedIam], AccountState::Degraded);
    check(&[Status::Partial], AccountState::Degraded);
    check(&[Status::DeniedIam, Status::Failed], AccountState::Failing);
}

#[test]
fn one_missing_account_leaves_and_many_wait_for_a_second_discovery() {
    let settings = DepartureSettings::default();
    let known = accounts(0..40);

    let one = departures(&settings, &known, &accounts(1..40), None, at(0));
    assert_eq!((one.left, one.held), (accounts(0..1), None));

    let first = departures(&settings, &known, &accounts(10..40), None, at(0));
    assert!(first.left.is_empty());
    let early = departures(&settings, &known, &accounts(10..40), first.held.as_ref(), at(59));
    assert!(early.left.is_empty());
    let second = departures(&settings, &known, &accounts(9..39), early.held.as_ref(), at(60));
    assert_eq!(second.left, accounts(0..9));
    assert_eq!(second.held.unwrap().accounts, accounts(39..40));
}

#[test]
fn an_empty_discovery_makes_nobody_leave() {
    let settings = DepartureSettings::default();

    let found = departures(&settings, &accounts(0..1), &accounts(0..0), None, at(0));

    assert!(found.left.is_empty());
    assert!(found.held.is_some());
}

#[test]
fn rows_end_after_the_grace_period() {
    assert!(!may_close(at(0), TimeDelta::days(1), at(86_399)));
    assert!(may_close(at(0), TimeDelta::days(1), at(86_400)));
}

#[test]
fn states_have_distinct_names() {
    for state in AccountState::ALL {
        assert_eq!(AccountState::by_name(state.as_str()), Some(*state));
    }
}
