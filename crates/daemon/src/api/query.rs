//! `POST /v1/query`: a question in J1QL or SQL, answered page by page.

use std::io;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use chrono::{DateTime, Utc};
use orgraph_query::render::Object;
use orgraph_query::{Footer, Header, Limits, Question, Row, Sink};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::problem::{Kind, Problem};
use super::{Api, MAX_ANSWER_BYTES, cursor};
use crate::asking;

/// A question. Either `j1ql` or `sql` is given.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Ask {
    /// A question in J1QL.
    #[serde(default)]
    j1ql: Option<String>,
    /// One SELECT on the schema `orgraph`, without parameters. It is run by a role that may read this schema and
    /// nothing else. Its answer has no pages: write LIMIT and OFFSET.
    #[serde(default)]
    sql: Option<String>,
    /// Rows of one page, at most. What is not said or too large is what the daemon is configured to give.
    #[serde(default)]
    #[schemars(range(min = 1))]
    limit: Option<u32>,
    /// The cursor of the page before, with the same question.
    #[serde(default)]
    cursor: Option<String>,
    /// The time to answer as of, from history. Only with `j1ql`.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    as_of: Option<DateTime<Utc>>,
}

/// A page of an answer.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    /// The names of the columns.
    columns: Vec<String>,
    /// One object per row: the entity itself where the question asks for entities; `{"entity": …}` or
    /// `{"relationship": …}` for a tree; else a member per column. A property that is not there is left out: it is
    /// unknown. `null` is known to have no value.
    #[schemars(with = "Vec<Value>")]
    rows: Vec<Box<RawValue>>,
    /// Whether there are more rows than these.
    capped: bool,
    /// Where the next page begins; nothing on the last page, and for SQL.
    cursor: Option<String>,
    /// The time this page is about. Pages after the first are about the same time as the first.
    #[schemars(with = "String", extend("format" = "date-time"))]
    as_of: DateTime<Utc>,
    /// Remarks that did not prevent an answer, such as unknown properties.
    warnings: Vec<String>,
    /// What the answer rests on.
    coverage: Footer,
}

/// The place of a page.
#[derive(Serialize, Deserialize)]
struct Place {
    as_of: DateTime<Utc>,
    skip: u64,
}

pub(crate) async fn post(
    State(api): State<Api>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Answer>, Problem> {
    let ask: Ask = self::body(body)?;
    if ask.limit == Some(0) {
        return Err(Problem::new(Kind::BadRequest, "limit is 1 or more"));
    }
    let _permit = api.permit()?;
    match (&ask.j1ql, &ask.sql) {
        (Some(text), None) => j1ql(&api, text, &ask).await.map(Json),
        (None, Some(text)) if ask.cursor.is_none() && ask.as_of.is_none() => {
            sql(&api, text, &ask).await.map(Json)
        }
        (None, Some(_)) => {
            let detail = "cursor and asOf go with j1ql: in SQL use LIMIT, OFFSET and orgraph.entity_at";
            Err(Problem::new(Kind::BadRequest, detail))
        }
        _ => Err(Problem::new(Kind::BadRequest, "give either j1ql or sql")),
    }
}

/// What was sent, understood.
pub(super) fn body<T: DeserializeOwned>(body: Result<Bytes, BytesRejection>) -> Result<T, Problem> {
    let body = body.map_err(|error| {
        let is_large = error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE;
        Problem::new(if is_large { Kind::TooLarge } else { Kind::BadRequest }, error.body_text())
    })?;
    serde_json::from_slice(&body)
        .map_err(|error| Problem::new(Kind::BadRequest, format!("the body is not a question: {error}")))
}

async fn j1ql(api: &Api, text: &str, ask: &Ask) -> Result<Answer, Problem> {
    let asked_as_of = ask.as_of.map(|it| it.to_rfc3339()).unwrap_or_default();
    let request = ["query", text, &asked_as_of];
    let place: Option<Place> = ask.cursor.as_deref().map(|it| cursor::decode(&request, it)).transpose()?;
    let (as_of, skip) = match &place {
        Some(place) => (Some(place.as_of), place.skip),
        None => (ask.as_of, 0),
    };
    // The clock of the database, which the versions in the history bear.
    let moment = match as_of {
        Some(as_of) => as_of,
        None => api.reader.now(api.timeout).await?,
    };
    let compiled = asking::compile(text, as_of, moment)?;
    let in_order = asking::in_order(text, as_of, moment).unwrap_or_else(|| compiled.clone());
    let mut page = Page::of(api.rows(ask.limit));
    let collectors = asking::collectors(compiled.touches.types.as_deref());
    let accounts = compiled.touches.accounts.as_deref();
    let footer = api.footer(collectors.as_deref(), accounts, as_of).await?;
    let limits = Limits { skip: Some(skip), rows: page.limit, timeout: api.timeout };
    let ended = api.reader.ask(Question::J1ql(&in_order), limits, &mut page).await;
    let capped = page.is_capped(ended)?;
    let given = u64::try_from(page.rows.len()).unwrap_or(u64::MAX);
    let next = Place { as_of: moment, skip: skip.saturating_add(given) };
    Ok(Answer {
        columns: page.columns(),
        rows: page.rows,
        capped,
        cursor: capped.then(|| cursor::encode(&request, &next)),
        as_of: moment,
        warnings: compiled.warnings.iter().map(ToString::to_string).collect(),
        coverage: footer,
    })
}

async fn sql(api: &Api, text: &str, ask: &Ask) -> Result<Answer, Problem> {
    let types = asking::types_in_sql(text);
    let collectors = asking::collectors(types.as_deref());
    let footer = api.footer(collectors.as_deref(), None, None).await?;
    let mut page = Page::of(api.rows(ask.limit));
    let as_of = api.reader.now(api.timeout).await?;
    let limits = Limits { skip: None, rows: page.limit, timeout: api.timeout };
    let ended = api.reader.ask(Question::Sql(text), limits, &mut page).await;
    let capped = page.is_capped(ended)?;
    Ok(Answer {
        columns: page.columns(),
        rows: page.rows,
        capped,
        cursor: None,
        as_of,
        warnings: Vec::new(),
        coverage: footer,
    })
}

/// One page in memory.
struct Page {
    limit: u64,
    header: Option<Header>,
    rows: Vec<Box<RawValue>>,
    bytes: usize,
    is_full: bool,
}

impl Page {
    fn of(limit: u64) -> Self {
        Self { limit, header: None, rows: Vec::new(), bytes: 0, is_full: false }
    }

    fn columns(&self) -> Vec<String> {
        self.header.iter().flat_map(|it| &it.columns).map(|it| it.name.clone()).collect()
    }

    /// Whether there is more. A page that was full ended with an error of its own making.
    fn is_capped(
        &self,
        ended: Result<orgraph_query::Ended, orgraph_query::AskError>,
    ) -> Result<bool, Problem> {
        match ended {
            Err(_) if self.is_full => Ok(true),
            ended => Ok(ended?.capped),
        }
    }
}

impl Sink for Page {
    fn header(&mut self, header: &Header) -> io::Result<()> {
        self.header = Some(header.clone());
        Ok(())
    }

    fn row(&mut self, row: Row) -> io::Result<()> {
        let Some(header) = &self.header else { return Ok(()) };
        let row = serde_json::value::to_raw_value(&Object { header, row: &row })?;
        self.bytes += row.get().len();
        // One row is always given, or the next page would begin where this one does.
        if self.bytes > MAX_ANSWER_BYTES && !self.rows.is_empty() {
            self.is_full = true;
            return Err(io::Error::other("the page is full"));
        }
        self.rows.push(row);
        Ok(())
    }
}
