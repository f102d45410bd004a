#![doc = include_str!("../README.md")]

mod answer;
mod error;
mod footer;
mod graph;
pub mod j1ql;
pub mod library;
pub mod paths;
mod reader;
pub mod render;
mod run;
mod stored;
pub mod surface;

pub use answer::{Ended, Header, Row, Sink};
pub use error::{AskError, StatementError};
pub use footer::{Footer, MissingPartition};
pub use graph::{AnswerGraph, Basis, Edge, Node};
pub use reader::{Reader, ReaderSettings};
pub use run::{Limits, MAX_ROW_BYTES, Question};
pub use stored::kinds;
