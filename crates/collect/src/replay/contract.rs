//! What every collector must do, whatever it reads.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use chrono::DateTime;
use orgraph_model::{Region, Snapshot, Source, Status};

use super::{Asked, Fault, Fixtures, session};
use crate::{Call, Collector, Detail, Facts, Protocol, Scope, Service};

/// Holds each collector of a family to the contract, over its fixtures:
///
/// * undisturbed, it is complete, sends exactly the calls it declares and yields exactly the types and relationships
///   it declares, with every property set at least once;
/// * twice gives the same snapshot;
/// * with each declared call answered badly in each way of [`Fault::all`], it never ends complete with a loss, never
///   lets anything be removed wrongly, and heals where the fault does;
/// * with a listing answered badly, it ends with the status of that fault, such as `denied_iam`; with a detail call
///   answered badly it is `partial` and keeps its entities, and what is gone by the time of its detail call is no gap.
///
/// # Panics
/// With everything that is wrong, at once.
pub async fn check_family(collectors: &[&'static Collector], fixtures: &Fixtures) {
    let mut wrong = Vec::new();
    for collector in collectors {
        let (clean, asked) = replayed(collector, fixtures, None).await;
        check_undisturbed(collector, fixtures, &clean, &asked, &mut wrong);
        if clean.outcome.status.has_rows() {
            let (again, _) = replayed(collector, fixtures, None).await;
            if rows(&again) != rows(&clean) {
                wrong.push(format!("{}: a second run gave other rows", collector.name));
            }
            check_faults(collector, fixtures, &clean, &asked, &mut wrong).await;
        }
    }
    assert!(wrong.is_empty(), "{} problems:\n{}", wrong.len(), wrong.join("\n"));
}

async fn replayed(
    collector: &Collector,
    fixtures: &Fixtures,
    fault: Option<(Service, &'static str, Fault)>,
) -> (Snapshot, Vec<Asked>) {
    let log = Arc::new(Mutex::new(Vec::new()));
    let session = session({
        let (fixtures, log) = (fixtures.clone(), Arc::clone(&log));
        move |asked| {
            log.lock().expect("no panic while it is held").push(asked.clone());
            let good = fixtures.answer(asked);
            match fault {
                Some((service, operation, fault))
                    if service == asked.service && operation == asked.operation =>
                {
                    let first_page = fixtures.answer(&Asked { request: String::new(), ..asked.clone() });
                    fault.spoil(asked, good, first_page)
                }
                _ => good,
            }
        }
    })
    .await;
    let region: Region = match collector.scope {
        Scope::Region => super::REGION.parse().expect("a region"),
        Scope::Account | Scope::Organization => Region::global(),
    };
    let facts = Facts {
        regions: Detail::Known(vec![super::REGION.parse().expect("a region")]),
        services: Service::ALL.to_vec(),
    };
    let snapshot =
        crate::run::run(collector, &session, &region, &Arc::new(facts), DateTime::UNIX_EPOCH).await;
    let asked = log.lock().expect("no panic while it is held").clone();
    (snapshot, asked)
}

fn check_undisturbed(
    collector: &Collector,
    fixtures: &Fixtures,
    clean: &Snapshot,
    asked: &[Asked],
    wrong: &mut Vec<String>,
) {
    let name = collector.name;
    if clean.outcome.status != Status::Complete {
        wrong.push(format!(
            "{name}: {} undisturbed: {:?} {:?}",
            clean.outcome.status, clean.outcome.reason, clean.gaps
        ));
        return;
    }
    let declared: BTreeSet<String> = collector
        .calls
        .iter()
        .map(|it| format!("{}:{}", service_of(collector, it).name, it.operation))
        .collect();
    let sent: BTreeSet<String> =
        asked.iter().map(|it| format!("{}:{}", it.service.name, it.operation)).collect();
    for call in declared.difference(&sent) {
        wrong.push(format!("{name}: declares {call} and never sends it"));
    }
    for call in collector.calls {
        let service = service_of(collector, call);
        let pages = asked.iter().filter(|it| it.service == service && it.operation == call.operation).count();
        if fixtures.has_second_page(service, call.operation) && pages < 2 {
            wrong.push(format!("{name}: {} has a second page that is never asked for", call.operation));
        }
    }

    let yielded: HashSet<_> = clean
        .entities
        .iter()
        .filter(|it| it.source == Source::Integration)
        .map(|it| it.entity_type)
        .collect();
    for declared in collector.entities {
        if !yielded.contains(&declared.entity_type) {
            wrong.push(format!("{name}: declares {} and never yields it", declared.entity_type));
            continue;
        }
        let schema = (declared.schema)();
        let properties = schema.get("properties").and_then(serde_json::Value::as_object);
        for property in properties.into_iter().flat_map(serde_json::Map::keys) {
            let filled = clean.entities.iter().any(|it| {
                it.entity_type == declared.entity_type
                    && it.properties.get(property).is_some_and(|it| !it.is_null())
            });
            if !filled {
                wrong.push(format!("{name}: no fixture sets {}.{property}", declared.entity_type));
            }
        }
    }
    for rel in collector.relationships {
        let direct = clean
            .relationships
            .iter()
            .any(|it| (it.from.entity_type, it.verb, it.to.entity_type) == (rel.from, rel.verb, rel.to));
        let looked_up = clean.references.iter().any(|it| {
            let (from, to) = if it.reversed {
                (it.to_type, it.from.entity_type)
            } else {
                (it.from.entity_type, it.to_type)
            };
            (from, it.verb, to) == (rel.from, rel.verb, rel.to)
        });
        if !direct && !looked_up {
            wrong.push(format!("{name}: declares {} {} {} and never yields it", rel.from, rel.verb, rel.to));
        }
    }
}

async fn check_faults(
    collector: &Collector,
    fixtures: &Fixtures,
    clean: &Snapshot,
    asked: &[Asked],
    wrong: &mut Vec<String>,
) {
    let first = asked.first().map(|it| (it.service, it.operation.clone()));
    for call in collector.calls {
        let service = service_of(collector, call);
        let spoil =
            async |fault| replayed(collector, fixtures, Some((service, call.operation, fault))).await.0;
        let is_first = first.as_ref().is_some_and(|it| it.0 == service && it.1 == call.operation);
        // A call whose refusal is a gap is a detail; one whose refusal ends the partition is a listing.
        let is_detail = !is_first && spoil(Fault::Denied).await.outcome.status == Status::Partial;
        let paged = fixtures.has_second_page(service, call.operation);
        for fault in Fault::all().into_iter().filter(|it| paged || !it.is_about_pages()) {
            let spoiled = spoil(fault).await;
            let expected = match fault {
                Fault::Gone if call.may_be_absent => Status::Complete,
                _ if is_detail => fault.of_detail(),
                _ => fault.of_listing(),
            };
            // An object may lack any member that is not declared as always there.
            let hollow = matches!(fault, Fault::Hollow | Fault::Foreign);
            let nameless = matches!(service.protocol, Protocol::Json | Protocol::Cbor);
            let undetectable = hollow && nameless && call.member.is_none();
            let found = check_fault(fault, expected, undetectable, clean, &spoiled);
            let case = |it| format!("{}: {} {fault:?}: {it}", collector.name, call.operation);
            wrong.extend(found.into_iter().map(case));
        }
    }
}

fn check_fault(
    fault: Fault,
    expected: Status,
    undetectable: bool,
    clean: &Snapshot,
    spoiled: &Snapshot,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let status = spoiled.outcome.status;
    let outcome = format!("{status} ({:?})", spoiled.outcome.reason);
    let is_the_same = rows(spoiled) == rows(clean);
    if fault == Fault::Gone {
        // What is gone may go, so there is no loss to look for. Something else may rest on it and be unknown now.
        let is_known = status == expected || (expected == Status::Complete && status == Status::Partial);
        if !is_known {
            wrong.push(format!("{outcome} instead of {expected}"));
        }
        return wrong;
    }
    if fault == Fault::ItemsChanged && status == Status::Complete && is_the_same {
        // The items have nothing that could have changed.
        return wrong;
    }
    if fault.heals() && !is_the_same {
        wrong.push(format!("did not heal: {outcome}"));
    }
    // A listing that empties its partition removes nothing by itself: the removal guard waits for a second one.
    let is_held = undetectable && spoiled.entities.is_empty();
    if let Some(loss) = loss(clean, spoiled).filter(|_| !is_held) {
        wrong.push(format!("{outcome} would remove {loss}"));
    }
    if status != expected && !undetectable {
        wrong.push(format!("{outcome} instead of {expected}"));
    }
    if fault == Fault::Denied && status == Status::Partial {
        wrong.extend(guesses(clean, spoiled));
    }
    wrong
}

/// What a snapshot says without knowing it: properties that are neither as they are nor said to be unknown.
fn guesses(clean: &Snapshot, spoiled: &Snapshot) -> Vec<String> {
    let known: HashMap<_, _> = clean.entities.iter().map(|it| (&it.key, it)).collect();
    let mut wrong = BTreeSet::new();
    for entity in &spoiled.entities {
        let Some(known) = known.get(&entity.key) else { continue };
        let gaps = || spoiled.gaps.iter().filter(|it| it.key.as_ref() == Some(&entity.key));
        let is_unknown = |name: &str| gaps().any(|gap| gap.properties.iter().any(|it| it == name));
        let mut compare = |name: &str, is_the_same: bool| {
            // What is called after a tag is as unknown as the tags are.
            let is_unknown =
                is_unknown(name) || (matches!(name, "name" | "displayName") && is_unknown("tags"));
            if !is_the_same && !is_unknown {
                wrong.insert(format!("guesses {}.{name}", entity.entity_type));
            }
        };
        for name in entity.properties.keys().chain(known.properties.keys()) {
            compare(name, entity.properties.get(name) == known.properties.get(name));
        }
        compare("tags", entity.tags == known.tags);
        compare("name", entity.name == known.name);
        compare("displayName", entity.display_name == known.display_name);
        compare("region", entity.region == known.region);
    }
    wrong.into_iter().collect()
}

/// What would be removed although it is still there.
fn loss(clean: &Snapshot, spoiled: &Snapshot) -> Option<String> {
    if !spoiled.may_remove() {
        return None;
    }
    let protected = spoiled.protected_keys();
    let seen: HashSet<_> = spoiled.entities.iter().map(|it| &it.key).collect();
    let entity = clean.entities.iter().find(|it| !seen.contains(&it.key) && !protected.contains(&it.key));
    if let Some(entity) = entity {
        return Some(entity.key.to_string());
    }
    let linked: HashSet<_> = spoiled
        .relationships
        .iter()
        .map(|it| (&it.from.key, it.verb, &it.to.key, &it.discriminator))
        .collect();
    let relationship = clean.relationships.iter().find(|it| {
        !linked.contains(&(&it.from.key, it.verb, &it.to.key, &it.discriminator))
            && !protected.contains(&it.from.key)
            && !protected.contains(&it.to.key)
    });
    relationship.map(|it| format!("{} {} {}", it.from.key, it.verb, it.to.key))
}

fn rows(snapshot: &Snapshot) -> (BTreeSet<String>, BTreeSet<String>) {
    let entities = snapshot.entities.iter().map(|it| format!("{} {}", it.key, it.content_hash()));
    let relationships = snapshot.relationships.iter().map(|it| {
        format!("{}|{}|{}|{} {}", it.from.key, it.verb, it.to.key, it.discriminator, it.content_hash())
    });
    (entities.collect(), relationships.collect())
}

fn service_of(collector: &Collector, call: &Call) -> Service {
    call.service.unwrap_or(collector.service)
}
