//! Images: one per digest, however many tags lead to it.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_ecr::Client;
use aws_sdk_ecr::types::{
    EnhancedImageScanFinding, FindingSeverity, ImageDetail, ImageIdentifier, ImageScanFinding,
    Repository as Parent,
};
use orgraph_collect::prelude::*;

use super::{console_path, finding};

/// How many images are held with their findings at a time.
const PAGE_SIZE: i32 = 100;

/// An image in a private repository.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "properties are named by the data model")]
pub(super) struct Image {
    /// The image's digest.
    id: String,
    /// The repository it is in.
    repository_name: String,
    /// The account whose registry it is in.
    registry_id: Option<String>,
    /// The image's digest, under its own name.
    image_digest: String,
    /// The tags that lead to it.
    image_tags: Vec<String>,
    /// The addresses that pull it by a tag.
    full_name: Vec<String>,
    /// The address that pulls it by its digest.
    uri: Option<String>,
    /// Its size in the repository, in bytes.
    size_in_bytes: Option<i64>,
    /// How its last scan ended, or `ACTIVE` for one that goes on; `null` when it was never scanned.
    scan_status: Option<String>,
    /// When its last scan ended, in milliseconds since the epoch.
    scan_completed_on: Option<i64>,
    /// How many findings its last scan had, by severity; `null` when it was never scanned.
    finding_severity_counts: Option<BTreeMap<String, i32>>,
    /// The media type of its manifest.
    media_type: Option<String>,
    /// When it was pushed, in milliseconds since the epoch.
    created_on: Option<i64>,
    /// When it was last pulled, to the day, in milliseconds since the epoch.
    last_pulled_on: Option<i64>,
}

impl Entity for Image {
    const TYPE: EntityType = AWS_ECR_IMAGE;
    // A scan that goes on is completed again and again.
    const VOLATILE: &'static [&'static str] = &["scanCompletedOn", "lastPulledOn"];
}

/// The last scan of one image.
#[derive(Default)]
pub(super) struct Scan {
    pub(super) status: Option<String>,
    pub(super) completed_on: Option<i64>,
    pub(super) counts: BTreeMap<String, i32>,
    pub(super) basic: Vec<ImageScanFinding>,
    pub(super) enhanced: Vec<EnhancedImageScanFinding>,
}

/// Every image of one repository.
pub(super) async fn images(
    cx: &Cx,
    out: &mut Batch,
    ecr: &Client,
    repository: &Parent,
) -> Result<(), CollectError> {
    let name = repository.repository_name().unwrap_or_default();
    let listing = ecr.describe_images().repository_name(name).max_results(PAGE_SIZE);
    let mut pages = pages!(cx, listing, next_token);
    let mut failed = None;
    loop {
        let page = match detail_pages(pages.next().await)? {
            Detail::Known(Some(Some(page))) => page,
            Detail::Known(_) => break,
            // Which images the repository has is not known, so none may be taken for deleted.
            Detail::Unknown(error) => {
                failed = Some(error);
                break;
            }
        };
        let scanned = |listed: ImageDetail| async {
            let scan = scan(cx, ecr, name, listed.image_digest().unwrap_or_default()).await;
            Ok::<_, CollectError>((listed, detail_pages(scan)?))
        };
        for scanned in cx.concurrently(page.image_details.unwrap_or_default(), scanned).await {
            let (listed, scan) = scanned?;
            image(cx, out, repository, &listed, &scan);
            // Which findings the image has is not known either. Said once for a repository.
            if let Detail::Unknown(error) = scan {
                failed = failed.or(Some(error));
            }
        }
    }
    if let Some(error) = failed {
        out.incomplete(&error);
    }
    Ok(())
}

/// The last scan of an image. One that was never scanned answers that there is none: the listing cannot tell, since it
/// leaves the results of newer scanners out.
async fn scan(cx: &Cx, ecr: &Client, repository_name: &str, digest: &str) -> Result<Scan, CollectError> {
    let image = ImageIdentifier::builder().image_digest(digest).build();
    let findings = ecr.describe_image_scan_findings().repository_name(repository_name).image_id(image);
    let mut pages = pages!(cx, findings.max_results(1000), next_token);
    let mut scan = Scan::default();
    while let Some(page) = pages.next().await? {
        let status = page.image_scan_status.and_then(|it| it.status);
        scan.status = status.map(|it| it.as_str().to_owned()).or(scan.status);
        let Some(found) = page.image_scan_findings else { continue };
        scan.completed_on = found.image_scan_completed_at.as_ref().and_then(millis).or(scan.completed_on);
        scan.counts.extend(found.finding_severity_counts.map(counts).unwrap_or_default());
        scan.basic.extend(found.findings.unwrap_or_default());
        scan.enhanced.extend(found.enhanced_findings.unwrap_or_default());
    }
    Ok(scan)
}

fn counts(by_severity: HashMap<FindingSeverity, i32>) -> BTreeMap<String, i32> {
    by_severity.into_iter().map(|(severity, count)| (severity.as_str().to_owned(), count)).collect()
}

fn image(cx: &Cx, out: &mut Batch, repository: &Parent, listed: &ImageDetail, scan: &Detail<Option<Scan>>) {
    let (Some(parent), Some(name)) = (repository.repository_arn(), repository.repository_name()) else {
        // The repository itself was skipped, and said so.
        return;
    };
    let Some(digest) = listed.image_digest() else {
        return out.skip(None, "an image without a digest");
    };
    let key = format!("{}:{parent}:{digest}", AWS_ECR_IMAGE.name);
    let image = AWS_ECR_IMAGE.at(&key);
    let address = repository.repository_uri();
    let mut tags = listed.image_tags().to_vec();
    tags.sort_unstable();
    let title = match tags.first() {
        Some(tag) => format!("{name}:{tag}"),
        None => format!("{name}@{digest}"),
    };
    let last = scan.known().and_then(Option::as_ref);
    let page = format!("{}/_/image/{digest}/details?region={}", console_path(cx, name), cx.region());

    out.add(
        key,
        title,
        &Image {
            id: digest.to_owned(),
            repository_name: name.to_owned(),
            registry_id: listed.registry_id.clone(),
            image_digest: digest.to_owned(),
            full_name: address
                .map(|it| tags.iter().map(|tag| format!("{it}:{tag}")).collect())
                .unwrap_or_default(),
            image_tags: tags,
            uri: address.map(|it| format!("{it}@{digest}")),
            size_in_bytes: listed.image_size_in_bytes,
            scan_status: last.and_then(|it| it.status.clone()),
            scan_completed_on: last.and_then(|it| it.completed_on),
            finding_severity_counts: last.map(|it| it.counts.clone()),
            media_type: listed.image_manifest_media_type.clone(),
            created_on: listed.image_pushed_at().and_then(millis),
            last_pulled_on: listed.last_recorded_pull_time().and_then(millis),
        },
    )
    .web_link(cx.console(page))
    .unknown(scan, &["scanStatus", "scanCompletedOn", "findingSeverityCounts"]);
    out.link(AWS_ECR_REPOSITORY.at(parent), Has, image.clone());
    if let Some(scan) = last {
        finding::findings_of(cx, out, &finding::Scanned { image, parent, name, digest }, scan);
    }
}
