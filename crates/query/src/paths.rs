//! Paths through the graph: how two entities hang together, what one can reach, what the Internet can reach.
//!
//! The graph is loaded whole into memory, without its properties, by binary `COPY` from the public surface. What a
//! path says of its relationships is read afterwards, for those on the path alone. Questions that SQL answers well
//! (patterns of a fixed length) are not asked here.

mod ahead;
mod blast;
mod copy;
mod error;
mod explain;
mod exposed;
mod filter;
mod find;
mod flow;
mod graph;
mod identities;
mod load;
mod path;
mod picture;
mod shortest;
mod walk;

#[cfg(test)]
mod tests;

pub use blast::{BlastGroup, BlastRadius, Reached};
pub use error::PathError;
pub use exposed::{Exposed, ExposedOptions, Exposure, Way};
pub use filter::{Direction, Filter};
pub use flow::{Access, Flow, flows};
pub use graph::{Graph, Limits, Place};
pub use path::{Fact, Node, Path, Relationship, Step};
pub use walk::WalkOptions;
