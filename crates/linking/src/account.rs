//! An account as its linkers find it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use orgraph_link::{Linker, Settings};
use orgraph_model::{AccountId, Partition, Region, Status};
use orgraph_store::{LinkState, PartitionState, Stamp};
use uuid::Uuid;

use crate::Writers;
use crate::hash::Hasher;

/// Goes into every hash of an input. Raise it when a linker begins to give other rows for the same facts.
const VERSION: u64 = 1;

/// How everything stands that tells whether a linker of the account has something new to read. Only hashes: no entity
/// has been read for it.
#[derive(Debug)]
pub struct Account {
    /// The account.
    pub id: AccountId,
    pub(crate) partitions: Vec<PartitionState>,
    pub(crate) shared: BTreeMap<String, Stamp>,
    pub(crate) last: HashMap<String, LinkState>,
}

/// What there is for a linker to start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Own {
    /// Whether there is nothing at all.
    pub is_empty: bool,
    /// The hash over it; `None` where it is not known.
    pub hash: Option<Uuid>,
}

/// The partition of what a linker gives for an account.
pub(crate) fn partition_of(account: &AccountId, linker: &Linker) -> Partition {
    Partition {
        account: account.clone(),
        region: Region::global(),
        collector: format!("link:{}", linker.name),
    }
}

impl Account {
    /// The same as if no linker had run before, so that each computes everything.
    #[must_use]
    pub fn forgetful(mut self) -> Self {
        self.last.clear();
        self
    }

    /// Whether the linker ever gave something.
    pub(crate) fn has(&self, partition: &Partition) -> bool {
        self.partitions.iter().any(|it| it.partition == *partition)
    }

    /// The partitions that hold what the linker starts from and are not complete.
    pub(crate) fn incomplete(&self, linker: &Linker, writers: &Writers) -> Vec<String> {
        let settled =
            |status| matches!(status, Some(Status::Complete | Status::RegionDisabled | Status::Unsupported));
        self.partitions
            .iter()
            .filter(|it| !settled(it.status) && writers.is_rested_on(&it.partition.collector, linker))
            .map(|it| format!("{}/{}", it.partition.region, it.partition.collector))
            .collect()
    }

    /// Everything of the account that the linker may read, and everything else that goes into its result besides what
    /// it looks up.
    pub(crate) fn own(&self, linker: &Linker, writers: &Writers, settings: &Settings) -> Own {
        let types: BTreeSet<&str> = linker.from.iter().chain(linker.names).map(|it| it.name).collect();
        let feeding = self.partitions.iter().filter(|it| writers.feeds(&it.partition.collector, linker));
        let feeding: Vec<&PartitionState> =
            feeding.filter(|it| it.digest.is_some() || it.entities > 0).collect();
        let shared: Vec<(&String, &Stamp)> =
            self.shared.iter().filter(|(name, _)| types.contains(name.as_str())).collect();
        let is_empty = shared.is_empty() && feeding.iter().all(|it| it.entities == 0);
        let mut hasher = Hasher::new("link");
        hasher.number(VERSION);
        hasher.text(env!("CARGO_PKG_VERSION"));
        hasher.text(linker.name);
        hasher.text(self.id.as_str());
        hasher.number(settings.resource_fanout_limit as u64);
        let networks: Vec<String> = settings.trusted_networks.iter().map(ToString::to_string).collect();
        hasher.texts(networks.iter().map(String::as_str));
        let incomplete = self.incomplete(linker, writers);
        hasher.texts(incomplete.iter().map(String::as_str));
        hasher.number(feeding.len() as u64);
        for state in feeding {
            let Some(digest) = state.digest else { return Own { is_empty, hash: None } };
            hasher.text(state.partition.region.as_str());
            hasher.text(&state.partition.collector);
            hasher.id(digest);
        }
        hasher.number(shared.len() as u64);
        for (name, stamp) in shared {
            hasher.text(name);
            hasher.stamp(*stamp);
        }
        Own { is_empty, hash: Some(hasher.finish()) }
    }
}

/// The hash of everything that a linker reads: what is its account's own, and what it looks up.
pub(crate) fn input_hash(own: Uuid, keys: Stamp, anywhere: Stamp) -> Uuid {
    let mut hasher = Hasher::new("input");
    hasher.id(own);
    hasher.stamp(keys);
    hasher.stamp(anywhere);
    hasher.finish()
}
