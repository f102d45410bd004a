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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::DateTime;
    use orgraph_collect::replay::{ACCOUNT, Answer, Asked, Fixtures, error_answer, session};
    use orgraph_collect::{Facts, Service, run};
    use orgraph_model::{Region, Status};

    use super::*;
    use crate::ORGANIZATION;

    async fn collected(spoil: impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static) -> Snapshot {
        let fixtures = Fixtures::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"));
        let session = session(move |asked| spoil(asked).unwrap_or_else(|| fixtures.answer(asked))).await;
        let facts = Arc::new(Facts::default());
        run::run(&ORGANIZATION, &session, &Region::global(), &facts, DateTime::UNIX_EPOCH).await
    }

    fn denied() -> Answer {
        error_answer(Service::ORGANIZATIONS, 400, "AccessDeniedException", "no")
    }

    #[tokio::test(start_paused = true)]
    async fn every_member_is_found_with_its_place_and_tags() {
        let accounts = accounts_of(&collected(|_| None).await);

        let found: Vec<_> = accounts
            .iter()
            .map(|it| {
                (it.id.as_str(), it.status.as_deref().unwrap_or("?"), it.ou_path.clone().unwrap().join(" "))
            })
            .collect();
        assert_eq!(
            found,
            [
                ("012345678901", "ACTIVE", "r-ab12 ou-ab12-33333333".to_owned()),
                ("111122223333", "ACTIVE", "r-ab12 ou-ab12-11111111 ou-ab12-22222222".to_owned()),
                (ACCOUNT, "ACTIVE", "r-ab12".to_owned()),
                ("999988887777", "SUSPENDED", "r-ab12".to_owned()),
            ]
        );
        assert_eq!(accounts[0].tag("j1-integration"), Some(Some("Skip")));
        assert_eq!(accounts[1].tag("j1-integration"), Some(None));
        assert_eq!(accounts[1].tag("Production"), Some(Some("true")));
        assert!(accounts[2].management && !accounts[1].management);
        assert!(!format!("{accounts:?}").contains("@example.com"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_tag_is_unknown_and_not_absent() {
        let snapshot = collected(|asked| {
            let is_of_sandbox = asked.request.contains("012345678901");
            (asked.operation == "ListTagsForResource" && is_of_sandbox).then(denied)
        })
        .await;

        let accounts = accounts_of(&snapshot);

        assert_eq!(snapshot.outcome.status, Status::Partial);
        assert_eq!(accounts[0].tags, None);
        assert_eq!(accounts[0].tag("j1-integration"), None);
        assert!(accounts[1].tags.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_walk_leaves_places_unknown() {
        let snapshot = collected(|asked| (asked.operation == "ListRoots").then(denied)).await;

        assert!(!snapshot.may_remove());
        assert_eq!(accounts_of(&snapshot).len(), 4);
        assert!(accounts_of(&snapshot).iter().all(|it| it.ou_path.is_none()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_list_without_the_management_account_is_no_list() {
        let members = |asked: &Asked| {
            let body = r#"{"Accounts":[{"Id":"111122223333","Name":"production","State":"ACTIVE"}]}"#;
            (asked.operation == "ListAccounts").then(|| Answer::ok(body))
        };

        assert_eq!(collected(members).await.outcome.status, Status::Failed);
        assert_eq!(
            collected(|asked| (asked.operation == "ListAccounts").then(denied)).await.outcome.status,
            Status::DeniedIam
        );
    }
}
