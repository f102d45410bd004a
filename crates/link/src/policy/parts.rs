//! What the relationships of each policy rest on: its document, and what its patterns can match.

use std::collections::{BTreeMap, BTreeSet};

use orgraph_model::{AccountId, ContentHash, EntityId};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::document::{Effect, Statement};
use super::index::Named;
use super::resource::Arn;
use super::{arns, policies, read_as, read_in};
use crate::{Fact, Facts, Input};

/// Each policy with a document, with the hash of all that its relationships rest on.
///
/// Patterns name their service, so a pattern can match nothing but entities with ARNs of that service. What these are
/// is one hash per service; which of them a pattern does match is not asked.
pub(super) fn parts(input: &Input<'_>, found: &Facts) -> BTreeMap<EntityId, ContentHash> {
    let named = Named::new(input.own, found);
    let of_services = by_service(&named);
    let read = read_in(found);
    let hash = |policy: &Fact, services: BTreeSet<&str>, others: BTreeSet<AccountId>| {
        let mut hasher = Sha256::new();
        text(&mut hasher, policy.key.as_str());
        text(&mut hasher, policy.entity_type.name);
        text(&mut hasher, policy.account.as_str());
        text(&mut hasher, input.account.as_str());
        hasher.update((input.settings.resource_fanout_limit as u64).to_le_bytes());
        hasher.update([u8::from(policy.is("awsManaged"))]);
        let document = policy.properties.get("policyDocument").map(ToString::to_string);
        text(&mut hasher, &document.unwrap_or_default());
        for service in services {
            text(&mut hasher, service);
            hasher.update(of_services.get(service).map_or([0; 32], |it| *it));
        }
        for account in others {
            text(&mut hasher, account.as_str());
            hasher.update([u8::from(read.contains(&read_as(&account).key))]);
        }
        half_of(hasher)
    };
    let part = |(policy, statements): (&Fact, Vec<Statement>)| {
        let allowed = || statements.iter().filter(|it| it.effect == Effect::Allow).flat_map(arns);
        let services = allowed().map(|it| it.service.as_str()).collect();
        let others = allowed().filter_map(|it| it.account()?.parse().ok()).collect();
        (policy.key.id(), hash(policy, services, others))
    };
    policies(input.own).map(part).collect()
}

/// For each service, everything that can be found by an ARN of it, in the order in which it is found.
fn by_service<'a>(named: &'a Named<'a>) -> BTreeMap<&'a str, [u8; 32]> {
    let mut hashers: BTreeMap<&str, Sha256> = BTreeMap::new();
    for (arn, fact) in named.iter() {
        let Some(service) = Arn::read(arn).map(|it| it.service) else { continue };
        let hasher = hashers.entry(service).or_default();
        for part in [arn, fact.key.as_str(), fact.entity_type.name, fact.account.as_str()] {
            text(hasher, part);
        }
    }
    hashers.into_iter().map(|(service, it)| (service, it.finalize().into())).collect()
}

fn text(hasher: &mut Sha256, text: &str) {
    hasher.update((text.len() as u64).to_le_bytes());
    hasher.update(text);
}

fn half_of(hasher: Sha256) -> Uuid {
    let digest: [u8; 32] = hasher.finalize().into();
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    Uuid::from_bytes(half)
}
