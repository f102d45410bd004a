//! Amazon S3: buckets with their settings and policies. Objects are contents and are neither read nor listed.

mod bucket_policies;
pub(crate) mod buckets;
mod exposure;
mod openings;
mod placement;
mod policy;
mod settings;
#[cfg(test)]
mod tests;
