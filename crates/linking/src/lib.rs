#![doc = include_str!("../README.md")]

mod account;
mod hash;
mod reads;
mod writers;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use orgraph_link::{Fact, Facts, Input, Linked, Linker, Lookup, Settings};
use orgraph_model::{AccountId, EntityId, EntityType, Gap, GapKind, Outcome, Partition, Snapshot, Status};
use orgraph_store::{LinkInput, LinkState, Result, Stamp, Store};
use uuid::Uuid;

pub use account::Account;
pub use writers::{Origin, Writers};

use account::{input_hash, partition_of};
use reads::Reads;

/// Runs linkers against the store.
#[derive(Debug, Clone, Copy)]
pub struct Linking<'a> {
    /// Where facts are.
    pub store: &'a Store,
    /// Who writes what.
    pub writers: &'a Writers,
    /// What the operator says.
    pub settings: &'a Settings,
}

/// What there was to do for a linker.
#[derive(Debug)]
pub enum Step {
    /// There is nothing to link and never was.
    Nothing,
    /// It would read what it read last time, so its rows are what they would be. They are still to be confirmed.
    Unchanged(Partition, Outcome),
    /// It gave this.
    Linked(Box<Given>),
}

/// What a linker gave.
#[derive(Debug)]
pub struct Given {
    /// Its rows, to be written.
    pub snapshot: Snapshot,
    /// Where relationships start that are not among these rows, because they are as they are stored.
    pub kept: BTreeSet<EntityId>,
    /// What they rest on, to be recorded once they are written; `None` where that is not known.
    pub input: Option<LinkInput>,
    /// How many of its parts it was run for.
    pub computed: Count,
}

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// So many.
    pub of_these: usize,
    /// Of so many.
    pub all: usize,
}

impl Linking<'_> {
    /// How an account stands. To be asked again after something was written that linkers start from.
    pub async fn account(&self, id: &AccountId, linkers: &[&Linker]) -> Result<Account> {
        let types: BTreeSet<&str> =
            linkers.iter().flat_map(|it| it.from.iter().chain(it.names)).map(|it| it.name).collect();
        let partitions = self.store.partitions(id).await?;
        let shared = self.store.shared_stamps(id, &types).await?;
        let last = self.store.link_states(id).await?;
        let last = last.into_iter().map(|it| (it.collector.clone(), it)).collect();
        Ok(Account { id: id.clone(), partitions, shared, last })
    }

    /// What a linker gives for an account, unless it would read what it read last time.
    ///
    /// Hashes are always read before what they stand for. So whatever changes in between, the recorded hash is older
    /// than the rows, and the next run finds it wrong.
    pub async fn step(&self, account: &Account, linker: &Linker, begun: DateTime<Utc>) -> Result<Step> {
        let partition = partition_of(&account.id, linker);
        let own = account.own(linker, self.writers, self.settings);
        if own.is_empty && !account.has(&partition) {
            return Ok(Step::Nothing);
        }
        let own = own.hash;
        let last = account.last.get(&partition.collector);
        if let (Some(own), Some(last)) = (own, last)
            && self.input_now(own, last).await? == last.input
        {
            return Ok(Step::Unchanged(partition, last.outcome.clone()));
        }
        let Some(given) = self.linked(account, linker, partition, own, begun).await? else {
            return Ok(Step::Nothing);
        };
        Ok(Step::Linked(Box::new(given)))
    }

    /// The hash of what a linker would read if it looked up what it looked up last time.
    async fn input_now(&self, own: Uuid, last: &LinkState) -> Result<Uuid> {
        let anywhere = self.anywhere(&last.types, &last.relationships).await?;
        Ok(input_hash(own, last.keys, anywhere))
    }

    async fn anywhere(&self, types: &BTreeSet<String>, relationships: &BTreeSet<String>) -> Result<Stamp> {
        if types.is_empty() && relationships.is_empty() {
            return Ok(Stamp::default());
        }
        self.store.stamp_anywhere(&self.writers.of(types, relationships), types).await
    }

    async fn linked(
        &self,
        account: &Account,
        linker: &Linker,
        partition: Partition,
        own_hash: Option<Uuid>,
        begun: DateTime<Utc>,
    ) -> Result<Option<Given>> {
        let own = self.store.entities_of(&account.id, linker.from).await?;
        let named = self.store.names_of(&account.id, &only_named(linker)).await?;
        if own.is_empty() && named.is_empty() && !account.has(&partition) {
            return Ok(None);
        }
        let own: Facts = own.into_iter().chain(named).map(Fact::from).collect();
        let input = Input { account: &account.id, own: &own, settings: self.settings };
        let lookups = (linker.lookups)(&input);
        let reads = Reads::of(&lookups);
        let hash = match own_hash {
            Some(own) => {
                let keys = self.stamp_of_keys(&reads.keys).await?;
                Some(input_hash(own, keys, self.anywhere(&reads.types, &reads.relationships).await?))
            }
            None => None,
        };
        let found = self.look_up(lookups).await?;
        let incomplete = account.incomplete(linker, self.writers);
        let parts = linker.parts.map(|parts| parts(&input, &found)).unwrap_or_default();
        let same = self.same_parts(account, &partition, &parts, incomplete.is_empty()).await?;
        let computed = Count { of_these: parts.len() - same.len(), all: parts.len() };
        let own = own.with_only_names(&same);
        let input = Input { account: &account.id, own: &own, settings: self.settings };
        let Linked { relationships, entities } = (linker.link)(&input, &found);
        let snapshot = Snapshot { relationships, entities, ..heading(partition, begun, linker, &incomplete) };
        let parts = if incomplete.is_empty() { parts } else { BTreeMap::new() };
        let Reads { keys, types, relationships } = reads;
        let input = hash.map(|hash| LinkInput { hash, keys, types, relationships, parts });
        Ok(Some(Given { snapshot, kept: same, input, computed }))
    }

    async fn stamp_of_keys(&self, keys: &BTreeSet<EntityId>) -> Result<Stamp> {
        if keys.is_empty() {
            return Ok(Stamp::default());
        }
        self.store.stamp_of_keys(keys).await
    }

    /// The parts whose relationships rest on what they rested on last time, if all that is stored came of a whole
    /// input: rows that were kept because something was missing are nobody's.
    async fn same_parts(
        &self,
        account: &Account,
        partition: &Partition,
        parts: &BTreeMap<EntityId, Uuid>,
        is_complete: bool,
    ) -> Result<BTreeSet<EntityId>> {
        if parts.is_empty() || !is_complete || !account.last.contains_key(&partition.collector) {
            return Ok(BTreeSet::new());
        }
        let last = self.store.link_parts(&account.id, &partition.collector).await?;
        Ok(parts.iter().filter(|(id, hash)| last.get(id) == Some(hash)).map(|(id, _)| *id).collect())
    }

    async fn look_up(&self, lookups: Vec<Lookup>) -> Result<Facts> {
        let (mut entities, mut relationships) = (Vec::new(), Vec::new());
        for lookup in lookups {
            match &lookup {
                Lookup::Property { entity_type, property, values } => {
                    entities.extend(self.store.find_entities(*entity_type, property, values.as_ref()).await?);
                }
                Lookup::Keys(keys) => entities.extend(self.store.entities_with_keys(keys).await?),
                Lookup::Relationships { rel, property, values } => {
                    relationships.extend(self.store.find_relationships(*rel, property, values).await?);
                }
            }
        }
        let entities: Facts = entities.into_iter().map(Fact::from).collect();
        Ok(entities.with_relationships(relationships))
    }
}

/// What a linker has to know by name and does not read anyway.
fn only_named(linker: &Linker) -> Vec<EntityType> {
    linker.names.iter().filter(|it| !linker.from.contains(it)).copied().collect()
}

/// The snapshot without rows. Whatever is missing may be what a relationship rests on, so that then nothing is taken
/// away.
fn heading(partition: Partition, begun: DateTime<Utc>, linker: &Linker, incomplete: &[String]) -> Snapshot {
    let outcome = match incomplete {
        [] => Outcome::complete(),
        [first, ..] => Outcome::because(
            Status::Partial,
            format!("{} partitions it rests on are not complete, {first} among them", incomplete.len()),
        ),
    };
    let mut snapshot = Snapshot::without_rows(partition, begun, outcome);
    snapshot.gaps.extend(incomplete.iter().map(|it| Gap {
        kind: GapKind::Listing,
        key: None,
        operation: linker.name.to_owned(),
        properties: Vec::new(),
        status: Status::Partial,
        reason: format!("{it} is not complete"),
    }));
    snapshot
}
