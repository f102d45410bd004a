use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::review::Review;
use crate::tree::Place;

/// How IAM policies are followed to what they allow.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table such as [policies]")]
pub struct Policies {
    /// Resources that one pattern of a policy, such as `arn:aws:s3:::logs-*`, may be linked to; at least 1. A pattern
    /// that more of them match is linked to their service instead, and the relationship says `collapsed`. Raise it to
    /// see every single resource, at the price of a larger graph.
    pub resource_fanout_limit: u32,
}

impl Default for Policies {
    fn default() -> Policies {
        Policies { resource_fanout_limit: 1000 }
    }
}

impl Policies {
    pub(crate) fn check(&self, place: &Place<'_>, review: &mut Review<'_>) {
        if self.resource_fanout_limit == 0 {
            let message = "no pattern could be linked to any resource";
            review.problem(
                &place.key("resource_fanout_limit"),
                message,
                "write for instance resource_fanout_limit = 1000",
            );
        }
    }
}
