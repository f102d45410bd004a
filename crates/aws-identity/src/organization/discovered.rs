//! The members that a run of the organization collector found, for deciding which of them are read.

use std::fmt;

use orgraph_model::vocabulary::AWS_ACCOUNT;
use orgraph_model::{AccountId, Entity, Snapshot, Source};
use serde_json::Value;

/// A member of the organization. What is `None` could not be read, which is never the same as "nothing".
#[derive(Clone, PartialEq, Eq)]
pub struct OrganizationAccount {
    /// Its ID.
    pub id: AccountId,
    /// Its name in the organization, or its ID where it has none.
    pub name: String,
    /// The address of its root user.
    pub email: Option<String>,
    /// The state of the account in upper case, for instance `ACTIVE` or `SUSPENDED`.
    pub status: Option<String>,
    /// Its ARN within the organization.
    pub arn: Option<String>,
    /// `INVITED` or `CREATED`.
    pub joined_method: Option<String>,
    /// When it became a member, in milliseconds since the epoch.
    pub joined_on: Option<i64>,
    /// The ID of its organization.
    pub organization_id: Option<String>,
    /// Whether it is the management account.
    pub management: bool,
    /// The IDs of the root and every unit down to it, in this order.
    pub ou_path: Option<Vec<String>>,
    /// Its tags by key, in order. Those that the configuration adds to the management account are among them.
    pub tags: Option<Vec<(String, String)>>,
}

impl OrganizationAccount {
    /// The value of a tag: `None` where the tags are unknown, `Some(None)` where there is no such tag.
    #[expect(clippy::option_option, reason = "an unknown tag is not an absent one")]
    pub fn tag(&self, key: &str) -> Option<Option<&str>> {
        let tags = self.tags.as_ref()?;
        let found = tags.iter().find(|(it, _)| it == key);
        Some(found.map(|(_, value)| value.as_str()))
    }
}

/// Addresses and tags are nobody's business in a log.
impl fmt::Debug for OrganizationAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrganizationAccount")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("status", &self.status)
            .field("management", &self.management)
            .field("ou_path", &self.ou_path)
            .finish_non_exhaustive()
    }
}

/// The members in a snapshot of [`ORGANIZATION`](super::ORGANIZATION), in the order of their IDs. A snapshot without
/// rows has none, which says nothing about the organization.
pub fn accounts_of(snapshot: &Snapshot) -> Vec<OrganizationAccount> {
    let members = snapshot.entities.iter().filter(|it| {
        // An entity without an organization is the account's own word about itself.
        it.entity_type == AWS_ACCOUNT
            && it.source == Source::Integration
            && it.properties.contains_key("organizationId")
    });
    let mut accounts: Vec<OrganizationAccount> = members.map(|it| account(snapshot, it)).collect();
    accounts.sort_by(|a, b| a.id.cmp(&b.id));
    accounts
}

fn account(snapshot: &Snapshot, entity: &Entity) -> OrganizationAccount {
    let text = |name: &str| entity.properties.get(name).and_then(Value::as_str).map(str::to_owned);
    let ids = entity.properties.get("ouIds").and_then(Value::as_array);
    let tags_are_unknown = snapshot
        .gaps
        .iter()
        .any(|it| it.key.as_ref() == Some(&entity.key) && it.properties.iter().any(|it| it == "tags"));
    OrganizationAccount {
        id: entity.account.clone(),
        name: text("orgAccountName").unwrap_or_else(|| entity.account.to_string()),
        email: text("email"),
        status: text("status"),
        arn: text("orgAccountArn"),
        joined_method: text("joinedMethod"),
        joined_on: entity.properties.get("joinedOn").and_then(Value::as_i64),
        organization_id: text("organizationId"),
        management: entity.properties.get("management") == Some(&Value::Bool(true)),
        ou_path: ids.map(|it| it.iter().filter_map(|it| it.as_str().map(str::to_owned)).collect()),
        tags: (!tags_are_unknown).then(|| tags(entity)),
    }
}

/// The tags as AWS has them: some become booleans in the graph, and the configuration may have replaced two.
fn tags(entity: &Entity) -> Vec<(String, String)> {
    let replaced = |key: &str| entity.tags.contains_key(&format!("source.{key}"));
    let as_text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut tags: Vec<(String, String)> = entity
        .tags
        .iter()
        .filter(|(key, _)| !replaced(key))
        .map(|(key, value)| {
            let original =
                key.strip_prefix("source.").filter(|it| ["AccountName", "Production"].contains(it));
            (original.unwrap_or(key).to_owned(), as_text(value))
        })
        .collect();
    tags.sort_unstable();
    tags
}
