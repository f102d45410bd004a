//! What follows from the rows of an account: relationships of the linkers, and the rows of the operator's own files.

use std::path::PathBuf;

use anyhow::Context;
use orgraph_link::roster::{Format, ROSTERS, Roster};
use orgraph_link::{Fact, Facts, Input, LINKERS, Linked, Linker, Lookup, Settings};
use orgraph_model::{AccountId, Gap, GapKind, Outcome, Partition, Region, Snapshot, Status};
use orgraph_store::{PartitionState, StoreError};
use tracing::warn;

use crate::clock::now;
use crate::system::System;

/// What the files of the operator say, if this is the account that speaks for the organization.
pub(crate) async fn rosters(system: &System, account: &AccountId) -> anyhow::Result<Vec<Snapshot>> {
    let known = system.store.partitions(account).await?;
    let mut snapshots = Vec::new();
    for roster in ROSTERS {
        let partition = roster.partition(account);
        let file = file_of(system, roster).filter(|_| speaks_for_the_organization(system, account));
        let was_listed = known.iter().any(|it| it.partition == partition);
        match file {
            Some(file) => snapshots.push(read(roster, account, &file).await),
            // No file any more, or another account speaks: what it gave is no longer listed.
            None if was_listed => {
                snapshots.push(Snapshot::without_rows(partition, now(), Outcome::complete()));
            }
            None => {}
        }
    }
    Ok(snapshots)
}

fn file_of(system: &System, roster: &Roster) -> Option<PathBuf> {
    let file = if roster.name == orgraph_link::roster::PEOPLE.name {
        &system.config.people.file
    } else {
        &system.config.domains.file
    };
    file.clone()
}

/// The management account; without an organization, the first of the accounts that are named.
fn speaks_for_the_organization(system: &System, account: &AccountId) -> bool {
    match &system.management {
        Some(management) => management == account,
        None => system.config.accounts.iter().map(|it| it.id.as_str()).min() == Some(account.as_str()),
    }
}

async fn read(roster: &Roster, account: &AccountId, file: &std::path::Path) -> Snapshot {
    let format = file.file_name().and_then(|it| Format::of(&it.to_string_lossy())).unwrap_or(Format::Csv);
    let shown = file.display();
    match tokio::fs::read_to_string(file).await {
        Ok(text) => {
            let (snapshot, problems) = roster.snapshot(account, now(), &text, format);
            for problem in problems {
                warn!("{shown}: {problem}");
            }
            snapshot
        }
        Err(error) => {
            let reason = format!("{shown} cannot be read: {error}");
            warn!("{reason}");
            Snapshot::without_rows(roster.partition(account), now(), Outcome::because(Status::Failed, reason))
        }
    }
}

/// What one linker gives for an account; `None` when there is nothing to link and never was.
pub(crate) async fn linked(
    system: &System,
    account: &AccountId,
    linker: &Linker,
) -> anyhow::Result<Option<Snapshot>> {
    let begun = now();
    let partition = Partition {
        account: account.clone(),
        region: Region::global(),
        collector: format!("link:{}", linker.name),
    };
    let states = system.store.partitions(account).await?;
    let own = system.store.entities_of(account, linker.from).await?;
    let named = system.store.names_of(account, linker.names).await?;
    let is_nothing = own.is_empty() && named.is_empty();
    if is_nothing && !states.iter().any(|it| it.partition == partition) {
        return Ok(None);
    }
    let own: Facts = own.into_iter().chain(named).map(Fact::from).collect();
    let settings = settings(system);
    let input = Input { account, own: &own, settings: &settings };
    let looked_up = look_up(system, (linker.lookups)(&input)).await;
    let found = looked_up.with_context(|| format!("failed to look up for link:{}", linker.name))?;
    let incomplete = incomplete(linker, &states);
    let outcome = match incomplete.as_slice() {
        [] => Outcome::complete(),
        [first, ..] => Outcome::because(
            Status::Partial,
            format!("{} partitions it rests on are not complete, {first} among them", incomplete.len()),
        ),
    };
    let mut snapshot = Snapshot::without_rows(partition, begun, outcome);
    // Whatever is missing may be what a relationship rests on, so nothing is taken away.
    snapshot.gaps.extend(incomplete.into_iter().map(|it| Gap {
        kind: GapKind::Listing,
        key: None,
        operation: linker.name.to_owned(),
        properties: Vec::new(),
        status: Status::Partial,
        reason: format!("{it} is not complete"),
    }));
    let Linked { relationships, entities } = (linker.link)(&input, &found);
    snapshot.relationships = relationships;
    snapshot.entities = entities;
    Ok(Some(snapshot))
}

async fn look_up(system: &System, lookups: Vec<Lookup>) -> Result<Facts, StoreError> {
    let (mut entities, mut relationships) = (Vec::new(), Vec::new());
    for lookup in lookups {
        match &lookup {
            Lookup::Property { entity_type, property, values } => {
                entities.extend(system.store.find_entities(*entity_type, property, values.as_ref()).await?);
            }
            Lookup::Keys(keys) => entities.extend(system.store.entities_with_keys(keys).await?),
            Lookup::Relationships { rel, property, values } => {
                relationships.extend(system.store.find_relationships(*rel, property, values).await?);
            }
        }
    }
    let entities: Facts = entities.into_iter().map(Fact::from).collect();
    Ok(entities.with_relationships(relationships))
}

/// What the operator says about links.
fn settings(system: &System) -> Settings {
    let limit = system.config.policies.resource_fanout_limit;
    Settings {
        trusted_networks: system.config.networks.trusted(),
        resource_fanout_limit: usize::try_from(limit).unwrap_or(usize::MAX),
    }
}

/// All linkers.
pub(crate) fn linkers() -> &'static [&'static Linker] {
    LINKERS
}

/// The partitions of the account that hold what the linker starts from and are not complete.
fn incomplete(linker: &Linker, states: &[PartitionState]) -> Vec<String> {
    let feeds = |collector: &str| {
        orgraph_catalog::collector(collector)
            .is_some_and(|it| it.entities.iter().any(|it| linker.from.contains(&it.entity_type)))
    };
    let settled =
        |status| matches!(status, Some(Status::Complete | Status::RegionDisabled | Status::Unsupported));
    states
        .iter()
        .filter(|it| feeds(&it.partition.collector) && !settled(it.status))
        .map(|it| format!("{}/{}", it.partition.region, it.partition.collector))
        .collect()
}
