//! What an answer rests on: which accounts and regions were read for the types it is about, how long ago, and which
//! were not.

use std::time::Duration;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::FromRow;

use crate::{AskError, Reader};

/// What an answer rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Footer {
    /// The time the answer is about, when it is not now. The rest of the footer is about now.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub as_of: Option<DateTime<Utc>>,
    /// Accounts with a partition for the types asked about.
    pub accounts: i64,
    /// Regions among these partitions; what is global counts as one.
    pub regions: i64,
    /// What was read or should have been: one collector in one region of one account each.
    pub partitions: i64,
    /// Partitions whose last reading was complete, or whose region or service the account does not use.
    pub complete: i64,
    /// Complete partitions that were last seen longer ago than they should be.
    pub stale: i64,
    /// Partitions whose removals wait for a second listing.
    pub held: i64,
    /// When the partition was complete whose last complete reading is the longest ago.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub oldest_complete_at: Option<DateTime<Utc>>,
    /// Partitions that are not complete: how many.
    pub missing: i64,
    /// The first of the partitions that are not complete.
    pub missing_partitions: Vec<MissingPartition>,
    /// Accounts that should be read and of which nothing was read yet: how many.
    pub unread: i64,
    /// The first of the accounts of which nothing was read yet.
    pub unread_accounts: Vec<String>,
}

/// A partition that is not complete. Its rows are those of its last good reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema, FromRow)]
#[serde(rename_all = "camelCase")]
pub struct MissingPartition {
    /// The account.
    pub account_id: String,
    /// The region, or `global`.
    pub region: String,
    /// Who reads it.
    pub collector: String,
    /// How its last reading ended, for instance `denied_iam`; `never` when there was none.
    pub status: String,
    /// Why.
    pub reason: Option<String>,
    /// When it was last complete; nothing when it never was.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub last_complete_at: Option<DateTime<Utc>>,
}

/// How many partitions and accounts a footer names.
const NAMED: i64 = 10;

/// The statuses after which nothing is missing.
const FINE: [&str; 3] = ["complete", "region_disabled", "unsupported"];

#[derive(FromRow)]
struct Counts {
    accounts: i64,
    regions: i64,
    partitions: i64,
    complete: i64,
    stale: i64,
    held: i64,
    oldest_complete_at: Option<DateTime<Utc>>,
}

impl Reader {
    /// What an answer rests on. `collectors` are those who write the types it is about, `accounts` where it looks;
    /// `None` stands for all of them. What was last complete before `stale_before` counts as stale.
    pub async fn footer(
        &self,
        collectors: Option<&[String]>,
        accounts: Option<&[String]>,
        as_of: Option<DateTime<Utc>>,
        stale_before: DateTime<Utc>,
        timeout: Duration,
    ) -> Result<Footer, AskError> {
        let failed = |error| AskError::database("read the coverage", timeout, None, error);
        let mut reading = self.begin(timeout).await?;
        let counts: Counts = sqlx::query_as(COUNTS)
            .bind(collectors)
            .bind(accounts)
            .bind(FINE.as_slice())
            .bind(stale_before)
            .fetch_one(reading.connection())
            .await
            .map_err(failed)?;
        let missing_partitions: Vec<MissingPartition> = sqlx::query_as(MISSING)
            .bind(collectors)
            .bind(accounts)
            .bind(FINE.as_slice())
            .bind(NAMED)
            .fetch_all(reading.connection())
            .await
            .map_err(failed)?;
        let unread: Vec<(String, i64)> = sqlx::query_as(UNREAD)
            .bind(accounts)
            .bind(NAMED)
            .fetch_all(reading.connection())
            .await
            .map_err(failed)?;
        reading.finish().await?;
        Ok(Footer {
            as_of,
            accounts: counts.accounts,
            regions: counts.regions,
            partitions: counts.partitions,
            complete: counts.complete,
            stale: counts.stale,
            held: counts.held,
            oldest_complete_at: counts.oldest_complete_at,
            missing: counts.partitions - counts.complete,
            missing_partitions,
            unread: unread.first().map_or(0, |it| it.1),
            unread_accounts: unread.into_iter().map(|it| it.0).collect(),
        })
    }
}

/// Coverage of accounts that left or are left out is about rows that are on their way out.
const COUNTS: &str = "\
WITH asked AS (
  SELECT c.account_id, c.region, c.last_complete_at, c.held_since, c.status = ANY ($3) AS is_fine
  FROM orgraph.coverage AS c
  WHERE ($1::text[] IS NULL OR c.collector = ANY ($1)) AND ($2::text[] IS NULL OR c.account_id = ANY ($2))
)
SELECT
  count(DISTINCT a.account_id) AS accounts,
  count(DISTINCT a.region) AS regions,
  count(*) AS partitions,
  count(*) FILTER (WHERE a.is_fine) AS complete,
  count(*) FILTER (WHERE a.is_fine AND a.last_complete_at < $4) AS stale,
  count(a.held_since) AS held,
  min(a.last_complete_at) AS oldest_complete_at
FROM asked AS a";

const MISSING: &str = "\
SELECT c.account_id, c.region, c.collector, c.status, c.reason, c.last_complete_at
FROM orgraph.coverage AS c
WHERE ($1::text[] IS NULL OR c.collector = ANY ($1)) AND ($2::text[] IS NULL OR c.account_id = ANY ($2))
  AND c.status <> ALL ($3)
ORDER BY c.account_id, c.region, c.collector
LIMIT $4";

const UNREAD: &str = "\
SELECT a.account_id, count(*) OVER () AS unread
FROM orgraph.account AS a
WHERE ($1::text[] IS NULL OR a.account_id = ANY ($1))
  AND a.state NOT IN ('suspended', 'skipped', 'excluded', 'left')
  AND NOT EXISTS (SELECT 1 FROM orgraph.coverage AS c WHERE c.account_id = a.account_id AND c.status <> 'never')
ORDER BY a.account_id
LIMIT $2";

impl Footer {
    /// Whether nothing is missing that could change the answer.
    pub fn is_complete(&self) -> bool {
        self.missing == 0 && self.unread == 0 && self.held == 0
    }

    /// The footer for people, one sentence a line.
    pub fn lines(&self, now: DateTime<Utc>) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(as_of) = self.as_of {
            lines.push(format!("as of {}, from history; what follows is about now", time(as_of)));
        }
        if self.partitions == 0 {
            lines.push("nothing was read yet that this answer could rest on".to_owned());
        } else {
            let age = self.oldest_complete_at.map_or_else(
                || "none of them ever complete".to_owned(),
                |it| format!("the oldest complete {} ago", age(now - it)),
            );
            lines.push(format!(
                "rests on {} in {}: {} of {} complete, {age}",
                counted(self.accounts, "account"),
                counted(self.regions, "region"),
                self.complete,
                counted(self.partitions, "partition"),
            ));
        }
        if self.stale > 0 {
            lines.push(format!("{} complete, but longer ago than usual", counted(self.stale, "partition")));
        }
        if self.held > 0 {
            let partitions = counted(self.held, "partition");
            lines.push(format!("{partitions} with removals that wait for a second listing"));
        }
        for it in &self.missing_partitions {
            let reason = it.reason.as_deref().map(|it| format!(": {it}")).unwrap_or_default();
            let MissingPartition { account_id, region, collector, status, .. } = it;
            lines.push(format!("missing: {collector} in {region} of {account_id} is {status}{reason}"));
        }
        let rest = self.missing - i64::try_from(self.missing_partitions.len()).unwrap_or(i64::MAX);
        if rest > 0 {
            lines.push(format!("missing: {} more; `orgraph status` shows them", counted(rest, "partition")));
        }
        if self.unread > 0 {
            let named = self.unread_accounts.join(", ");
            let more = self.unread - i64::try_from(self.unread_accounts.len()).unwrap_or(i64::MAX);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            lines.push(format!("not read yet: {named}{more}"));
        }
        lines
    }
}

fn counted(number: i64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}

fn age(age: chrono::TimeDelta) -> String {
    let minutes = age.num_minutes().max(0);
    match minutes {
        0 => "less than a minute".to_owned(),
        1..=119 => counted(minutes, "minute"),
        120..=2879 => counted(minutes / 60, "hour"),
        _ => counted(minutes / 1440, "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn a_footer_says_what_is_missing_and_how_old_the_rest_is() {
        let footer = Footer {
            as_of: Some(at(0)),
            accounts: 1,
            regions: 17,
            partitions: 40,
            complete: 38,
            stale: 1,
            held: 1,
            oldest_complete_at: Some(at(0)),
            missing: 2,
            missing_partitions: vec![MissingPartition {
                account_id: "111111111111".to_owned(),
                region: "eu-west-1".to_owned(),
                collector: "ec2_instances".to_owned(),
                status: "denied_iam".to_owned(),
                reason: Some("not authorized".to_owned()),
                last_complete_at: None,
            }],
            unread: 12,
            unread_accounts: vec!["222222222222".to_owned()],
        };

        assert!(!footer.is_complete());
        assert_eq!(
            footer.lines(at(3 * 3600)),
            [
                "as of 2023-11-14 22:13:20Z, from history; what follows is about now",
                "rests on 1 account in 17 regions: 38 of 40 partitions complete, the oldest complete 3 hours ago",
                "1 partition complete, but longer ago than usual",
                "1 partition with removals that wait for a second listing",
                "missing: ec2_instances in eu-west-1 of 111111111111 is denied_iam: not authorized",
                "missing: 1 partition more; `orgraph status` shows them",
                "not read yet: 222222222222 and 11 more",
            ]
        );
    }
}
