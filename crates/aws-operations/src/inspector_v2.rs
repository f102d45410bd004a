//! Inspector: its continuous assessment of a region, with the findings that stand. An account may have hundreds of
//! thousands of them, so each page is shaped before the next is asked for.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use aws_sdk_inspector2::Client;
use aws_sdk_inspector2::types::{
    FilterCriteria, Finding as Listed, FindingStatus, ResourceState, ResourceType, State, Status,
    StringComparison, StringFilter,
};
use orgraph_collect::prelude::*;

/// The largest page that AWS gives.
const PAGE: i32 = 100;

pub(crate) static FINDINGS: Collector = Collector {
    name: "inspector2_findings",
    service: Service::INSPECTOR_V2,
    scope: Scope::Region,
    calls: &[call("BatchGetAccountStatus").lists("accounts"), call("ListFindings").lists("findings")],
    entities: &[entity::<Assessment>(), entity::<Finding>()],
    relationships: &[
        rel(AWS_INSPECTOR, Has, AWS_INSPECTOR_ASSESSMENT),
        rel(AWS_INSPECTOR_ASSESSMENT, Identified, AWS_INSPECTOR_FINDING),
        rel(AWS_INSTANCE, Has, AWS_INSPECTOR_FINDING),
    ],
    collect: |cx, out| Box::pin(findings(cx, out)),
};

/// What Inspector does in a region all the time. Where it is disabled there is none.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Assessment {
    /// The region it looks at.
    id: String,
    /// `Vulnerability Scan`.
    category: &'static str,
    /// What it looks at, in a few words.
    summary: String,
    /// Always: it is done by the account itself.
    internal: bool,
    /// `ENABLED`, `ENABLING`, `DISABLING`, `SUSPENDED` or `SUSPENDING`.
    state: String,
    /// Whether it is enabled.
    active: bool,
    /// `v2`.
    generation: &'static str,
    /// How many findings stand, by severity.
    finding_counts: BTreeMap<String, usize>,
}

impl Entity for Assessment {
    const TYPE: EntityType = AWS_INSPECTOR_ASSESSMENT;
}

/// A vulnerability or an exposure that stands. One that was dealt with is no longer listed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Finding {
    /// The last part of the finding's ARN.
    id: String,
    /// `vulnerability`.
    category: &'static str,
    /// `CRITICAL`, `HIGH`, `MEDIUM`, `LOW`, `INFORMATIONAL` or `UNTRIAGED`.
    severity: String,
    /// The severity as a number from 0 to 10: the score where there is one.
    numeric_severity: f64,
    /// Whether it still stands.
    open: bool,
    /// `ACTIVE`.
    status: String,
    /// What was found, in one sentence.
    title: Option<String>,
    /// What was found, at length.
    description: String,
    /// What to do about it.
    recommendation: Option<String>,
    /// What it is about: IDs of instances, ARNs of images and functions.
    targets: Vec<String>,
    /// The assessment that found it.
    assessment: String,
    /// `v2`.
    generation: &'static str,
    /// The score that Inspector gives it, else the first of CVSS; `null` for none.
    score: Option<f64>,
    /// What it is called elsewhere, such as `CVE-2026-1234`; `null` for what is not a vulnerability of a package.
    vulnerability_id: Option<String>,
    /// When it was first seen, in milliseconds since the epoch.
    created_on: Option<i64>,
}

impl Entity for Finding {
    const TYPE: EntityType = AWS_INSPECTOR_FINDING;
}

/// How many findings there are. One may be on two pages, when another was dealt with between them.
#[derive(Default)]
struct Counts {
    by_severity: BTreeMap<String, usize>,
    hasher: RandomState,
    /// Hashes, because there may be too many ARNs to remember.
    seen: HashSet<u64>,
}

impl Counts {
    fn add(&mut self, listed: &Listed) {
        if self.seen.insert(self.hasher.hash_one(&listed.finding_arn)) {
            *self.by_severity.entry(listed.severity.as_str().to_owned()).or_default() += 1;
        }
    }
}

async fn findings(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let inspector = client!(aws_sdk_inspector2, INSPECTOR_V2, cx);
    let account = cx.account().as_str();
    let answer = inspector.batch_get_account_status().account_ids(account).send().await?;
    let own = answer.accounts.into_iter().find(|it| it.account_id == account);
    let Some((state, scanned)) = own.and_then(|it| Some((it.state?, it.resource_state))) else {
        let failed = answer.failed_accounts.unwrap_or_default().into_iter().next();
        let code = failed.map_or_else(|| "no answer".to_owned(), |it| it.error_code.as_str().to_owned());
        out.skip(None, format!("the state of the account is not known: {code}"));
        return Ok(());
    };
    // Where Inspector is disabled, findings cannot be listed and there are none.
    if state.status == Status::Disabled {
        return Ok(());
    }
    let key = format!("{AWS_INSPECTOR_ASSESSMENT}:v2:{account}:{}", cx.region());
    let mut counts = Counts::default();
    let read = match findings_of(cx, out, &inspector, &key, &mut counts).await {
        Ok(()) => Detail::Known(()),
        Err(error) if error.is_fatal() => return Err(error),
        Err(error) => Detail::Unknown(error),
    };
    assessment(cx, out, &key, &state, scanned.as_ref(), counts, &read);
    if let Detail::Unknown(error) = read {
        out.incomplete(&error);
    }
    Ok(())
}

async fn findings_of(
    cx: &Cx,
    out: &mut Batch,
    inspector: &Client,
    assessment: &str,
    counts: &mut Counts,
) -> Result<(), CollectError> {
    // An administrator's listing holds the findings of all members, and a listing those that were dealt with.
    let filter = FilterCriteria::builder()
        .set_aws_account_id(Some(equals(cx.account().as_str())))
        .set_finding_status(Some(equals(FindingStatus::Active.as_str())))
        .build();
    let mut pages =
        pages!(cx, inspector.list_findings().filter_criteria(filter).max_results(PAGE), next_token);
    while let Some(page) = pages.next().await? {
        for listed in page.findings.unwrap_or_default() {
            if cx.owns(Some(&listed.aws_account_id)) {
                counts.add(&listed);
                finding(cx, out, assessment, listed);
            }
        }
    }
    Ok(())
}

fn equals(value: &str) -> Vec<StringFilter> {
    let filter = StringFilter::builder().comparison(StringComparison::Equals).value(value);
    filter.build().into_iter().collect()
}

fn assessment(
    cx: &Cx,
    out: &mut Batch,
    key: &str,
    state: &State,
    scanned: Option<&ResourceState>,
    counts: Counts,
    read: &Detail<()>,
) {
    out.add(
        key,
        format!("Inspector {}", cx.region()),
        &Assessment {
            id: cx.region().to_string(),
            category: "Vulnerability Scan",
            summary: summary(scanned),
            internal: true,
            state: state.status.as_str().to_owned(),
            active: state.status == Status::Enabled,
            generation: "v2",
            finding_counts: counts.by_severity,
        },
    )
    .web_link(cx.console(format_args!("inspector/v2/home?region={}", cx.region())))
    .unknown(read, &["findingCounts"]);
}

/// What is looked at, by the switches that are on.
fn summary(scanned: Option<&ResourceState>) -> String {
    let scanned = scanned.map(|it| {
        let switches = [
            ("instances", it.ec2.as_ref()),
            ("images", it.ecr.as_ref()),
            ("functions", it.lambda.as_ref()),
            ("code of functions", it.lambda_code.as_ref()),
            ("repositories of code", it.code_repository.as_ref()),
        ];
        let on = |state: Option<&State>| state.is_some_and(|it| it.status == Status::Enabled);
        let names: Vec<&str> = switches.iter().filter(|it| on(it.1)).map(|it| it.0).collect();
        names.join(", ")
    });
    let scanned = scanned.filter(|it| !it.is_empty()).unwrap_or_else(|| "nothing".to_owned());
    format!("Continuous scan of: {scanned}")
}

fn finding(cx: &Cx, out: &mut Batch, assessment: &str, listed: Listed) {
    let finding = AWS_INSPECTOR_FINDING.at(&listed.finding_arn);
    let id = last_segment(&listed.finding_arn);
    let package = listed.package_vulnerability_details;
    let cvss = package.as_ref().and_then(|it| Some(it.cvss().first()?.base_score));
    let score = listed.inspector_score.or(cvss);

    out.link(AWS_INSPECTOR_ASSESSMENT.at(assessment), Identified, finding.clone());
    for resource in listed.resources.iter().filter(|it| it.r#type == ResourceType::AwsEc2Instance) {
        let instance =
            AWS_INSTANCE.at(cx.arn("ec2", format_args!("instance/{}", last_segment(&resource.id))));
        out.link(instance, Has, finding.clone());
    }
    out.add(
        &listed.finding_arn,
        listed.title.as_deref().unwrap_or(id),
        &Finding {
            id: id.to_owned(),
            category: "vulnerability",
            numeric_severity: score.unwrap_or_else(|| numeric_severity(listed.severity.as_str())),
            severity: listed.severity.as_str().to_owned(),
            open: listed.status == FindingStatus::Active,
            status: listed.status.as_str().to_owned(),
            title: listed.title.clone(),
            description: listed.description,
            recommendation: listed.remediation.and_then(|it| it.recommendation?.text),
            targets: listed.resources.into_iter().map(|it| it.id).collect(),
            assessment: assessment.to_owned(),
            generation: "v2",
            score,
            vulnerability_id: package.map(|it| it.vulnerability_id),
            created_on: millis(&listed.first_observed_at),
        },
    )
    .web_link(cx.console(format_args!("inspector/v2/home?region={}#/findings/finding/{id}", cx.region())));
}

fn numeric_severity(severity: &str) -> f64 {
    match severity {
        "CRITICAL" => 9.5,
        "HIGH" => 8.0,
        "MEDIUM" => 5.5,
        "LOW" => 2.5,
        _ => 0.0,
    }
}
