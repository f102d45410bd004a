//! IAM Access Analyzer: the analyzers of the account, and what these have found.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_accessanalyzer::Client;
use aws_sdk_accessanalyzer::types::{AnalyzerStatus, AnalyzerSummary, FindingStatus, FindingSummary};
use aws_sdk_accessanalyzer::types::{FindingSummaryV2, Type};
use orgraph_collect::prelude::*;

pub(crate) static ANALYZERS: Collector = Collector {
    name: "accessanalyzer_analyzers",
    service: Service::ACCESS_ANALYZER,
    scope: Scope::Region,
    calls: &[
        call("ListAnalyzers").lists("analyzers"),
        call("ListFindings").lists("findings"),
        call("ListFindingsV2").needs("access-analyzer:ListFindings").lists("findings"),
    ],
    entities: &[entity::<Analyzer>(), entity::<Finding>()],
    relationships: &[
        rel(AWS_ACCESSANALYZER, Has, AWS_ACCESSANALYZER_ANALYZER),
        rel(AWS_ACCESSANALYZER_ANALYZER, Identified, AWS_ACCESSANALYZER_FINDING),
    ],
    collect: |cx, out| Box::pin(analyzers(cx, out)),
};

/// What looks for access that was perhaps not meant to be.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Analyzer {
    /// The analyzer's name.
    id: String,
    /// What it is: always `system`.
    category: [&'static str; 1],
    /// What it looks for.
    summary: &'static str,
    /// Whether it is run by those whose resources it looks at: always true.
    internal: bool,
    /// `ACCOUNT` or `ORGANIZATION` for access from outside of these, and the same with `_UNUSED_ACCESS` or
    /// `_INTERNAL_ACCESS`.
    #[serde(rename = "type")]
    kind: String,
    /// `ACTIVE`, `CREATING`, `DISABLED` or `FAILED`.
    status: String,
    /// Whether it is at work.
    active: bool,
    /// The ARN of what it has looked at last.
    last_resource_analyzed: Option<String>,
    /// When it was made, in milliseconds since the epoch.
    created_on: Option<i64>,
    /// When it has looked at something last, in milliseconds since the epoch.
    updated_on: Option<i64>,
}

impl Entity for Analyzer {
    const TYPE: EntityType = AWS_ACCESSANALYZER_ANALYZER;
    const VOLATILE: &'static [&'static str] = &["lastResourceAnalyzed", "updatedOn"];
}

/// Access that was perhaps not meant to be.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Finding {
    /// The finding's ID.
    id: String,
    /// What it is about: always `access`.
    category: &'static str,
    /// `High` for what anybody may reach, `Medium` for what another account may, else `Low`. AWS names none.
    severity: &'static str,
    /// The same from 0 to 10.
    numeric_severity: u8,
    /// Whether it is still to be dealt with.
    open: bool,
    /// `ACTIVE`, `ARCHIVED` or `RESOLVED`.
    status: String,
    /// The ARN of what can be reached, or is not used.
    resource: Option<String>,
    /// The type of that resource, such as `AWS::S3::Bucket`.
    resource_type: String,
    /// The account of that resource.
    resource_owner_account: String,
    /// Whether anybody may reach it; `null` where that is not what was looked for.
    public: Option<bool>,
    /// Who may reach it, by kind, such as `{"AWS": "123456789012"}`.
    principal: Option<BTreeMap<String, String>>,
    /// What they may do with it.
    actions: Option<Vec<String>>,
    /// `ExternalAccess`, `InternalAccess`, `UnusedIAMRole`, `UnusedIAMUserAccessKey`, `UnusedIAMUserPassword` or
    /// `UnusedPermission`.
    #[serde(rename = "findingType")]
    kind: Option<String>,
    /// When it last changed, in milliseconds since the epoch.
    updated_on: Option<i64>,
    /// When it was made, in milliseconds since the epoch.
    created_on: Option<i64>,
}

impl Entity for Finding {
    const TYPE: EntityType = AWS_ACCESSANALYZER_FINDING;
}

async fn analyzers(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let client = client!(aws_sdk_accessanalyzer, ACCESS_ANALYZER, cx);
    let mut pages = pages!(cx, client.list_analyzers(), next_token);
    while let Some(page) = pages.next().await? {
        for listed in page.analyzers {
            let found = match listed.r#type {
                Type::Account | Type::Organization => external_findings(cx, out, &client, &listed).await,
                _ => other_findings(cx, out, &client, &listed).await,
            };
            // Which findings the analyzer has is not known, so none may be taken for resolved.
            if let Detail::Unknown(error) = detail_pages(found)? {
                out.incomplete(&error);
            }
            analyzer(cx, out, listed);
        }
    }
    Ok(())
}

/// What an analyzer of external access has found.
async fn external_findings(
    cx: &Cx,
    out: &mut Batch,
    client: &Client,
    analyzer: &AnalyzerSummary,
) -> Result<(), CollectError> {
    let mut pages = pages!(cx, client.list_findings().analyzer_arn(&analyzer.arn), next_token);
    while let Some(page) = pages.next().await? {
        for listed in page.findings {
            external_finding(cx, out, analyzer, listed);
        }
    }
    Ok(())
}

/// What an analyzer of unused or internal access has found, which the older operation refuses to list.
async fn other_findings(
    cx: &Cx,
    out: &mut Batch,
    client: &Client,
    analyzer: &AnalyzerSummary,
) -> Result<(), CollectError> {
    let mut pages = pages!(cx, client.list_findings_v2().analyzer_arn(&analyzer.arn), next_token);
    while let Some(page) = pages.next().await? {
        for listed in page.findings {
            other_finding(cx, out, analyzer, listed);
        }
    }
    Ok(())
}

fn analyzer(cx: &Cx, out: &mut Batch, listed: AnalyzerSummary) {
    let page = format!("access-analyzer/home?region={}#/analyzer/{}", cx.region(), url_encoded(&listed.name));
    out.add(
        listed.arn,
        listed.name.as_str(),
        &Analyzer {
            id: listed.name.clone(),
            category: ["system"],
            summary: summary(&listed.r#type),
            internal: true,
            kind: listed.r#type.as_str().to_owned(),
            active: listed.status == AnalyzerStatus::Active,
            status: listed.status.as_str().to_owned(),
            last_resource_analyzed: listed.last_resource_analyzed,
            created_on: millis(&listed.created_at),
            updated_on: listed.last_resource_analyzed_at.as_ref().and_then(millis),
        },
    )
    .tags(listed.tags.unwrap_or_default())
    .web_link(cx.console(page));
}

fn summary(of: &Type) -> &'static str {
    match of {
        Type::Account => "access from outside of the account",
        Type::Organization => "access from outside of the organization",
        Type::AccountUnusedAccess | Type::OrganizationUnusedAccess => "access that is not used",
        Type::AccountInternalAccess => "access from within the account",
        Type::OrganizationInternalAccess => "access from within the organization",
        _ => "access",
    }
}

fn external_finding(cx: &Cx, out: &mut Batch, analyzer: &AnalyzerSummary, listed: FindingSummary) {
    let (severity, numeric_severity) = severity(listed.is_public, listed.principal.as_ref());
    let finding = Finding {
        id: listed.id,
        category: "access",
        severity,
        numeric_severity,
        open: listed.status == FindingStatus::Active,
        status: listed.status.as_str().to_owned(),
        resource: listed.resource,
        resource_type: listed.resource_type.as_str().to_owned(),
        resource_owner_account: listed.resource_owner_account,
        public: listed.is_public,
        principal: listed.principal.map(|it| it.into_iter().collect()),
        actions: listed.action,
        kind: Some("ExternalAccess".to_owned()),
        updated_on: millis(&listed.updated_at),
        created_on: millis(&listed.created_at),
    };
    add(cx, out, analyzer, &finding);
}

fn other_finding(cx: &Cx, out: &mut Batch, analyzer: &AnalyzerSummary, listed: FindingSummaryV2) {
    let (severity, numeric_severity) = severity(None, None);
    let finding = Finding {
        id: listed.id,
        category: "access",
        severity,
        numeric_severity,
        open: listed.status == FindingStatus::Active,
        status: listed.status.as_str().to_owned(),
        resource: listed.resource,
        resource_type: listed.resource_type.as_str().to_owned(),
        resource_owner_account: listed.resource_owner_account,
        public: None,
        principal: None,
        actions: None,
        kind: listed.finding_type.map(|it| it.as_str().to_owned()),
        updated_on: millis(&listed.updated_at),
        created_on: millis(&listed.created_at),
    };
    add(cx, out, analyzer, &finding);
}

fn add(cx: &Cx, out: &mut Batch, analyzer: &AnalyzerSummary, finding: &Finding) {
    let key = format!("{}:{}:{}", AWS_ACCESSANALYZER_FINDING.name, analyzer.arn, finding.id);
    let resource = finding.resource.as_deref().unwrap_or(&finding.id);
    let page =
        format!("access-analyzer/home?region={}#/findings/details/{}", cx.region(), url_encoded(&finding.id));
    out.add(key.as_str(), finding.id.as_str(), finding).display_name(resource).web_link(cx.console(page));
    let analyzer = AWS_ACCESSANALYZER_ANALYZER.at(&analyzer.arn);
    out.link(analyzer, Identified, AWS_ACCESSANALYZER_FINDING.at(key));
}

/// AWS names no severity: what anybody may reach is worst, then what another account may.
fn severity(public: Option<bool>, principal: Option<&HashMap<String, String>>) -> (&'static str, u8) {
    let is_of_account =
        principal.is_some_and(|it| it.contains_key("AWS") || it.contains_key("CanonicalUser"));
    match public {
        Some(true) => ("High", 8),
        _ if is_of_account => ("Medium", 5),
        _ => ("Low", 3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_farther_the_principal_the_worse() {
        let check = |public: Option<bool>, kind: &str, expected: (&str, u8)| {
            let principal = HashMap::from([(kind.to_owned(), "somebody".to_owned())]);
            assert_eq!(severity(public, Some(&principal)), expected, "{kind}");
        };

        check(Some(true), "AWS", ("High", 8));
        check(Some(false), "AWS", ("Medium", 5));
        check(None, "CanonicalUser", ("Medium", 5));
        check(Some(false), "Federated", ("Low", 3));
        assert_eq!(severity(None, None), ("Low", 3));
    }
}
