//! CloudTrail. A trail is written by its owner in its home region; its copies in other regions and in the members of an
//! organization are the same trail.

mod selectors;

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::operation::get_event_selectors::GetEventSelectorsOutput;
use aws_sdk_cloudtrail::operation::get_trail_status::GetTrailStatusOutput;
use aws_sdk_cloudtrail::types::{ResourceTag, Trail as Listed};
use orgraph_collect::prelude::*;

use crate::keys;

use selectors::{Selected, selected};

/// How many trails one request for tags may name.
const TAGGED_AT_ONCE: usize = 20;

pub(crate) static TRAILS: Collector = Collector {
    name: "cloudtrail_trails",
    service: Service::CLOUDTRAIL,
    scope: Scope::Region,
    calls: &[
        call("DescribeTrails").lists("trailList"),
        call("GetTrailStatus").lists("IsLogging"),
        call("GetEventSelectors").lists("TrailARN"),
        call("ListTags").lists("ResourceTagList"),
    ],
    entities: &[entity::<Trail>()],
    relationships: &[
        rel(AWS_ACCOUNT, Has, AWS_CLOUDTRAIL),
        rel(AWS_CLOUDTRAIL, Logs, AWS_S3_BUCKET),
        rel(AWS_CLOUDTRAIL, Logs, AWS_CLOUDWATCH_LOG_GROUP),
    ],
    collect: |cx, out| Box::pin(trails(cx, out)),
};

/// A trail: which events are logged, and where to. The events themselves are never read.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "fields are named as the properties are")]
struct Trail {
    /// The trail's name.
    id: String,
    /// `security`.
    category: Vec<&'static str>,
    /// `auditing` and `logging`.
    function: Vec<&'static str>,
    /// Whether it is logging now.
    active: Option<bool>,
    /// The same, under the name of the setting.
    logging_enabled: Option<bool>,
    /// Whether it logs the events of all regions.
    multi_region: Option<bool>,
    /// Whether it logs the events of all accounts of the organization. Its members have no trail of their own then.
    organization_trail: Option<bool>,
    /// The region it was created in.
    home_region: Option<String>,
    /// The bucket that the log files are written to, which may belong to another account.
    s3_bucket_name: Option<String>,
    /// The log group that events are sent to; `null` for none.
    log_group_arn: Option<String>,
    /// The ARN of the key that encrypts the log files; `null` for the key of S3.
    kms_key_id: Option<String>,
    /// Whether the log files are encrypted with a key of KMS.
    encrypted: bool,
    /// Whether digests are written by which changed log files can be told.
    log_file_validation_enabled: Option<bool>,
    /// Whether events of services without regions, such as IAM, are logged.
    include_global_service_events: Option<bool>,
    /// The topic that is told of new log files.
    sns_topic_arn: Option<String>,
    /// Which management events are logged without exception by name or by user: `All`, `ReadOnly`, `WriteOnly` or `None`.
    management_events: Option<&'static str>,
    /// The services whose management events are left out, such as `kms.amazonaws.com`.
    excluded_management_event_sources: Option<Vec<String>>,
    /// Which events on the objects of the buckets in `s3DataEventResources` are logged: `All`, `ReadOnly`, `WriteOnly` or
    /// `None`.
    s3_data_events: Option<&'static str>,
    /// The ARNs of objects, as prefixes, whose events are logged; `arn:aws:s3` stands for all buckets.
    s3_data_event_resources: Option<Vec<String>>,
    /// Which invocations of functions are logged: `All`, `ReadOnly`, `WriteOnly` or `None`.
    lambda_data_events: Option<&'static str>,
    /// Whether the events are chosen by advanced selectors.
    advanced_event_selectors: Option<bool>,
}

impl Entity for Trail {
    const TYPE: EntityType = AWS_CLOUDTRAIL;
}

/// What is asked about each trail.
struct Details {
    status: Detail<Option<GetTrailStatusOutput>>,
    selectors: Detail<Option<GetEventSelectorsOutput>>,
}

async fn trails(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let cloudtrail = client!(aws_sdk_cloudtrail, CLOUDTRAIL, cx);
    let answer = cloudtrail.describe_trails().include_shadow_trails(false).send().await?;
    let listed = answer.trail_list.unwrap_or_default().into_iter().filter(|it| is_original(cx, it));
    let listed: Vec<Listed> = listed.collect();
    let tags = tag_lists(cx, &cloudtrail, &listed).await?;
    let details = |listed: Listed| async {
        let arn = listed.trail_arn().unwrap_or_default();
        let status = detail(cloudtrail.get_trail_status().name(arn).send().await)?;
        let selectors = detail(cloudtrail.get_event_selectors().trail_name(arn).send().await)?;
        Ok::<_, CollectError>((listed, Details { status, selectors }))
    };
    for detailed in cx.concurrently(listed, details).await {
        let (listed, details) = detailed?;
        trail(cx, out, listed, &details, &tags);
    }
    Ok(())
}

/// A member of an organization may see the trail of the organization, and a region the trails of others, even where it
/// asks not to.
fn is_original(cx: &Cx, listed: &Listed) -> bool {
    let owner = listed.trail_arn().and_then(|it| it.split(':').nth(4));
    cx.owns(owner) && listed.home_region().is_none_or(|it| it == cx.region().as_str())
}

async fn tag_lists(
    cx: &Cx,
    cloudtrail: &Client,
    listed: &[Listed],
) -> Result<Detail<Vec<ResourceTag>>, CollectError> {
    let arns: Vec<String> = listed.iter().filter_map(|it| it.trail_arn.clone()).collect();
    let mut lists = Vec::new();
    for arns in arns.chunks(TAGGED_AT_ONCE) {
        let pages = pages!(cx, cloudtrail.list_tags().set_resource_id_list(Some(arns.to_vec())), next_token);
        match detail_pages(pages.all(|it| it.resource_tag_list).await)? {
            Detail::Known(found) => lists.extend(found.unwrap_or_default()),
            Detail::Unknown(error) => return Ok(Detail::Unknown(error)),
        }
    }
    Ok(Detail::Known(lists))
}

fn trail(cx: &Cx, out: &mut Batch, listed: Listed, details: &Details, tag_lists: &Detail<Vec<ResourceTag>>) {
    let (Some(arn), Some(name)) = (listed.trail_arn, listed.name) else {
        return out.skip(None, "a trail without an ARN or a name");
    };
    let trail = AWS_CLOUDTRAIL.at(&arn);
    let logging = details.status.known().and_then(|it| it.as_ref()?.is_logging);
    let chosen = details.selectors.known().and_then(Option::as_ref);
    let chosen: Option<Selected> = chosen.map(|it| selected(it, &format!("arn:{}:s3", cx.partition())));
    let log_group = listed.cloud_watch_logs_log_group_arn.filter(|it| !it.is_empty());
    let log_group = log_group.map(|it| it.strip_suffix(":*").unwrap_or(&it).to_owned());
    let tag_list = tag_lists.known().into_iter().flatten();
    let tag_list =
        tag_list.filter(|it| it.resource_id() == Some(arn.as_str())).flat_map(ResourceTag::tags_list);
    let page = format!("cloudtrail/home?region={}#/trails", cx.region());

    out.link(keys::account(cx), Has, trail.clone());
    if let Some(bucket) = &listed.s3_bucket_name {
        let bucket = AWS_S3_BUCKET.at(format!("arn:{}:s3:::{bucket}", cx.partition()));
        out.link(trail.clone(), Logs, bucket);
    }
    if let Some(log_group) = &log_group {
        out.link(trail, Logs, AWS_CLOUDWATCH_LOG_GROUP.at(log_group));
    }
    out.add(
        &arn,
        &name,
        &Trail {
            id: name.clone(),
            category: vec!["security"],
            function: vec!["auditing", "logging"],
            active: logging,
            logging_enabled: logging,
            multi_region: listed.is_multi_region_trail,
            organization_trail: listed.is_organization_trail,
            home_region: listed.home_region,
            s3_bucket_name: listed.s3_bucket_name,
            log_group_arn: log_group,
            encrypted: listed.kms_key_id.is_some(),
            kms_key_id: listed.kms_key_id,
            log_file_validation_enabled: listed.log_file_validation_enabled,
            include_global_service_events: listed.include_global_service_events,
            sns_topic_arn: listed.sns_topic_arn,
            management_events: chosen.as_ref().map(|it| it.management.name()),
            s3_data_events: chosen.as_ref().map(|it| it.s3.name()),
            lambda_data_events: chosen.as_ref().map(|it| it.lambda.name()),
            advanced_event_selectors: chosen.as_ref().map(|it| it.advanced),
            s3_data_event_resources: chosen.as_ref().map(|it| it.s3_resources.iter().cloned().collect()),
            excluded_management_event_sources: chosen
                .map(|it| it.excluded_management_sources.into_iter().collect()),
        },
    )
    .tags(tags(tag_list.map(|it| (Some(it.key.clone()), it.value.clone()))))
    .web_link(cx.console(format_args!("{page}/{}", url_encoded(&arn))))
    .unknown(&details.status, &["active", "loggingEnabled"])
    .unknown(
        &details.selectors,
        &[
            "managementEvents",
            "excludedManagementEventSources",
            "s3DataEvents",
            "s3DataEventResources",
            "lambdaDataEvents",
            "advancedEventSelectors",
        ],
    )
    .unknown(tag_lists, &["tags"]);
}
