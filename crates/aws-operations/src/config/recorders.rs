//! What Config records in a region, and whether it does.

use std::collections::HashMap;

use aws_sdk_config::types::{ConfigurationRecorder, ConfigurationRecorderStatus, ResourceType};
use orgraph_collect::prelude::*;

pub(crate) static RECORDERS: Collector = Collector {
    name: "config_recorders",
    service: Service::CONFIG,
    scope: Scope::Region,
    calls: &[
        call("DescribeConfigurationRecorders").lists("ConfigurationRecorders"),
        call("DescribeConfigurationRecorderStatus").lists("ConfigurationRecordersStatus"),
    ],
    entities: &[entity::<Recorder>()],
    relationships: &[rel(AWS_CONFIG, Has, AWS_CONFIG_RECORDER)],
    collect: |cx, out| Box::pin(recorders(cx, out)),
};

/// A recorder of configurations. A region without one records nothing.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Recorder {
    /// Whether it records now.
    recording: Option<bool>,
    /// The same.
    active: Option<bool>,
    /// Whether it records every type of resource that is supported.
    all_supported: Option<bool>,
    /// Whether it records resources without a region, such as those of IAM.
    include_global_resource_types: Option<bool>,
    /// The types it records, where it does not record all.
    resource_types: Vec<String>,
    /// The types it leaves out.
    exclusion_resource_types: Vec<String>,
    /// `ALL_SUPPORTED_RESOURCE_TYPES`, `INCLUSION_BY_RESOURCE_TYPES` or `EXCLUSION_BY_RESOURCE_TYPES`.
    recording_strategy: Option<String>,
    /// `CONTINUOUS` or `DAILY`.
    recording_frequency: Option<String>,
    /// The ARN of the role that it reads as.
    role_arn: Option<String>,
    /// How its last delivery ended: `Success`, `Failure`, `Pending` or `NotApplicable`.
    last_status: Option<String>,
    /// Why its last delivery failed.
    last_error_code: Option<String>,
}

impl Entity for Recorder {
    const TYPE: EntityType = AWS_CONFIG_RECORDER;
}

async fn recorders(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let config = client!(aws_sdk_config, CONFIG, cx);
    let answer = config.describe_configuration_recorders().send().await?;
    let listed = answer.configuration_recorders.unwrap_or_default();
    if listed.is_empty() {
        return Ok(());
    }
    let status = detail(config.describe_configuration_recorder_status().send().await)?;
    let status = status.map(|it| it.and_then(|it| it.configuration_recorders_status).unwrap_or_default());
    let status = status.map(by_name);
    for listed in listed {
        recorder(cx, out, listed, &status);
    }
    Ok(())
}

type Statuses = HashMap<String, ConfigurationRecorderStatus>;

fn by_name(listed: Vec<ConfigurationRecorderStatus>) -> Statuses {
    listed.into_iter().filter_map(|it| Some((it.name.clone()?, it))).collect()
}

fn recorder(cx: &Cx, out: &mut Batch, listed: ConfigurationRecorder, statuses: &Detail<Statuses>) {
    let Some(name) = listed.name else {
        return out.skip(None, "a recorder without a name");
    };
    let status = statuses.known().and_then(|it| it.get(&name));
    let group = listed.recording_group;
    let strategy = group.as_ref().and_then(|it| it.recording_strategy.as_ref()?.use_only.as_ref());
    let excluded = group.as_ref().and_then(|it| it.exclusion_by_resource_types.as_ref());
    let page = format!("config/home?region={}#/settings", cx.region());

    out.add(
        cx.arn("config", format_args!("configuration-recorder/{name}")),
        &name,
        &Recorder {
            recording: status.map(|it| it.recording),
            active: status.map(|it| it.recording),
            all_supported: group.as_ref().map(|it| it.all_supported),
            include_global_resource_types: group.as_ref().map(|it| it.include_global_resource_types),
            resource_types: group.as_ref().map(|it| names(it.resource_types())).unwrap_or_default(),
            exclusion_resource_types: excluded.map(|it| names(it.resource_types())).unwrap_or_default(),
            recording_strategy: strategy.map(|it| it.as_str().to_owned()),
            recording_frequency: listed.recording_mode.map(|it| it.recording_frequency.as_str().to_owned()),
            role_arn: listed.role_arn,
            last_status: status.and_then(|it| it.last_status.as_ref()).map(|it| it.as_str().to_owned()),
            last_error_code: status.and_then(|it| it.last_error_code.clone()),
        },
    )
    .web_link(cx.console(page))
    .unknown(statuses, &["recording", "active", "lastStatus", "lastErrorCode"]);
}

fn names(types: &[ResourceType]) -> Vec<String> {
    types.iter().map(|it| it.as_str().to_owned()).collect()
}
