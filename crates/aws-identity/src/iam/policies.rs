//! Policies: those of their own, managed, and those inline in one user, group or role.

use std::collections::HashMap;

use aws_sdk_iam::types::{AttachedPolicy, ManagedPolicyDetail, PolicyDetail, Tag};
use orgraph_collect::prelude::*;
use serde_json::Value;

use super::{console, encoded};
use crate::document::{Document, DocumentError, any_admin};

/// A managed policy, with the document of its default version.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ManagedPolicy {
    /// The ARN, which for a policy of AWS is the same in all accounts.
    arn: String,
    /// The unique ID, which is never used again.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// The name.
    policy_name: String,
    /// The unique ID, which is never used again.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_id: Option<String>,
    /// The path that groups it with others.
    path: Option<String>,
    /// Whether AWS wrote it and keeps it.
    aws_managed: bool,
    /// How many users, groups and roles it is attached to.
    attachment_count: Option<i32>,
    /// How many users and roles it is the permissions boundary of.
    permissions_boundary_usage_count: Option<i32>,
    /// The version that is in force.
    default_version_id: Option<String>,
    #[serde(flatten)]
    permissions: Permissions,
    /// What it is for.
    description: Option<String>,
    /// When it was made, in milliseconds since the epoch.
    created_on: Option<i64>,
    /// When its default version last changed, in milliseconds since the epoch.
    updated_on: Option<i64>,
}

impl Entity for ManagedPolicy {
    const TYPE: EntityType = AWS_IAM_POLICY;
}

/// What a document says. Where it cannot be read, only why.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Permissions {
    /// The document, with external IDs replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_document: Option<Value>,
    /// Whether it allows every action on every resource without a condition.
    #[serde(skip_serializing_if = "Option::is_none")]
    admin: Option<bool>,
    /// How many statements it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    statement_count: Option<usize>,
    /// Why the document could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)] // Only for what AWS should never send, which no view needs a column for.
    policy_parse_error: Option<String>,
}

/// A policy that is part of one user, group or role.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct InlinePolicy {
    /// The name, unique within the principal.
    id: String,
    /// The name, unique within the principal.
    policy_name: String,
    /// The ARN of the user, group or role it is part of.
    principal_arn: String,
    #[serde(flatten)]
    permissions: Permissions,
    /// Every action that it allows, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    actions: Option<Vec<String>>,
    /// Each statement in one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<Vec<String>>,
}

macro_rules! inline_policies {
    ($($(#[$doc:meta])* $entity:ident: $type:ident, $add:ident, $principal:ident, $console:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Serialize, JsonSchema)]
        pub(super) struct $entity {
            #[serde(flatten)]
            policy: InlinePolicy,
        }

        impl Entity for $entity {
            const TYPE: EntityType = $type;
        }

        /// Adds the inline policies of a principal. Says for each whether it is an administrator's.
        pub(super) fn $add(
            cx: &Cx,
            out: &mut Batch,
            principal: (&str, &str),
            listed: Option<Vec<PolicyDetail>>,
        ) -> Vec<Option<bool>> {
            let (arn, principal_name) = principal;
            let listed = listed.unwrap_or_default().into_iter();
            let admins = listed.map(|it| {
                let Some(name) = it.policy_name else {
                    let why = "an inline policy without a name";
                    out.skip(None, why);
                    return None;
                };
                let read = it.policy_document.as_deref().map(Document::read);
                let policy = inline(&name, arn, read.as_ref());
                let admin = policy.permissions.admin;
                let key = format!("{}:{arn}:{name}", $type.name);
                out.add(&key, &name, &$entity { policy })
                    .web_link(console(cx, format_args!($console, encoded(principal_name))))
                    .unknown(&present(read.as_ref()), UNREAD);
                out.link($principal.at(arn), Has, $type.at(key));
                admin
            });
            admins.collect()
        }
    )*};
}

inline_policies! {
    /// A policy that is part of one user.
    UserPolicy: AWS_IAM_USER_POLICY, of_user, AWS_IAM_USER, "users/details/{}?section=permissions";
    /// A policy that is part of one group.
    GroupPolicy: AWS_IAM_GROUP_POLICY, of_group, AWS_IAM_GROUP, "groups/details/{}?section=permissions";
    /// A policy that is part of one role.
    RolePolicy: AWS_IAM_ROLE_POLICY, of_role, AWS_IAM_ROLE, "roles/details/{}?section=permissions";
}

/// What is unknown where an answer lacks the document.
const UNREAD: &[&str] = &["policyDocument", "admin", "statementCount", "actions", "rules"];

/// Which managed policies are an administrator's, by ARN; `None` where the document could not be read.
#[derive(Default)]
pub(super) struct Documents {
    admins: HashMap<String, Option<bool>>,
}

impl Documents {
    /// Whether a principal with these policies is an administrator. Unknown where one of them was not read.
    pub(super) fn any_admin(&self, inline: Vec<Option<bool>>, attached: &[String]) -> Option<bool> {
        let attached = attached.iter().map(|arn| self.admins.get(arn).copied().flatten());
        any_admin(inline.into_iter().chain(attached))
    }
}

/// The key of a managed policy. A policy of AWS is an entity of each account that uses it, so that no path leads from
/// one account through it to another.
pub(super) fn policy_key(cx: &Cx, arn: &str) -> String {
    if is_aws_managed(arn) {
        format!("{}:{}:{arn}", AWS_IAM_POLICY.name, cx.account())
    } else {
        arn.to_owned()
    }
}

/// Whether AWS wrote the policy: its ARN has the word `aws` in place of an account.
pub(super) fn is_aws_managed(arn: &str) -> bool {
    Key::from(arn).arn_account() == Some("aws")
}

/// Links a principal to the managed policies attached to it, and gives their ARNs.
pub(super) fn attached(
    cx: &Cx,
    out: &mut Batch,
    principal: &Ref,
    listed: Option<Vec<AttachedPolicy>>,
) -> Vec<String> {
    let arns: Vec<String> = listed.unwrap_or_default().into_iter().filter_map(|it| it.policy_arn).collect();
    for arn in &arns {
        out.link(principal.clone(), Has, AWS_IAM_POLICY.at(policy_key(cx, arn)));
    }
    arns
}

/// Adds a managed policy.
pub(super) fn managed(
    cx: &Cx,
    out: &mut Batch,
    documents: &mut Documents,
    listed: ManagedPolicyDetail,
    tagged: &Detail<Vec<Tag>>,
) {
    let Some(arn) = listed.arn else {
        return out.skip(None, "a policy without an ARN");
    };
    let name = listed.policy_name.unwrap_or_else(|| last_segment(&arn).to_owned());
    let versions = listed.policy_version_list.unwrap_or_default();
    let default = versions.into_iter().find(|it| it.is_default_version);
    let read = default.and_then(|it| it.document).map(|it| Document::read(&it));
    let permissions = permissions(read.as_ref());
    documents.admins.insert(arn.clone(), permissions.admin);
    let link = console(cx, format_args!("policies/details/{}", encoded(&arn)));

    out.add(
        policy_key(cx, &arn),
        &name,
        &ManagedPolicy {
            id: listed.policy_id.clone(),
            policy_name: name.clone(),
            policy_id: listed.policy_id,
            path: listed.path,
            aws_managed: is_aws_managed(&arn),
            arn,
            attachment_count: listed.attachment_count,
            permissions_boundary_usage_count: listed.permissions_boundary_usage_count,
            default_version_id: listed.default_version_id,
            permissions,
            description: listed.description,
            created_on: listed.create_date.as_ref().and_then(millis),
            updated_on: listed.update_date.as_ref().and_then(millis),
        },
    )
    .tags(tag_pairs(tagged.known().map(Vec::as_slice).unwrap_or_default()))
    .web_link(link)
    .unknown(&present(read.as_ref()), UNREAD)
    .unknown(tagged, &["tags"]);
}

/// The tags of an IAM resource as pairs.
pub(super) fn tag_pairs(listed: &[Tag]) -> Vec<(String, String)> {
    listed.iter().map(|it| (it.key.clone(), it.value.clone())).collect()
}

fn inline(name: &str, principal_arn: &str, read: Option<&Result<Document, DocumentError>>) -> InlinePolicy {
    let document = read.and_then(|it| it.as_ref().ok());
    InlinePolicy {
        id: name.to_owned(),
        policy_name: name.to_owned(),
        principal_arn: principal_arn.to_owned(),
        permissions: permissions(read),
        actions: document.map(Document::actions),
        rules: document.map(Document::rules),
    }
}

fn permissions(read: Option<&Result<Document, DocumentError>>) -> Permissions {
    let document = read.and_then(|it| it.as_ref().ok());
    Permissions {
        policy_document: document.map(|it| it.value().clone()),
        admin: document.map(Document::is_admin),
        statement_count: document.map(Document::statement_count),
        policy_parse_error: read.and_then(|it| it.as_ref().err()).map(ToString::to_string),
    }
}

/// An answer without a document leaves what the document says unknown.
fn present(read: Option<&Result<Document, DocumentError>>) -> Detail<()> {
    match read {
        Some(_) => Detail::Known(()),
        None => Detail::Unknown(CollectError::Failed {
            operation: "GetAccountAuthorizationDetails".to_owned(),
            reason: "a policy without its document".to_owned(),
        }),
    }
}
