#![doc = include_str!("../README.md")]

mod rds;
mod s3;

use orgraph_collect::Collector;

/// The collectors of this family.
pub static COLLECTORS: &[&Collector] = &[
    &rds::clusters::CLUSTERS,
    &rds::instances::INSTANCES,
    &rds::snapshots::SNAPSHOTS,
    &rds::cluster_snapshots::CLUSTER_SNAPSHOTS,
    &s3::buckets::BUCKETS,
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
