//! Roles.

use aws_sdk_iam::types::RoleDetail;
use orgraph_collect::prelude::*;
use serde_json::Value;

use super::authorization::Details;
use super::policies::{self, Documents, tag_pairs};
use super::{console, encoded};
use crate::document::Document;

/// A role: permissions that others may act with.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "properties are named by the data model")]
pub(super) struct Role {
    /// The unique ID, which is never used again.
    id: Option<String>,
    /// The name.
    role_name: String,
    /// The unique ID, which is never used again.
    role_id: Option<String>,
    /// The path that groups it with others.
    path: Option<String>,
    /// What it is for.
    description: Option<String>,
    /// Who may assume it. External IDs are shared secrets and replaced by `<redacted>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    assume_role_policy: Option<Value>,
    /// How many users and roles that the trust policy allows are gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    orphaned_principals: Option<usize>,
    /// Why the trust policy could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)] // Only for what AWS should never send, which no view needs a column for.
    policy_parse_error: Option<String>,
    /// How long a session may last, in seconds.
    max_session_duration: Option<i32>,
    /// The ARN of the policy that limits what the role may be allowed.
    permissions_boundary_arn: Option<String>,
    /// The IDs of the instance profiles that hand it to instances.
    instance_profile_ids: Vec<String>,
    /// The ARNs of the instance profiles that hand it to instances.
    instance_profile_arns: Vec<String>,
    /// When it was last used, in milliseconds since the epoch; `null` where not within the time that IAM keeps.
    last_used_on: Option<i64>,
    /// The region it was last used in.
    last_used_region: Option<String>,
    /// Whether an AWS service made it and owns it.
    system_role: bool,
    /// Whether a policy of it allows everything; absent where one could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    admin: Option<bool>,
    /// When it was made, in milliseconds since the epoch.
    created_on: Option<i64>,
}

impl Entity for Role {
    const TYPE: EntityType = AWS_IAM_ROLE;
    const VOLATILE: &'static [&'static str] = &["lastUsedOn", "lastUsedRegion"];
}

/// Adds a role and its inline policies.
pub(super) fn role(cx: &Cx, out: &mut Batch, documents: &Documents, listed: RoleDetail, details: &Details) {
    let (Some(arn), Some(name)) = (listed.arn, listed.role_name) else {
        return out.skip(None, "a role without an ARN or a name");
    };
    let role = AWS_IAM_ROLE.at(&arn);
    let inline = policies::of_role(cx, out, (&arn, &name), listed.role_policy_list);
    let attached = policies::attached(cx, out, &role, listed.attached_managed_policies);
    let trust = listed.assume_role_policy_document.as_deref().map(Document::read);
    let profiles = listed.instance_profile_list.unwrap_or_default();
    let last_used = listed.role_last_used;
    let settings = match &details.roles {
        Detail::Unknown(error) => Detail::Unknown(error.clone()),
        Detail::Known(roles) => roles.get(&arn).map_or_else(
            || {
                Detail::Unknown(CollectError::Failed {
                    operation: "ListRoles".to_owned(),
                    reason: "a role that came or went during the listing".to_owned(),
                })
            },
            Detail::Known,
        ),
    };

    out.add(
        &arn,
        &name,
        &Role {
            id: listed.role_id.clone(),
            role_name: name.clone(),
            role_id: listed.role_id,
            system_role: listed.path.as_deref().is_some_and(|it| it.starts_with("/aws-service-role/")),
            path: listed.path,
            description: settings.known().and_then(|it| it.description.clone()),
            assume_role_policy: trust.as_ref().and_then(|it| Some(it.as_ref().ok()?.value().clone())),
            orphaned_principals: trust.as_ref().and_then(|it| Some(it.as_ref().ok()?.orphaned_principals())),
            policy_parse_error: trust.and_then(|it| Some(it.err()?.to_string())),
            max_session_duration: settings.known().and_then(|it| it.max_session_duration),
            permissions_boundary_arn: listed.permissions_boundary.and_then(|it| it.permissions_boundary_arn),
            instance_profile_ids: profiles.iter().map(|it| it.instance_profile_id.clone()).collect(),
            instance_profile_arns: profiles.into_iter().map(|it| it.arn).collect(),
            last_used_on: last_used.as_ref().and_then(|it| it.last_used_date.as_ref()).and_then(millis),
            last_used_region: last_used.and_then(|it| it.region).filter(|it| !it.is_empty()),
            admin: documents.any_admin(inline, &attached),
            created_on: listed.create_date.as_ref().and_then(millis),
        },
    )
    .tags(tag_pairs(&listed.tags.unwrap_or_default()))
    .web_link(console(cx, format_args!("roles/details/{}", encoded(&name))))
    .unknown(&settings, &["description", "maxSessionDuration"]);
}
