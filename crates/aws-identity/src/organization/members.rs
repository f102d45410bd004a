//! The members of the organization, the management account among them, as the organization knows them.

use std::collections::HashMap;

use aws_sdk_iam::types::FeatureType;
use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::Account;
use orgraph_collect::prelude::*;
use orgraph_model::AccountId;

use super::units::{Place, Places, path};
use super::{Known, incomplete, resource_tags};
use crate::account::account_key;

/// What the organization says about an account. What the account says about itself is the other contribution to the
/// same entity.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Member {
    /// The twelve digits of the account.
    id: String,
    /// Whether the account can be used: its status is `ACTIVE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    active: Option<bool>,
    /// `PENDING_ACTIVATION`, `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE` or `CLOSED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// The ARN of the account within its organization.
    org_account_arn: Option<String>,
    /// The name in the organization.
    org_account_name: Option<String>,
    /// The address of the root user.
    email: Option<String>,
    /// `INVITED` or `CREATED`.
    joined_method: Option<String>,
    /// When it became a member, in milliseconds since the epoch.
    joined_on: Option<i64>,
    /// The ID of the organization.
    organization_id: String,
    /// Whether it is the management account.
    management: bool,
    /// The IDs of the root and every unit down to the account.
    ou_ids: Vec<String>,
    /// The same with the organization in front, as `aws:PrincipalOrgPaths` spells it.
    ou_path: Option<String>,
    /// Whether it administers a service for the whole organization.
    delegated_administrator: bool,
    /// The service principals that it administers for the whole organization.
    delegated_services: Vec<String>,
    /// Whether root users of members are managed by the organization.
    root_credentials_management_enabled: bool,
}

impl Entity for Member {
    const TYPE: EntityType = AWS_ACCOUNT;
}

/// Who administers which services for the organization, by account.
type Delegations = HashMap<String, Detail<Vec<String>>>;

/// Every account of the organization. One that lacks the management account is not to be believed.
pub(super) async fn listed(cx: &Cx, client: &Client, known: &Known) -> Result<Vec<Account>, CollectError> {
    let mut accounts = Vec::new();
    let mut pages = pages!(cx, client.list_accounts(), next_token);
    while let Some(page) = pages.next().await? {
        accounts.extend(page.accounts.unwrap_or_default());
    }
    let is_management = |it: &Account| it.id.as_ref() == Some(&known.management);
    if accounts.iter().any(is_management) {
        Ok(accounts)
    } else {
        let reason = "the management account is missing from its own list";
        Err(incomplete("ListAccounts", reason))
    }
}

/// Adds every member, with its tags and its place.
pub(super) async fn members(
    cx: &Cx,
    out: &mut Batch,
    client: &Client,
    known: &Known,
    places: &Places,
    accounts: Vec<Account>,
) -> Result<(), CollectError> {
    let delegations = detail_pages(delegations(cx, client).await)?.map(Option::unwrap_or_default);
    let manages_roots = manages_roots(cx).await?;
    let tagged = |listed: Account| async {
        let tags = resource_tags(cx, client, listed.id.as_deref().unwrap_or_default()).await?;
        Ok::<_, CollectError>((listed, tags))
    };
    for tagged in cx.concurrently(accounts, tagged).await {
        let (listed, tags) = tagged?;
        let Some(id) = listed.id.as_ref().and_then(|it| it.parse::<AccountId>().ok()) else {
            out.skip(None, "a member without an account ID");
            continue;
        };
        let details = Details {
            delegated: delegated(&delegations, &id),
            place: places.of(id.as_str()),
            manages_roots: manages_roots.clone(),
            tags,
        };
        member(cx, out, known, &id, listed, &details);
    }
    Ok(())
}

/// What the list of accounts leaves out.
struct Details {
    delegated: Detail<Vec<String>>,
    place: Detail<Place>,
    manages_roots: Detail<bool>,
    tags: Detail<HashMap<String, String>>,
}

fn member(cx: &Cx, out: &mut Batch, known: &Known, id: &AccountId, listed: Account, details: &Details) {
    let key = account_key(cx, id.as_str());
    let member = AWS_ACCOUNT.at(&key);
    let is_management = id.as_str() == known.management;
    // `Status` is the older word for it, which AWS takes away.
    let state = listed.state.as_ref().map(|it| it.as_str().to_uppercase());
    let status = state.or_else(|| listed.status.as_ref().map(|it| it.as_str().to_uppercase()));
    let place = details.place.known();
    let services = details.delegated.known();

    out.add(
        key,
        listed.name.clone().unwrap_or_else(|| id.to_string()),
        &Member {
            id: id.to_string(),
            active: status.as_ref().map(|it| it == "ACTIVE"),
            status,
            org_account_arn: listed.arn,
            org_account_name: listed.name,
            email: listed.email,
            joined_method: listed.joined_method.map(|it| it.as_str().to_owned()),
            joined_on: listed.joined_timestamp.as_ref().and_then(millis),
            organization_id: known.id.clone(),
            management: is_management,
            ou_ids: place.map(|it| it.ids.clone()).unwrap_or_default(),
            ou_path: place.map(|it| path(known, &it.ids)),
            delegated_administrator: services.is_some_and(|it| !it.is_empty()),
            delegated_services: services.cloned().unwrap_or_default(),
            root_credentials_management_enabled: details.manages_roots.known().copied().unwrap_or(false),
        },
    )
    .account(id.clone())
    .tags(details.tags.known().cloned().unwrap_or_default())
    .web_link(cx.console("billing/home#/account"))
    .unknown(&details.place, &["ouIds", "ouPath"])
    .unknown(&details.delegated, &["delegatedAdministrator", "delegatedServices"])
    .unknown(&details.manages_roots, &["rootCredentialsManagementEnabled"])
    .unknown(&details.tags, &["tags"]);

    if !is_management {
        let management = AWS_ACCOUNT.at(account_key(cx, &known.management));
        out.link(management, Has, member.clone());
    }
    if let Some(place) = place {
        out.link(place.found.clone(), Has, member);
    }
}

/// The services that one account administers; none for an account that administers nothing.
fn delegated(delegations: &Detail<Delegations>, id: &AccountId) -> Detail<Vec<String>> {
    match delegations {
        Detail::Unknown(error) => Detail::Unknown(error.clone()),
        Detail::Known(delegations) => {
            let nothing = || Detail::Known(Vec::new());
            delegations.get(id.as_str()).cloned().unwrap_or_else(nothing)
        }
    }
}

async fn delegations(cx: &Cx, client: &Client) -> Result<Delegations, CollectError> {
    let mut delegations = Delegations::new();
    let mut pages = pages!(cx, client.list_delegated_administrators(), next_token);
    while let Some(page) = pages.next().await? {
        let administrators = page.delegated_administrators.unwrap_or_default();
        for id in administrators.into_iter().filter_map(|it| it.id) {
            let services = detail_pages(services(cx, client, &id).await)?.map(Option::unwrap_or_default);
            delegations.insert(id, services);
        }
    }
    Ok(delegations)
}

async fn services(cx: &Cx, client: &Client, account_id: &str) -> Result<Vec<String>, CollectError> {
    let mut services = Vec::new();
    let request = client.list_delegated_services_for_account().account_id(account_id);
    let mut pages = pages!(cx, request, next_token);
    while let Some(page) = pages.next().await? {
        let listed = page.delegated_services.unwrap_or_default();
        services.extend(listed.into_iter().filter_map(|it| it.service_principal));
    }
    services.sort_unstable();
    services.dedup();
    Ok(services)
}

/// Whether the organization manages the root users of its members.
async fn manages_roots(cx: &Cx) -> Result<Detail<bool>, CollectError> {
    // Where IAM has no access to the organization, none of its features can be on.
    const OFF: &[&str] = &["ServiceAccessNotEnabledException", "OrganizationNotInAllFeaturesModeException"];
    let iam = client!(aws_sdk_iam, IAM, cx);
    let features = detail_or(iam.list_organizations_features().send().await, OFF)?;
    Ok(features.map(|it| {
        let enabled = it.and_then(|it| it.enabled_features).unwrap_or_default();
        enabled.contains(&FeatureType::RootCredentialsManagement)
    }))
}
