//! Collectors for data services: RDS and S3.
