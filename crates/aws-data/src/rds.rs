//! Amazon RDS, and with it Aurora, Neptune and DocumentDB, which share its API. Here is what its collectors have in
//! common: security groups in force, and who may restore a snapshot.

pub(crate) mod cluster_snapshots;
pub(crate) mod clusters;
pub(crate) mod instances;
pub(crate) mod snapshots;

use aws_sdk_rds::types::{Tag, VpcSecurityGroupMembership};
use orgraph_collect::prelude::*;

/// The security groups in force, leaving out those that are being added or removed.
fn active_groups(memberships: Option<Vec<VpcSecurityGroupMembership>>) -> Vec<String> {
    let active = |it: &VpcSecurityGroupMembership| it.status() == Some("active");
    let memberships = memberships.unwrap_or_default().into_iter();
    memberships.filter(active).filter_map(|it| it.vpc_security_group_id).collect()
}

fn link_groups(cx: &Cx, out: &mut Batch, database: &Ref, groups: &[String]) {
    for group in groups {
        let group = AWS_SECURITY_GROUP.at(cx.arn("ec2", format_args!("security-group/{group}")));
        out.link(database.clone(), Has, group.clone());
        out.link(group, Protects, database.clone());
    }
}

fn tag_pairs(list: Option<Vec<Tag>>) -> Vec<(String, String)> {
    tags(list.unwrap_or_default().into_iter().map(|it| (it.key, it.value)))
}

/// Whether AWS says that it can be used.
fn is_available(status: Option<&str>) -> Option<bool> {
    status.map(|it| it == "available")
}

/// Who may restore a snapshot besides its owner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Sharing {
    everybody: bool,
    accounts: Vec<String>,
}

impl Sharing {
    /// From the attributes of a snapshot, as names with their values. Nothing but `restore` shares it.
    fn of(attributes: impl IntoIterator<Item = (Option<String>, Option<Vec<String>>)>) -> Self {
        let restore = attributes.into_iter().filter(|(name, _)| name.as_deref() == Some("restore"));
        let values: Vec<String> = restore.flat_map(|(_, values)| values.unwrap_or_default()).collect();
        let everybody = values.iter().any(|it| it == "all");
        let mut accounts: Vec<String> = values.into_iter().filter(|it| it != "all").collect();
        accounts.sort_unstable();
        accounts.dedup();
        Self { everybody, accounts }
    }
}

/// What asking who may restore a snapshot came to.
enum Asked {
    /// AWS said so, or why it did not.
    Sharing(Detail<Sharing>),
    /// The snapshot has been deleted since it was listed.
    Deleted,
}

impl Asked {
    /// A snapshot that cannot be shared, such as an automated one: there is nothing to ask.
    fn nothing() -> Self {
        Self::Sharing(Detail::Known(Sharing::default()))
    }

    /// From the answer to `operation`; `sharing` finds nothing in an answer that is not whole.
    fn from<T>(
        operation: &str,
        answer: Detail<Option<T>>,
        sharing: impl FnOnce(T) -> Option<Sharing>,
    ) -> Self {
        let not_whole = || CollectError::Envelope {
            operation: operation.to_owned(),
            reason: "no attributes in it".to_owned(),
        };
        match answer {
            Detail::Known(None) => Self::Deleted,
            Detail::Known(Some(answer)) => {
                Self::Sharing(sharing(answer).map_or_else(|| Detail::Unknown(not_whole()), Detail::Known))
            }
            Detail::Unknown(error) => Self::Sharing(Detail::Unknown(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_restore_attribute_shares_a_snapshot() {
        let check = |name: &str, values: &[&str], everybody: bool, accounts: &[&str]| {
            let values = values.iter().map(|&it| it.to_owned()).collect();
            let sharing = Sharing::of([(Some(name.to_owned()), Some(values))]);
            assert_eq!(sharing.everybody, everybody);
            assert_eq!(sharing.accounts, accounts);
        };

        check("restore", &[], false, &[]);
        check("restore", &["all"], true, &[]);
        check(
            "restore",
            &["222222222222", "111111111111", "111111111111"],
            false,
            &["111111111111", "222222222222"],
        );
        check("copy", &["all", "111111111111"], false, &[]);
    }

    #[test]
    fn an_answer_without_attributes_is_unknown() {
        let asked = Asked::from("DescribeDBSnapshotAttributes", Detail::Known(Some(())), |()| None);

        assert!(matches!(asked, Asked::Sharing(Detail::Unknown(_))));
    }

    #[test]
    fn a_group_that_is_being_removed_is_not_in_force() {
        let group = |id: &str, status: &str| {
            VpcSecurityGroupMembership::builder().vpc_security_group_id(id).status(status).build()
        };

        let active = active_groups(Some(vec![group("sg-1", "active"), group("sg-2", "removing")]));

        assert_eq!(active, ["sg-1"]);
    }
}
