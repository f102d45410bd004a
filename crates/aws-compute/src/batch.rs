//! AWS Batch.

pub(crate) mod compute_environments;
pub(crate) mod job_definitions;
pub(crate) mod job_queues;
pub(crate) mod jobs;
