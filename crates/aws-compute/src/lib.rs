#![doc = include_str!("../README.md")]

mod autoscaling;
mod batch;
mod ecr;
mod ecs;
mod eks;
mod lambda;
mod workspaces;

use orgraph_collect::Collector;

/// The collectors of this family.
pub static COLLECTORS: &[&Collector] = &[
    &autoscaling::GROUPS,
    &batch::compute_environments::COMPUTE_ENVIRONMENTS,
    &batch::job_definitions::JOB_DEFINITIONS,
    &batch::job_queues::JOB_QUEUES,
    &batch::jobs::JOBS,
    &ecr::REPOSITORIES,
    &ecs::clusters::CLUSTERS,
    &ecs::task_definitions::TASK_DEFINITIONS,
    &eks::CLUSTERS,
    &lambda::FUNCTIONS,
    &workspaces::WORKSPACES,
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
