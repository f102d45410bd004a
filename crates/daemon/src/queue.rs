//! The queue that hands accounts to daemons: one job per account, kept in PostgreSQL. Behind a small trait, so that
//! another engine is another file.
//!
//! The queue decides nothing. What is due is in the account table, and who may write is decided by the lease: a job
//! that runs twice, or too late, finds the lease taken or nothing due. So jobs carry no queue name (a worker that
//! freezes while it holds a named queue would block its account for ever).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use graphile_worker::{
    IntoTaskHandlerResult, JobKeyMode, JobSpec, TaskHandler, Worker, WorkerContext, WorkerOptions,
    WorkerUtils,
};
use orgraph_model::AccountId;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

/// Where runs of accounts wait for a daemon.
pub(crate) trait Queue: Send + Sync {
    /// Makes sure that one run of the account waits, from `run_at` on.
    fn enqueue<'a>(
        &'a self,
        account: &'a AccountId,
        run_at: DateTime<Utc>,
    ) -> BoxFuture<'a, anyhow::Result<()>>;
}

/// What is done with an account whose turn it is.
pub(crate) type Handler = Arc<dyn Fn(AccountId) -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// The queue of `graphile_worker`, in a schema of its own.
pub(crate) struct PostgresQueue {
    worker: Worker,
    utils: WorkerUtils,
}

const SCHEMA: &str = "graphile_worker";

impl PostgresQueue {
    /// Opens the queue; `handler` runs at most `concurrency` accounts at the same time in this process.
    pub(crate) async fn open(
        url: &str,
        concurrency: usize,
        handler: Handler,
        stop: CancellationToken,
        grace: Duration,
    ) -> anyhow::Result<Self> {
        let worker = WorkerOptions::default()
            .database_url(url)
            .max_pg_conn(u32::try_from(concurrency).unwrap_or(u32::MAX).clamp(2, 16))
            .schema(SCHEMA)
            .concurrency(concurrency)
            .poll_interval(Duration::from_secs(1))
            .heartbeat_interval(Duration::from_secs(10))
            .sweep_interval(Duration::from_secs(30))
            .sweep_threshold(Duration::from_mins(2))
            .listen_os_shutdown_signals(false)
            .shutdown_signal(async move { stop.cancelled().await })
            .shutdown_grace_period(grace)
            .add_extension(Shared(handler))
            .define_job::<SyncAccount>()
            .init()
            .await
            .context("failed to open the job queue")?;
        let utils = worker.create_utils();
        Ok(Self { worker, utils })
    }

    /// Works until the stop token is cancelled and the runs in progress have ended.
    pub(crate) async fn work(&self) -> anyhow::Result<()> {
        self.worker.run().await.context("the job queue stopped")
    }
}

impl Queue for PostgresQueue {
    fn enqueue<'a>(
        &'a self,
        account: &'a AccountId,
        run_at: DateTime<Utc>,
    ) -> BoxFuture<'a, anyhow::Result<()>> {
        Box::pin(async move {
            let spec = JobSpec::builder()
                .job_key(format!("sync:{account}"))
                .job_key_mode(JobKeyMode::PreserveRunAt)
                .run_at(run_at)
                // A failed run is due again by its account row; the queue only bridges a broken database.
                .max_attempts(3)
                .build();
            let job = SyncAccount { account: account.clone() };
            self.utils.add_job(job, spec).await.context("failed to enqueue a run")?;
            Ok(())
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct SyncAccount {
    account: AccountId,
}

impl TaskHandler for SyncAccount {
    const IDENTIFIER: &'static str = "sync_account";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let Some(Shared(handler)) = context.get_ext::<Shared>() else {
            return Err("the worker was built without its handler".to_owned());
        };
        handler(self.account).await
    }
}

#[derive(Clone)]
struct Shared(Handler);

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handler")
    }
}
