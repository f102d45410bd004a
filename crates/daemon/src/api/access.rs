//! `POST /v1/access/who-can`, `what-can` and `explain`: who may do what in the end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use orgraph_store::{ConnectSettings, Store};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::sync::Semaphore;

use super::kept::Waiting;
use super::problem::{Kind, Problem};
use super::query::body;
use super::{Api, written};
use crate::access::{self, BadInput, Explain, Given, GoesOn, WhatCan, WhoCan};

/// What is known of the request that the decision is about.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "KnownOfRequest")]
pub(crate) struct Known {
    /// Keys of the request with their values: a text, or a list of texts.
    #[serde(default)]
    context: BTreeMap<String, Values>,
    /// Keys that the request does not have.
    #[serde(default)]
    absent: Vec<String>,
    /// The policy that the session is started with.
    #[serde(default)]
    session_policy: Option<Value>,
}

/// The values of a key.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Values {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Known {
    fn given(&self) -> anyhow::Result<Given> {
        let values = self.context.iter().flat_map(|(key, values)| {
            let values = match values {
                Values::One(value) => std::slice::from_ref(value),
                Values::Several(values) => values.as_slice(),
            };
            values.iter().map(move |it| (key.clone(), it.clone()))
        });
        let session = self.session_policy.as_ref().map(|it| ("sessionPolicy", it));
        Given::new(&values.collect::<Vec<_>>(), &self.absent, session)
    }
}

/// Who may do something to a resource?
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AskWhoCan {
    /// The action, such as `s3:GetObject`; wildcards ask for all that fit.
    action: String,
    /// The ARN of the resource; `*` for actions on nothing in particular.
    resource: String,
    /// What is known of the request.
    #[serde(default)]
    request: Known,
}

/// What may a principal do?
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AskWhatCan {
    /// The ARN of a user, a role, a session of a role or the root of an account.
    principal: String,
    /// What is known of the request.
    #[serde(default)]
    request: Known,
}

/// May a principal do something to a resource, and which statements say so?
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AskExplain {
    /// The ARN of a user, a role, a session of a role or the root of an account; the name of a service; or `*` for
    /// anybody.
    principal: String,
    /// The action, such as `s3:GetObject`; wildcards ask for all that fit.
    action: String,
    /// The ARN of the resource; `*` for actions on nothing in particular.
    resource: String,
    /// What is known of the request.
    #[serde(default)]
    request: Known,
}

pub(crate) async fn who_can(
    State(api): State<Api>,
    sent: Result<Bytes, BytesRejection>,
) -> Result<Json<Box<RawValue>>, Problem> {
    let asked: AskWhoCan = body(sent)?;
    let given = asked.request.given()?;
    let (action, target) = (access::action(&asked.action)?, access::target(&asked.resource)?);
    let loading = WhoCan::load(&api.access.store, action, target);
    ask(&api, loading, move |it, goes_on| it.answer(&given, goes_on)).await
}

pub(crate) async fn what_can(
    State(api): State<Api>,
    sent: Result<Bytes, BytesRejection>,
) -> Result<Json<Box<RawValue>>, Problem> {
    let asked: AskWhatCan = body(sent)?;
    let given = asked.request.given()?;
    let loading = WhatCan::load(&api.access.store, access::principal(&asked.principal)?);
    ask(&api, loading, move |it, goes_on| it.answer(&given, goes_on)).await
}

pub(crate) async fn explain(
    State(api): State<Api>,
    sent: Result<Bytes, BytesRejection>,
) -> Result<Json<Box<RawValue>>, Problem> {
    let asked: AskExplain = body(sent)?;
    let given = asked.request.given()?;
    let who = access::principal(&asked.principal)?;
    let (action, target) = (access::action(&asked.action)?, access::target(&asked.resource)?);
    let loading = Explain::load(&api.access.store, who, action, target);
    ask(&api, loading, move |it, _| it.answer(&given)).await
}

/// The one place where facts are read for decisions, so that one question at a time has them in memory.
#[derive(Clone)]
pub(super) struct Facts {
    /// Reads, and for a limited time; over a connection that no collector needs.
    store: Store,
    turn: Arc<Semaphore>,
}

/// How long the database goes on with a statement that nobody waits for.
const GRACE: Duration = Duration::from_secs(5);

impl Facts {
    pub(super) async fn open(url: &str, timeout: Duration) -> anyhow::Result<Self> {
        let settings = ConnectSettings {
            max_connections: 1,
            application_name: "orgraph access".to_owned(),
            // The question has its own limit, which comes first and tells the caller.
            reads_within: Some(timeout.saturating_add(GRACE)),
            ..ConnectSettings::default()
        };
        let store = Store::connect(url, &settings).await.context("failed to open the API")?;
        Ok(Self { store, turn: Arc::new(Semaphore::new(1)) })
    }
}

/// Reads the facts when it is their turn, and decides: all within the time of a question. What computes keeps its permit
/// and its turn until it ends, also when nobody waits any more.
async fn ask<Loaded: Send + 'static, Answer: Serialize + Send + 'static>(
    api: &Api,
    loading: impl Future<Output = anyhow::Result<Loaded>> + Send,
    decide: impl FnOnce(Loaded, GoesOn<'_>) -> anyhow::Result<Answer> + Send + 'static,
) -> Result<Json<Box<RawValue>>, Problem> {
    let permit = api.permit()?;
    let answered = async {
        let turn = Arc::clone(&api.access.turn).acquire_owned().await;
        let loaded = loading.await?;
        let waiting = Waiting::new();
        let goes_on = waiting.flag();
        let computed = tokio::task::spawn_blocking(move || {
            let answer = decide(loaded, &goes_on);
            drop((turn, permit));
            answer
        });
        let answer = computed.await.map_err(anyhow::Error::new)??;
        written(&answer).map(Json)
    };
    api.within_time(answered).await
}

impl From<anyhow::Error> for Problem {
    fn from(error: anyhow::Error) -> Self {
        match error.downcast_ref::<BadInput>() {
            Some(BadInput::Unclear(text)) => Self::new(Kind::BadRequest, text),
            Some(BadInput::NotFound(text)) => Self::new(Kind::NotFound, text),
            None => Self::failed(&error),
        }
    }
}
