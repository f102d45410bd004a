//! The read-only API over HTTP: questions, entities, paths, who may do what, and what the graph rests on. What it answers
//! comes from `orgraph_query`, as a role that can read the public schema and nothing else; only the facts behind decisions
//! about access come from the store, over connections that cannot write.

mod access;
mod caller;
mod cursor;
mod document;
mod entities;
mod kept;
mod paths;
mod problem;
mod query;
mod standing;
mod tls;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use chrono::{DateTime, Utc};
use orgraph_config::Config;
use orgraph_query::{AskError, Footer, Reader, ReaderSettings};
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::warn;

use crate::asking;
use crate::clock::now;
use access::Facts;
use kept::KeptGraph;
use problem::{Kind, Problem};

pub(crate) use tls::TlsListener;

/// How large a request may be.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// How large an answer may be, in bytes. A page ends there and the next begins; what has no pages is refused.
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// What every route needs.
#[derive(Clone)]
pub(crate) struct Api {
    reader: Reader,
    graph: KeptGraph,
    access: Facts,
    config: Arc<Config>,
    token: Option<Arc<SecretString>>,
    permits: Arc<Semaphore>,
    max_rows: u64,
    timeout: Duration,
}

impl Api {
    /// Reads as a reader. That it may not is said, and does not keep the daemon from collecting.
    pub(crate) async fn open(config: Arc<Config>, url: &str) -> anyhow::Result<Self> {
        let http = &config.http;
        let settings =
            ReaderSettings { max_connections: http.max_queries, acquire_timeout: Duration::from_secs(5) };
        let reader = Reader::lazy(url, &settings).context("failed to open the API")?;
        if let Err(error) = reader.check().await {
            warn!("the API cannot answer: {:#}", anyhow::Error::new(error));
        }
        Ok(Self {
            reader,
            graph: KeptGraph::new(config.query.max_graph_mib),
            access: Facts::open(url, http.query_timeout).await?,
            token: http.token.clone().map(Arc::new),
            permits: Arc::new(Semaphore::new(http.max_queries as usize)),
            max_rows: u64::from(http.max_rows),
            timeout: http.query_timeout,
            config,
        })
    }

    /// Every route with what guards it.
    pub(crate) fn router(self) -> Router {
        let routes =
            document::ROUTES.iter().fold(Router::new(), |router, it| router.route(it.path, (it.route)()));
        routes
            .method_not_allowed_fallback(async || {
                Problem::new(Kind::MethodNotAllowed, "see /openapi.json for what may be asked")
            })
            .fallback(async || Problem::new(Kind::NotFound, "see /openapi.json for what may be asked"))
            .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
            .layer(from_fn_with_state(self.clone(), caller::check))
            .with_state(self)
    }

    /// One question more, unless there are too many. Nobody waits: a caller can come back, and knows when.
    fn permit(&self) -> Result<OwnedSemaphorePermit, Problem> {
        Arc::clone(&self.permits)
            .try_acquire_owned()
            .map_err(|_| Problem::new(Kind::Busy, "as many questions as may be are being answered"))
    }

    /// What is answered in the time that a question has; for what takes several steps.
    async fn within_time<T>(
        &self,
        answering: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        let limit = self.timeout;
        let late = |_| Problem::from(AskError::Timeout { limit });
        tokio::time::timeout(limit, answering).await.map_err(late)?
    }

    /// How many rows a page has at most.
    fn rows(&self, asked: Option<u32>) -> u64 {
        asked.map_or(self.max_rows, |it| u64::from(it).clamp(1, self.max_rows))
    }

    async fn footer(
        &self,
        collectors: Option<&[String]>,
        accounts: Option<&[String]>,
        as_of: Option<DateTime<Utc>>,
    ) -> Result<Footer, Problem> {
        let stale_before = asking::stale_before(&self.config, now());
        Ok(self.reader.footer(collectors, accounts, as_of, stale_before, self.timeout).await?)
    }
}

/// An answer without pages, as it is sent.
fn written(answer: &impl Serialize) -> Result<Box<RawValue>, Problem> {
    let written = serde_json::value::to_raw_value(answer).map_err(anyhow::Error::new)?;
    if written.get().len() > MAX_ANSWER_BYTES {
        let detail = format!("the answer is larger than {MAX_ANSWER_BYTES} bytes: ask for less of it");
        return Err(Problem::new(Kind::BadRequest, detail));
    }
    Ok(written)
}

/// A page of a list, in the order of its keys. The next page is what comes after the last key of this one: what is
/// neither added nor removed meanwhile comes exactly once.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PageOf{T}")]
pub(crate) struct Page<T> {
    /// What is on it.
    items: Vec<T>,
    /// Where the next page begins; nothing on the last.
    cursor: Option<String>,
}

impl<T> Page<T> {
    /// Of what was found, which is one more than the limit when there are more.
    fn of(mut items: Vec<T>, limit: u64, cursor: impl FnOnce(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = items.len() > limit;
        items.truncate(limit);
        let cursor = items.last().filter(|_| has_more).map(cursor);
        Self { items, cursor }
    }
}
