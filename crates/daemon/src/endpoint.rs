//! Health, metrics and the API over HTTP or HTTPS, on loopback unless the configuration says otherwise.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use chrono::{DateTime, Utc};
use metrics::{describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use orgraph_config::Http;
use orgraph_model::Status;
use orgraph_plan::AccountState;
use orgraph_store::{Store, StoreError};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::api::{Api, TlsListener};

/// The registry behind `/metrics`.
pub(crate) type Metrics = PrometheusHandle;

/// Starts to count. Once per process.
pub(crate) fn install_metrics() -> anyhow::Result<Metrics> {
    let buckets = [0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0];
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &buckets)
        .context("failed to set up the metrics")?
        .install_recorder()
        .context("failed to set up the metrics")?;
    describe_counter!("orgraph_aws_requests_total", "Requests sent to AWS, every attempt counted");
    describe_counter!("orgraph_aws_envelope_rejects_total", "Answers refused because they were not whole");
    describe_counter!("orgraph_partitions_total", "Partitions read, by how they ended");
    describe_counter!("orgraph_guard_holds_total", "Listings whose removals wait for a second look");
    describe_histogram!("orgraph_partition_seconds", "Time to read one partition");
    describe_gauge!("orgraph_due_accounts", "Accounts that wait for a run");
    describe_gauge!("orgraph_accounts", "Known accounts, by state");
    describe_gauge!("orgraph_partitions", "Partitions, by the status of their last run");
    describe_gauge!("orgraph_entities", "Entities in the graph");
    describe_gauge!("orgraph_relationships", "Relationships in the graph");
    describe_gauge!("orgraph_held_partitions", "Partitions with removals that wait for a second look");
    describe_gauge!("orgraph_oldest_due_seconds", "How long the longest waiting account has been due");
    describe_gauge!(
        "orgraph_oldest_complete_seconds",
        "Age of the oldest complete listing of a collected account"
    );
    Ok(handle)
}

/// A bound endpoint that does not answer yet.
pub(crate) struct Endpoint {
    listener: Listener,
    address: SocketAddr,
    router: Router,
}

enum Listener {
    Plain(TcpListener),
    Tls(TlsListener),
}

#[derive(Clone)]
struct Shared {
    metrics: Metrics,
    store: Store,
}

impl Endpoint {
    pub(crate) async fn bind(http: &Http, metrics: Metrics, store: Store, api: Api) -> anyhow::Result<Self> {
        let listen = http.listen;
        let listener =
            TcpListener::bind(listen).await.with_context(|| format!("failed to listen on {listen}"))?;
        let address = listener.local_addr()?;
        let listener = match &http.tls {
            Some(tls) => Listener::Tls(TlsListener::start(listener, tls)?),
            None => Listener::Plain(listener),
        };
        let router = Router::new()
            .route("/healthz", get(async || "alive\n"))
            .route("/readyz", get(ready))
            .route("/metrics", get(async |State(shared): State<Shared>| shared.metrics.render()))
            .with_state(Shared { metrics, store })
            .merge(api.router());
        Ok(Self { listener, address, router })
    }

    /// Where it answers.
    pub(crate) fn url(&self) -> String {
        let scheme = if matches!(self.listener, Listener::Tls(_)) { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    pub(crate) async fn serve(self, stop: CancellationToken) -> anyhow::Result<()> {
        let serving = async {
            match self.listener {
                Listener::Plain(listener) => axum::serve(listener, self.router).await,
                Listener::Tls(listener) => axum::serve(listener, self.router).await,
            }
        };
        tokio::select! {
            ended = serving => ended.context("the endpoint stopped"),
            () = stop.cancelled() => Ok(()),
        }
    }
}

async fn ready(State(shared): State<Shared>) -> (StatusCode, String) {
    let asked = tokio::time::timeout(Duration::from_secs(3), shared.store.now()).await;
    match asked {
        Ok(Ok(_)) => (StatusCode::OK, "ready\n".to_owned()),
        Ok(Err(_)) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n".to_owned()),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer in time\n".to_owned()),
    }
}

/// Reads the gauges from the database.
pub(crate) async fn observe(store: &Store, now: DateTime<Utc>) -> Result<(), StoreError> {
    let health = store.health().await?;
    for state in AccountState::ALL {
        let number = health.accounts.get(state).copied().unwrap_or(0);
        gauge!("orgraph_accounts", "state" => state.as_str()).set(float(number));
    }
    for status in std::iter::once(None).chain(Status::ALL.iter().copied().map(Some)) {
        let number = health.partitions.get(&status).copied().unwrap_or(0);
        gauge!("orgraph_partitions", "status" => status.map_or("never", Status::as_str)).set(float(number));
    }
    let age = |since: Option<DateTime<Utc>>| since.map_or(0.0, |it| (now - it).as_seconds_f64().max(0.0));
    gauge!("orgraph_entities").set(float(health.entities));
    gauge!("orgraph_relationships").set(float(health.relationships));
    gauge!("orgraph_held_partitions").set(float(health.held));
    gauge!("orgraph_oldest_due_seconds").set(age(health.oldest_due_at));
    gauge!("orgraph_oldest_complete_seconds").set(age(health.oldest_complete_at));
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a gauge, not an account")]
fn float(number: u64) -> f64 {
    number as f64
}
