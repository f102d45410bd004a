//! Amazon `GuardDuty`: detectors and their findings.
//!
//! The detector of a delegated administrator lists the findings of its members too. Each member's own detector has
//! them as well, and writes them.

use std::collections::BTreeSet;

use aws_sdk_guardduty::Client;
use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use aws_sdk_guardduty::types::{
    Condition, DetectorStatus, FeatureStatus, Finding as Listed, FindingCriteria, Resource,
};
use orgraph_collect::prelude::*;

/// How many findings can be read at once, and so how many one page lists.
const BATCH: i32 = 50;

pub(crate) static DETECTORS: Collector = Collector {
    name: "guardduty_detectors",
    service: Service::GUARDDUTY,
    scope: Scope::Region,
    calls: &[
        call("ListDetectors").lists("detectorIds"),
        call("GetDetector").lists("status"),
        call("ListFindings").lists("findingIds"),
        call("GetFindings").lists("findings"),
    ],
    entities: &[entity::<Detector>(), entity::<Finding>()],
    relationships: &[
        rel(AWS_GUARDDUTY, Has, AWS_GUARDDUTY_DETECTOR),
        rel(AWS_GUARDDUTY_DETECTOR, Identified, AWS_GUARDDUTY_FINDING),
        rel(AWS_INSTANCE, Has, AWS_GUARDDUTY_FINDING),
    ],
    collect: |cx, out| Box::pin(detectors(cx, out)),
};

/// The detector of one region: whether threats are looked for, and in what.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Detector {
    /// The detector's ID.
    id: String,
    /// `system`.
    category: Vec<String>,
    /// What it does, in one sentence.
    summary: String,
    /// Whether it belongs to the account: always true.
    internal: bool,
    /// `ENABLED` or `DISABLED`.
    status: Option<String>,
    /// Whether it is enabled.
    active: Option<bool>,
    /// How often findings that come again are published, such as `SIX_HOURS`.
    finding_publishing_frequency: Option<String>,
    /// The role that it reads logs with.
    service_role: Option<String>,
    /// The features that are enabled, such as `S3_DATA_EVENTS`.
    enabled_features: Option<Vec<String>>,
    /// When it was created, in milliseconds since the epoch.
    created_on: Option<i64>,
    /// When it was last changed, in milliseconds since the epoch.
    updated_on: Option<i64>,
}

impl Entity for Detector {
    const TYPE: EntityType = AWS_GUARDDUTY_DETECTOR;
}

/// A threat that was found and not archived. What was seen on the wire or in a container is left out.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "fields are named as the properties are")]
struct Finding {
    /// The finding's ID.
    id: String,
    /// `threat-detection`.
    category: String,
    /// `Critical`, `High`, `Medium` or `Low`.
    severity: Option<String>,
    /// The severity as a number from 0 to 10.
    numeric_severity: Option<f64>,
    /// Whether it waits for somebody: true until it is archived.
    open: bool,
    /// The type, such as `Recon:EC2/PortProbeUnprotectedPort`.
    #[serde(rename = "type")]
    finding_type: Option<String>,
    /// What was found, in one line.
    title: Option<String>,
    /// What was found, in a sentence.
    description: Option<String>,
    /// What kind of thing it is about, such as `Instance` or `AccessKey`.
    resource_type: Option<String>,
    /// What it is about: ARNs, and IDs of instances and access keys.
    targets: Vec<String>,
    /// How often it was seen.
    count: Option<i32>,
    /// When it was last seen, in milliseconds since the epoch.
    updated_on: Option<i64>,
    /// When it was first reported, in milliseconds since the epoch.
    created_on: Option<i64>,
    /// The detector that found it.
    detector_id: String,
    /// The account of what it is about.
    resource_account_id: Option<String>,
}

impl Entity for Finding {
    const TYPE: EntityType = AWS_GUARDDUTY_FINDING;
}

async fn detectors(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let guardduty = client!(aws_sdk_guardduty, GUARDDUTY, cx);
    let mut pages = pages!(cx, guardduty.list_detectors(), next_token);
    while let Some(page) = pages.next().await? {
        for id in page.detector_ids.unwrap_or_default() {
            let arn = cx.arn("guardduty", format_args!("detector/{id}"));
            let answer = detail(guardduty.get_detector().detector_id(&id).send().await)?;
            detector(cx, out, &id, &arn, &answer);
            findings(cx, out, &guardduty, &id, &arn).await?;
        }
    }
    Ok(())
}

/// Reads the findings of one detector, page by page. What fails here leaves the detector as it is.
async fn findings(
    cx: &Cx,
    out: &mut Batch,
    guardduty: &Client,
    detector_id: &str,
    detector_arn: &str,
) -> Result<(), CollectError> {
    let is = |value: &str| Condition::builder().equals(value).build();
    let criteria = FindingCriteria::builder()
        .criterion("accountId", is(cx.account().as_str()))
        .criterion("service.archived", is("false"))
        .build();
    let request = guardduty.list_findings().detector_id(detector_id);
    let mut pages = pages!(cx, request.finding_criteria(criteria).max_results(BATCH), next_token);
    loop {
        let ids = match detail_pages(pages.next().await)? {
            Detail::Known(Some(Some(page))) => page.finding_ids.unwrap_or_default(),
            Detail::Known(_) => return Ok(()),
            Detail::Unknown(error) => {
                out.incomplete(&error);
                return Ok(());
            }
        };
        if ids.is_empty() {
            continue;
        }
        let request = guardduty.get_findings().detector_id(detector_id).set_finding_ids(Some(ids.clone()));
        let answer =
            detail(request.send().await)?.map(|it| it.and_then(|it| it.findings).unwrap_or_default());
        let key = |id: &str| Key::from(format!("{detector_arn}/finding/{id}"));
        match answer {
            Detail::Known(read) => {
                for id in ids.iter().filter(|id| !read.iter().any(|it| it.id.as_ref() == Some(*id))) {
                    out.skip(Some(key(id)), "a finding that was listed and not given");
                }
                for listed in read {
                    finding(cx, out, detector_id, detector_arn, listed);
                }
            }
            unknown @ Detail::Unknown(_) => ids.iter().for_each(|id| out.keep(key(id), &unknown)),
        }
    }
}

fn detector(cx: &Cx, out: &mut Batch, id: &str, arn: &str, answer: &Detail<Option<GetDetectorOutput>>) {
    let described = match answer {
        Detail::Known(None) => return out.skip(Some(arn.into()), "a detector deleted while it was read"),
        Detail::Known(Some(described)) => Some(described),
        Detail::Unknown(_) => None,
    };
    let enabled_features = described.map(|it| {
        let enabled = it.features().iter().filter(|it| it.status == Some(FeatureStatus::Enabled));
        enabled.filter_map(|it| it.name.as_ref()).map(|it| it.as_str().to_owned()).collect()
    });
    let status = described.and_then(|it| it.status.as_ref());
    let frequency = described.and_then(|it| it.finding_publishing_frequency.as_ref());

    out.add(
        arn,
        id,
        &Detector {
            id: id.to_owned(),
            category: vec!["system".to_owned()],
            summary: format!("Looks for threats to account {} in {}", cx.account(), cx.region()),
            internal: true,
            active: status.map(|it| *it == DetectorStatus::Enabled),
            status: status.map(|it| it.as_str().to_owned()),
            finding_publishing_frequency: frequency.map(|it| it.as_str().to_owned()),
            service_role: described.and_then(|it| it.service_role.clone()),
            enabled_features,
            created_on: described.and_then(|it| iso_millis(it.created_at()?)),
            updated_on: described.and_then(|it| iso_millis(it.updated_at()?)),
        },
    )
    .tags(described.and_then(|it| it.tags.clone()).unwrap_or_default())
    .web_link(cx.console(format_args!("guardduty/home?region={}#/settings", cx.region())))
    .unknown(
        answer,
        &[
            "active",
            "createdOn",
            "enabledFeatures",
            "findingPublishingFrequency",
            "serviceRole",
            "status",
            "tags",
            "updatedOn",
        ],
    );
}

fn finding(cx: &Cx, out: &mut Batch, detector_id: &str, detector_arn: &str, listed: Listed) {
    if !cx.owns(listed.account_id.as_deref()) {
        return;
    }
    let Some(id) = listed.id else {
        return out.skip(None, "a finding without an ID");
    };
    let key = listed.arn.unwrap_or_else(|| format!("{detector_arn}/finding/{id}"));
    let finding = AWS_GUARDDUTY_FINDING.at(&key);
    let resource = listed.resource.as_ref();
    let instance_id = resource.and_then(|it| it.instance_details.as_ref()?.instance_id.as_deref());

    out.link(AWS_GUARDDUTY_DETECTOR.at(detector_arn), Identified, finding.clone());
    // The nodes of other clouds and of containers have no instance.
    if let Some(instance_id) = instance_id.filter(|it| it.starts_with("i-")) {
        let instance = AWS_INSTANCE.at(cx.arn("ec2", format_args!("instance/{instance_id}")));
        out.link(instance, Has, finding);
    }

    let link = format!("guardduty/home?region={}#/findings?macros=current&fId={id}", cx.region());
    out.add(
        key,
        listed.title.clone().unwrap_or_else(|| id.clone()),
        &Finding {
            id,
            category: "threat-detection".to_owned(),
            severity: listed.severity.map(|it| severity(it).to_owned()),
            numeric_severity: listed.severity,
            open: listed.service.as_ref().and_then(|it| it.archived) != Some(true),
            finding_type: listed.r#type,
            title: listed.title,
            description: listed.description,
            resource_type: resource.and_then(|it| it.resource_type.clone()),
            targets: resource.map(targets).unwrap_or_default(),
            count: listed.service.as_ref().and_then(|it| it.count),
            updated_on: listed.updated_at.as_deref().and_then(iso_millis),
            created_on: listed.created_at.as_deref().and_then(iso_millis),
            detector_id: detector_id.to_owned(),
            resource_account_id: listed.account_id,
        },
    )
    .web_link(cx.console(link));
}

fn severity(number: f64) -> &'static str {
    match number {
        it if it >= 9.0 => "Critical",
        it if it >= 7.0 => "High",
        it if it >= 4.0 => "Medium",
        _ => "Low",
    }
}

/// What a finding is about, as far as it can be named.
fn targets(resource: &Resource) -> Vec<String> {
    let buckets = resource.s3_bucket_details().iter().filter_map(|it| it.arn.as_deref());
    let volumes = resource.ebs_volume_details().into_iter();
    let volumes =
        volumes.flat_map(|it| it.scanned_volume_details().iter().filter_map(|it| it.volume_arn.as_deref()));
    let others = [
        resource.instance_details().and_then(|it| it.instance_id.as_deref()),
        resource.access_key_details().and_then(|it| it.access_key_id.as_deref()),
        resource.eks_cluster_details().and_then(|it| it.arn.as_deref()),
        resource.ecs_cluster_details().and_then(|it| it.arn.as_deref()),
        resource.lambda_details().and_then(|it| it.function_arn.as_deref()),
        resource.rds_db_instance_details().and_then(|it| it.db_instance_arn.as_deref()),
        resource.rds_limitless_db_details().and_then(|it| it.db_shard_group_arn.as_deref()),
        resource.ebs_snapshot_details().and_then(|it| it.snapshot_arn.as_deref()),
        resource.ec2_image_details().and_then(|it| it.image_arn.as_deref()),
    ];
    let found: BTreeSet<&str> = buckets.chain(volumes).chain(others.into_iter().flatten()).collect();
    found.into_iter().filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_severity_is_named_as_the_console_names_it() {
        let check = |number: f64, expected: &str| assert_eq!(severity(number), expected, "{number}");

        check(9.0, "Critical");
        check(8.9, "High");
        check(7.0, "High");
        check(4.0, "Medium");
        check(3.9, "Low");
    }
}
