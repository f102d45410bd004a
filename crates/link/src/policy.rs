//! What IAM policies allow. Each relationship is a fact about one document; what a principal may do in the end is asked
//! of several of them.

pub(crate) mod action;
mod boundary;
mod deny;
mod document;
mod edge;
pub(crate) mod glob;
mod grant;
mod index;
mod offer;
mod parts;
pub(crate) mod resource;
mod subresource;
#[cfg(test)]
mod tests;
mod types;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use orgraph_model::declare::entity;
use orgraph_model::vocabulary::AWS_IAM;
use orgraph_model::{AccountId, Entity, Key, Ref, Relationship, Verb};

pub(crate) use self::boundary::BOUNDARIES;
use self::document::{Effect, Named as Names, Statement, statements};
use self::edge::Edge;
use self::grant::{Grant, Prepared, Target, World, grants};
use self::index::{Index, Named, RESOURCE_IDS};
use self::resource::{Arn, ArnPattern, Scope};
use self::subresource::{apis, database_of_users, readings};
use self::types::{POLICIES, RELATIONSHIPS, RESOURCES};
use crate::services::{NamedService, by_prefix};
use crate::{Fact, Facts, Input, Linked, Linker, Lookup, placeholder};

pub(crate) static ALLOWED: Linker = Linker {
    name: "policies",
    about: "A policy allows actions on the accounts, services and resources that its document names.",
    from: &POLICIES,
    names: &RESOURCES,
    entities: &[entity::<NamedService>()],
    relationships: &RELATIONSHIPS,
    lookups,
    link,
    parts: Some(parts::parts),
};

/// The statements of each policy of the account whose document could be read.
fn policies(own: &Facts) -> impl Iterator<Item = (&Fact, Vec<Statement>)> {
    let policies = own.iter().filter(|it| POLICIES.contains(&it.entity_type));
    policies.filter_map(|it| Some((it, statements(it.properties.get("policyDocument")?))))
}

/// What single ARNs name that is not in the account; whether their accounts are read; and the databases whose users
/// are named, which is done by an ID that is not in their ARNs.
fn lookups(input: &Input<'_>) -> Vec<Lookup> {
    let own: HashSet<&str> = input.own.iter().map(|it| it.key.as_str()).collect();
    let mut keys = BTreeSet::new();
    let mut databases = BTreeSet::new();
    let mut own_databases = false;
    for (_, statements) in policies(input.own) {
        for arns in statements.iter().filter(|it| it.effect == Effect::Allow).flat_map(arns) {
            let other = arns.account().and_then(|it| it.parse::<AccountId>().ok());
            keys.extend(other.filter(|it| it != input.account).map(|it| read_as(&it).key.to_string()));
            for entities in readings(arns).into_iter().map(|it| it.entities) {
                let literal = entities.as_literal();
                let Some(arn) = literal.as_deref().and_then(Arn::read) else {
                    own_databases |=
                        entities.service == "rds-db" && entities.may_name(input.account.as_str());
                    continue;
                };
                databases.extend(database_of_users(&arn).map(str::to_lowercase));
                keys.extend(apis(&arn));
                keys.extend(literal);
            }
        }
    }
    keys.retain(|it| !own.contains(it.as_str()));
    let mut lookups = Vec::new();
    if !keys.is_empty() {
        lookups.push(Lookup::Keys(keys));
    }
    for (entity_type, resource_id) in RESOURCE_IDS {
        if !databases.is_empty() {
            let values = Some(databases.clone());
            lookups.push(Lookup::Property { entity_type, property: resource_id, values });
        }
        if own_databases {
            let values = Some(BTreeSet::from([input.account.to_string()]));
            lookups.push(Lookup::Property { entity_type, property: "accountId", values });
        }
    }
    lookups
}

fn arns(statement: &Statement) -> impl Iterator<Item = &ArnPattern> {
    let these = match &statement.resources {
        Names::These(these) => these.as_slice(),
        Names::AllBut(_) => &[],
    };
    these.iter().filter_map(|it| match &it.scope {
        Scope::Arns(arns) => Some(arns),
        Scope::Everything | Scope::Nothing => None,
    })
}

/// What an account has if it is read: the entity of the service that every account has.
fn read_as(account: &AccountId) -> Ref {
    AWS_IAM.of_account(account)
}

/// What tells that accounts are read.
fn read_in(found: &Facts) -> HashSet<&Key> {
    found.of(AWS_IAM).map(|it| &it.key).collect()
}

fn link(input: &Input<'_>, found: &Facts) -> Linked {
    let named = Named::new(input.own, found);
    let index = Index::new(&named, input.account);
    let read = read_in(found);
    let world = World {
        account: input.account,
        index: &index,
        is_read: &|account| read.contains(&read_as(account).key),
        limit: input.settings.resource_fanout_limit,
    };
    let mut relationships = Vec::new();
    let mut placeholders: BTreeMap<Key, Entity> = BTreeMap::new();
    for (policy, statements) in policies(input.own) {
        let document = Prepared::new(&statements);
        let mut edges: BTreeMap<Key, (End, Edge<'_>)> = BTreeMap::new();
        for grant in grants(&world, &document) {
            let end = End::of(&grant, policy);
            let (_, edge) = edges.entry(end.at.key.clone()).or_insert_with(|| (end, Edge::default()));
            edge.add(&grant, &document);
        }
        for (end, edge) in edges.into_values().filter(|(_, edge)| edge.is_effective()) {
            let mut properties = edge.properties(&document);
            properties.insert("crossAccount".to_owned(), (end.account != *input.account).into());
            properties.insert("awsManaged".to_owned(), policy.is("awsManaged").into());
            relationships.push(Relationship {
                from: policy.at(),
                verb: Verb::Allows,
                to: end.at,
                discriminator: String::new(),
                properties,
            });
            placeholders.extend(end.placeholder.map(|it| (it.key.clone(), it)));
        }
    }
    Linked { relationships, entities: placeholders.into_values().collect() }
}

/// The end of a relationship.
struct End {
    at: Ref,
    account: AccountId,
    /// What stands for it, if nobody reads it.
    placeholder: Option<Entity>,
}

impl End {
    fn of(grant: &Grant<'_, '_>, policy: &Fact) -> Self {
        let partition = partition(policy);
        match &grant.to {
            Target::Entity(fact) => Self { at: fact.at(), account: fact.account.clone(), placeholder: None },
            Target::Service(account, prefix) => {
                let (at, placeholder) = by_prefix(account, prefix);
                Self { at, account: account.clone(), placeholder }
            }
            Target::Account(account) => Self {
                at: placeholder::account_at(partition, account),
                account: account.clone(),
                placeholder: (*account != policy.account).then(|| placeholder::account(partition, account)),
            },
        }
    }
}

/// The partition of the ARN that is in the key of a policy, whatever stands before it.
fn partition(policy: &Fact) -> &str {
    let key = policy.key.as_str();
    let arn = key.find("arn:").and_then(|at| Arn::read(&key[at..]));
    arn.map_or("aws", |it| it.partition)
}
