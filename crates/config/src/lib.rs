//! The TOML file as types, with every mistake reported at once.
