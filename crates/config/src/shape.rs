//! What AWS accepts as an account ID, a role ARN and so on, as yes-or-no questions about text.
//!
//! The patterns are those of the AWS API references (Organizations, IAM, STS). Whether the thing exists is
//! not asked here.

/// The partitions of AWS and the region whose STS endpoint is used when none is named.
pub(crate) const PARTITIONS: [(&str, &str); 7] = [
    ("aws", "us-east-1"),
    ("aws-cn", "cn-north-1"),
    ("aws-us-gov", "us-gov-west-1"),
    ("aws-iso", "us-iso-east-1"),
    ("aws-iso-b", "us-isob-east-1"),
    ("aws-iso-e", "eu-isoe-west-1"),
    ("aws-eusc", "eusc-de-east-1"),
];

/// One of [`PARTITIONS`].
pub(crate) fn is_partition(text: &str) -> bool {
    PARTITIONS.iter().any(|(partition, _)| *partition == text)
}

/// Twelve digits.
pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `^ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}$`
pub(crate) fn is_ou_id(text: &str) -> bool {
    let Some((root, ou)) = text.strip_prefix("ou-").and_then(|rest| rest.split_once('-')) else {
        return false;
    };
    is_lower_alphanumeric(root, 4) && is_lower_alphanumeric(ou, 8)
}

/// `^r-[0-9a-z]{4,32}$`
pub(crate) fn is_root_id(text: &str) -> bool {
    text.strip_prefix("r-").is_some_and(|rest| is_lower_alphanumeric(rest, 4))
}

fn is_lower_alphanumeric(text: &str, at_least: usize) -> bool {
    (at_least..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
}

/// Letters in groups joined by `-`, then a number: `us-gov-west-1`.
pub(crate) fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let Some((number, names)) = parts.split_last() else {
        return false;
    };
    names.len() >= 2
        && names.iter().all(|name| name.len() >= 2 && name.bytes().all(|byte| byte.is_ascii_lowercase()))
        && (1..=2).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// What a role ARN says about where the role lives.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RoleArn<'a> {
    pub(crate) partition: &'a str,
    pub(crate) account_id: &'a str,
}

/// Takes `arn:<partition>:iam::<account>:role/<path and name>` apart.
pub(crate) fn role_arn(text: &str) -> Option<RoleArn<'_>> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [arn, partition, service, region, account_id, resource] = parts[..] else {
        return None;
    };
    let role = resource.strip_prefix("role/")?;
    let (path, name) = role.rsplit_once('/').unwrap_or(("", role));
    let is_role = arn == "arn"
        && partition.starts_with("aws")
        && service == "iam"
        && region.is_empty()
        && is_account_id(account_id)
        && is_role_name(name)
        && path.bytes().all(|byte| byte.is_ascii_graphic());
    is_role.then_some(RoleArn { partition, account_id })
}

/// `[\w+=,.@-]{1,64}`
pub(crate) fn is_role_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| is_word(byte) || b"+=,.@-".contains(&byte))
}

/// `/`, or `/` printable characters `/`, at most 512 of them.
pub(crate) fn is_role_path(text: &str) -> bool {
    let framed = text == "/" || (text.len() > 2 && text.starts_with('/') && text.ends_with('/'));
    framed && text.len() <= 512 && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What AWS refuses about an external ID; never says what the external ID is.
pub(crate) fn external_id_fault(text: &str) -> Option<&'static str> {
    if text.len() < 2 {
        return Some("the external ID is shorter than the 2 characters AWS asks for");
    }
    if text.len() > 1224 {
        return Some("the external ID is longer than the 1224 characters AWS allows");
    }
    let allowed = text.bytes().all(|byte| is_word(byte) || b"+=,.@:/-".contains(&byte));
    (!allowed).then_some("the external ID has a character AWS refuses")
}

/// A name other programs can set an environment variable by.
pub(crate) fn is_env_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_uppercase() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// `service:Operation`, such as `ec2:DescribeInstances`.
pub(crate) fn operation(text: &str) -> Option<(&str, &str)> {
    let (service, operation) = text.split_once(':')?;
    let named = operation.starts_with(|first: char| first.is_ascii_uppercase())
        && operation.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (named && !service.is_empty()).then_some((service, operation))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(is_right: fn(&str) -> bool, right: &[&str], wrong: &[&str]) {
        for text in right {
            assert!(is_right(text), "{text} should be accepted");
        }
        for text in wrong {
            assert!(!is_right(text), "{text} should be refused");
        }
    }

    #[test]
    fn identifiers_follow_the_patterns_of_aws() {
        check(is_account_id, &["123456789012"], &["12345678901", "1234567890123", "12345678901a", ""]);
        check(
            is_ou_id,
            &["ou-ab12-11111111"],
            &["ou-ab1-11111111", "ou-ab12-1111111", "ou-AB12-11111111", "r-ab12"],
        );
        check(is_root_id, &["r-ab12"], &["r-ab1", "ou-ab12-11111111", "r-AB12", "ab12"]);
        check(
            is_region,
            &["us-east-1", "us-gov-west-1", "ap-southeast-5", "us-isob-east-1"],
            &["us-east", "US-EAST-1", "us_east_1", "useast1", "us-east-1a", ""],
        );
        check(is_role_name, &["orgraph-reader", "a@b.c+d=e,f"], &["", "a b", "a/b"]);
        check(is_role_path, &["/", "/security/", "/a/b/"], &["", "//", "security", "/security", "/a b/"]);
        check(
            |text| role_arn(text).is_some(),
            &["arn:aws:iam::123456789012:role/x", "arn:aws-cn:iam::123456789012:role/a/b/x"],
            &[
                "arn:aws:iam::1:role/x",
                "arn:aws:sts::123456789012:assumed-role/x/y",
                "role/x",
                "arn:aws:iam::123456789012:role/",
            ],
        );
        check(
            |text| external_id_fault(text).is_none(),
            &["ab", "a-b_c:d/e=f,g.h@i+j"],
            &["a", "", "with space", "quo\"te", "ü-mlaut"],
        );
        assert!(external_id_fault(&"x".repeat(1224)).is_none());
        assert!(external_id_fault(&"x".repeat(1225)).is_some());
    }
}
