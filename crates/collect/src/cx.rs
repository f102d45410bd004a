//! What a collector is given: whose account, which region, and the way to ask.

use std::fmt::Display;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use aws_smithy_runtime::client::retries::RetryPartition;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_types::SdkConfig;
use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream};
use orgraph_model::{AccountId, AwsPartition, Region};

use crate::connector::{Run, Stamp};
use crate::{Call, CollectError, Collector, Detail, Service, Session};

/// What is known about the run as a whole.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The regions of the account that are read; unknown when AWS had to be asked and did not say.
    pub regions: Detail<Vec<Region>>,
    /// The services that are read.
    pub services: Vec<Service>,
}

impl Default for Facts {
    /// Nothing is read.
    fn default() -> Self {
        Self { regions: Detail::Known(Vec::new()), services: Vec::new() }
    }
}

/// The context of one collector in one partition.
#[derive(Debug)]
pub struct Cx {
    session: Arc<Session>,
    region: Region,
    facts: Arc<Facts>,
    started_at: DateTime<Utc>,
    run: Arc<Run>,
}

impl Cx {
    /// A context for `collector` in `region`.
    pub fn new(
        collector: &Collector,
        session: &Arc<Session>,
        region: Region,
        facts: Arc<Facts>,
        started_at: DateTime<Utc>,
    ) -> Self {
        Self::with_calls(
            collector.name,
            collector.service,
            collector.calls,
            session,
            region,
            facts,
            started_at,
        )
    }

    /// A context for calls that are not a collector's, such as asking for the enabled regions.
    pub fn with_calls(
        name: &'static str,
        service: Service,
        calls: &'static [Call],
        session: &Arc<Session>,
        region: Region,
        facts: Arc<Facts>,
        started_at: DateTime<Utc>,
    ) -> Self {
        let run = Run::new(name, service, calls, Arc::clone(session.pacing()));
        Self { session: Arc::clone(session), region, facts, started_at, run }
    }

    /// The account being read.
    pub fn account(&self) -> &AccountId {
        self.session.account()
    }

    /// The region being read; `global` for services without regions.
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// Which AWS.
    pub fn partition(&self) -> AwsPartition {
        self.session.partition()
    }

    /// The opened account.
    pub fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// Ends the collector as unsupported outside of `partitions`, where the service of `operation` has no endpoint.
    pub fn only_in(&self, partitions: &[AwsPartition], operation: &str) -> Result<(), CollectError> {
        if partitions.contains(&self.partition()) {
            return Ok(());
        }
        let code = format!("no endpoint in {}", self.partition());
        Err(CollectError::Unsupported { operation: operation.to_owned(), code })
    }

    /// What is known about the run as a whole.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// When reading began.
    pub fn started_at(&self) -> DateTime<Utc> {
        self.started_at
    }

    /// How many attempts were sent so far.
    pub fn calls_sent(&self) -> u64 {
        self.run.sent.load(Ordering::Relaxed)
    }

    /// `arn:{partition}:{service}:{region}:{account}:{resource}` in this account and region. The region segment is
    /// empty for global services.
    pub fn arn(&self, service: &str, resource: impl Display) -> String {
        self.arn_of(self.account().as_str(), service, resource)
    }

    /// The same for a resource that `owner` owns; an empty owner for the ARNs without one.
    pub fn arn_of(&self, owner: &str, service: &str, resource: impl Display) -> String {
        let region = if self.region.is_global() { "" } else { self.region.as_str() };
        format!("arn:{}:{service}:{region}:{owner}:{resource}", self.partition())
    }

    /// Whether a resource belongs to this account; what belongs to another is written by that account's collector.
    /// A resource whose owner AWS does not name is taken to be the account's own.
    pub fn owns(&self, owner: Option<&str>) -> bool {
        owner.is_none_or(|it| it == self.account().as_str())
    }

    /// A deep link into the web console: `path` after the host, already encoded.
    pub fn console(&self, path: impl Display) -> String {
        let host = self.partition().console_host();
        if self.region.is_global() {
            format!("https://{host}/{path}")
        } else {
            format!("https://{}.{host}/{path}", self.region)
        }
    }

    /// Runs one detail request per item with bounded concurrency. Answers come in the order of the items.
    pub async fn concurrently<I, T, F>(&self, items: Vec<I>, detail: impl Fn(I) -> F) -> Vec<T>
    where
        F: Future<Output = T>,
    {
        let width = self.session.limits().details_in_flight.max(1);
        stream::iter(items).map(detail).buffered(width).collect().await
    }

    /// How many pages one listing may have.
    pub fn max_pages(&self) -> usize {
        self.session.limits().max_pages
    }

    /// The region whose endpoint is called here.
    pub fn endpoint_region(&self) -> String {
        self.session.endpoint_region(&self.region)
    }

    #[doc(hidden)]
    pub fn sdk_config(&self, region: &str) -> SdkConfig {
        self.session.sdk_config(region)
    }

    #[doc(hidden)]
    pub fn retry_partition(&self, region: &str, service: Service) -> RetryPartition {
        self.session.pacing().retry_partition(region, service.name)
    }

    #[doc(hidden)]
    pub fn stamp(&self, region: &str) -> SharedInterceptor {
        SharedInterceptor::new(Stamp { run: Arc::clone(&self.run), region: region.to_owned() })
    }
}

/// A client of a service SDK for the account and region of a [`Cx`](crate::Cx): `client!(aws_sdk_ec2, EC2, cx)`, or
/// `client!(aws_sdk_s3, S3, cx, "eu-west-1")` for a region of its own.
#[macro_export]
macro_rules! client {
    ($sdk:ident, $service:ident, $cx:expr) => {
        $crate::client!($sdk, $service, $cx, &$cx.endpoint_region())
    };
    ($sdk:ident, $service:ident, $cx:expr, $region:expr) => {{
        let region: &str = $region;
        let config = $sdk::config::Builder::from(&$cx.sdk_config(region))
            .retry_partition($cx.retry_partition(region, $crate::Service::$service))
            .interceptor($cx.stamp(region))
            .build();
        $sdk::Client::from_conf(config)
    }};
}
