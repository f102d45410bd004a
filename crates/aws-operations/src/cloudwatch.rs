//! CloudWatch: alarms on metrics.

use aws_sdk_cloudwatch::types::{AlarmType, MetricAlarm};
use orgraph_collect::prelude::*;

use crate::tagged::{GET_RESOURCES, Tagged, tagged};

/// The largest page that AWS gives.
const PAGE: i32 = 100;

pub(crate) static ALARMS: Collector = Collector {
    name: "cloudwatch_alarms",
    service: Service::CLOUDWATCH,
    scope: Scope::Region,
    calls: &[call("DescribeAlarms").lists("MetricAlarms"), GET_RESOURCES],
    entities: &[entity::<Alarm>()],
    relationships: &[rel(AWS_CLOUDWATCH, Has, AWS_CLOUDWATCH_METRIC_ALARM)],
    collect: |cx, out| Box::pin(alarms(cx, out)),
};

/// An alarm on a metric, or on an expression over several.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "fields are named as the properties are")]
struct Alarm {
    /// The alarm's name.
    id: String,
    /// Whether its actions are taken when its state changes.
    active: Option<bool>,
    /// The same, under the name of the setting.
    actions_enabled: Option<bool>,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    state: Option<String>,
    /// The metric; `null` for an expression over several.
    metric_name: Option<String>,
    /// The namespace of the metric.
    namespace: Option<String>,
    /// How the values of a period become one, such as `Average` or `p99`.
    statistic: Option<String>,
    /// What the metric is compared with; `null` for anomaly detection.
    threshold: Option<f64>,
    /// How it is compared, such as `GreaterThanThreshold`.
    comparison_operator: Option<String>,
    /// The length of a period, in seconds.
    period: Option<i32>,
    /// How many periods are looked at.
    evaluation_periods: Option<i32>,
    /// The ARNs of what is done or told when it goes off.
    alarm_actions: Vec<String>,
    /// The ARNs of what is done or told when all is well again.
    ok_actions: Vec<String>,
    /// What its owner says about it.
    description: Option<String>,
    /// When its settings last changed, in milliseconds since the epoch.
    updated_on: Option<i64>,
}

impl Entity for Alarm {
    const TYPE: EntityType = AWS_CLOUDWATCH_METRIC_ALARM;
}

async fn alarms(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let cloudwatch = client!(aws_sdk_cloudwatch, CLOUDWATCH, cx);
    let tagging = client!(aws_sdk_resourcegroupstagging, TAGGING, cx);
    let request = cloudwatch.describe_alarms().alarm_types(AlarmType::MetricAlarm).max_records(PAGE);
    let mut pages = pages!(cx, request, next_token);
    while let Some(page) = pages.next().await? {
        let listed = page.metric_alarms.unwrap_or_default();
        let tags = tagged(cx, &tagging, listed.iter().filter_map(MetricAlarm::alarm_arn)).await?;
        for listed in listed {
            alarm(cx, out, listed, &tags);
        }
    }
    Ok(())
}

fn alarm(cx: &Cx, out: &mut Batch, listed: MetricAlarm, tags: &Tagged) {
    let (Some(arn), Some(name)) = (listed.alarm_arn, listed.alarm_name) else {
        return out.skip(None, "an alarm without an ARN or a name");
    };
    let statistic = listed.statistic.map(|it| it.as_str().to_owned());
    let tags = tags.of(&arn);
    let page = format!("cloudwatch/home?region={}#alarmsV2:alarm", cx.region());

    out.add(
        &arn,
        &name,
        &Alarm {
            id: name.clone(),
            active: listed.actions_enabled,
            actions_enabled: listed.actions_enabled,
            state: listed.state_value.map(|it| it.as_str().to_owned()),
            metric_name: listed.metric_name,
            namespace: listed.namespace,
            statistic: statistic.or(listed.extended_statistic),
            threshold: listed.threshold,
            comparison_operator: listed.comparison_operator.map(|it| it.as_str().to_owned()),
            period: listed.period,
            evaluation_periods: listed.evaluation_periods,
            alarm_actions: listed.alarm_actions.unwrap_or_default(),
            ok_actions: listed.ok_actions.unwrap_or_default(),
            description: listed.alarm_description,
            updated_on: listed.alarm_configuration_updated_timestamp.as_ref().and_then(millis),
        },
    )
    .tags(tags.known().cloned().unwrap_or_default())
    .web_link(cx.console(format_args!("{page}/{}", url_encoded(&name))))
    .unknown(&tags, &["tags"]);
}
