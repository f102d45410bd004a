//! Policies of the organization that restrict what members may do: service control and resource control policies.

use std::collections::HashMap;

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::{
    OrganizationFeatureSet, PolicySummary, PolicyTargetSummary, PolicyType, TargetType,
};
use orgraph_collect::prelude::*;
use serde_json::Value;

use super::{Known, described, resource_tags};
use crate::account::account_key;
use crate::document::Document;

pub(crate) static ORGANIZATION_POLICIES: Collector = Collector {
    name: "organization_policies",
    service: Service::ORGANIZATIONS,
    scope: Scope::Organization,
    calls: &[
        call("DescribeOrganization").lists("Organization"),
        call("ListPolicies").lists("Policies"),
        call("DescribePolicy").lists("Policy"),
        call("ListTargetsForPolicy").lists("Targets"),
        call("ListTagsForResource").lists("Tags"),
    ],
    entities: &[entity::<OrganizationsPolicy>()],
    relationships: &[
        rel(AWS_ORGANIZATIONS_POLICY, Restricts, AWS_ORGANIZATION),
        rel(AWS_ORGANIZATIONS_POLICY, Restricts, AWS_ORGANIZATIONAL_UNIT),
        rel(AWS_ORGANIZATIONS_POLICY, Restricts, AWS_ACCOUNT),
    ],
    collect: |cx, out| Box::pin(policies(cx, out)),
};

/// A policy of the organization.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OrganizationsPolicy {
    /// The ID, `p-` and what follows.
    id: String,
    /// `SERVICE_CONTROL_POLICY` or `RESOURCE_CONTROL_POLICY`.
    policy_type: String,
    /// Whether AWS wrote it and keeps it.
    aws_managed: bool,
    /// What it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_document: Option<Value>,
    /// Why what it says could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)] // Only for what AWS should never send, which no view needs a column for.
    policy_parse_error: Option<String>,
    /// What it is for.
    description: Option<String>,
}

impl Entity for OrganizationsPolicy {
    const TYPE: EntityType = AWS_ORGANIZATIONS_POLICY;
}

/// What is asked about each policy.
struct Details {
    content: Detail<Option<String>>,
    targets: Detail<Vec<PolicyTargetSummary>>,
    tags: Detail<HashMap<String, String>>,
}

async fn policies(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let client = client!(aws_sdk_organizations, ORGANIZATIONS, cx);
    let (known, organization) = described(&client).await?;
    if organization.feature_set != Some(OrganizationFeatureSet::All) {
        // An organization that only shares its bill has no policies.
        return Ok(());
    }
    for policy_type in [PolicyType::ServiceControlPolicy, PolicyType::ResourceControlPolicy] {
        match detail_pages(listed(cx, &client, &policy_type).await)? {
            Detail::Known(listed) => {
                let listed = listed.unwrap_or_default();
                let detailed = |listed: PolicySummary| detailed(cx, &client, listed);
                for detailed in cx.concurrently(listed, detailed).await {
                    let (listed, details) = detailed?;
                    policy(cx, out, &known, &policy_type, listed, &details);
                }
            }
            // Some partitions of AWS do not have every type.
            Detail::Unknown(error) if error.code() == Some("UnsupportedAPIEndpointException") => {}
            Detail::Unknown(error) => out.incomplete(&error),
        }
    }
    Ok(())
}

async fn listed(
    cx: &Cx,
    client: &Client,
    policy_type: &PolicyType,
) -> Result<Vec<PolicySummary>, CollectError> {
    let mut policies = Vec::new();
    let mut pages = pages!(cx, client.list_policies().filter(policy_type.clone()), next_token);
    while let Some(page) = pages.next().await? {
        policies.extend(page.policies.unwrap_or_default());
    }
    Ok(policies)
}

async fn detailed(
    cx: &Cx,
    client: &Client,
    listed: PolicySummary,
) -> Result<(PolicySummary, Details), CollectError> {
    let id = listed.id.as_deref().unwrap_or_default();
    let content = detail(client.describe_policy().policy_id(id).send().await)?;
    let targets = async {
        let mut targets = Vec::new();
        let mut pages = pages!(cx, client.list_targets_for_policy().policy_id(id), next_token);
        while let Some(page) = pages.next().await? {
            targets.extend(page.targets.unwrap_or_default());
        }
        Ok(targets)
    };
    let details = Details {
        content: content.map(|it| it.and_then(|it| it.policy).and_then(|it| it.content)),
        targets: detail_pages(targets.await)?.map(Option::unwrap_or_default),
        // A policy of AWS has no tags.
        tags: if listed.aws_managed {
            Detail::Known(HashMap::new())
        } else {
            resource_tags(cx, client, id).await?
        },
    };
    Ok((listed, details))
}

fn policy(
    cx: &Cx,
    out: &mut Batch,
    known: &Known,
    policy_type: &PolicyType,
    listed: PolicySummary,
    details: &Details,
) {
    let (Some(id), Some(arn)) = (listed.id, listed.arn) else {
        return out.skip(None, "a policy of the organization without an ID or an ARN");
    };
    let policy = AWS_ORGANIZATIONS_POLICY.at(&arn);
    let read = details.content.known().and_then(Option::as_deref).map(Document::read);

    out.add(
        &arn,
        listed.name.unwrap_or_else(|| id.clone()),
        &OrganizationsPolicy {
            policy_type: listed.r#type.as_ref().unwrap_or(policy_type).as_str().to_owned(),
            aws_managed: listed.aws_managed,
            policy_document: read.as_ref().and_then(|it| Some(it.as_ref().ok()?.value().clone())),
            policy_parse_error: read.and_then(|it| Some(it.err()?.to_string())),
            description: listed.description,
            id: id.clone(),
        },
    )
    .tags(details.tags.known().cloned().unwrap_or_default())
    .web_link(cx.console(format_args!("organizations/v2/home/policies/{}/{id}", console_name(policy_type))))
    .unknown(&details.content, &["policyDocument", "policyParseError"])
    .unknown(&details.targets, &[])
    .unknown(&details.tags, &["tags"]);

    for target in details.targets.known().cloned().unwrap_or_default() {
        match restricted(cx, known, target) {
            Some(target) => drop(out.link(policy.clone(), Restricts, target)),
            None => out.skip(Some(policy.key.clone()), "a target of an unknown kind"),
        }
    }
}

fn restricted(cx: &Cx, known: &Known, target: PolicyTargetSummary) -> Option<Ref> {
    match target.r#type? {
        TargetType::Root => Some(known.found.clone()),
        TargetType::OrganizationalUnit => Some(AWS_ORGANIZATIONAL_UNIT.at(target.arn?)),
        TargetType::Account => Some(AWS_ACCOUNT.at(account_key(cx, &target.target_id?))),
        _ => None,
    }
}

fn console_name(policy_type: &PolicyType) -> &'static str {
    match policy_type {
        PolicyType::ResourceControlPolicy => "resource-control-policy",
        _ => "service-control-policy",
    }
}
