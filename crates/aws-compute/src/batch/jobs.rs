//! Jobs. They are not collected with their queues: a region may keep very many of them, which must not hold up what is
//! few.

use std::collections::HashSet;

use aws_sdk_batch::Client;
use aws_sdk_batch::types::{EcsTaskDetails, JobDetail, JobQueueDetail, JobQueueType, JobStatus};
use orgraph_collect::prelude::*;

pub(crate) static JOBS: Collector = Collector {
    name: "batch_jobs",
    service: Service::BATCH,
    scope: Scope::Region,
    calls: &[
        call("DescribeJobQueues").lists("jobQueues"),
        call("ListJobs").lists("jobSummaryList"),
        call("DescribeJobs").lists("jobs"),
    ],
    entities: &[entity::<Job>()],
    relationships: &[rel(AWS_BATCH_JOB_QUEUE, Has, AWS_BATCH_JOB)],
    collect: |cx, out| Box::pin(jobs(cx, out)),
};

/// Every status, in the order in which a job has them: one that moves on during the listing comes twice rather than
/// never.
const STATUSES: [JobStatus; 7] = [
    JobStatus::Submitted,
    JobStatus::Pending,
    JobStatus::Runnable,
    JobStatus::Starting,
    JobStatus::Running,
    JobStatus::Succeeded,
    JobStatus::Failed,
];

/// How many jobs can be described at once.
const BATCH_SIZE: usize = 100;

/// A job: what became of it, never its command, parameters or environment. The parts of an array job are left out, and
/// AWS keeps a job for about a week after its end.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "fields are named as the properties are")]
struct Job {
    /// The job's ID.
    id: String,
    /// The same as `status`, under the name that it has for all processes.
    state: Option<String>,
    /// `SUBMITTED`, `PENDING`, `RUNNABLE`, `STARTING`, `RUNNING`, `SUCCEEDED` or `FAILED`.
    status: Option<String>,
    /// Why it is so, in AWS's words.
    status_reason: Option<String>,
    /// The queue that it was submitted to.
    job_queue_arn: String,
    /// The definition that it was made from, with the revision.
    job_definition_arn: Option<String>,
    /// When it was submitted, in milliseconds since the epoch.
    created_on: Option<i64>,
    /// When its last attempt began to run, in milliseconds since the epoch; `null` before.
    started_on: Option<i64>,
    /// When it ended, in milliseconds since the epoch; `null` before.
    stopped_on: Option<i64>,
    /// What its main container returned; `null` before its end, and where no container ran.
    exit_code: Option<i32>,
    /// How often it was tried so far.
    attempts: usize,
}

impl Entity for Job {
    const TYPE: EntityType = AWS_BATCH_JOB;
}

async fn jobs(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let batch = client!(aws_sdk_batch, BATCH, cx);
    let queues = pages!(cx, batch.describe_job_queues(), next_token).all(|it| it.job_queues).await?;
    let mut seen = HashSet::new();
    for queue in queues.into_iter().filter(holds_jobs) {
        let Some(queue) = queue.job_queue_arn else {
            out.skip(None, "a job queue without an ARN");
            continue;
        };
        for status in STATUSES {
            let read = jobs_of(cx, out, &batch, &queue, status, &mut seen).await;
            if let Detail::Unknown(error) = detail_pages(read)? {
                out.incomplete(&error);
            }
        }
    }
    Ok(())
}

/// Queues for `SageMaker` hold service jobs, which are another thing.
fn holds_jobs(queue: &JobQueueDetail) -> bool {
    queue.job_queue_type != Some(JobQueueType::SagemakerTraining)
}

async fn jobs_of(
    cx: &Cx,
    out: &mut Batch,
    batch: &Client,
    queue: &str,
    status: JobStatus,
    seen: &mut HashSet<String>,
) -> Result<(), CollectError> {
    let mut pages = pages!(cx, batch.list_jobs().job_queue(queue).job_status(status), next_token);
    while let Some(page) = pages.next().await? {
        let ids = page.job_summary_list.unwrap_or_default().into_iter().filter_map(|it| it.job_id);
        let ids: Vec<String> = ids.filter(|it| seen.insert(it.clone())).collect();
        for ids in ids.chunks(BATCH_SIZE) {
            let answer = batch.describe_jobs().set_jobs(Some(ids.to_vec())).send().await?;
            for listed in answer.jobs.unwrap_or_default() {
                job(cx, out, queue, listed);
            }
        }
    }
    Ok(())
}

fn job(cx: &Cx, out: &mut Batch, queue: &str, listed: JobDetail) {
    let exit_code = exit_code(&listed);
    let attempts = listed.attempts().len() + listed.eks_attempts().len();
    let (Some(arn), Some(id)) = (listed.job_arn, listed.job_id) else {
        return out.skip(None, "a job without an ARN or an ID");
    };
    let queue = listed.job_queue.filter(|it| it.starts_with("arn:")).unwrap_or_else(|| queue.to_owned());
    let status = listed.status.map(|it| it.as_str().to_owned());
    // Times that have not come yet are left out or zero.
    let come = |time: Option<i64>| time.filter(|it| *it > 0);

    out.add(
        &arn,
        listed.job_name.as_deref().unwrap_or(&id),
        &Job {
            state: status.clone(),
            status,
            status_reason: listed.status_reason,
            job_queue_arn: queue.clone(),
            job_definition_arn: listed.job_definition,
            created_on: come(listed.created_at),
            started_on: come(listed.started_at),
            stopped_on: come(listed.stopped_at),
            exit_code,
            attempts,
            id: id.clone(),
        },
    )
    .tags(listed.tags.unwrap_or_default())
    .web_link(cx.console(format_args!("batch/home?region={}#jobs/detail/{id}", cx.region())));
    out.link(AWS_BATCH_JOB_QUEUE.at(queue), Has, AWS_BATCH_JOB.at(arn));
}

/// What the one container returned, or the first essential one of several.
fn exit_code(listed: &JobDetail) -> Option<i32> {
    let one = listed.container().and_then(|it| it.exit_code);
    let several = || {
        let tasks = listed.ecs_properties()?.task_properties().iter();
        let mut containers = tasks.flat_map(EcsTaskDetails::containers);
        containers.find(|it| it.essential != Some(false))?.exit_code
    };
    one.or_else(several)
}
