//! Inspector Classic, which AWS closed in May 2026: where it still answers, its assessment runs and findings are read;
//! everywhere else both collectors end as unsupported. What replaced it is in `inspector_v2.rs`.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_inspector::types::{AssessmentRun as ListedRun, FailedItemDetails, Finding as ListedFinding};
use orgraph_collect::prelude::*;

/// How many runs or findings one request may describe.
const DESCRIBED_AT_ONCE: usize = 10;

pub(crate) static ASSESSMENTS: Collector = Collector {
    name: "inspector_assessments",
    service: Service::INSPECTOR,
    scope: Scope::Region,
    calls: &[
        call("ListAssessmentRuns").lists("assessmentRunArns"),
        call("DescribeAssessmentRuns").lists("assessmentRuns"),
    ],
    entities: &[entity::<Assessment>()],
    relationships: &[rel(AWS_INSPECTOR, Has, AWS_INSPECTOR_ASSESSMENT)],
    collect: |cx, out| Box::pin(assessments(cx, out)),
};

pub(crate) static FINDINGS: Collector = Collector {
    name: "inspector_findings",
    service: Service::INSPECTOR,
    scope: Scope::Region,
    calls: &[call("ListFindings").lists("findingArns"), call("DescribeFindings").lists("findings")],
    entities: &[entity::<Finding>()],
    relationships: &[
        rel(AWS_INSPECTOR_ASSESSMENT, Identified, AWS_INSPECTOR_FINDING),
        rel(AWS_INSTANCE, Has, AWS_INSPECTOR_FINDING),
    ],
    collect: |cx, out| Box::pin(findings(cx, out)),
};

/// A run of an assessment.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Assessment {
    /// The run's ID.
    id: String,
    /// `Vulnerability Scan`.
    category: &'static str,
    /// What it was, in a few words.
    summary: String,
    /// Always: it is done by the account itself.
    internal: bool,
    /// The state, such as `COMPLETED`.
    state: String,
    /// Whether it is still going on.
    active: bool,
    /// `classic`.
    generation: &'static str,
    /// The ARN of the template that it was started from.
    template_arn: String,
    /// The ARNs of the packages of rules that it looked for.
    rules_package_arns: Vec<String>,
    /// How many findings it has, by severity.
    finding_counts: BTreeMap<String, i32>,
    /// When it began, in milliseconds since the epoch.
    started_on: Option<i64>,
    /// When it ended, in milliseconds since the epoch.
    completed_on: Option<i64>,
    /// When it was created, in milliseconds since the epoch.
    created_on: Option<i64>,
}

impl Entity for Assessment {
    const TYPE: EntityType = AWS_INSPECTOR_ASSESSMENT;
}

/// What a run found.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Finding {
    /// The last part of the finding's ARN.
    id: String,
    /// `vulnerability`.
    category: &'static str,
    /// `High`, `Medium`, `Low` or `Informational`.
    severity: Option<String>,
    /// The severity as a number from 0 to 10.
    numeric_severity: f64,
    /// Whether it still stands; a finding that does not is no longer listed.
    open: bool,
    /// What was found, in one sentence.
    title: Option<String>,
    /// What was found, at length.
    description: Option<String>,
    /// What to do about it.
    recommendation: Option<String>,
    /// The instances it is about.
    targets: Vec<String>,
    /// The run that found it.
    assessment: Option<String>,
    /// `classic`.
    generation: &'static str,
    /// What it is called elsewhere, such as `CVE-2026-1234`, or the name of the rule.
    vulnerability_id: Option<String>,
    /// When it was found, in milliseconds since the epoch.
    created_on: Option<i64>,
}

impl Entity for Finding {
    const TYPE: EntityType = AWS_INSPECTOR_FINDING;
}

async fn assessments(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let inspector = client!(aws_sdk_inspector, INSPECTOR, cx);
    let mut pages = pages!(cx, inspector.list_assessment_runs(), next_token);
    while let Some(page) = pages.next().await? {
        for arns in page.assessment_run_arns.chunks(DESCRIBED_AT_ONCE) {
            let request = inspector.describe_assessment_runs().set_assessment_run_arns(Some(arns.to_vec()));
            match detail(request.send().await)? {
                Detail::Known(Some(answer)) => {
                    answer.assessment_runs.into_iter().for_each(|it| assessment(cx, out, it));
                    failed(out, answer.failed_items);
                }
                missing => arns.iter().for_each(|it| out.keep(it.as_str(), &missing)),
            }
        }
    }
    Ok(())
}

async fn findings(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let inspector = client!(aws_sdk_inspector, INSPECTOR, cx);
    let mut pages = pages!(cx, inspector.list_findings(), next_token);
    while let Some(page) = pages.next().await? {
        for arns in page.finding_arns.chunks(DESCRIBED_AT_ONCE) {
            let request = inspector.describe_findings().set_finding_arns(Some(arns.to_vec()));
            match detail(request.send().await)? {
                Detail::Known(Some(answer)) => {
                    answer.findings.into_iter().for_each(|it| finding(cx, out, it));
                    failed(out, answer.failed_items);
                }
                missing => arns.iter().for_each(|it| out.keep(it.as_str(), &missing)),
            }
        }
    }
    Ok(())
}

/// What was listed and could not be described, unless it was deleted in between.
fn failed(out: &mut Batch, items: HashMap<String, FailedItemDetails>) {
    for (arn, failure) in items {
        let code = failure.failure_code.as_str();
        if code != "ITEM_DOES_NOT_EXIST" {
            out.skip(Some(Key::from(arn)), format!("not described: {code}"));
        }
    }
}

fn assessment(cx: &Cx, out: &mut Batch, listed: ListedRun) {
    let state = listed.state.as_str().to_owned();
    let ended =
        matches!(state.as_str(), "COMPLETED" | "COMPLETED_WITH_ERRORS" | "FAILED" | "ERROR" | "CANCELED");
    let counts = listed.finding_counts.into_iter();
    let packages = listed.rules_package_arns.len();

    out.add(
        &listed.arn,
        &listed.name,
        &Assessment {
            id: last_segment(&listed.arn).to_owned(),
            category: "Vulnerability Scan",
            summary: format!("Inspector Classic run with {packages} rules packages"),
            internal: true,
            active: !ended,
            state,
            generation: "classic",
            template_arn: listed.assessment_template_arn,
            rules_package_arns: listed.rules_package_arns,
            finding_counts: counts.map(|(severity, count)| (severity.as_str().to_owned(), count)).collect(),
            started_on: listed.started_at.as_ref().and_then(millis),
            completed_on: listed.completed_at.as_ref().and_then(millis),
            created_on: millis(&listed.created_at),
        },
    )
    .web_link(cx.console(format_args!("inspector/home?region={}#/run", cx.region())));
}

fn finding(cx: &Cx, out: &mut Batch, listed: ListedFinding) {
    let finding = AWS_INSPECTOR_FINDING.at(&listed.arn);
    let run = listed.service_attributes.and_then(|it| it.assessment_run_arn);
    let instance = listed.asset_attributes.and_then(|it| it.agent_id);
    let id = last_segment(&listed.arn);
    let name = listed.title.clone().unwrap_or_else(|| id.to_owned());

    if let Some(run) = &run {
        out.link(AWS_INSPECTOR_ASSESSMENT.at(run), Identified, finding.clone());
    }
    // Agents outside of EC2 have IDs of their own.
    if let Some(instance) = instance.as_ref().filter(|it| it.starts_with("i-")) {
        let instance = AWS_INSTANCE.at(cx.arn("ec2", format_args!("instance/{instance}")));
        out.link(instance, Has, finding);
    }
    out.add(
        &listed.arn,
        name,
        &Finding {
            id: id.to_owned(),
            category: "vulnerability",
            severity: listed.severity.map(|it| it.as_str().to_owned()),
            numeric_severity: listed.numeric_severity,
            open: true,
            title: listed.title,
            description: listed.description,
            recommendation: listed.recommendation,
            targets: instance.into_iter().collect(),
            assessment: run,
            generation: "classic",
            vulnerability_id: listed.id,
            created_on: millis(&listed.created_at),
        },
    )
    .web_link(cx.console(format_args!("inspector/home?region={}#/finding", cx.region())));
}
