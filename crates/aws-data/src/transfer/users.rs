//! Users that a server manages itself.

use std::collections::BTreeSet;

use aws_sdk_transfer::types::{DescribedUser, Domain, HomeDirectoryType, ListedServer, ListedUser};
use orgraph_collect::prelude::*;

/// A user of a server: never the keys or the session policy themselves.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    /// The user's name on its server.
    id: String,
    /// The same name.
    username: String,
    /// Whether the user has a key to log in with.
    active: Option<bool>,
    /// The ID of the server.
    server_id: String,
    /// The role that the user reads and writes files with.
    role: Option<String>,
    /// Where the user begins: `/bucket/folder`, or for `LOGICAL` one of the mapped folders.
    home_directory: Option<String>,
    /// `PATH` where the user sees buckets as they are, `LOGICAL` where folders are mapped.
    home_directory_type: Option<String>,
    /// The folders that the user sees, with what each really is.
    home_directory_mappings: Option<Vec<Mapping>>,
    /// How many public SSH keys the user has.
    ssh_public_key_count: Option<i32>,
    /// Whether a policy narrows what the role lets the user do.
    has_session_policy: Option<bool>,
}

impl Entity for User {
    const TYPE: EntityType = AWS_TRANSFER_USER;
}

/// One folder that a user sees.
#[derive(Serialize, JsonSchema)]
struct Mapping {
    /// What the user sees.
    entry: String,
    /// What it really is, `/bucket/folder`.
    target: String,
}

pub(super) fn user(
    cx: &Cx,
    out: &mut Batch,
    server: &ListedServer,
    server_id: &str,
    name: &str,
    listed: ListedUser,
    described: &Detail<DescribedUser>,
) {
    let user = AWS_TRANSFER_USER.at(&listed.arn);
    out.link(AWS_TRANSFER_SERVER.at(&server.arn), Has, user.clone());
    if let Some(role) = &listed.role {
        out.link(AWS_IAM_ROLE.at(role), Assigned, user.clone());
    }
    if server.domain != Some(Domain::Efs) {
        for bucket in buckets(&listed, described.known()) {
            let bucket = AWS_S3_BUCKET.at(format!("arn:{}:s3:::{bucket}", cx.partition()));
            out.link(bucket, Allows, user.clone());
        }
    }

    let pairs = described.known().and_then(|it| it.tags.clone()).unwrap_or_default();
    let tags: Vec<_> = pairs.into_iter().map(|it| (it.key, it.value)).collect();
    let mappings = |it: &DescribedUser| {
        let mappings = it.home_directory_mappings().iter();
        mappings.map(|it| Mapping { entry: it.entry.clone(), target: it.target.clone() }).collect()
    };
    out.add(
        &listed.arn,
        name,
        &User {
            id: name.to_owned(),
            username: name.to_owned(),
            active: listed.ssh_public_key_count.map(|it| it > 0),
            server_id: server_id.to_owned(),
            role: listed.role,
            home_directory: listed.home_directory,
            home_directory_type: listed.home_directory_type.map(|it| it.as_str().to_owned()),
            home_directory_mappings: described.known().map(mappings),
            ssh_public_key_count: listed.ssh_public_key_count,
            has_session_policy: described.known().map(|it| it.policy().is_some_and(|it| !it.is_empty())),
        },
    )
    .tags(tags)
    .web_link(
        cx.console(format_args!("transfer/home?region={}#/servers/{server_id}/users/{name}", cx.region())),
    )
    .unknown(described, &["homeDirectoryMappings", "hasSessionPolicy", "tags"]);
}

/// The buckets that the user's folders are in. A home directory that is mapped names none by itself.
fn buckets<'a>(listed: &'a ListedUser, described: Option<&'a DescribedUser>) -> BTreeSet<&'a str> {
    let mapped = listed.home_directory_type == Some(HomeDirectoryType::Logical);
    let home = listed.home_directory().filter(|_| !mapped);
    let mappings = described.map(DescribedUser::home_directory_mappings).unwrap_or_default();
    let targets = mappings.iter().map(|it| it.target.as_str()).filter(|_| mapped);
    home.into_iter().chain(targets).filter_map(bucket).collect()
}

/// The bucket of a path. Access points stand in place of buckets too, and so do variables such as
/// `${transfer:UserName}`; neither names one.
fn bucket(path: &str) -> Option<&str> {
    let first = path.strip_prefix('/')?.split('/').next()?;
    let is_name = !first.is_empty()
        && first.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || b".-_".contains(&it));
    (is_name && !first.ends_with("-s3alias")).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bucket_is_the_first_part_of_a_path() {
        let check = |path: &str, expected: Option<&str>| assert_eq!(bucket(path), expected, "{path}");

        check("/uploads", Some("uploads"));
        check("/uploads/${transfer:UserName}", Some("uploads"));
        check("/${transfer:UserName}/in", None);
        check("/uploads-abcdefghijk-s3alias/in", None);
        check("/", None);
        check("uploads", None);
    }
}
