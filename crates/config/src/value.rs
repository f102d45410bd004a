//! The value types options have beyond what TOML offers: durations, polling intervals, lists of
//! regions, addresses.
//!
//! Each one knows how to be read, written and described. A message of theirs is split at the first line
//! break: what is wrong, then what to write instead.

pub(crate) mod address;
pub(crate) mod duration;
pub(crate) mod interval;
pub(crate) mod region_list;
