//! Job queues.

use aws_sdk_batch::types::{JobQueueDetail, JqState, JqStatus};
use orgraph_collect::prelude::*;

pub(crate) static JOB_QUEUES: Collector = Collector {
    name: "batch_job_queues",
    service: Service::BATCH,
    scope: Scope::Region,
    calls: &[call("DescribeJobQueues").lists("jobQueues")],
    entities: &[entity::<JobQueue>()],
    relationships: &[rel(AWS_BATCH, Has, AWS_BATCH_JOB_QUEUE)],
    collect: |cx, out| Box::pin(job_queues(cx, out)),
};

/// A queue in which jobs wait for capacity.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct JobQueue {
    /// The queue's name.
    id: String,
    /// `ENABLED` or `DISABLED`: whether it takes new jobs.
    state: Option<String>,
    /// `VALID`, `INVALID`, `CREATING`, `UPDATING`, `DELETING` or `DELETED`.
    status: Option<String>,
    /// Whether it is enabled and valid.
    active: Option<bool>,
    /// Which queue comes first where several share a compute environment: the one with the higher number.
    priority: Option<i32>,
    /// `ECS`, `ECS_FARGATE`, `ECS_MANAGED_INSTANCES`, `EKS` or `SAGEMAKER_TRAINING`.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// The policy that shares it fairly; `null` for first come, first served.
    scheduling_policy_arn: Option<String>,
    /// The compute environments that its jobs run on, the preferred one first.
    compute_environment_arns: Vec<String>,
}

impl Entity for JobQueue {
    const TYPE: EntityType = AWS_BATCH_JOB_QUEUE;
}

async fn job_queues(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let batch = client!(aws_sdk_batch, BATCH, cx);
    let mut pages = pages!(cx, batch.describe_job_queues(), next_token);
    while let Some(page) = pages.next().await? {
        for listed in page.job_queues.unwrap_or_default() {
            job_queue(cx, out, listed);
        }
    }
    Ok(())
}

fn job_queue(cx: &Cx, out: &mut Batch, listed: JobQueueDetail) {
    let (Some(arn), Some(name)) = (listed.job_queue_arn, listed.job_queue_name) else {
        return out.skip(None, "a job queue without an ARN or a name");
    };
    let enabled = listed.state.as_ref().map(|it| *it == JqState::Enabled);
    let valid = listed.status.as_ref().map(|it| *it == JqStatus::Valid);
    let mut environments = listed.compute_environment_order.unwrap_or_default();
    environments.sort_by_key(|it| it.order);

    out.add(
        &arn,
        &name,
        &JobQueue {
            id: name.clone(),
            state: listed.state.map(|it| it.as_str().to_owned()),
            status: listed.status.map(|it| it.as_str().to_owned()),
            active: enabled.zip(valid).map(|(enabled, valid)| enabled && valid),
            priority: listed.priority,
            kind: listed.job_queue_type.map(|it| it.as_str().to_owned()),
            scheduling_policy_arn: listed.scheduling_policy_arn.filter(|it| !it.is_empty()),
            compute_environment_arns: environments
                .into_iter()
                .filter_map(|it| it.compute_environment)
                .collect(),
        },
    )
    .tags(listed.tags.unwrap_or_default())
    .web_link(cx.console(format_args!("batch/home?region={}#queues/detail/{arn}", cx.region())));
}
