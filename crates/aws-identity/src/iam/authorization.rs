//! Users, groups, roles and policies: one listing, since each names the others.

use std::collections::{HashMap, HashSet};

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{GroupDetail, ManagedPolicyDetail, RoleDetail, Tag, UserDetail};
use orgraph_collect::prelude::*;

use super::policies::{Documents, ManagedPolicy};
use super::{groups, policies, roles, users};
use crate::credential_report::{CredentialReport, credential_report};

pub(crate) static AUTHORIZATION: Collector = Collector {
    name: "iam_authorization",
    service: Service::IAM,
    scope: Scope::Account,
    calls: &[
        call("GetAccountAuthorizationDetails"),
        call("ListUsers"),
        call("ListRoles"),
        call("ListPolicyTags"),
        call("GenerateCredentialReport"),
        call("GetCredentialReport"),
    ],
    entities: &[
        entity::<users::User>(),
        entity::<groups::Group>(),
        entity::<roles::Role>(),
        entity::<ManagedPolicy>(),
        entity::<policies::UserPolicy>(),
        entity::<policies::GroupPolicy>(),
        entity::<policies::RolePolicy>(),
    ],
    relationships: &[
        rel(AWS_IAM, Has, AWS_IAM_USER),
        rel(AWS_IAM, Has, AWS_IAM_GROUP),
        rel(AWS_IAM, Has, AWS_IAM_ROLE),
        rel(AWS_IAM, Has, AWS_IAM_POLICY),
        rel(AWS_IAM, Has, AWS_IAM_USER_POLICY),
        rel(AWS_IAM, Has, AWS_IAM_GROUP_POLICY),
        rel(AWS_IAM, Has, AWS_IAM_ROLE_POLICY),
        rel(AWS_IAM_GROUP, Contains, AWS_IAM_USER),
        rel(AWS_IAM_USER, Has, AWS_IAM_POLICY),
        rel(AWS_IAM_GROUP, Has, AWS_IAM_POLICY),
        rel(AWS_IAM_ROLE, Has, AWS_IAM_POLICY),
        rel(AWS_IAM_USER, Has, AWS_IAM_USER_POLICY),
        rel(AWS_IAM_GROUP, Has, AWS_IAM_GROUP_POLICY),
        rel(AWS_IAM_ROLE, Has, AWS_IAM_ROLE_POLICY),
    ],
    collect: |cx, out| Box::pin(authorization(cx, out)),
};

/// The whole listing: a page may name what only a later one describes.
#[derive(Default)]
struct Listed {
    users: Vec<UserDetail>,
    groups: Vec<GroupDetail>,
    roles: Vec<RoleDetail>,
    policies: Vec<ManagedPolicyDetail>,
}

/// What the listing leaves out.
pub(super) struct Details {
    /// When passwords were last used, by the ARN of the user.
    pub(super) passwords: Detail<HashMap<String, Option<i64>>>,
    /// What else is known of the credentials of users.
    pub(super) report: Detail<CredentialReport>,
    /// What roles are for, by their ARN.
    pub(super) roles: Detail<HashMap<String, RoleSettings>>,
}

/// What only the listing of roles says about one.
pub(super) struct RoleSettings {
    pub(super) description: Option<String>,
    pub(super) max_session_duration: Option<i32>,
}

async fn authorization(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let iam = client!(aws_sdk_iam, IAM, cx);
    let listed = listed(cx, &iam).await?;
    let details = Details {
        passwords: detail_pages(passwords(cx, &iam).await)?.map(Option::unwrap_or_default),
        report: credential_report(&iam).await?,
        roles: detail_pages(role_settings(cx, &iam).await)?.map(Option::unwrap_or_default),
    };
    let tagged = |policy: ManagedPolicyDetail| {
        let iam = &iam;
        async move {
            let tags = policy_tags(cx, iam, policy.arn.as_deref()).await?;
            Ok::<_, CollectError>((policy, tags))
        }
    };

    let mut documents = Documents::default();
    for tagged in cx.concurrently(listed.policies, tagged).await {
        let (policy, tags) = tagged?;
        policies::managed(cx, out, &mut documents, policy, &tags);
    }
    let members = members(&listed.users);
    let mut known_groups = HashMap::new();
    for group in listed.groups {
        let count = |name: &str| members.get(name).copied().unwrap_or(0);
        if let Some((name, found)) = groups::group(cx, out, &documents, group, count) {
            known_groups.insert(name, found);
        }
    }
    for user in listed.users {
        users::user(cx, out, &documents, &known_groups, user, &details);
    }
    for role in listed.roles {
        roles::role(cx, out, &documents, role, &details);
    }
    Ok(())
}

async fn listed(cx: &Cx, iam: &Client) -> Result<Listed, CollectError> {
    let mut listed = Listed::default();
    let mut pages = pages!(cx, iam.get_account_authorization_details(), marker);
    while let Some(page) = pages.next().await? {
        listed.users.extend(page.user_detail_list.unwrap_or_default());
        listed.groups.extend(page.group_detail_list.unwrap_or_default());
        listed.roles.extend(page.role_detail_list.unwrap_or_default());
        listed.policies.extend(page.policies.unwrap_or_default());
    }
    // AWS's own policies are of interest where something is attached; there are more than a thousand others.
    listed.policies.retain(|it| {
        let is_foreign = it.arn.as_deref().is_some_and(policies::is_aws_managed);
        !is_foreign || it.attachment_count.is_some_and(|it| it > 0)
    });
    Ok(listed)
}

async fn passwords(cx: &Cx, iam: &Client) -> Result<HashMap<String, Option<i64>>, CollectError> {
    let mut passwords = HashMap::new();
    let mut pages = pages!(cx, iam.list_users(), marker);
    while let Some(page) = pages.next().await? {
        let users = page.users.into_iter();
        passwords.extend(users.map(|it| (it.arn, it.password_last_used.as_ref().and_then(millis))));
    }
    Ok(passwords)
}

async fn role_settings(cx: &Cx, iam: &Client) -> Result<HashMap<String, RoleSettings>, CollectError> {
    let mut settings = HashMap::new();
    let mut pages = pages!(cx, iam.list_roles(), marker);
    while let Some(page) = pages.next().await? {
        let roles = page.roles.into_iter();
        settings.extend(roles.map(|it| {
            let settings =
                RoleSettings { description: it.description, max_session_duration: it.max_session_duration };
            (it.arn, settings)
        }));
    }
    Ok(settings)
}

/// The tags of a customer's policy; AWS's own have none.
async fn policy_tags(cx: &Cx, iam: &Client, arn: Option<&str>) -> Result<Detail<Vec<Tag>>, CollectError> {
    let Some(arn) = arn.filter(|it| !policies::is_aws_managed(it)) else {
        return Ok(Detail::Known(Vec::new()));
    };
    let listed = async {
        let mut tags = Vec::new();
        let mut pages = pages!(cx, iam.list_policy_tags().policy_arn(arn), marker);
        while let Some(page) = pages.next().await? {
            tags.extend(page.tags);
        }
        Ok(tags)
    };
    Ok(detail_pages(listed.await)?.map(Option::unwrap_or_default))
}

/// How many users each group has, by the group's name. A user on two pages is one member.
fn members(users: &[UserDetail]) -> HashMap<String, usize> {
    let mut members: HashMap<&String, HashSet<Option<&str>>> = HashMap::new();
    for user in users {
        for group in user.group_list.iter().flatten() {
            members.entry(group).or_default().insert(user.user_id.as_deref());
        }
    }
    members.into_iter().map(|(group, users)| (group.clone(), users.len())).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::DateTime;
    use orgraph_collect::replay::{Answer, Asked, Fixtures, session};
    use orgraph_collect::{Facts, replay, run};
    use orgraph_model::{Region, Snapshot, Status};
    use serde_json::Value;

    use super::*;

    async fn collected(spoil: impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static) -> Snapshot {
        let fixtures = Fixtures::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"));
        let session = session(move |asked| spoil(asked).unwrap_or_else(|| fixtures.answer(asked))).await;
        let facts = Arc::new(Facts::default());
        run::run(&AUTHORIZATION, &session, &Region::global(), &facts, DateTime::UNIX_EPOCH).await
    }

    fn property<'a>(snapshot: &'a Snapshot, name: &str, property: &str) -> Option<&'a Value> {
        let mut entities = snapshot.entities.iter();
        let entity = entities.find(|it| it.name.as_deref() == Some(name)).expect("it is listed");
        entity.properties.get(property)
    }

    #[tokio::test(start_paused = true)]
    async fn no_external_id_leaves_the_collector() {
        let snapshot = format!("{:?}", collected(|_| None).await);

        assert!(snapshot.contains("<redacted>"));
        assert!(!snapshot.contains("planted"), "{snapshot}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_member_of_an_administrators_group_is_one() {
        let snapshot = collected(|_| None).await;

        assert_eq!(property(&snapshot, "admins", "admin"), Some(&Value::Bool(true)));
        assert_eq!(property(&snapshot, "alice", "admin"), Some(&Value::Bool(true)));
        assert_eq!(property(&snapshot, "deploy", "admin"), Some(&Value::Bool(false)));
        assert_eq!(property(&snapshot, "admins", "userCount"), Some(&Value::from(1)));
        let unattached = |it: &orgraph_model::Entity| it.name.as_deref() == Some("PowerUserAccess");
        assert!(!snapshot.entities.iter().any(unattached));
    }

    #[tokio::test(start_paused = true)]
    async fn without_the_report_nothing_is_said_of_credentials() {
        let denied = |asked: &Asked| {
            let is_report = asked.operation == "GenerateCredentialReport";
            is_report.then(|| replay::error_answer(asked.service, 403, "AccessDenied", "no"))
        };

        let snapshot = collected(denied).await;

        assert_eq!(snapshot.outcome.status, Status::Partial);
        for unknown in ["active", "mfaEnabled", "passwordEnabled", "accessKeyEnabled", "accessKeyLastUsed"] {
            assert_eq!(property(&snapshot, "alice", unknown), None, "{unknown}");
        }
        assert!(property(&snapshot, "alice", "passwordLastUsed").is_some());
    }

    #[test]
    fn what_is_flattened_is_declared_too() {
        let declares = |declared: &orgraph_collect::Declared, property: &str| {
            let schema = (declared.schema)();
            schema.get("properties").is_some_and(|it| it.get(property).is_some())
        };

        assert!(declares(&entity::<users::User>(), "mfaEnabled"));
        assert!(declares(&entity::<ManagedPolicy>(), "statementCount"));
        assert!(declares(&entity::<policies::RolePolicy>(), "policyDocument"));
    }
}
