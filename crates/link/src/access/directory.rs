//! Stored facts as what decisions rest on: principals with their policies, the organization with its own, resources with
//! theirs. Every document is read once.

mod organization;
mod principals;
mod resources;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use orgraph_model::vocabulary::{
    AWS_ACCOUNT, AWS_ECR_REPOSITORY, AWS_EFS_FILE_SYSTEM, AWS_ELASTICSEARCH_DOMAIN, AWS_IAM_GROUP,
    AWS_IAM_GROUP_POLICY, AWS_IAM_POLICY, AWS_IAM_ROLE, AWS_IAM_ROLE_POLICY, AWS_IAM_USER,
    AWS_IAM_USER_POLICY, AWS_KMS_KEY, AWS_LAMBDA_FUNCTION, AWS_ORGANIZATION, AWS_ORGANIZATIONAL_UNIT,
    AWS_ORGANIZATIONS_POLICY, AWS_S3_BUCKET, AWS_S3_BUCKET_POLICY, AWS_SNS_TOPIC, AWS_SQS_QUEUE,
};
use orgraph_model::{AccountId, EntityType, Relationship, Verb};
use serde_json::Value;

pub use self::principals::{Candidate, Grant};
use super::Policy;
use crate::Fact;

/// The types of entities that decisions rest on.
pub struct Types {
    /// Of the organization.
    pub organization: [EntityType; 4],
    /// Of the principals of an account.
    pub principals: [EntityType; 7],
    /// Resources, with what holds their policies.
    pub resources: [EntityType; 9],
}

/// The types of entities that decisions rest on.
pub const TYPES: Types = Types {
    organization: [AWS_ORGANIZATION, AWS_ORGANIZATIONAL_UNIT, AWS_ORGANIZATIONS_POLICY, AWS_ACCOUNT],
    principals: [
        AWS_IAM_USER,
        AWS_IAM_GROUP,
        AWS_IAM_ROLE,
        AWS_IAM_POLICY,
        AWS_IAM_USER_POLICY,
        AWS_IAM_GROUP_POLICY,
        AWS_IAM_ROLE_POLICY,
    ],
    resources: [
        AWS_S3_BUCKET,
        AWS_S3_BUCKET_POLICY,
        AWS_KMS_KEY,
        AWS_SQS_QUEUE,
        AWS_SNS_TOPIC,
        AWS_LAMBDA_FUNCTION,
        AWS_ECR_REPOSITORY,
        AWS_EFS_FILE_SYSTEM,
        AWS_ELASTICSEARCH_DOMAIN,
    ],
};

/// A partition, or what is known of one entity, that was not read or no longer holds for certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// The account it is about.
    pub account: AccountId,
    /// The region it is about; `global` for what is in none.
    pub region: String,
    /// The types it is about.
    pub types: Vec<EntityType>,
    /// The entity it is about, unless about all.
    pub key: Option<String>,
    /// What is missing, in words.
    pub text: String,
}

/// The facts.
#[derive(Debug, Default)]
pub struct Directory {
    facts: HashMap<String, Fact>,
    /// The keys of each type, in order.
    by_type: HashMap<&'static str, BTreeSet<String>>,
    policies: HashMap<String, Arc<Policy>>,
    /// The policies that each user, group and role has.
    attached: HashMap<String, Vec<String>>,
    /// The groups of each user.
    groups: HashMap<String, Vec<String>>,
    /// The policies over each part of the organization.
    restricting: HashMap<String, Vec<String>>,
    doubts: HashMap<AccountId, Vec<Doubt>>,
}

impl Directory {
    /// Reads the facts, in whatever order they come. Placeholders are not facts.
    pub fn new(
        facts: impl IntoIterator<Item = Fact>,
        relationships: impl IntoIterator<Item = Relationship>,
        doubts: Vec<Doubt>,
    ) -> Self {
        let mut directory = Self::default();
        for doubt in doubts {
            directory.doubts.entry(doubt.account.clone()).or_default().push(doubt);
        }
        for mut fact in facts.into_iter().filter(|it| !it.is("placeholder")) {
            let key = fact.key.to_string();
            if let Some(policy) = policy_of(&mut fact) {
                directory.policies.insert(key.clone(), Arc::new(policy));
            }
            directory.by_type.entry(fact.entity_type.name).or_default().insert(key.clone());
            directory.facts.insert(key, fact);
        }
        for relationship in relationships {
            let (from, to) = (relationship.from.key.to_string(), relationship.to.key.to_string());
            match relationship.verb {
                Verb::Has => directory.attached.entry(from).or_default().push(to),
                Verb::Contains => directory.groups.entry(to).or_default().push(from),
                Verb::Restricts => directory.restricting.entry(to).or_default().push(from),
                _ => {}
            }
        }
        let lists = [&mut directory.attached, &mut directory.groups, &mut directory.restricting];
        for list in lists.into_iter().flat_map(HashMap::values_mut) {
            list.sort_unstable();
            list.dedup();
        }
        directory
    }

    fn of(&self, entity_type: EntityType) -> impl Iterator<Item = &Fact> {
        self.by_type.get(entity_type.name).into_iter().flatten().filter_map(|it| self.facts.get(it))
    }

    /// The policy with this key; one that says that it is not read where that is so.
    fn policy(&self, key: &str) -> Arc<Policy> {
        let unread = || Arc::new(Policy::unread(key, format!("the document of {key} is not read")));
        self.policies.get(key).cloned().unwrap_or_else(unread)
    }

    /// Why what is known of an entity is not certain.
    fn doubt(
        &self,
        account: &AccountId,
        region: Option<&str>,
        entity_type: EntityType,
        key: &str,
    ) -> Option<&str> {
        let doubts = |it: &&Doubt| {
            it.types.contains(&entity_type)
                && region.is_none_or(|region| it.region == region)
                && it.key.as_deref().is_none_or(|it| it == key)
        };
        self.doubts.get(account)?.iter().find(doubts).map(|it| it.text.as_str())
    }
}

/// The document of a policy of its own, taken out of the fact.
fn policy_of(fact: &mut Fact) -> Option<Policy> {
    let holds_policies = [
        AWS_IAM_POLICY,
        AWS_IAM_USER_POLICY,
        AWS_IAM_GROUP_POLICY,
        AWS_IAM_ROLE_POLICY,
        AWS_ORGANIZATIONS_POLICY,
        AWS_S3_BUCKET_POLICY,
    ];
    if !holds_policies.contains(&fact.entity_type) {
        return None;
    }
    let key = fact.key.to_string();
    match fact.properties.remove("policyDocument") {
        Some(Value::Null) | None => {
            Some(Policy::unread(name(fact), format!("the document of {key} is not read")))
        }
        Some(document) => Some(Policy::read(name(fact), &document)),
    }
}

/// What a policy is called: its ARN if it has one, so that it can be found, or else its own name and whose it is.
fn name(fact: &Fact) -> String {
    if let Some(principal) = fact.text("principalArn") {
        return format!("{} of {principal}", fact.text("policyName").unwrap_or("an inline policy"));
    }
    match (fact.text("arn"), &fact.name) {
        (Some(arn), _) => arn.to_owned(),
        (None, Some(name)) if fact.entity_type == AWS_ORGANIZATIONS_POLICY => {
            format!("{name} ({})", fact.text("id").unwrap_or_else(|| fact.key.as_str()))
        }
        (None, Some(name)) if fact.entity_type == AWS_S3_BUCKET_POLICY => {
            format!("the policy of bucket {name}")
        }
        _ => fact.key.to_string(),
    }
}

/// The tags of a fact as texts.
fn tags(fact: &Fact) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    fact.tags.iter().map(|(key, value)| (key.clone(), text(value))).collect()
}
