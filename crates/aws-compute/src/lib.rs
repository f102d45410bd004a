#![doc = include_str!("../README.md")]

mod batch;
mod ecs;
mod lambda;

use orgraph_collect::Collector;

/// The collectors of this family.
pub static COLLECTORS: &[&Collector] = &[
    &batch::compute_environments::COMPUTE_ENVIRONMENTS,
    &batch::job_definitions::JOB_DEFINITIONS,
    &batch::job_queues::JOB_QUEUES,
    &batch::jobs::JOBS,
    &ecs::clusters::CLUSTERS,
    &ecs::task_definitions::TASK_DEFINITIONS,
    &lambda::FUNCTIONS,
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
