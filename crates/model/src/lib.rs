//! The words of orgraph: types, keys, verbs, snapshots. No I/O, no clock.
