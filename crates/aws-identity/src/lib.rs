//! Collectors for accounts, the organization and IAM.
