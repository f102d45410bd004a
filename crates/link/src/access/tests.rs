//! Decisions written by hand from what AWS publishes, and what must hold for all of them.

mod directory;
mod properties;
mod table;
mod words;
