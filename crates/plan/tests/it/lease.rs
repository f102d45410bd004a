use chrono::{DateTime, TimeDelta};
use orgraph_plan::{Claim, LeaseRow, may_claim, may_commit};
use uuid::Uuid;

fn row() -> LeaseRow {
    LeaseRow {
        epoch: 4,
        token: Uuid::from_u128(7),
        holder: "a".to_owned(),
        expires_at: DateTime::UNIX_EPOCH + TimeDelta::seconds(10),
    }
}

#[test]
fn a_lease_is_claimed_when_it_is_new_or_ran_out() {
    let at = |seconds| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);

    assert_eq!(may_claim(None, at(0)), Claim::Granted { epoch: 1 });
    assert_eq!(may_claim(Some(&row()), at(9)), Claim::Busy { until: at(10) });
    assert_eq!(may_claim(Some(&row()), at(10)), Claim::Granted { epoch: 5 });
}

#[test]
fn a_commit_needs_the_epoch_and_the_token() {
    assert!(may_commit(Some(&row()), 4, Uuid::from_u128(7)));
    assert!(!may_commit(Some(&row()), 4, Uuid::from_u128(8)));
    assert!(!may_commit(Some(&row()), 3, Uuid::from_u128(7)));
    assert!(!may_commit(None, 4, Uuid::from_u128(7)));
}
