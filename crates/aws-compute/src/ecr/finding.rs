//! What scanners found in images. There are two scanners with an answer of their own each: the basic one of ECR, and
//! Inspector, which ECR calls enhanced.

use aws_sdk_ecr::types::{
    EnhancedImageScanFinding, FindingSeverity, ImageScanFinding, PackageVulnerabilityDetails,
    VulnerablePackage,
};
use orgraph_collect::prelude::*;

use super::console_path;
use super::image::Scan;

/// A vulnerability in an image.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Finding {
    /// The vulnerability's name, such as that of its CVE.
    id: String,
    /// What it is about: always `vulnerability`.
    category: &'static str,
    /// `CRITICAL`, `HIGH`, `MEDIUM`, `LOW`, `INFORMATIONAL`, `UNDEFINED` or `UNTRIAGED`.
    severity: Option<String>,
    /// The severity from 0 to 10: the score if there is one, else a number for the word.
    numeric_severity: f64,
    /// Whether it is still to be dealt with.
    open: bool,
    /// What Inspector says of it: `ACTIVE`, `SUPPRESSED` or `CLOSED`; `null` for the basic scanner.
    status: Option<String>,
    /// What the vulnerability is.
    description: Option<String>,
    /// Where more is written about it.
    references: Vec<String>,
    /// The package it is in.
    package_name: Option<String>,
    /// The version of that package in the image.
    package_version: Option<String>,
    /// Its CVSS score, or that of Inspector.
    score: Option<f64>,
    /// How the score came about, in the notation of CVSS.
    vector: Option<String>,
    /// The image it is in: its ARN where the scanner names it, else the digest.
    targets: Vec<String>,
    /// Whether the vulnerability is publicly known: always true, scanners know no others.
    public: bool,
    /// When it was first seen in the image, in milliseconds since the epoch; `null` for the basic scanner.
    created_on: Option<i64>,
}

impl Entity for Finding {
    const TYPE: EntityType = AWS_ECR_IMAGE_SCAN_FINDING;
}

/// The image that was scanned.
pub(super) struct Scanned<'a> {
    pub(super) image: Ref,
    pub(super) parent: &'a str,
    pub(super) name: &'a str,
    pub(super) digest: &'a str,
}

/// Every finding of one scan.
pub(super) fn findings_of(cx: &Cx, out: &mut Batch, scanned: &Scanned<'_>, scan: &Scan) {
    for found in &scan.basic {
        basic_finding(cx, out, scanned, found);
    }
    for found in &scan.enhanced {
        enhanced_finding(cx, out, scanned, found);
    }
}

fn basic_finding(cx: &Cx, out: &mut Batch, scanned: &Scanned<'_>, found: &ImageScanFinding) {
    let Some(id) = found.name() else {
        return out.skip(None, "a finding without a name");
    };
    let attribute = |key: &str| {
        let attribute = found.attributes().iter().find(|it| it.key == key);
        attribute.and_then(|it| it.value.clone()).filter(|it| !it.is_empty())
    };
    // The newest version of CVSS that is given.
    let cvss =
        |what: &str| ["CVSS4", "CVSS3", "CVSS2"].iter().find_map(|it| attribute(&format!("{it}_{what}")));
    let (package_name, package_version) = (attribute("package_name"), attribute("package_version"));
    let score: Option<f64> = cvss("SCORE").and_then(|it| it.parse().ok());
    let severity = found.severity().map(FindingSeverity::as_str);
    let key = format!(
        "{}:{}:{}:{id}:{}:{}",
        AWS_ECR_IMAGE_SCAN_FINDING.name,
        scanned.parent,
        scanned.digest,
        package_name.as_deref().unwrap_or_default(),
        package_version.as_deref().unwrap_or_default()
    );
    let finding = Finding {
        id: id.to_owned(),
        category: "vulnerability",
        severity: severity.map(ToOwned::to_owned),
        numeric_severity: score.unwrap_or_else(|| numeric_severity(severity)),
        // It is gone once a scan no longer returns it.
        open: true,
        status: None,
        description: found.description.clone(),
        references: found.uri.iter().cloned().collect(),
        package_name,
        package_version,
        score,
        vector: cvss("VECTOR"),
        targets: vec![scanned.digest.to_owned()],
        public: true,
        created_on: None,
    };
    add(cx, out, scanned, key, &finding);
}

fn enhanced_finding(cx: &Cx, out: &mut Batch, scanned: &Scanned<'_>, found: &EnhancedImageScanFinding) {
    let Some(arn) = found.finding_arn() else {
        return out.skip(None, "a finding without an ARN");
    };
    // The ARN alone is the key of the same finding in Inspector, which lists all of its own.
    let key = format!("{}:{arn}", AWS_ECR_IMAGE_SCAN_FINDING.name);
    let vulnerability = found.package_vulnerability_details();
    let id = vulnerability.and_then(|it| it.vulnerability_id()).or(found.title()).unwrap_or(arn);
    // AWS promises no order of the packages.
    let packages = vulnerability.map(PackageVulnerabilityDetails::vulnerable_packages).unwrap_or_default();
    let package = packages.iter().min_by_key(|it| (it.name.clone(), it.version.clone()));
    let score = Some(found.score).filter(|it| *it > 0.0);
    let scored = found.score_details().and_then(|it| it.cvss()).and_then(|it| it.scoring_vector());
    let published = vulnerability.and_then(|it| it.cvss().iter().find_map(|it| it.scoring_vector()));
    let severity = found.severity();
    let mut references: Vec<String> =
        vulnerability.map(|it| it.reference_urls().to_vec()).unwrap_or_default();
    references.extend(vulnerability.and_then(|it| it.source_url.clone()));
    references.sort_unstable();
    references.dedup();
    let finding = Finding {
        id: id.to_owned(),
        category: "vulnerability",
        severity: severity.map(ToOwned::to_owned),
        numeric_severity: score.unwrap_or_else(|| numeric_severity(severity)),
        open: found.status() == Some("ACTIVE"),
        status: found.status.clone(),
        description: found.description.clone(),
        references,
        package_name: package.and_then(|it| it.name.clone()),
        package_version: package.and_then(version),
        score,
        vector: scored.or(published).map(ToOwned::to_owned),
        targets: found.resources().iter().filter_map(|it| it.id.clone()).collect(),
        public: true,
        created_on: found.first_observed_at().and_then(millis),
    };
    add(cx, out, scanned, key, &finding);
}

fn add(cx: &Cx, out: &mut Batch, scanned: &Scanned<'_>, key: String, finding: &Finding) {
    let repository = console_path(cx, scanned.name);
    let page = format!("{repository}/_/image/{}/scan-results?region={}", scanned.digest, cx.region());
    out.add(key.as_str(), finding.id.as_str(), finding).web_link(cx.console(page));
    out.link(scanned.image.clone(), Has, AWS_ECR_IMAGE_SCAN_FINDING.at(key));
}

/// The version as a package manager writes it: `1:3.0.2-4`.
fn version(package: &VulnerablePackage) -> Option<String> {
    let epoch = package.epoch.filter(|it| *it > 0).map(|it| format!("{it}:")).unwrap_or_default();
    let release = package.release().map(|it| format!("-{it}")).unwrap_or_default();
    package.version().map(|it| format!("{epoch}{it}{release}"))
}

/// A number for a severity that comes without a score.
fn numeric_severity(severity: Option<&str>) -> f64 {
    match severity {
        Some("CRITICAL") => 9.5,
        Some("HIGH") => 8.0,
        Some("MEDIUM") => 5.5,
        Some("LOW") => 2.5,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_its_epoch_and_release() {
        let check = |epoch: i32, release: Option<&str>, expected: &str| {
            let package = VulnerablePackage::builder()
                .epoch(epoch)
                .version("3.0.2")
                .set_release(release.map(ToOwned::to_owned))
                .build();
            assert_eq!(version(&package).as_deref(), Some(expected));
        };

        check(0, None, "3.0.2");
        check(1, Some("4.amzn2"), "1:3.0.2-4.amzn2");
    }
}
