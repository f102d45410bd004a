//! J1QL: the query language of JupiterOne, compiled to SQL on the public views.
//!
//! [`parse`] reads a question, [`compile()`] makes a statement of it that returns at most what `orgraph_reader` may see,
//! with every value bound. What the language cannot do here is refused with its place in the text; nothing is silently
//! left out. How answers are fetched and shown lies elsewhere.

pub mod ast;
mod compile;
mod diagnose;
mod kinds;
mod lexer;
mod parse;
mod print;
mod synonyms;
mod words;

pub(crate) use compile::bound;
pub use compile::{
    Bind, Column, ColumnKind, Compiled, Limit, Options, SESSION, Shape, Touches, USUAL_LIMIT, compile,
};
pub use diagnose::Diagnostic;
pub use kinds::{Kind, Kinds};
pub use parse::parse;
pub use words::Words;
