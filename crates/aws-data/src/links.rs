//! Relationships to what other families write and every database here names: security groups and keys.

use orgraph_collect::prelude::*;
use orgraph_model::Region;

/// The security groups in force: those whose membership is `active`, and not being added or removed.
pub(crate) fn active_groups(
    memberships: impl IntoIterator<Item = (Option<String>, Option<String>)>,
) -> Vec<String> {
    let active = memberships.into_iter().filter(|(_, status)| status.as_deref() == Some("active"));
    active.filter_map(|(group, _)| group).collect()
}

/// Links what names its security groups with them, both ways.
pub(crate) fn link_groups(cx: &Cx, out: &mut Batch, protected: &Ref, groups: &[String]) {
    for group in groups {
        out.link(protected.clone(), Has, security_group(cx, group));
    }
    link_protectors(cx, out, protected, groups);
}

/// Links the security groups alone with what they protect.
pub(crate) fn link_protectors(cx: &Cx, out: &mut Batch, protected: &Ref, groups: &[String]) {
    for group in groups {
        out.link(security_group(cx, group), Protects, protected.clone());
    }
}

fn security_group(cx: &Cx, id: &str) -> Ref {
    AWS_SECURITY_GROUP.at(cx.arn("ec2", format_args!("security-group/{id}")))
}

/// Links what is encrypted with its key.
pub(crate) fn link_key(cx: &Cx, out: &mut Batch, encrypted: &Ref, key: Option<&str>) {
    link_key_in(cx, out, encrypted, key, cx.region());
}

/// The same where `region`, in which a key without a region is, is not the partition's.
pub(crate) fn link_key_in(cx: &Cx, out: &mut Batch, encrypted: &Ref, key: Option<&str>, region: &Region) {
    let prefix = format!("arn:{}:kms:{region}:{}:", cx.partition(), cx.account());
    match key.map(|it| named(it, &prefix)) {
        Some(Named::Key(arn)) => {
            out.link(encrypted.clone(), Uses, AWS_KMS_KEY.at(arn));
        }
        Some(Named::Alias(alias)) => {
            out.find(encrypted.clone(), Uses, AWS_KMS_KEY, "aliases", alias);
        }
        Some(Named::Nothing) | None => {}
    }
}

/// What the text that names a key comes to.
#[derive(Debug, PartialEq, Eq)]
enum Named<'a> {
    /// The ARN of the key.
    Key(String),
    /// An alias in this account and region.
    Alias(&'a str),
    /// An alias elsewhere, whose key is not in the answer; or no key at all.
    Nothing,
}

/// Reads the ARN or the ID of a key, or the ARN or the name of an alias. `prefix` is what the ARNs of this account and
/// region begin with.
fn named<'a>(text: &'a str, prefix: &str) -> Named<'a> {
    let local = text.strip_prefix(prefix).unwrap_or(text);
    if local.is_empty() {
        Named::Nothing
    } else if local.starts_with("alias/") {
        Named::Alias(local)
    } else if !text.starts_with("arn:") {
        Named::Key(format!("{prefix}key/{text}"))
    } else if text.contains(":key/") {
        Named::Key(text.to_owned())
    } else {
        Named::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_in_four_ways() {
        let prefix = "arn:aws:kms:eu-west-1:123456789012:";
        let check = |text: &str, expected: Named<'_>| assert_eq!(named(text, prefix), expected, "{text}");
        let key = |arn: &str| Named::Key(arn.to_owned());

        check("arn:aws:kms:us-east-1:111111111111:key/1", key("arn:aws:kms:us-east-1:111111111111:key/1"));
        check("mrk-1", key("arn:aws:kms:eu-west-1:123456789012:key/mrk-1"));
        check("alias/orders", Named::Alias("alias/orders"));
        check("arn:aws:kms:eu-west-1:123456789012:alias/orders", Named::Alias("alias/orders"));
        check("arn:aws:kms:us-east-1:123456789012:alias/orders", Named::Nothing);
        check("arn:aws:kms:eu-west-1:111111111111:alias/orders", Named::Nothing);
        check("", Named::Nothing);
    }

    #[test]
    fn a_group_that_is_being_removed_is_not_in_force() {
        let group = |id: &str, status: &str| (Some(id.to_owned()), Some(status.to_owned()));

        assert_eq!(active_groups([group("sg-1", "active"), group("sg-2", "removing")]), ["sg-1"]);
    }
}
