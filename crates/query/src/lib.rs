//! Questions to the graph: J1QL, the library of named questions, paths.

pub mod j1ql;
pub mod library;
pub mod paths;
