//! Amazon S3: buckets with their settings and policies. Objects are contents and are neither read nor listed.

pub(crate) mod buckets;
mod exposure;
mod policy;
mod settings;
