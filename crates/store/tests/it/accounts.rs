use chrono::{DateTime, TimeDelta, Utc};
use orgraph_model::AccountId;
use orgraph_plan::{AccountState, DepartureSettings, Sighting};
use orgraph_store::{Discovery, Origin, RunEnd, Sighted};

use crate::fixture::{Fixture, account, at};

fn sighted(number: u64, sighting: Sighting) -> Sighted {
    Sighted {
        account: account(number),
        name: Some(format!("account {number}")),
        email: None,
        org_arn: None,
        org_status: Some("ACTIVE".to_owned()),
        management: number == 1,
        sighting,
        reason: None,
        first_due_at: Some(at(0)),
    }
}

async fn discover(fixture: &Fixture, range: std::ops::Range<u64>, started_at: DateTime<Utc>) -> Discovery {
    let sighted: Vec<_> = range.map(|it| sighted(it, Sighting::Wanted)).collect();
    let settings = DepartureSettings::default();
    fixture.store.upsert_accounts(Origin::Organization, &sighted, started_at, Some(&settings)).await.unwrap()
}

async fn state(fixture: &Fixture, number: u64) -> AccountState {
    let accounts = fixture.store.accounts().await.unwrap();
    accounts.into_iter().find(|it| it.account == account(number)).unwrap().state
}

#[tokio::test]
async fn accounts_are_added_once_and_leave_when_a_complete_list_misses_them() {
    let fixture = Fixture::new().await;

    assert_eq!(discover(&fixture, 1..5, at(0)).await.added.len(), 4);
    let xmin = "SELECT string_agg(xmin::text, ',' ORDER BY account_id) FROM orgraph_internal.account";
    let before: String = fixture.value(xmin).await;
    assert_eq!(discover(&fixture, 1..5, at(1)).await, Discovery::default());
    assert_eq!(fixture.value::<String>(xmin).await, before, "nothing changed, nothing written");

    let one: Vec<_> = (1..4).map(|it| sighted(it, Sighting::Wanted)).collect();
    let incomplete = fixture.store.upsert_accounts(Origin::Organization, &one, at(2), None).await.unwrap();
    assert_eq!(incomplete, Discovery::default());

    assert_eq!(discover(&fixture, 1..4, at(3)).await.left, [account(4)].into());
    assert_eq!(state(&fixture, 4).await, AccountState::Left);
    let to_close = fixture.store.accounts_to_close(fixture.now().await).await.unwrap();
    assert_eq!(to_close, [account(4)]);
    assert!(
        fixture.store.accounts_to_close(fixture.now().await - TimeDelta::hours(1)).await.unwrap().is_empty()
    );

    let lease = fixture.lease(&account(4)).await;
    fixture.store.close_account(&lease, "left the organization").await.unwrap();
    assert!(fixture.store.accounts_to_close(fixture.now().await).await.unwrap().is_empty());

    assert_eq!(discover(&fixture, 1..5, at(4)).await.added, [account(4)].into());
    assert_eq!(state(&fixture, 4).await, AccountState::Pending);
}

#[tokio::test]
async fn a_list_that_shrank_has_to_be_confirmed() {
    let fixture = Fixture::new().await;
    discover(&fixture, 1..31, at(0)).await;

    let first = discover(&fixture, 1..21, at(1)).await;
    assert!(first.left.is_empty());
    assert_eq!(first.held.unwrap().accounts.len(), 10);
    assert!(discover(&fixture, 1..21, at(60)).await.left.is_empty());

    assert_eq!(discover(&fixture, 1..22, at(61)).await.left.len(), 9);
}

#[tokio::test]
async fn the_configuration_does_not_make_accounts_of_the_organization_leave() {
    let fixture = Fixture::new().await;
    discover(&fixture, 1..3, at(0)).await;
    let settings = DepartureSettings::default();
    let configured = [sighted(2, Sighting::Wanted), sighted(9, Sighting::Wanted)];

    let found = fixture
        .store
        .upsert_accounts(Origin::Configuration, &configured, at(1), Some(&settings))
        .await
        .unwrap();
    assert_eq!((found.added, found.left), ([account(9)].into(), [].into()));
    let found = discover(&fixture, 1..3, at(2)).await;
    assert!(found.left.is_empty(), "account 9 is not the organization's to miss");
}

#[tokio::test]
async fn sightings_decide_what_is_read() {
    let fixture = Fixture::new().await;
    let sightings =
        [Sighting::Wanted, Sighting::Skipped, Sighting::Excluded, Sighting::Suspended, Sighting::Closed];
    let rows: Vec<_> = sightings.into_iter().zip(1..).map(|(it, number)| sighted(number, it)).collect();

    fixture.store.upsert_accounts(Origin::Organization, &rows, at(0), None).await.unwrap();

    let states: Vec<_> = fixture.store.accounts().await.unwrap().into_iter().map(|it| it.state).collect();
    assert_eq!(
        states,
        [
            AccountState::Pending,
            AccountState::Skipped,
            AccountState::Excluded,
            AccountState::Suspended,
            AccountState::Left
        ]
    );
    assert_eq!(fixture.store.due_accounts(at(1), 10).await.unwrap(), [account(1)]);
}

#[tokio::test]
async fn the_longest_waiting_account_is_due_first_and_requests_overrule_pauses() {
    let fixture = Fixture::new().await;
    discover(&fixture, 1..6, at(0)).await;
    let due = async || -> Vec<AccountId> { fixture.store.due_accounts(at(100), 10).await.unwrap() };
    for (number, next) in [(1, Some(50)), (2, Some(10)), (3, Some(101)), (4, None), (5, Some(20))] {
        fixture.store.set_next_due(&account(number), next.map(at)).await.unwrap();
    }
    let busy = fixture.lease(&account(5)).await;
    assert_eq!(due().await, [account(2), account(1)]);
    assert_eq!(fixture.store.due_accounts(at(100), 1).await.unwrap(), [account(2)]);

    fixture.store.release_lease(&busy).await.unwrap();
    assert!(fixture.store.request_run(&account(4)).await.unwrap());
    assert!(!fixture.store.request_run(&account(99)).await.unwrap());
    assert_eq!(due().await, [account(2), account(5), account(1), account(4)]);
}

#[tokio::test]
async fn a_run_moves_the_account_along() {
    let fixture = Fixture::new().await;
    discover(&fixture, 1..2, at(0)).await;
    let lease = fixture.lease(&account(1)).await;
    fixture.store.request_run(&account(1)).await.unwrap();

    fixture.store.begin_run(&lease).await.unwrap();
    assert_eq!(state(&fixture, 1).await, AccountState::Initializing);
    let end = RunEnd {
        state: AccountState::Degraded,
        reason: Some("two partitions denied".to_owned()),
        next_due_at: Some(at(500)),
        cool_down_until: None,
    };
    fixture.store.finish_run(&lease, &end).await.unwrap();

    let row = fixture.store.accounts().await.unwrap().remove(0);
    assert_eq!((row.state, row.next_due_at, row.requested_at), (AccountState::Degraded, Some(at(500)), None));
    assert!(row.last_run_started_at < row.last_run_finished_at);
    let shown: String = fixture.value("SELECT state || ': ' || state_reason FROM orgraph.account").await;
    assert_eq!(shown, "degraded: two partitions denied");

    fixture.store.begin_run(&lease).await.unwrap();
    fixture.store.request_run(&account(1)).await.unwrap();
    fixture.store.finish_run(&lease, &end).await.unwrap();
    assert!(
        fixture.store.accounts().await.unwrap()[0].requested_at.is_some(),
        "asked for while it ran: run again"
    );
}
