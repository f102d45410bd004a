//! Collectors for compute services: Lambda.
