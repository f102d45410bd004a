//! CloudFormation.

use aws_sdk_cloudformation::types::Stack as Listed;
use orgraph_collect::prelude::*;

pub(crate) static STACKS: Collector = Collector {
    name: "cloudformation_stacks",
    service: Service::CLOUDFORMATION,
    scope: Scope::Region,
    calls: &[call("DescribeStacks")],
    entities: &[entity::<Stack>()],
    relationships: &[rel(AWS_CLOUDFORMATION, Has, AWS_CLOUDFORMATION_STACK)],
    collect: |cx, out| Box::pin(stacks(cx, out)),
};

/// A stack: its state and the names of its parameters and outputs, never their values or the template. Stacks that were
/// deleted are not listed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Stack {
    /// The stack's name.
    id: String,
    /// What its template says about it.
    description: Option<String>,
    /// The state, such as `CREATE_COMPLETE` or `UPDATE_ROLLBACK_FAILED`.
    status: Option<String>,
    /// Why it is in this state, in the words of AWS.
    status_reason: Option<String>,
    /// Whether its resources are in place and nothing is left to do: the state ends with `_COMPLETE`, and it is neither
    /// that of a deletion nor that of a creation that was rolled back.
    active: Option<bool>,
    /// The ARN of the role that CloudFormation acts as; `null` when it acts as the user.
    role_arn: Option<String>,
    /// What it may do beyond plain resources, such as `CAPABILITY_NAMED_IAM`.
    capabilities: Vec<String>,
    /// The names of its parameters.
    parameter_names: Vec<String>,
    /// The names of its outputs.
    output_names: Vec<String>,
    /// Whether it is protected from being deleted. A nested stack has the setting of its root.
    termination_protection: Option<bool>,
    /// Whether its resources still are as its template says: `IN_SYNC`, `DRIFTED`, `NOT_CHECKED` or `UNKNOWN`.
    drift_status: Option<String>,
    /// The stack that this one is nested in.
    parent_id: Option<String>,
    /// The outermost stack that this one is nested in.
    root_id: Option<String>,
    /// The topics that its events are sent to.
    notification_arns: Vec<String>,
    /// When it was created, in milliseconds since the epoch.
    created_on: Option<i64>,
    /// When it was last updated, in milliseconds since the epoch; `null` when it never was.
    updated_on: Option<i64>,
}

impl Entity for Stack {
    const TYPE: EntityType = AWS_CLOUDFORMATION_STACK;
}

async fn stacks(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let cloudformation = client!(aws_sdk_cloudformation, CLOUDFORMATION, cx);
    let mut pages = pages!(cx, cloudformation.describe_stacks(), next_token);
    while let Some(page) = pages.next().await? {
        for listed in page.stacks.unwrap_or_default() {
            stack(cx, out, listed);
        }
    }
    Ok(())
}

fn stack(cx: &Cx, out: &mut Batch, listed: Listed) {
    let (Some(arn), Some(name)) = (listed.stack_id, listed.stack_name) else {
        return out.skip(None, "a stack without an ID or a name");
    };
    let status = listed.stack_status.map(|it| it.as_str().to_owned());
    let drift = listed.drift_information.and_then(|it| it.stack_drift_status);
    let page = format!("cloudformation/home?region={}#/stacks/stackinfo", cx.region());

    out.add(
        &arn,
        &name,
        &Stack {
            id: name.clone(),
            description: listed.description,
            active: status.as_deref().map(is_active),
            status,
            status_reason: listed.stack_status_reason,
            role_arn: listed.role_arn,
            capabilities: listed
                .capabilities
                .unwrap_or_default()
                .iter()
                .map(|it| it.as_str().to_owned())
                .collect(),
            parameter_names: listed
                .parameters
                .unwrap_or_default()
                .into_iter()
                .filter_map(|it| it.parameter_key)
                .collect(),
            output_names: listed
                .outputs
                .unwrap_or_default()
                .into_iter()
                .filter_map(|it| it.output_key)
                .collect(),
            termination_protection: listed.enable_termination_protection,
            drift_status: drift.map(|it| it.as_str().to_owned()),
            parent_id: listed.parent_id,
            root_id: listed.root_id,
            notification_arns: listed.notification_arns.unwrap_or_default(),
            created_on: listed.creation_time.as_ref().and_then(millis),
            updated_on: listed.last_updated_time.as_ref().and_then(millis),
        },
    )
    .tags(tags(listed.tags.unwrap_or_default().into_iter().map(|it| (it.key, it.value))))
    .web_link(cx.console(format_args!("{page}?stackId={}", url_encoded(&arn))));
}

fn is_active(status: &str) -> bool {
    status.ends_with("_COMPLETE") && !matches!(status, "DELETE_COMPLETE" | "ROLLBACK_COMPLETE")
}
