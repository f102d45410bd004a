//! The entity of an account that stands for a service, and the services that have no type of their own.

use orgraph_model::declare::{self, rel};
use orgraph_model::services::{ServicePrincipal, of_prefix};
use orgraph_model::vocabulary::{AWS_ACCOUNT, AWS_SERVICE};
use orgraph_model::{AccountId, Entity, EntityType, Properties, Ref, Region, Relationship, Verb};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::placeholder::placeholder;
use crate::{Facts, Input, Linked, Linker};

/// After every linker that names services, since it starts from what they name.
pub(crate) static NAMED_SERVICES: Linker = Linker {
    name: "services",
    about: "An account has every service that only its policies name.",
    from: &[AWS_SERVICE],
    names: &[AWS_ACCOUNT],
    entities: &[],
    relationships: &[rel(AWS_ACCOUNT, Verb::Has, AWS_SERVICE)],
    lookups: |_| Vec::new(),
    link: |input, _| Linked::from(link(input)),
    parts: None,
};

/// A service that is not read and has no type of its own, such as Secrets Manager. It is there as long as a policy of
/// the account names it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NamedService {
    /// What kind of thing the service is for: `other`.
    category: [&'static str; 1],
    /// What it does: `other`.
    function: [&'static str; 1],
    /// The service principal that a role trusts; absent where none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    service_principal: Option<String>,
    /// The prefix of its actions in policies; absent where no policy allows any.
    #[serde(skip_serializing_if = "Option::is_none")]
    iam_prefixes: Option<[String; 1]>,
    /// Whether it exists: always so.
    active: bool,
}

impl declare::Entity for NamedService {
    const TYPE: EntityType = AWS_SERVICE;
}

/// The service of `account` whose actions begin with `prefix`. Where it has no type of its own, with the entity that
/// stands for it.
pub(crate) fn by_prefix(account: &AccountId, prefix: &str) -> (Ref, Option<Entity>) {
    if let Some(known) = of_prefix(prefix) {
        return (known.entity_type.of_account(account), None);
    }
    let prefix = prefix.to_ascii_lowercase();
    named(account, &prefix, None, Some([prefix.clone()]))
}

/// The service of `account` that a service principal such as `ec2.amazonaws.com` means. Where it has no type of its
/// own, with the entity that stands for it.
pub(crate) fn by_principal(account: &AccountId, principal: &str) -> (Ref, Option<Entity>) {
    let ServicePrincipal { prefix, service } = ServicePrincipal::read(principal);
    if let Some(known) = service {
        return (known.entity_type.of_account(account), None);
    }
    // Without the region, so that the regional principals of a service are one.
    let domain =
        if principal.to_ascii_lowercase().ends_with(".cn") { "amazonaws.com.cn" } else { "amazonaws.com" };
    let principal = if prefix.is_empty() { principal.to_owned() } else { format!("{prefix}.{domain}") };
    named(account, &prefix, Some(principal), None)
}

fn named(
    account: &AccountId,
    prefix: &str,
    service_principal: Option<String>,
    iam_prefixes: Option<[String; 1]>,
) -> (Ref, Option<Entity>) {
    let service = NamedService {
        category: ["other"],
        function: ["other"],
        service_principal,
        iam_prefixes,
        active: true,
    };
    let properties = match serde_json::to_value(service) {
        Ok(Value::Object(properties)) => properties,
        _ => Properties::new(),
    };
    let at = AWS_SERVICE.at(format!("{AWS_SERVICE}:{account}:{prefix}"));
    let mut entity = placeholder(&at, account, Region::global(), prefix);
    entity.properties.extend(properties);
    (at, Some(entity))
}

fn link(input: &Input<'_>) -> Vec<Relationship> {
    let Input { account, own, .. } = input;
    let is_own = |key: &orgraph_model::Key| key.arn_account() == Some(account.as_str());
    let above = own.of(AWS_ACCOUNT).filter(|it| is_own(&it.key));
    let has = |above: &crate::Fact, own: &Facts| -> Vec<Relationship> {
        let below = own.of(AWS_SERVICE).map(|it| Relationship {
            from: above.at(),
            verb: Verb::Has,
            to: it.at(),
            discriminator: String::new(),
            properties: Properties::new(),
        });
        below.collect()
    };
    above.flat_map(|above| has(above, own)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Settings;
    use crate::facts::tests::fact;

    fn account() -> AccountId {
        "111111111111".parse().unwrap()
    }

    #[test]
    fn a_service_with_a_type_of_its_own_is_named_by_its_account() {
        let (ec2, none) = by_principal(&account(), "ec2.amazonaws.com");
        let (iam, no_other) = by_prefix(&account(), "STS");

        assert_eq!((ec2.key.as_str(), none), ("aws_ec2:111111111111", None));
        assert_eq!((iam.key.as_str(), no_other), ("aws_iam:111111111111", None));
    }

    #[test]
    fn another_service_is_there_once_whoever_names_it() {
        let (by_action, of_action) = by_prefix(&account(), "SecretsManager");
        let (by_trust, of_trust) = by_principal(&account(), "secretsmanager.amazonaws.com");
        let (regional, _) = by_principal(&account(), "secretsmanager.eu-west-1.amazonaws.com");

        assert_eq!(by_action.key.as_str(), "aws_service:111111111111:secretsmanager");
        assert_eq!((&by_action, &regional), (&by_trust, &by_trust));
        let (of_action, of_trust) = (of_action.unwrap(), of_trust.unwrap());
        assert_eq!(of_action.name.as_deref(), Some("secretsmanager"));
        let expected = |more: Value| {
            let mut all = json!({
                "category": ["other"], "function": ["other"], "active": true, "accountId": "111111111111",
                "placeholder": true
            });
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            all
        };
        assert_eq!(Value::Object(of_action.properties), expected(json!({"iamPrefixes": ["secretsmanager"]})));
        assert_eq!(
            Value::Object(of_trust.properties),
            expected(json!({"servicePrincipal": "secretsmanager.amazonaws.com"}))
        );
    }

    #[test]
    fn an_account_has_the_services_that_are_named() {
        let own: Facts = [
            fact(AWS_SERVICE, "aws_service:111111111111:ssm", json!({})),
            fact(AWS_ACCOUNT, "arn:aws:iam::111111111111:root", json!({})),
            fact(AWS_ACCOUNT, "arn:aws:iam::222222222222:root", json!({})),
        ]
        .into_iter()
        .collect();
        let settings = Settings::default();

        let links = link(&Input { account: &account(), own: &own, settings: &settings });

        assert_eq!(links.len(), 1);
        assert_eq!(links[0].from.key.as_str(), "arn:aws:iam::111111111111:root");
        assert_eq!(links[0].to.key.as_str(), "aws_service:111111111111:ssm");
        assert_eq!(links[0].type_name(), "aws_account_has_service");
    }
}
