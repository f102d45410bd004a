use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use orgraph_model::EntityId;
use orgraph_plan::{CommitPlan, GuardSettings, Held, HoldReason, Listing, StoredRows, Trust, commit_plan};
use proptest::prelude::*;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn rows(range: impl IntoIterator<Item = u128>) -> BTreeSet<EntityId> {
    range.into_iter().map(EntityId::from_u128).collect()
}

fn listing(started_at: i64, trust: Trust, counted: u64, missing: BTreeSet<EntityId>) -> Listing {
    Listing { started_at: at(started_at), trust, counted, missing, missing_others: BTreeSet::new() }
}

fn stored(counted: u64, held: Option<(i64, BTreeSet<EntityId>)>) -> StoredRows {
    StoredRows { counted, held: held.map(|(since, rows)| Held { since: at(since), rows }) }
}

#[track_caller]
fn check(stored: &StoredRows, listing: &Listing, expected: &CommitPlan) {
    assert_eq!(&commit_plan(&GuardSettings::default(), stored, listing), expected);
}

fn removed(rows: BTreeSet<EntityId>) -> CommitPlan {
    CommitPlan::ApplyAndRemove { remove: rows }
}

fn hold(remove: BTreeSet<EntityId>, since: i64, rows: BTreeSet<EntityId>, reason: HoldReason) -> CommitPlan {
    CommitPlan::Hold { remove, held: Held { since: at(since), rows }, reason }
}

#[test]
fn a_small_loss_is_removed_at_once() {
    check(&stored(3, None), &listing(0, Trust::Absence, 2, rows(0..1)), &removed(rows(0..1)));
    check(&stored(19, None), &listing(0, Trust::Absence, 1, rows(0..18)), &removed(rows(0..18)));
    check(&stored(20, None), &listing(0, Trust::Absence, 14, rows(0..6)), &removed(rows(0..6)));
    check(&stored(0, None), &listing(0, Trust::Absence, 0, rows(0..0)), &removed(rows(0..0)));
}

#[test]
fn an_empty_listing_waits_at_any_size() {
    check(
        &stored(1, None),
        &listing(5, Trust::Absence, 0, rows(0..1)),
        &hold(rows(0..0), 5, rows(0..1), HoldReason::Emptied),
    );
}

#[test]
fn a_large_loss_waits() {
    check(
        &stored(20, None),
        &listing(5, Trust::Absence, 13, rows(0..7)),
        &hold(rows(0..0), 5, rows(0..7), HoldReason::Shrunk),
    );
}

#[test]
fn the_second_listing_confirms_only_when_it_began_late_enough() {
    let before = stored(1, Some((0, rows(0..1))));

    check(
        &before,
        &listing(59, Trust::Absence, 0, rows(0..1)),
        &hold(rows(0..0), 0, rows(0..1), HoldReason::Emptied),
    );
    check(&before, &listing(60, Trust::Absence, 0, rows(0..1)), &removed(rows(0..1)));
}

#[test]
fn only_rows_that_both_listings_miss_go() {
    let before = stored(100, Some((0, rows(0..40))));

    check(
        &before,
        &listing(60, Trust::Absence, 40, rows(20..80)),
        &hold(rows(20..40), 60, rows(40..80), HoldReason::Shrunk),
    );
    check(&before, &listing(60, Trust::Absence, 60, rows(0..40)), &removed(rows(0..40)));
}

#[test]
fn a_row_seen_in_between_has_to_be_missed_twice_again() {
    let before = stored(2, Some((0, rows(0..2))));

    let CommitPlan::ApplyWithoutRemoval { held } =
        commit_plan(&GuardSettings::default(), &before, &listing(30, Trust::Presence, 1, rows(1..2)))
    else {
        panic!("a listing with gaps removes nothing");
    };
    assert_eq!(held.as_ref().unwrap().rows, rows(1..2));

    check(
        &StoredRows { counted: 2, held },
        &listing(90, Trust::Absence, 0, rows(0..2)),
        &hold(rows(1..2), 90, rows(0..1), HoldReason::Emptied),
    );
}

#[test]
fn a_listing_that_did_not_end_changes_nothing() {
    check(
        &stored(2, Some((0, rows(0..2)))),
        &listing(90, Trust::Nothing, 0, rows(0..2)),
        &CommitPlan::KeepRows,
    );
}

/// One listing of a random history: which of the rows 0..30 it names, and how far it is trusted.
fn history() -> impl Strategy<Value = Vec<(i64, Trust, BTreeSet<u128>)>> {
    let trust =
        prop_oneof![Just(Trust::Nothing), Just(Trust::Presence), Just(Trust::Absence), Just(Trust::Absence)];
    let named = prop_oneof![
        Just(BTreeSet::new()),
        prop::collection::btree_set(0..30_u128, 0..30),
        prop::sample::subsequence((0..30_u128).collect::<Vec<_>>(), 25..30).prop_map(BTreeSet::from_iter),
    ];
    prop::collection::vec((1_i64..100, trust, named), 1..30)
}

proptest! {
    /// Replays the listings into a set of stored rows and remembers when each row was missed without being seen.
    #[test]
    fn a_held_row_goes_only_after_two_listings_missed_it(history in history()) {
        let settings = GuardSettings::default();
        let mut clock = 0;
        let mut kept: BTreeSet<u128> = BTreeSet::new();
        let mut held = None;
        let mut first_missed: BTreeMap<u128, i64> = BTreeMap::new();
        for (pause, trust, named) in history {
            clock += pause;
            let absent: BTreeSet<u128> = kept.difference(&named).copied().collect();
            let before = StoredRows { counted: kept.len() as u64, held: held.clone() };
            let listing = listing(clock, trust, named.len() as u64, rows(absent.iter().copied()));

            let plan = commit_plan(&settings, &before, &listing);

            prop_assert_eq!(&plan, &commit_plan(&settings, &before, &listing), "pure");
            if trust != Trust::Nothing {
                first_missed.retain(|row, _| absent.contains(row));
            }
            let is_suspicious = trust == Trust::Absence
                && !absent.is_empty()
                && (named.is_empty() || (kept.len() >= 20 && absent.len() * 100 > kept.len() * 30));
            let remove = match &plan {
                CommitPlan::KeepRows => { prop_assert_eq!(trust, Trust::Nothing); continue }
                CommitPlan::ApplyWithoutRemoval { held: still } => { held.clone_from(still); BTreeSet::new() }
                CommitPlan::ApplyAndRemove { remove } => { held = None; remove.clone() }
                CommitPlan::Hold { remove, held: still, .. } => { held = Some(still.clone()); remove.clone() }
            };
            prop_assert!(remove.is_subset(&listing.missing), "only missing rows go");
            if trust != Trust::Absence {
                prop_assert!(remove.is_empty());
            }
            if is_suspicious {
                let confirmed = remove
                    .iter()
                    .filter(|it| first_missed.get(&it.as_u128()).is_some_and(|since| clock - since >= 60))
                    .count();
                let rest = remove.len() - confirmed;
                let left = kept.len() - confirmed;
                prop_assert!(
                    rest == 0 || (!named.is_empty() && confirmed > 0 && (left < 20 || rest * 100 <= left * 30)),
                    "{} of {} rows go unconfirmed", rest, left
                );
            }
            if trust == Trust::Absence {
                for row in &absent {
 first_missed.entry(*row).or_insert(clock);
 }
            }
            kept.retain(|row| !remove.contains(&EntityId::from_u128(*row)));
            kept.extend(&named);
        }
    }

    #[test]
    fn two_equal_listings_far_enough_apart_settle_everything(named in prop::collection::btree_set(0..30_u128, 0..30)) {
        let settings = GuardSettings::default();
        let missing = rows((0..30_u128).filter(|it| !named.contains(it)));
        let first = commit_plan(&settings, &stored(30, None), &listing(0, Trust::Absence, named.len() as u64, missing.clone()));
        let CommitPlan::Hold { held, .. } = first else { return Ok(()) };

        let before = StoredRows { counted: 30, held: Some(held) };
        let second = commit_plan(&settings, &before, &listing(60, Trust::Absence, named.len() as u64, missing.clone()));

        prop_assert_eq!(second, CommitPlan::ApplyAndRemove { remove: missing });
    }
}
