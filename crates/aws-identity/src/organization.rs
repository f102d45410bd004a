//! The organization as its management account sees it: units, members and the policies that restrict them.
//!
//! Units and members are one collector, since a member's place comes from the walk through the units. Which members are
//! then read is decided elsewhere, from [`accounts_of`]. Policies are another, so that nothing about them can keep a
//! member that left.

mod discovered;
mod members;
pub(crate) mod policies;
mod units;

use std::collections::HashMap;

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::{Organization as Listed, PolicyType, PolicyTypeStatus, Root, Tag};
use orgraph_collect::prelude::*;

pub use discovered::{OrganizationAccount, accounts_of};

/// Reads the organization from its management account.
pub static ORGANIZATION: Collector = Collector {
    name: "organization",
    service: Service::ORGANIZATIONS,
    scope: Scope::Organization,
    calls: &[
        call("DescribeOrganization").lists("Organization"),
        call("ListAccounts").lists("Accounts"),
        call("ListRoots").lists("Roots"),
        call("ListOrganizationalUnitsForParent").lists("OrganizationalUnits"),
        call("ListAccountsForParent").lists("Accounts"),
        call("ListTagsForResource").lists("Tags"),
        call("ListDelegatedAdministrators").lists("DelegatedAdministrators"),
        call("ListDelegatedServicesForAccount").lists("DelegatedServices"),
        call("ListOrganizationsFeatures").of(Service::IAM),
    ],
    entities: &[entity::<Organization>(), entity::<units::Unit>(), entity::<members::Member>()],
    relationships: &[
        rel(AWS_ORGANIZATION, Has, AWS_ORGANIZATIONAL_UNIT),
        rel(AWS_ORGANIZATION, Has, AWS_ACCOUNT),
        rel(AWS_ORGANIZATIONAL_UNIT, Has, AWS_ORGANIZATIONAL_UNIT),
        rel(AWS_ORGANIZATIONAL_UNIT, Has, AWS_ACCOUNT),
        rel(AWS_ACCOUNT, Has, AWS_ACCOUNT),
    ],
    collect: |cx, out| Box::pin(organization(cx, out)),
};

/// The organization, with its root.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Organization {
    /// The ID, `o-` and what follows.
    id: String,
    /// The account that pays and decides.
    management_account_id: String,
    /// The address of the management account.
    management_account_email: Option<String>,
    /// `ALL` or `CONSOLIDATED_BILLING`.
    feature_set: Option<String>,
    /// The types of policy that are switched on.
    available_policy_types: Vec<String>,
    /// The ID of the root, `r-` and what follows.
    root_id: Option<String>,
}

impl Entity for Organization {
    const TYPE: EntityType = AWS_ORGANIZATION;
}

/// The organization, as far as its parts have to know it.
struct Known {
    id: String,
    found: Ref,
    management: String,
}

async fn organization(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let client = client!(aws_sdk_organizations, ORGANIZATIONS, cx);
    let (known, listed) = described(&client).await?;
    let accounts = members::listed(cx, &client, &known).await?;
    let roots = match detail_pages(roots(cx, &client).await)? {
        Detail::Known(Some(roots)) => Detail::Known(roots),
        // Every organization has a root.
        Detail::Known(None) => Detail::Unknown(incomplete("ListRoots", "the root was not found")),
        Detail::Unknown(error) => Detail::Unknown(error),
    };
    let places = units::units(cx, out, &client, &known, &roots).await?;
    members::members(cx, out, &client, &known, &places, accounts).await?;
    itself(cx, out, &known, listed, &roots);
    Ok(())
}

/// The organization that the account is in.
async fn described(client: &Client) -> Result<(Known, Listed), CollectError> {
    let listed = client.describe_organization().send().await?.organization;
    let listed = listed.ok_or_else(|| incomplete("DescribeOrganization", "no organization"))?;
    let known = match (&listed.id, &listed.arn, &listed.master_account_id) {
        (Some(id), Some(arn), Some(management)) => {
            Known { id: id.clone(), found: AWS_ORGANIZATION.at(arn), management: management.clone() }
        }
        _ => return Err(incomplete("DescribeOrganization", "no ID, ARN or management account")),
    };
    Ok((known, listed))
}

fn itself(cx: &Cx, out: &mut Batch, known: &Known, listed: Listed, roots: &Detail<Vec<Root>>) {
    let root = roots.known().and_then(|it| it.first());
    let enabled = |root: &Root| -> Vec<String> {
        let types = root.policy_types().iter();
        let mut enabled: Vec<String> = types
            .filter(|it| it.status == Some(PolicyTypeStatus::Enabled))
            .filter_map(|it| it.r#type.as_ref().map(PolicyType::as_str).map(str::to_owned))
            .collect();
        enabled.sort_unstable();
        enabled
    };
    out.add(
        &known.found.key,
        &known.id,
        &Organization {
            id: known.id.clone(),
            management_account_id: known.management.clone(),
            management_account_email: listed.master_account_email,
            feature_set: listed.feature_set.map(|it| it.as_str().to_owned()),
            available_policy_types: root.map(enabled).unwrap_or_default(),
            root_id: root.and_then(|it| it.id.clone()),
        },
    )
    .web_link(cx.console("organizations/v2/home/accounts"))
    .unknown(roots, &["availablePolicyTypes", "rootId"]);
}

async fn roots(cx: &Cx, client: &Client) -> Result<Vec<Root>, CollectError> {
    let mut roots = Vec::new();
    let mut pages = pages!(cx, client.list_roots(), next_token);
    while let Some(page) = pages.next().await? {
        roots.extend(page.roots.unwrap_or_default());
    }
    Ok(roots)
}

/// The tags of a unit, a member or a policy.
async fn resource_tags(
    cx: &Cx,
    client: &Client,
    id: &str,
) -> Result<Detail<HashMap<String, String>>, CollectError> {
    let listed = async {
        let mut tags = Vec::new();
        let mut pages = pages!(cx, client.list_tags_for_resource().resource_id(id), next_token);
        while let Some(page) = pages.next().await? {
            tags.extend(page.tags.unwrap_or_default());
        }
        Ok(tags)
    };
    let pairs = |listed: Vec<Tag>| listed.into_iter().map(|it| (it.key, it.value)).collect();
    Ok(detail_pages(listed.await)?.map(|it| pairs(it.unwrap_or_default())))
}

/// An answer without what it is asked for.
fn incomplete(operation: &str, reason: &str) -> CollectError {
    CollectError::Failed { operation: operation.to_owned(), reason: reason.to_owned() }
}
