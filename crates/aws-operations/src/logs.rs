//! CloudWatch Logs: log groups with their metric filters. An account may have hundreds of thousands of groups, so nothing
//! is asked for each, and some pages at a time are held and shaped.

use std::collections::{BTreeMap, HashMap};
use std::mem;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::{LogGroup as Listed, MetricFilter as ListedFilter};
use orgraph_collect::prelude::*;

use crate::tagged::{AT_ONCE, GET_RESOURCES, Tagged, tagged};

/// How many groups are gathered before their tags are asked for, in requests that run at the same time.
const GATHERED: usize = 8 * AT_ONCE;

pub(crate) static GROUPS: Collector = Collector {
    name: "logs_groups",
    service: Service::LOGS,
    scope: Scope::Region,
    calls: &[
        call("DescribeLogGroups").lists("logGroups"),
        call("DescribeMetricFilters").lists("metricFilters"),
        GET_RESOURCES,
    ],
    entities: &[entity::<Group>()],
    relationships: &[rel(AWS_CLOUDWATCH_LOGS, Has, AWS_CLOUDWATCH_LOG_GROUP)],
    collect: |cx, out| Box::pin(groups(cx, out)),
};

/// A log group and what is counted in it. Its events are contents and are never read.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Group {
    /// The group's name.
    id: String,
    /// The kind of logs, by the name of the group: the service in `/aws/{service}/…`, such as `lambda`, and `custom` for
    /// all other names.
    r#type: String,
    /// How long events are kept, in days; `null` for ever.
    retention_in_days: Option<i32>,
    /// Whether events are kept for ever.
    never_expire: bool,
    /// How much is stored, in bytes.
    stored_bytes: Option<i64>,
    /// How many metric filters it has.
    metric_filter_count: Option<i32>,
    /// Its metric filters, which turn events into the metrics that alarms watch.
    metric_filters: Vec<MetricFilter>,
    /// The ARN of the key that encrypts it; `null` for the key of AWS.
    kms_key_id: Option<String>,
    /// Whether it is encrypted with a key of KMS. Without one, AWS encrypts it with a key of its own.
    encrypted: bool,
    /// `STANDARD`, `INFREQUENT_ACCESS` or `DELIVERY`.
    log_group_class: Option<String>,
    /// When it was created, in milliseconds since the epoch.
    created_on: Option<i64>,
}

impl Entity for Group {
    const TYPE: EntityType = AWS_CLOUDWATCH_LOG_GROUP;
    const VOLATILE: &'static [&'static str] = &["storedBytes"];
}

/// A filter that counts events in a metric. One that feeds several metrics is there once for each.
#[derive(Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct MetricFilter {
    /// The filter's name.
    name: Option<String>,
    /// Which events it counts.
    pattern: Option<String>,
    /// The metric it feeds.
    metric_name: String,
    /// The namespace of the metric.
    metric_namespace: String,
}

/// The metrics that each filter of a log group feeds, by the names of the group and the filter.
type Filters = HashMap<String, BTreeMap<Option<String>, Vec<MetricFilter>>>;

async fn groups(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let logs = client!(aws_sdk_cloudwatchlogs, LOGS, cx);
    let tagging = client!(aws_sdk_resourcegroupstagging, TAGGING, cx);
    let mut pages = pages!(cx, logs.describe_log_groups(), next_token);
    let mut filters = None;
    let mut gathered = Vec::new();
    loop {
        let page = pages.next().await?;
        let is_last = page.is_none();
        gathered.extend(page.and_then(|it| it.log_groups).unwrap_or_default());
        if !is_last && gathered.len() < GATHERED {
            continue;
        }
        let listed = mem::take(&mut gathered);
        if filters.is_none() && listed.iter().any(has_filters) {
            filters = Some(detail_of_many(all_filters(cx, &logs).await)?);
        }
        let tags = tagged(cx, &tagging, listed.iter().filter_map(arn)).await?;
        for listed in &listed {
            group(cx, out, listed, filters.as_ref(), &tags);
        }
        if is_last {
            return Ok(());
        }
    }
}

fn has_filters(listed: &Listed) -> bool {
    listed.metric_filter_count() != Some(0)
}

/// The filters of all groups, in one listing. They are few, because somebody wrote each of them.
async fn all_filters(cx: &Cx, logs: &Client) -> Result<Filters, CollectError> {
    let mut filters = Filters::new();
    let mut pages = pages!(cx, logs.describe_metric_filters(), next_token);
    while let Some(page) = pages.next().await? {
        for listed in page.metric_filters.unwrap_or_default() {
            let metrics = metric_filters(&listed).collect();
            let group = filters.entry(listed.log_group_name.unwrap_or_default()).or_default();
            group.insert(listed.filter_name, metrics);
        }
    }
    Ok(filters)
}

fn group(cx: &Cx, out: &mut Batch, listed: &Listed, filters: Option<&Detail<Filters>>, tags: &Tagged) {
    let (Some(arn), Some(name)) = (arn(listed), listed.log_group_name()) else {
        return out.skip(None, "a log group without an ARN or a name");
    };
    let tags = tags.of(arn);
    let own = filters.and_then(Detail::known).and_then(|it| it.get(name));
    // The console encodes twice, with a dollar sign in place of the percent sign.
    let encoded = url_encoded(&url_encoded(name)).replace('%', "$");
    let page = format!("cloudwatch/home?region={}#logsV2:log-groups/log-group", cx.region());

    let added = out.add(
        arn,
        name,
        &Group {
            id: name.to_owned(),
            r#type: kind(name).to_owned(),
            retention_in_days: listed.retention_in_days,
            never_expire: listed.retention_in_days.is_none(),
            stored_bytes: listed.stored_bytes,
            metric_filter_count: listed.metric_filter_count,
            metric_filters: own.into_iter().flat_map(BTreeMap::values).flatten().cloned().collect(),
            encrypted: listed.kms_key_id.is_some(),
            kms_key_id: listed.kms_key_id.clone(),
            log_group_class: listed.log_group_class.as_ref().map(|it| it.as_str().to_owned()),
            created_on: listed.creation_time,
        },
    );
    let added = added
        .tags(tags.known().cloned().unwrap_or_default())
        .web_link(cx.console(format_args!("{page}/{encoded}")))
        .unknown(&tags, &["tags"]);
    if let Some(filters) = filters.filter(|_| has_filters(listed)) {
        added.unknown(filters, &["metricFilters"]);
    }
}

/// The ARN of the group itself. The older member means its streams and ends with `:*`.
fn arn(listed: &Listed) -> Option<&str> {
    listed.log_group_arn().or(listed.arn()).map(|it| it.strip_suffix(":*").unwrap_or(it))
}

fn kind(name: &str) -> &str {
    let service = name.strip_prefix("/aws/").and_then(|it| it.split('/').next());
    service.filter(|it| !it.is_empty()).unwrap_or("custom")
}

fn metric_filters(listed: &ListedFilter) -> impl Iterator<Item = MetricFilter> {
    listed.metric_transformations().iter().map(|metric| MetricFilter {
        name: listed.filter_name.clone(),
        pattern: listed.filter_pattern.clone(),
        metric_name: metric.metric_name.clone(),
        metric_namespace: metric.metric_namespace.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_tells_what_kind_of_logs_a_group_holds() {
        let check = |name: &str, expected: &str| assert_eq!(kind(name), expected, "{name}");

        check("/aws/lambda/orders", "lambda");
        check("/aws/vpc", "vpc");
        check("/aws/", "custom");
        check("orders", "custom");
    }
}
