//! `GET /v1/accounts` and `GET /v1/coverage`: what the graph rests on.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use orgraph_query::surface;
use schemars::JsonSchema;
use serde::Deserialize;

use super::entities::query;
use super::problem::Problem;
use super::{Api, Page, cursor};

/// Which accounts.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AccountsQuery {
    /// Accounts of one page, at most.
    #[schemars(range(min = 1))]
    limit: Option<u32>,
    /// The cursor of the page before.
    cursor: Option<String>,
}

pub(crate) async fn accounts(
    State(api): State<Api>,
    asked: Result<Query<AccountsQuery>, QueryRejection>,
) -> Result<Json<Page<surface::Account>>, Problem> {
    let asked = query(asked)?;
    let request = ["accounts"];
    let after: Option<String> = asked.cursor.as_deref().map(|it| cursor::decode(&request, it)).transpose()?;
    let limit = api.rows(asked.limit);
    let _permit = api.permit()?;
    let found = api.reader.accounts(after.as_deref(), limit, api.timeout).await?;
    Ok(Json(Page::of(found, limit, |last| cursor::encode(&request, &last.account_id))))
}

/// Which partitions.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CoverageQuery {
    /// Only this account.
    account: Option<String>,
    /// Only partitions that are not complete.
    missing: Option<bool>,
    /// Partitions of one page, at most.
    #[schemars(range(min = 1))]
    limit: Option<u32>,
    /// The cursor of the page before.
    cursor: Option<String>,
}

pub(crate) async fn coverage(
    State(api): State<Api>,
    asked: Result<Query<CoverageQuery>, QueryRejection>,
) -> Result<Json<Page<surface::Partition>>, Problem> {
    let asked = query(asked)?;
    let account = asked.account.unwrap_or_default();
    let is_missing = asked.missing.unwrap_or_default();
    let request = ["coverage", &account, if is_missing { "missing" } else { "" }];
    let after: Option<(String, String, String)> =
        asked.cursor.as_deref().map(|it| cursor::decode(&request, it)).transpose()?;
    let wanted = surface::WantedPartitions {
        account: (!account.is_empty()).then(|| account.clone()),
        is_missing,
        after,
        limit: api.rows(asked.limit),
    };
    let _permit = api.permit()?;
    let found = api.reader.coverage(&wanted, api.timeout).await?;
    let place = |last: &surface::Partition| {
        cursor::encode(&request, &(&last.account_id, &last.region, &last.collector))
    };
    Ok(Json(Page::of(found, wanted.limit, place)))
}
