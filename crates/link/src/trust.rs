//! Roles and whom they trust: one edge per role and principal, from the trust policy alone. Whether somebody else's
//! policies let the principal use that trust is not decided here.

mod condition;
mod grant;
mod organization;
pub(crate) mod principal;
mod statement;
mod target;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use orgraph_model::declare::{Rel, entity, rel};
use orgraph_model::services::SERVICES;
use orgraph_model::vocabulary::{
    AWS_ACCOUNT, AWS_IAM_OIDC_PROVIDER, AWS_IAM_ROLE, AWS_IAM_SAML_PROVIDER, AWS_IAM_USER, AWS_SERVICE,
    EVERYONE,
};
use orgraph_model::{Entity, EntityType, Everyone, Key, Verb};

use self::organization::Organization;
use self::principal::Principal;
use self::statement::{Concerned, Statement, statements};
use self::target::Known;
use crate::placeholder::account_at;
use crate::services::NamedService;
use crate::{Fact, Facts, Input, Linked, Linker, Lookup};

pub(crate) static TRUSTS: Linker = Linker {
    name: "trust",
    about: "A role trusts whomever its trust policy lets assume it.",
    from: &[AWS_IAM_ROLE],
    names: &[],
    entities: &[entity::<NamedService>(), entity::<Everyone>()],
    relationships: &RELATIONSHIPS,
    lookups: |input| lookups(input),
    link: |input, found| link(input, found),
    parts: None,
};

/// Whom a role can trust, besides the services that have a type of their own.
const OTHERS: [EntityType; 7] = [
    AWS_ACCOUNT,
    AWS_IAM_USER,
    AWS_IAM_ROLE,
    AWS_IAM_SAML_PROVIDER,
    AWS_IAM_OIDC_PROVIDER,
    AWS_SERVICE,
    EVERYONE,
];

static RELATIONSHIPS: [Rel; OTHERS.len() + SERVICES.len()] = {
    let mut rels = [rel(AWS_IAM_ROLE, Verb::Trusts, EVERYONE); OTHERS.len() + SERVICES.len()];
    let mut at = 0;
    while at < rels.len() {
        let to = if at < OTHERS.len() { OTHERS[at] } else { SERVICES[at - OTHERS.len()].entity_type };
        rels[at] = rel(AWS_IAM_ROLE, Verb::Trusts, to);
        at += 1;
    }
    rels
};

/// The statements of a role's trust policy.
fn statements_of(role: &Fact) -> Vec<Statement<'_>> {
    let partition = role.key.as_str().split(':').nth(1).unwrap_or("aws");
    role.properties.get("assumeRolePolicy").map(|it| statements(it, partition)).unwrap_or_default()
}

fn lookups(input: &Input<'_>) -> Vec<Lookup> {
    let (mut ids, mut role_names, mut accounts) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut is_open = false;
    let mut ask = |principal: &Principal<'_>| {
        let foreign = match principal {
            Principal::Everyone => {
                is_open = true;
                None
            }
            Principal::UniqueId { id, .. } => {
                ids.insert(id.to_ascii_lowercase());
                None
            }
            Principal::Session { account, role, partition, .. } => {
                if account != input.account {
                    role_names.insert(role.to_ascii_lowercase());
                }
                Some((*partition, account))
            }
            Principal::Account { partition, account, .. } => Some((*partition, account)),
            Principal::User { arn, account }
            | Principal::Role { arn, account }
            | Principal::Saml { arn, account }
            | Principal::Oidc { arn, account } => Some((arn.split(':').nth(1).unwrap_or("aws"), account)),
            Principal::Service(_) | Principal::Web(_) => None,
        };
        if let Some((partition, account)) = foreign.filter(|(_, it)| *it != input.account) {
            accounts.insert(account_at(partition, account).key.to_string());
        }
    };
    for role in input.own.of(AWS_IAM_ROLE) {
        for statement in statements_of(role) {
            match &statement.principals {
                Concerned::Only(named) => named.iter().for_each(&mut ask),
                Concerned::AllBut { read, .. } => {
                    read.iter().flatten().for_each(&mut ask);
                    ask(&Principal::Everyone);
                }
            }
        }
    }
    wanted(input, ids, role_names, accounts, is_open)
}

fn wanted(
    input: &Input<'_>,
    ids: BTreeSet<String>,
    role_names: BTreeSet<String>,
    mut accounts: BTreeSet<String>,
    is_open: bool,
) -> Vec<Lookup> {
    let property = |entity_type, property, values| Lookup::Property { entity_type, property, values };
    let mut wanted = Vec::new();
    if !role_names.is_empty() {
        wanted.push(property(AWS_IAM_ROLE, "roleName", Some(role_names)));
    }
    if !ids.is_empty() {
        // Whoever is found may be in any account.
        wanted.push(property(AWS_ACCOUNT, "accountId", None));
        wanted.push(property(AWS_IAM_USER, "userId", Some(ids.clone())));
        wanted.push(property(AWS_IAM_ROLE, "roleId", Some(ids)));
    } else if is_open || !accounts.is_empty() {
        let own = input.own.of(AWS_IAM_ROLE).filter_map(|it| it.key.as_str().split(':').nth(1));
        accounts.extend(own.map(|it| account_at(it, input.account).key.to_string()));
        wanted.push(Lookup::Keys(accounts));
    }
    wanted
}

fn link(input: &Input<'_>, found: &Facts) -> Linked {
    let known = Known::new(input.account, input.own, found);
    let organization = Organization::new(input.account, found);
    let mut linked = Linked::default();
    let mut stand_ins: BTreeMap<Key, Entity> = BTreeMap::new();
    for role in input.own.of(AWS_IAM_ROLE) {
        let statements = statements_of(role);
        let (edges, named) = grant::trusted(&role.at(), &statements, &known, &organization);
        linked.relationships.extend(edges);
        stand_ins.extend(named.into_iter().map(|it| (it.key.clone(), it)));
    }
    linked.entities = stand_ins.into_values().collect();
    linked
}
