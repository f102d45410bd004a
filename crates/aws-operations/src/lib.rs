#![doc = include_str!("../README.md")]

#[cfg(test)]
mod absent;
mod cloudformation;
mod cloudtrail;
mod cloudwatch;
mod config;
mod events;
mod guardduty;
mod inspector;
mod inspector_v2;
mod keys;
mod logs;
mod securityhub;
mod sns;
mod sqs;
mod tagged;

use orgraph_collect::Collector;

/// The collectors of this family.
pub static COLLECTORS: &[&Collector] = &[
    &cloudformation::STACKS,
    &cloudtrail::TRAILS,
    &cloudwatch::ALARMS,
    &config::RECORDERS,
    &config::RULES,
    &events::RULES,
    &guardduty::DETECTORS,
    &inspector::ASSESSMENTS,
    &inspector::FINDINGS,
    &inspector_v2::FINDINGS,
    &logs::GROUPS,
    &securityhub::HUBS,
    &sns::TOPICS,
    &sns::SUBSCRIPTIONS,
    &sqs::QUEUES,
];

#[cfg(test)]
mod tests {
    use orgraph_collect::replay::{Fixtures, check_family};

    #[tokio::test(start_paused = true)]
    async fn every_collector_keeps_the_contract() {
        check_family(super::COLLECTORS, &Fixtures::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures")))
            .await;
    }
}
