//! Access keys of users. Those of the root user have no ID that could be read; the account says whether there are any.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{AccessKeyLastUsed, AccessKeyMetadata, StatusType};
use orgraph_collect::prelude::*;

use super::{console, encoded};

pub(crate) static ACCESS_KEYS: Collector = Collector {
    name: "iam_access_keys",
    service: Service::IAM,
    scope: Scope::Account,
    calls: &[call("ListUsers"), call("ListAccessKeys"), call("GetAccessKeyLastUsed")],
    entities: &[entity::<AccessKey>()],
    relationships: &[rel(AWS_IAM_USER, Has, AWS_IAM_ACCESS_KEY)],
    collect: |cx, out| Box::pin(access_keys(cx, out)),
};

/// An access key: what a program signs its requests with. The secret part is never read.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "properties are named by the data model")]
struct AccessKey {
    /// The ID, which every signed request carries.
    id: String,
    /// The ID, which every signed request carries.
    access_key_id: String,
    /// The user it belongs to.
    username: String,
    /// `Active`, `Inactive` or `Expired`.
    status: Option<String>,
    /// Whether requests may be signed with it.
    active: Option<bool>,
    /// What it is for: always `api-access`.
    usage: &'static str,
    /// When it was made, in milliseconds since the epoch.
    created_on: Option<i64>,
    /// When it was last used, in milliseconds since the epoch; `null` for never.
    last_used_on: Option<i64>,
    /// The region it was last used in.
    last_used_region: Option<String>,
    /// The service it was last used for.
    last_used_service_name: Option<String>,
}

impl Entity for AccessKey {
    const TYPE: EntityType = AWS_IAM_ACCESS_KEY;
    const VOLATILE: &'static [&'static str] = &["lastUsedOn", "lastUsedRegion", "lastUsedServiceName"];
}

/// The keys of one user.
type Keys = Vec<(AccessKeyMetadata, Detail<Option<AccessKeyLastUsed>>)>;

async fn access_keys(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let iam = client!(aws_sdk_iam, IAM, cx);
    let mut pages = pages!(cx, iam.list_users(), marker);
    while let Some(page) = pages.next().await? {
        let users = page.users.into_iter().map(|it| (it.arn, it.user_name)).collect();
        let keys = |(arn, name): (String, String)| {
            let iam = &iam;
            async move {
                let keys = detail_pages(keys(cx, iam, &name).await)?;
                Ok::<_, CollectError>((arn, name, keys))
            }
        };
        for found in cx.concurrently(users, keys).await {
            let (arn, name, keys) = found?;
            match keys {
                Detail::Known(keys) => {
                    for (listed, last_used) in keys.unwrap_or_default() {
                        access_key(cx, out, &arn, &name, listed, &last_used);
                    }
                }
                // Which keys the user has is not known, so none may be taken for deleted.
                Detail::Unknown(error) => out.incomplete(&error),
            }
        }
    }
    Ok(())
}

async fn keys(cx: &Cx, iam: &Client, user_name: &str) -> Result<Keys, CollectError> {
    let mut keys = Vec::new();
    let mut pages = pages!(cx, iam.list_access_keys().user_name(user_name), marker);
    while let Some(page) = pages.next().await? {
        for listed in page.access_key_metadata {
            let id = listed.access_key_id.clone().unwrap_or_default();
            let last_used = iam.get_access_key_last_used().access_key_id(id).send().await;
            let last_used = detail(last_used)?.map(|it| it.and_then(|it| it.access_key_last_used));
            keys.push((listed, last_used));
        }
    }
    Ok(keys)
}

fn access_key(
    cx: &Cx,
    out: &mut Batch,
    user_arn: &str,
    user_name: &str,
    listed: AccessKeyMetadata,
    last_used: &Detail<Option<AccessKeyLastUsed>>,
) {
    let Some(id) = listed.access_key_id else {
        return out.skip(None, "an access key without an ID");
    };
    let key = format!("{}:{}:{id}", AWS_IAM_ACCESS_KEY.name, cx.account());
    let used = last_used.known().and_then(Option::as_ref);
    let used_on = used.and_then(|it| it.last_used_date.as_ref()).and_then(millis);
    // A key that was never used has `N/A` for a region and a service.
    let word = |it: &String| Some(it.clone()).filter(|it| !it.is_empty() && it != "N/A");

    out.add(
        &key,
        &id,
        &AccessKey {
            id: id.clone(),
            access_key_id: id.clone(),
            username: user_name.to_owned(),
            active: listed.status.as_ref().map(|it| *it == StatusType::Active),
            status: listed.status.map(|it| it.as_str().to_owned()),
            usage: "api-access",
            created_on: listed.create_date.as_ref().and_then(millis),
            last_used_on: used_on,
            last_used_region: used.and_then(|it| word(&it.region)),
            last_used_service_name: used.and_then(|it| word(&it.service_name)),
        },
    )
    .web_link(console(cx, format_args!("users/details/{}?section=security_credentials", encoded(user_name))))
    .unknown(last_used, &["lastUsedOn", "lastUsedRegion", "lastUsedServiceName"]);
    out.link(AWS_IAM_USER.at(user_arn), Has, AWS_IAM_ACCESS_KEY.at(key));
}
