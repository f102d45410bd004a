//! Users.

use std::collections::HashMap;

use aws_sdk_iam::types::UserDetail;
use orgraph_collect::prelude::*;

use super::authorization::Details;
use super::groups::KnownGroup;
use super::policies::{self, Documents, tag_pairs};
use super::{console, encoded};
use crate::credential_report::UserCredentials;

/// A user: a person or a program with credentials of its own.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "properties are named by the data model")]
pub(super) struct User {
    /// The unique ID, which is never used again.
    id: Option<String>,
    /// The name.
    username: String,
    /// The unique ID, which is never used again.
    user_id: Option<String>,
    /// The path that groups it with others.
    path: Option<String>,
    /// The user's address: the tag `email`, or the name where that is one.
    email: Option<String>,
    #[serde(flatten)]
    credentials: Option<Credentials>,
    /// When the password was last used, in milliseconds since the epoch; `null` for never.
    password_last_used: Option<i64>,
    /// The ARN of the policy that limits what the user may be allowed.
    permissions_boundary_arn: Option<String>,
    /// Whether a policy of the user or of a group allows everything; absent where one could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    admin: Option<bool>,
    /// When the user was made, in milliseconds since the epoch.
    created_on: Option<i64>,
}

/// What the credential report says, up to four hours behind; absent for a user who is younger than the report.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Credentials {
    /// Whether the user can sign in or has an active access key.
    #[serde(skip_serializing_if = "Option::is_none")]
    active: Option<bool>,
    /// Whether the user has an MFA device.
    #[serde(skip_serializing_if = "Option::is_none")]
    mfa_enabled: Option<bool>,
    /// Whether the user has a password.
    #[serde(skip_serializing_if = "Option::is_none")]
    password_enabled: Option<bool>,
    /// When the password was last changed, in milliseconds since the epoch.
    password_last_changed: Option<i64>,
    /// Whether the user has an active access key.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_key_enabled: Option<bool>,
    /// When an access key was last used, in milliseconds since the epoch; `null` for never.
    access_key_last_used: Option<i64>,
}

/// What is unknown without the credential report.
const REPORTED: &[&str] = &[
    "active",
    "mfaEnabled",
    "passwordEnabled",
    "passwordLastChanged",
    "accessKeyEnabled",
    "accessKeyLastUsed",
];

impl Entity for User {
    const TYPE: EntityType = AWS_IAM_USER;
    const VOLATILE: &'static [&'static str] = &["passwordLastUsed", "accessKeyLastUsed"];
}

/// Adds a user, the inline policies and the memberships.
pub(super) fn user(
    cx: &Cx,
    out: &mut Batch,
    documents: &Documents,
    groups: &HashMap<String, KnownGroup>,
    listed: UserDetail,
    details: &Details,
) {
    let (Some(arn), Some(name)) = (listed.arn, listed.user_name) else {
        return out.skip(None, "a user without an ARN or a name");
    };
    let user = AWS_IAM_USER.at(&arn);
    let mut admins = policies::of_user(cx, out, (&arn, &name), listed.user_policy_list);
    let attached = policies::attached(cx, out, &user, listed.attached_managed_policies);
    for group in listed.group_list.unwrap_or_default() {
        if let Some(group) = groups.get(&group) {
            admins.push(group.admin);
            out.link(group.found.clone(), Contains, user.clone());
        } else {
            admins.push(None);
            out.skip(Some(user.key.clone()), "a member of a group that was not listed");
        }
    }
    let created_on = listed.create_date.as_ref().and_then(millis);
    let reported = details.report.known().and_then(|it| it.user(&arn, created_on));
    let password_last_used = match &details.passwords {
        Detail::Unknown(error) => Detail::Unknown(error.clone()),
        Detail::Known(passwords) => match passwords.get(&arn) {
            Some(last_used) => Detail::Known(*last_used),
            None => Detail::Unknown(CollectError::Failed {
                operation: "ListUsers".to_owned(),
                reason: "a user who came or left during the listing".to_owned(),
            }),
        },
    };
    let tags = tag_pairs(&listed.tags.unwrap_or_default());

    out.add(
        &arn,
        &name,
        &User {
            id: listed.user_id.clone(),
            username: name.clone(),
            user_id: listed.user_id,
            path: listed.path,
            email: email(&name, &tags),
            credentials: reported.as_ref().map(credentials),
            password_last_used: password_last_used.known().copied().flatten(),
            permissions_boundary_arn: listed.permissions_boundary.and_then(|it| it.permissions_boundary_arn),
            admin: documents.any_admin(admins, &attached),
            created_on,
        },
    )
    .tags(tags)
    .web_link(console(cx, format_args!("users/details/{}", encoded(&name))))
    .unknown(&password_last_used, &["passwordLastUsed"])
    .unknown(&details.report, REPORTED);
}

fn credentials(reported: &UserCredentials) -> Credentials {
    let UserCredentials { password_enabled, access_key_enabled, .. } = *reported;
    let active = match (password_enabled, access_key_enabled) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    };
    Credentials {
        active,
        mfa_enabled: reported.mfa_enabled,
        password_enabled,
        password_last_changed: reported.password_last_changed,
        access_key_enabled,
        access_key_last_used: reported.access_key_last_used,
    }
}

fn email(name: &str, tags: &[(String, String)]) -> Option<String> {
    let tag = tags.iter().find(|(key, _)| key.eq_ignore_ascii_case("email"));
    let is_address = |it: &&str| it.split_once('@').is_some_and(|(_, host)| host.contains('.'));
    tag.map(|(_, value)| value.clone()).or_else(|| Some(name).filter(is_address).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_an_address_only_where_it_looks_like_one() {
        let tag = [("Email".to_owned(), "alice@example.com".to_owned())];

        assert_eq!(email("bob", &tag).as_deref(), Some("alice@example.com"));
        assert_eq!(email("bob@example.com", &[]).as_deref(), Some("bob@example.com"));
        assert_eq!(email("bob@laptop", &[]), None);
    }
}
