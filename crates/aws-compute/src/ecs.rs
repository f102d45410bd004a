//! Amazon ECS. Here is what its collectors have in common: tags, roles, and the answers that describe several things at
//! once.

pub(crate) mod clusters;
mod container_instances;
mod services;
pub(crate) mod task_definitions;
mod tasks;

use aws_sdk_ecs::types::{Failure, Tag};
use orgraph_collect::prelude::*;
use orgraph_model::Verb;

/// How many ARNs can be described at once, except for services.
const BATCH_SIZE: usize = 100;

/// Refuses an answer of `operation` that leaves out what was asked for. What was deleted since it was listed is missing
/// rightly.
fn whole(operation: &str, failures: &[Failure]) -> Result<(), CollectError> {
    match failures.iter().find(|it| it.reason() != Some("MISSING")) {
        None => Ok(()),
        Some(failure) => Err(CollectError::Failed {
            operation: operation.to_owned(),
            reason: failure.reason().unwrap_or("a failure without a reason").to_owned(),
        }),
    }
}

/// What was read of one cluster. Where it could not be read, nothing of the partition is removed; a cluster that was
/// deleted meanwhile has nothing.
fn known<T>(out: &mut Batch, read: Result<Vec<T>, CollectError>) -> Result<Vec<T>, CollectError> {
    Ok(match detail_pages(read)? {
        Detail::Known(items) => items.unwrap_or_default(),
        Detail::Unknown(error) => {
            out.incomplete(&error);
            Vec::new()
        }
    })
}

/// Task definitions name roles by ARN, or by name where they were registered so.
fn link_role(out: &mut Batch, from: Ref, verb: Verb, role: &str) {
    if role.starts_with("arn:") {
        out.link(from, verb, AWS_IAM_ROLE.at(role));
    } else {
        out.find(from, verb, AWS_IAM_ROLE, "roleName", role).any_region = true;
    }
}

/// CPU units and memory come as text.
fn number(text: Option<&str>) -> Option<i64> {
    text.and_then(|it| it.parse().ok())
}

fn tag_pairs(list: Option<Vec<Tag>>) -> Vec<(String, String)> {
    tags(list.unwrap_or_default().into_iter().map(|it| (it.key, it.value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_gone_may_be_missing_from_an_answer() {
        let failure = |reason: &str| Failure::builder().reason(reason).build();

        assert_eq!(whole("DescribeTasks", &[failure("MISSING")]), Ok(()));
        assert!(whole("DescribeTasks", &[failure("MISSING"), failure("INACTIVE")]).is_err());
        assert!(whole("DescribeTasks", &[Failure::builder().build()]).is_err());
    }
}
