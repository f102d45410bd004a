//! End-to-end and repository tests.
