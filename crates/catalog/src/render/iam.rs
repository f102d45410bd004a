//! `deploy/iam`: the policies as AWS takes them.

use std::path::PathBuf;

use super::numbered;
use crate::iam::{Policy, hub_policy, organization_policies, reader_policies, trust_policy};

pub(crate) fn files() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut add = |stem: String, policy: &Policy| {
        files.push((PathBuf::from(format!("deploy/iam/{stem}.json")), policy.json() + "\n"));
    };
    for (index, policy) in reader_policies().iter().enumerate() {
        add(numbered("orgraph-reader", index), policy);
    }
    for (index, policy) in organization_policies().iter().enumerate() {
        add(numbered("orgraph-organization", index), policy);
    }
    add("orgraph-hub".to_owned(), &hub_policy());
    add("orgraph-trust".to_owned(), &trust_policy());
    files
}
