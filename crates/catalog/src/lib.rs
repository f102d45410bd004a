//! All collectors in one list, and everything generated from it.
