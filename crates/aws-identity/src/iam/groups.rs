//! Groups of users.

use aws_sdk_iam::types::GroupDetail;
use orgraph_collect::prelude::*;

use super::policies::{self, Documents};
use super::{console, encoded};

/// A group: users who have the same permissions.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "properties are named by the data model")]
pub(super) struct Group {
    /// The unique ID, which is never used again.
    id: Option<String>,
    /// The name.
    group_name: String,
    /// The unique ID, which is never used again.
    group_id: Option<String>,
    /// The path that groups it with others.
    path: Option<String>,
    /// How many users are in it.
    user_count: usize,
    /// Whether a policy of it allows everything; absent where one could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    admin: Option<bool>,
    /// When it was made, in milliseconds since the epoch.
    created_on: Option<i64>,
}

impl Entity for Group {
    const TYPE: EntityType = AWS_IAM_GROUP;
}

/// What users inherit from a group.
pub(super) struct KnownGroup {
    pub(super) found: Ref,
    pub(super) admin: Option<bool>,
}

/// Adds a group and its inline policies. Gives its name and what its users inherit.
pub(super) fn group(
    cx: &Cx,
    out: &mut Batch,
    documents: &Documents,
    listed: GroupDetail,
    user_count: impl Fn(&str) -> usize,
) -> Option<(String, KnownGroup)> {
    let (Some(arn), Some(name)) = (listed.arn, listed.group_name) else {
        out.skip(None, "a group without an ARN or a name");
        return None;
    };
    let group = AWS_IAM_GROUP.at(&arn);
    let inline = policies::of_group(cx, out, (&arn, &name), listed.group_policy_list);
    let attached = policies::attached(cx, out, &group, listed.attached_managed_policies);
    let admin = documents.any_admin(inline, &attached);

    out.add(
        &arn,
        &name,
        &Group {
            id: listed.group_id.clone(),
            group_name: name.clone(),
            group_id: listed.group_id,
            path: listed.path,
            user_count: user_count(&name),
            admin,
            created_on: listed.create_date.as_ref().and_then(millis),
        },
    )
    .web_link(console(cx, format_args!("groups/details/{}", encoded(&name))));
    Some((name, KnownGroup { found: group, admin }))
}
