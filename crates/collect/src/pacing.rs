//! How fast one account is asked: a rate per region, service and operation, and a bound on what is in flight.
//!
//! Lives exactly as long as the account's session, so memory is bounded by the accounts being read.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime::client::retries::RetryPartition;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use orgraph_spill::MemoryLimits;
use tokio::sync::{Semaphore, SemaphorePermit};

/// How an account may be asked.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Requests per second for each region and service; more than 0, and 0.5 is one every two seconds.
    pub requests_per_second: f64,
    /// Rates of single operations, `ec2:DescribeInstances`, on top of the rate of their service.
    pub operations: HashMap<String, f64>,
    /// Requests of one account that wait for an answer at the same time.
    pub in_flight: usize,
    /// How long one attempt may take, the body included.
    pub attempt_timeout: Duration,
    /// How long one operation may take with all its attempts.
    pub operation_timeout: Duration,
    /// How often an operation is tried in all.
    pub max_attempts: u32,
    /// How long one collector may take for one partition.
    pub partition_timeout: Duration,
    /// How many detail calls of one collector run at the same time.
    pub details_in_flight: usize,
    /// How many pages one listing may have.
    pub max_pages: usize,
    /// How much of one partition is in memory at the same time.
    pub memory: MemoryLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_per_second: 10.0,
            operations: HashMap::new(),
            in_flight: 32,
            attempt_timeout: Duration::from_secs(30),
            operation_timeout: Duration::from_mins(2),
            max_attempts: 4,
            partition_timeout: Duration::from_mins(30),
            details_in_flight: 8,
            max_pages: 100_000,
            memory: MemoryLimits::default(),
        }
    }
}

/// Services and single operations of which AWS allows fewer than of others, as parts of the rate of a service. At ten
/// requests per second Route 53 gets four of the five that AWS allows an account.
const PARTS: [(&str, f64); 2] = [("route53", 0.4), ("wafv2:ListResourcesForWebACL", 0.1)];

/// Region, service and, for a rate of its own, the operation.
type RateKey = (String, &'static str, Option<String>);

/// The rates and permits of one account.
#[derive(Debug)]
pub struct Pacing {
    limits: Limits,
    in_flight: Semaphore,
    rates: Mutex<HashMap<RateKey, Arc<DefaultDirectRateLimiter>>>,
    retries: Mutex<HashMap<(String, &'static str), RetryPartition>>,
}

impl Pacing {
    /// A fresh account.
    pub fn new(limits: Limits) -> Self {
        let in_flight = Semaphore::new(limits.in_flight.max(1));
        Self { limits, in_flight, rates: Mutex::default(), retries: Mutex::default() }
    }

    /// What it was made with.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Waits until one more attempt may leave; the permit is held until its answer has arrived.
    pub(crate) async fn permit(
        &self,
        region: &str,
        service: &'static str,
        iam: &str,
        operation: &str,
    ) -> Option<SemaphorePermit<'_>> {
        let qualified = format!("{iam}:{operation}");
        let all = self.limits.requests_per_second;
        let own = self.limits.operations.get(&qualified).copied();
        if let Some(rate) = own.or_else(|| part(&qualified).map(|it| it * all)) {
            self.rate((region.to_owned(), service, Some(qualified)), rate).until_ready().await;
        }
        let rate = part(service).map_or(all, |it| it * all);
        self.rate((region.to_owned(), service, None), rate).until_ready().await;
        self.in_flight.acquire().await.ok()
    }

    fn rate(&self, key: RateKey, per_second: f64) -> Arc<DefaultDirectRateLimiter> {
        let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        let rate = rates.entry(key).or_insert_with(|| Arc::new(RateLimiter::direct(quota(per_second))));
        Arc::clone(rate)
    }

    /// The retry budget of one region and service of this account. The SDK would share one over all accounts.
    pub(crate) fn retry_partition(&self, region: &str, service: &'static str) -> RetryPartition {
        let mut retries = self.retries.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = retries.entry((region.to_owned(), service));
        entry.or_insert_with(|| RetryPartition::custom(format!("{service}-{region}")).build()).clone()
    }
}

fn part(name: &str) -> Option<f64> {
    PARTS.iter().find(|it| it.0 == name).map(|it| it.1)
}

/// One second's worth at once, then evenly.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what fits")]
fn quota(per_second: f64) -> Quota {
    let per_second = per_second.clamp(0.001, 1e9);
    let burst = NonZeroU32::new(per_second.ceil() as u32).unwrap_or(NonZeroU32::MIN);
    let period = Duration::from_secs_f64(1.0 / per_second).max(Duration::from_nanos(1));
    Quota::with_period(period).unwrap_or_else(|| Quota::per_second(burst)).allow_burst(burst)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_throttled_region_and_service_does_not_slow_another() {
        let pacing = Pacing::new(Limits { requests_per_second: 1.0, ..Limits::default() });

        drop(pacing.permit("eu-west-1", "ec2", "ec2", "DescribeVpcs").await);
        let other_region = pacing.permit("eu-west-2", "ec2", "ec2", "DescribeVpcs");
        let other_service = pacing.permit("eu-west-1", "rds", "rds", "DescribeDBInstances");

        // Both are ready at once: a wait would need real time, which is stopped.
        assert!(futures_util::future::join(other_region, other_service).await.0.is_some());
        let key = ("eu-west-1".to_owned(), "ec2", None);
        assert!(pacing.rate(key, 1.0).check().is_err(), "the first region has used its second");
    }

    #[tokio::test(start_paused = true)]
    async fn what_aws_allows_less_of_gets_a_part_of_the_rate() {
        let pacing = Pacing::new(Limits { requests_per_second: 10.0, ..Limits::default() });

        for _ in 0..4 {
            drop(pacing.permit("us-east-1", "route53", "route53", "GetHostedZone").await);
        }

        let key = ("us-east-1".to_owned(), "route53", None);
        assert!(pacing.rate(key, 4.0).check().is_err(), "a second has four");
    }
}
