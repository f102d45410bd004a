#![doc = include_str!("../README.md")]

mod dynamodb;
mod efs;
mod elasticache;
mod links;
mod opensearch;
mod rds;
mod redshift;
mod s3;
mod shape;
mod transfer;

use orgraph_collect::Collector;

/// The collectors of this family.
pub static COLLECTORS: &[&Collector] = &[
    &dynamodb::TABLES,
    &efs::FILE_SYSTEMS,
    &elasticache::CLUSTERS,
    &opensearch::DOMAINS,
    &rds::clusters::CLUSTERS,
    &rds::instances::INSTANCES,
    &rds::snapshots::SNAPSHOTS,
    &rds::cluster_snapshots::CLUSTER_SNAPSHOTS,
    &redshift::CLUSTERS,
    &s3::buckets::BUCKETS,
    &transfer::SERVERS,
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
