//! Whom a statement of a trust policy names.

use orgraph_model::AccountId;
use serde_json::Value;

use super::statement::texts;

/// Whom a policy names, not yet looked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Principal<'a> {
    /// Everybody.
    Everyone,
    /// An account with all that is in it; with a session, a user that it federates.
    Account { partition: &'a str, account: AccountId, session: Option<&'a str> },
    /// A user by its ARN.
    User { arn: &'a str, account: AccountId },
    /// A role by its ARN.
    Role { arn: &'a str, account: AccountId },
    /// A session of a role, whose path it does not tell.
    Session { partition: &'a str, account: AccountId, role: &'a str, session: Option<&'a str> },
    /// A user or role by its unique ID. IAM shows it in place of the ARN when the principal is gone.
    UniqueId { id: &'a str, session: Option<&'a str> },
    /// A service of AWS.
    Service(&'a str),
    /// A SAML provider by its ARN.
    Saml { arn: &'a str, account: AccountId },
    /// An `OpenID` Connect provider by its ARN.
    Oidc { arn: &'a str, account: AccountId },
    /// An `OpenID` Connect provider that AWS knows without a resource of the account, by its host.
    Web(&'a str),
}

/// The principals of a `Principal` or `NotPrincipal`: as written, and as they are read where that is possible.
pub(crate) fn principals<'a>(value: &'a Value, partition: &'a str) -> Vec<(&'a str, Option<Principal<'a>>)> {
    match value {
        Value::Object(kinds) => kinds
            .iter()
            .flat_map(|(kind, named)| texts(named).map(move |it| (it, read(kind, it, partition))))
            .collect(),
        named => texts(named).map(|it| (it, read("AWS", it, partition))).collect(),
    }
}

fn read<'a>(kind: &str, text: &'a str, partition: &'a str) -> Option<Principal<'a>> {
    let text = text.trim();
    match kind {
        _ if text == "*" => Some(Principal::Everyone),
        "AWS" => in_aws(text, partition),
        "Service" => (!text.is_empty()).then_some(Principal::Service(text)),
        "Federated" => federated(text),
        _ => None,
    }
}

fn in_aws<'a>(text: &'a str, partition: &'a str) -> Option<Principal<'a>> {
    if let Ok(account) = text.parse() {
        return Some(Principal::Account { partition, account, session: None });
    }
    let Some((partition, service, account, resource)) = arn(text) else {
        let (id, session) = text.split_once(':').map_or((text, None), |(id, it)| (id, Some(it)));
        return is_unique_id(id).then_some(Principal::UniqueId { id, session });
    };
    let (kind, name) = resource.split_once('/').unwrap_or((resource, ""));
    Some(match (service, kind) {
        ("iam", "user") if !name.is_empty() => Principal::User { arn: text, account },
        ("iam", "role") if !name.is_empty() => Principal::Role { arn: text, account },
        ("sts", "assumed-role") if !name.is_empty() => {
            let (role, session) = name.split_once('/').map_or((name, None), |(role, it)| (role, Some(it)));
            Principal::Session { partition, account, role, session }
        }
        ("sts", "federated-user") => Principal::Account { partition, account, session: Some(name) },
        // Whatever else there may be belongs to the account.
        _ => Principal::Account { partition, account, session: None },
    })
}

fn federated(text: &str) -> Option<Principal<'_>> {
    let Some((_, _, account, resource)) = arn(text) else {
        // The names of built-in providers are hosts.
        let is_host = text.contains('.') && !text.contains(|it: char| it.is_whitespace() || it == ':');
        return is_host.then_some(Principal::Web(text));
    };
    match resource.split_once('/') {
        Some(("saml-provider", _)) => Some(Principal::Saml { arn: text, account }),
        Some(("oidc-provider", _)) => Some(Principal::Oidc { arn: text, account }),
        _ => None,
    }
}

/// The partition, service, account and resource of an ARN that names an account.
fn arn(text: &str) -> Option<(&str, &str, AccountId, &str)> {
    let segments: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, service, _, account, resource] = segments.as_slice() else { return None };
    Some((partition, service, account.parse().ok()?, resource))
}

/// Whether a text reads as the unique ID of a principal, such as `AROA…`.
fn is_unique_id(text: &str) -> bool {
    text.len() >= 16
        && text.starts_with('A')
        && text.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn one(kind: &str, text: &str) -> String {
        let value = json!({ kind: text });
        let read = principals(&value, "aws");
        read[0].1.as_ref().map_or("nobody".to_owned(), |it| match it {
            Principal::Everyone => "everyone".to_owned(),
            Principal::Account { partition, account, session } => {
                format!("account {partition} {account} {}", session.unwrap_or("-"))
            }
            Principal::User { account, .. } => format!("user {account}"),
            Principal::Role { account, .. } => format!("role {account}"),
            Principal::Session { partition, account, role, session } => {
                format!("session {partition} {account} {role} {}", session.unwrap_or("-"))
            }
            Principal::UniqueId { id, session } => format!("id {id} {}", session.unwrap_or("-")),
            Principal::Service(it) => format!("service {it}"),
            Principal::Saml { account, .. } => format!("saml {account}"),
            Principal::Oidc { account, .. } => format!("oidc {account}"),
            Principal::Web(it) => format!("web {it}"),
        })
    }

    #[test]
    fn a_principal_is_read_as_what_it_names() {
        let check = |kind: &str, text: &str, expected: &str| {
            assert_eq!(one(kind, text), expected, "{kind} {text}");
        };

        check("AWS", "*", "everyone");
        check("Federated", "*", "everyone");
        check("AWS", "001122223333", "account aws 001122223333 -");
        check("AWS", "arn:aws-cn:iam::111122223333:root", "account aws-cn 111122223333 -");
        check("AWS", "arn:aws:iam::111122223333:user/a/b", "user 111122223333");
        check("AWS", "arn:aws:iam::111122223333:role/r", "role 111122223333");
        check("AWS", "arn:aws:sts::111122223333:assumed-role/r/s@x", "session aws 111122223333 r s@x");
        check("AWS", "arn:aws:sts::111122223333:assumed-role/r", "session aws 111122223333 r -");
        check("AWS", "arn:aws:sts::111122223333:federated-user/f", "account aws 111122223333 f");
        check("AWS", "AROAEXAMPLEEXAMPLE123", "id AROAEXAMPLEEXAMPLE123 -");
        check("AWS", "AROAEXAMPLEEXAMPLE123:me", "id AROAEXAMPLEEXAMPLE123 me");
        check("AWS", "AIDAEXAMPLEEXAMPLE123", "id AIDAEXAMPLEEXAMPLE123 -");
        check("AWS", "somebody", "nobody");
        check("AWS", "arn:aws:iam::*:root", "nobody");
        check("Service", "ec2.amazonaws.com", "service ec2.amazonaws.com");
        check("Federated", "arn:aws:iam::111122223333:saml-provider/p", "saml 111122223333");
        check("Federated", "arn:aws:iam::111122223333:oidc-provider/h/p", "oidc 111122223333");
        check("Federated", "accounts.google.com", "web accounts.google.com");
        check("Federated", "somewhere", "nobody");
        check("CanonicalUser", "79a59df9", "nobody");
    }

    #[test]
    fn a_principal_may_stand_alone_or_in_lists() {
        assert_eq!(principals(&json!("*"), "aws"), [("*", Some(Principal::Everyone))]);
        assert_eq!(principals(&json!({"AWS": ["*", "x"], "Service": "s"}), "aws").len(), 3);
        assert_eq!(principals(&Value::Null, "aws"), []);
    }
}
