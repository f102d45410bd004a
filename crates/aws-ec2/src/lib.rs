//! Collectors for EC2 and its networks.
