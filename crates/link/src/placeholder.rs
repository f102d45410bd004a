//! Entities of others that somebody only names. They yield to the owner of the key and go with the last one who names
//! them.

use orgraph_model::vocabulary::AWS_ACCOUNT;
use orgraph_model::{AccountId, Entity, Properties, Ref, Region, Source};
use serde_json::Value;

/// A stand-in for something of `owner`.
pub(crate) fn placeholder(named: &Ref, owner: &AccountId, region: Region, name: &str) -> Entity {
    let mut properties = Properties::from_iter([
        ("accountId".to_owned(), Value::from(owner.as_str())),
        ("placeholder".to_owned(), Value::Bool(true)),
    ]);
    if named.key.as_str().starts_with("arn:") {
        properties.insert("arn".to_owned(), Value::from(named.key.as_str()));
    }
    if !region.is_global() {
        properties.insert("region".to_owned(), Value::from(region.as_str()));
    }
    Entity {
        key: named.key.clone(),
        entity_type: named.entity_type,
        source: Source::SystemMapper,
        account: owner.clone(),
        region,
        name: Some(name.to_owned()),
        display_name: Some(name.to_owned()),
        properties,
        tags: Properties::new(),
        volatile: &[],
    }
}

/// The account of this number. `aws_partition` is the second part of ARNs there.
pub(crate) fn account_at(aws_partition: &str, id: &AccountId) -> Ref {
    AWS_ACCOUNT.at(format!("arn:{aws_partition}:iam::{id}:root"))
}

/// A stand-in for an account.
pub(crate) fn account(aws_partition: &str, id: &AccountId) -> Entity {
    placeholder(&account_at(aws_partition, id), id, Region::global(), id.as_str())
}
