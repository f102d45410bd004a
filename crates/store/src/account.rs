//! Accounts: discovering them, what is due, and how their runs went.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use orgraph_model::AccountId;
use orgraph_plan::{
    AccountState, DepartureSettings, HeldDepartures, Sighting, departures, state_after_sighting,
};
use sqlx::FromRow;

use crate::coverage::{account_id, state_by_name};
use crate::lease::check_lease;
use crate::{Lease, Result, Store, StoreError};

/// Who names accounts. An account can only be missed by the origin that named it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// AWS Organizations.
    Organization,
    /// The configuration file.
    Configuration,
}

impl Origin {
    /// The origin as stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Configuration => "configuration",
        }
    }
}

/// An account as a discovery saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighted {
    /// The account.
    pub account: AccountId,
    /// Its name in the organization or the configuration.
    pub name: Option<String>,
    /// The e-mail address of its root user.
    pub email: Option<String>,
    /// Its ARN in the organization.
    pub org_arn: Option<String>,
    /// Its status in the organization, verbatim.
    pub org_status: Option<String>,
    /// Whether it is the management account.
    pub management: bool,
    /// What the discovery concludes.
    pub sighting: Sighting,
    /// Why, when it is not read.
    pub reason: Option<String>,
    /// When its first run is due if it is new or came back; `None` means only on request.
    pub first_due_at: Option<DateTime<Utc>>,
}

/// What a discovery changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Discovery {
    /// Accounts never seen before, or back after they had left.
    pub added: BTreeSet<AccountId>,
    /// Accounts that have left.
    pub left: BTreeSet<AccountId>,
    /// Accounts that may have left: too many to believe it of one list.
    pub held: Option<HeldDepartures>,
}

/// An account as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// The account.
    pub account: AccountId,
    /// Its name in the organization or the configuration.
    pub name: Option<String>,
    /// Its status in the organization, verbatim.
    pub org_status: Option<String>,
    /// Whether it is the management account.
    pub management: bool,
    /// Where it stands.
    pub state: AccountState,
    /// Why.
    pub state_reason: Option<String>,
    /// Entities that its runs keep in the graph.
    pub entities: u64,
    /// Relationships that its runs keep in the graph.
    pub relationships: u64,
    /// When it was first discovered.
    pub first_seen: DateTime<Utc>,
    /// When it was found to have left.
    pub left_at: Option<DateTime<Utc>>,
    /// When its rows were ended because it had left.
    pub closed_at: Option<DateTime<Utc>>,
    /// When its next run is due by itself; `None` means only on request.
    pub next_due_at: Option<DateTime<Utc>>,
    /// When somebody asked for a run that has not finished yet.
    pub requested_at: Option<DateTime<Utc>>,
    /// Until when it is left alone after trouble.
    pub cool_down_until: Option<DateTime<Utc>>,
    /// When its last run began.
    pub last_run_started_at: Option<DateTime<Utc>>,
    /// When its last run ended.
    pub last_run_finished_at: Option<DateTime<Utc>>,
}

/// How a run of an account ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunEnd {
    /// The state it leaves the account in.
    pub state: AccountState,
    /// Why, when it is not active.
    pub reason: Option<String>,
    /// When the next run is due by itself; `None` means only on request.
    pub next_due_at: Option<DateTime<Utc>>,
    /// Until when to leave it alone.
    pub cool_down_until: Option<DateTime<Utc>>,
}

#[derive(Debug, FromRow)]
struct StoredAccount {
    account_id: String,
    name: Option<String>,
    org_status: Option<String>,
    management: bool,
    state: String,
    state_reason: Option<String>,
    entities: i64,
    relationships: i64,
    first_seen: DateTime<Utc>,
    left_at: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
    next_due_at: Option<DateTime<Utc>>,
    requested_at: Option<DateTime<Utc>>,
    cool_down_until: Option<DateTime<Utc>>,
    last_run_started_at: Option<DateTime<Utc>>,
    last_run_finished_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Applies a list of accounts. `departures` says how to judge the accounts that a complete list does not name;
    /// `None` stands for a list that may be incomplete, which makes nobody leave.
    ///
    /// An account that both origins name belongs to the organization.
    pub async fn upsert_accounts(
        &self,
        origin: Origin,
        sighted: &[Sighted],
        started_at: DateTime<Utc>,
        settings: Option<&DepartureSettings>,
    ) -> Result<Discovery> {
        let attempting = || StoreError::attempting("apply a discovery");
        let mut tx = self.pool.begin().await.map_err(attempting())?;
        // One list of an origin at a time.
        let (held_since, held_accounts): (Option<DateTime<Utc>>, Vec<String>) =
            sqlx::query_as(include_str!("../queries/lock_discovery.sql"))
                .bind(origin.as_str())
                .bind(started_at)
                .bind(settings.is_some())
                .fetch_one(&mut *tx)
                .await
                .map_err(attempting())?;
        let stored: Vec<(String, String, String)> = sqlx::query_as(
            "SELECT a.account_id, a.origin, a.state FROM orgraph_internal.account AS a ORDER BY a.account_id FOR UPDATE",
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(attempting())?;
        let mut known: BTreeMap<AccountId, (String, AccountState)> = BTreeMap::new();
        for (account, origin, state) in stored {
            known.insert(account_id(account)?, (origin, state_by_name(&state)?));
        }

        let mut discovery = Discovery::default();
        // One row per account: the last sighting counts.
        let rows: BTreeMap<&AccountId, &Sighted> = sighted.iter().map(|it| (&it.account, it)).collect();
        let mut states = Vec::with_capacity(rows.len());
        for (account, row) in &rows {
            let current = known.get(*account).map(|it| it.1);
            let state = state_after_sighting(current, row.sighting);
            if current.is_none_or(|it| it == AccountState::Left) && state != AccountState::Left {
                discovery.added.insert((*account).clone());
            }
            if state == AccountState::Left && current.is_some_and(|it| it != AccountState::Left) {
                discovery.left.insert((*account).clone());
            }
            states.push(state.as_str());
        }
        let rows: Vec<&Sighted> = rows.into_values().collect();
        sqlx::query(include_str!("../queries/upsert_accounts.sql"))
            .bind(origin.as_str())
            .bind(rows.iter().map(|it| it.account.as_str()).collect::<Vec<_>>())
            .bind(rows.iter().map(|it| it.name.as_deref()).collect::<Vec<_>>())
            .bind(rows.iter().map(|it| it.email.as_deref()).collect::<Vec<_>>())
            .bind(rows.iter().map(|it| it.org_arn.as_deref()).collect::<Vec<_>>())
            .bind(rows.iter().map(|it| it.org_status.as_deref()).collect::<Vec<_>>())
            .bind(rows.iter().map(|it| it.management).collect::<Vec<_>>())
            .bind(states)
            .bind(rows.iter().map(|it| it.reason.as_deref()).collect::<Vec<_>>())
            .bind(rows.iter().map(|it| it.first_due_at).collect::<Vec<_>>())
            .execute(&mut *tx)
            .await
            .map_err(attempting())?;

        if let Some(settings) = settings {
            let present: BTreeSet<AccountId> = known
                .iter()
                .filter(|(_, (by, state))| by == origin.as_str() && *state != AccountState::Left)
                .map(|(account, _)| account.clone())
                .collect();
            let listed: BTreeSet<AccountId> = sighted.iter().map(|it| it.account.clone()).collect();
            let held = held_since
                .map(|since| {
                    let accounts = held_accounts.into_iter().map(account_id).collect::<Result<_>>()?;
                    Ok::<_, StoreError>(HeldDepartures { since, accounts })
                })
                .transpose()?;
            let departures = departures(settings, &present, &listed, held.as_ref(), started_at);
            mark_left(&mut tx, &departures.left).await?;
            let (since, accounts) = match &departures.held {
                Some(held) => (Some(held.since), held.accounts.iter().map(AccountId::as_str).collect()),
                None => (None, Vec::new()),
            };
            sqlx::query(
                "UPDATE orgraph_internal.discovery SET held_since = $2, held_accounts = $3 WHERE origin = $1",
            )
            .bind(origin.as_str())
            .bind(since)
            .bind(accounts)
            .execute(&mut *tx)
            .await
            .map_err(attempting())?;
            discovery.left.extend(departures.left);
            discovery.held = departures.held;
        }
        tx.commit().await.map_err(attempting())?;
        Ok(discovery)
    }

    /// All accounts ever known, by ID.
    pub async fn accounts(&self) -> Result<Vec<AccountRow>> {
        self.account_rows(None).await
    }

    /// One account, if it was ever known.
    pub async fn account(&self, account: &AccountId) -> Result<Option<AccountRow>> {
        Ok(self.account_rows(Some(account)).await?.pop())
    }

    async fn account_rows(&self, account: Option<&AccountId>) -> Result<Vec<AccountRow>> {
        let rows: Vec<StoredAccount> = sqlx::query_as(include_str!("../queries/read_accounts.sql"))
            .bind(account.map(AccountId::as_str))
            .fetch_all(&self.pool)
            .await
            .map_err(StoreError::attempting("read accounts"))?;
        rows.into_iter().map(AccountRow::try_from).collect()
    }

    /// The accounts that a run should begin for, the longest waiting first, without those at work.
    pub async fn due_accounts(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<AccountId>> {
        let rows: Vec<String> = sqlx::query_scalar(include_str!("../queries/read_due_accounts.sql"))
            .bind(now)
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await
            .map_err(StoreError::attempting("read due accounts"))?;
        rows.into_iter().map(account_id).collect()
    }

    /// The accounts that left at `before` or earlier and whose rows have not ended yet.
    pub async fn accounts_to_close(&self, before: DateTime<Utc>) -> Result<Vec<AccountId>> {
        let rows: Vec<String> = sqlx::query_scalar(include_str!("../queries/read_accounts_to_close.sql"))
            .bind(before)
            .fetch_all(&self.pool)
            .await
            .map_err(StoreError::attempting("read accounts to close"))?;
        rows.into_iter().map(account_id).collect()
    }

    /// Asks for a run of the account as soon as possible, whatever its interval. Tells whether there is such an account
    /// to run.
    pub async fn request_run(&self, account: &AccountId) -> Result<bool> {
        let done = sqlx::query(include_str!("../queries/request_run.sql"))
            .bind(account.as_str())
            .execute(&self.pool)
            .await
            .map_err(StoreError::attempting("request a run"))?;
        Ok(done.rows_affected() > 0)
    }

    /// Puts the account into a state, for a reason.
    pub async fn set_account_state(
        &self,
        account: &AccountId,
        state: AccountState,
        reason: Option<&str>,
    ) -> Result<()> {
        sqlx::query(include_str!("../queries/update_account_state.sql"))
            .bind(account.as_str())
            .bind(state.as_str())
            .bind(reason)
            .execute(&self.pool)
            .await
            .map_err(StoreError::attempting("set the state of an account"))?;
        Ok(())
    }

    /// Sets when the next run of the account is due; `None` means only on request.
    pub async fn set_next_due(&self, account: &AccountId, next_due_at: Option<DateTime<Utc>>) -> Result<()> {
        sqlx::query("UPDATE orgraph_internal.account AS a SET next_due_at = $2 WHERE a.account_id = $1")
            .bind(account.as_str())
            .bind(next_due_at)
            .execute(&self.pool)
            .await
            .map_err(StoreError::attempting("set when an account is due"))?;
        Ok(())
    }

    /// Records that a run has begun.
    pub async fn begin_run(&self, lease: &Lease) -> Result<()> {
        let attempting = || StoreError::attempting("begin a run");
        let mut tx = self.pool.begin().await.map_err(attempting())?;
        check_lease(&mut tx, lease).await?;
        sqlx::query(include_str!("../queries/begin_run.sql"))
            .bind(lease.account.as_str())
            .execute(&mut *tx)
            .await
            .map_err(attempting())?;
        tx.commit().await.map_err(attempting())
    }

    /// Records that the run has ended. Requests that came before it began are done with it; the state of an account
    /// that is no longer to be read stays.
    pub async fn finish_run(&self, lease: &Lease, end: &RunEnd) -> Result<()> {
        let attempting = || StoreError::attempting("finish a run");
        let mut tx = self.pool.begin().await.map_err(attempting())?;
        check_lease(&mut tx, lease).await?;
        sqlx::query(include_str!("../queries/finish_run.sql"))
            .bind(lease.account.as_str())
            .bind(end.state.as_str())
            .bind(end.reason.as_deref())
            .bind(end.next_due_at)
            .bind(end.cool_down_until)
            .execute(&mut *tx)
            .await
            .map_err(attempting())?;
        tx.commit().await.map_err(attempting())
    }
}

async fn mark_left(tx: &mut sqlx::PgConnection, accounts: &BTreeSet<AccountId>) -> Result<()> {
    if accounts.is_empty() {
        return Ok(());
    }
    sqlx::query(include_str!("../queries/mark_accounts_left.sql"))
        .bind(accounts.iter().map(AccountId::as_str).collect::<Vec<_>>())
        .execute(tx)
        .await
        .map_err(StoreError::attempting("mark accounts as left"))?;
    Ok(())
}

impl TryFrom<StoredAccount> for AccountRow {
    type Error = StoreError;

    fn try_from(row: StoredAccount) -> Result<Self> {
        Ok(Self {
            account: account_id(row.account_id)?,
            name: row.name,
            org_status: row.org_status,
            management: row.management,
            state: state_by_name(&row.state)?,
            state_reason: row.state_reason,
            entities: row.entities.unsigned_abs(),
            relationships: row.relationships.unsigned_abs(),
            first_seen: row.first_seen,
            left_at: row.left_at,
            closed_at: row.closed_at,
            next_due_at: row.next_due_at,
            requested_at: row.requested_at,
            cool_down_until: row.cool_down_until,
            last_run_started_at: row.last_run_started_at,
            last_run_finished_at: row.last_run_finished_at,
        })
    }
}
