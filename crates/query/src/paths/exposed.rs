//! What the Internet can reach of what holds data.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroUsize;
use std::thread;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PathError;
use super::filter::Filter;
use super::flow::Access;
use super::graph::{Graph, Place};
use super::path::{Node, Path};
use super::walk::{Walk, WalkOptions};

/// What is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExposedOptions {
    /// How access is followed.
    pub walk: WalkOptions,
    /// Only data stores of these types; empty for any.
    pub types: Vec<String>,
    /// List at most this many; all are counted.
    pub limit: usize,
}

impl Default for ExposedOptions {
    fn default() -> Self {
        Self { walk: WalkOptions::default(), types: Vec::new(), limit: 1000 }
    }
}

/// The data stores that the Internet can reach.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Exposure {
    /// How many there are.
    pub total: usize,
    /// Of how many: those that are stored, and those that are only named and can be reached.
    pub data_stores: usize,
    /// Those that are listed, by steps and then by key.
    pub exposed: Vec<Exposed>,
}

/// One data store that the Internet can reach.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Exposed {
    /// The data store.
    pub data_store: Node,
    /// How it is reached.
    pub way: Way,
    /// How many steps it takes.
    pub hops: usize,
    /// Whether the way holds under conditions only.
    pub conditional: bool,
    /// The shortest way.
    pub path: Path,
}

/// How a data store is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// It is public, or lets everyone in.
    Public,
    /// Packets or requests arrive.
    Network,
    /// Something that can be reached may act as somebody who may use it.
    Identity,
}

impl Way {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Network => "network",
            Self::Identity => "identity",
        }
    }
}

impl Exposure {
    /// The way to each data store that is listed.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.exposed.iter().map(|it| &it.path)
    }

    /// The same, to be explained.
    pub fn paths_mut(&mut self) -> impl Iterator<Item = &mut Path> {
        self.exposed.iter_mut().map(|it| &mut it.path)
    }
}

impl Graph {
    /// Which data stores the Internet reaches: those that are public, those that a rule lets it send to, and those that
    /// somebody may use whom something acts as that the Internet reaches. For each the shortest way.
    ///
    /// Takes 36 bytes per entity of the graph while it works. Not for an async task: it computes.
    ///
    /// # Errors
    ///
    /// [`PathError::UnknownWord`] if a type does not exist.
    pub fn exposed(&self, options: &ExposedOptions) -> Result<Exposure, PathError> {
        let types = Filter { types: options.types.clone(), ..Filter::default() }.allowed(self)?;
        let is_wanted: Vec<bool> = self
            .entity_kinds
            .iter()
            .zip(&types.entities)
            .map(|(kind, is_wanted)| *is_wanted && kind.is_of("DataStore"))
            .collect();
        let is_store = |it: Place| is_wanted[usize::from(self.net[it.0].kind)];
        let walk = Walk::from_internet(self, options.walk);
        let mut nearest: HashMap<Place, (u16, Access)> = HashMap::new();
        for (place, access, hops) in walk.reached() {
            if access >= Access::Data && is_store(place) {
                nearest.entry(place).or_insert((hops, access));
            }
        }
        let mut found: Vec<_> = nearest.into_iter().collect();
        found.sort_unstable_by_key(|(place, (hops, _))| (*hops, self.key(*place)));
        let not_stored = found.iter().filter(|it| !self.is_stored(it.0)).count();
        let data_stores =
            self.places().filter(|it| is_store(*it) && self.is_stored(*it)).count() + not_stored;
        let total = found.len();
        found.truncate(options.limit);
        let exposed = |(place, (_, access)): &(Place, (u16, Access))| {
            let path = walk.path(*place, *access);
            Exposed {
                data_store: self.node(*place),
                way: way(&path),
                hops: path.hops,
                conditional: path.steps.iter().flat_map(|it| &it.relationships).any(|it| it.conditional),
                path,
            }
        };
        Ok(Exposure { total, data_stores, exposed: in_parallel(&found, exposed) })
    }
}

/// How many are worth a thread.
const WORTH_A_THREAD: usize = 4096;

/// What a function gives for each, in their order.
fn in_parallel<T: Sync, R: Send>(all: &[T], each: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let pieces = all.len().div_ceil(WORTH_A_THREAD).clamp(1, processors);
    let mut pieces = all.chunks(all.len().div_ceil(pieces).max(1));
    let first = pieces.next().unwrap_or_default();
    thread::scope(|scope| {
        let each = &each;
        let others: Vec<_> =
            pieces.map(|it| scope.spawn(move || it.iter().map(each).collect::<Vec<_>>())).collect();
        let mut given: Vec<R> = Vec::with_capacity(all.len());
        given.extend(first.iter().map(each));
        for other in others {
            given.extend(other.join().unwrap_or_else(|panicked| std::panic::resume_unwind(panicked)));
        }
        given
    })
}

impl Graph {
    /// Which entities of some types access reaches from the Internet, each once.
    pub(super) fn reached_of(&self, walk: WalkOptions, is_wanted: impl Fn(&str) -> bool) -> BTreeSet<Place> {
        let is_wanted: Vec<bool> = self.entity_kinds.iter().map(|it| is_wanted(&it.type_name)).collect();
        let walk = Walk::from_internet(self, walk);
        walk.reached().map(|it| it.0).filter(|it| is_wanted[usize::from(self.net[it.0].kind)]).collect()
    }
}

fn way(path: &Path) -> Way {
    let by_identity = path.nodes().any(|it| it.type_name.starts_with("aws_iam_"));
    let from_everyone = path.start.type_name == "everyone";
    let is_public = path.hops == 1 && (from_everyone || path.steps[0].relationships.is_empty());
    match (is_public, by_identity) {
        (true, _) => Way::Public,
        (_, true) => Way::Identity,
        _ => Way::Network,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_in_parallel_keeps_its_order() {
        for count in [0, 1, WORTH_A_THREAD, 3 * WORTH_A_THREAD + 1] {
            let all: Vec<usize> = (0..count).collect();

            let doubled = in_parallel(&all, |it| it * 2);

            assert_eq!(doubled, all.iter().map(|it| it * 2).collect::<Vec<_>>());
        }
    }
}
