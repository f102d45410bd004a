use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Tags added to everything that is collected, in the graph only: nothing is written to AWS. They take the place
/// of a tag of the same key, whose value is kept as `tag.source.<key>`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table such as [tags]")]
pub struct Tags {
    /// Add `tag.AccountName` with the name of the account.
    pub account_name: bool,
    /// Add `tag.Production` with `production` of the `[[account]]`, where that is set.
    pub production: bool,
}

impl Default for Tags {
    fn default() -> Tags {
        Tags { account_name: true, production: false }
    }
}
