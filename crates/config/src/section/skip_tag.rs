use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::review::Review;
use crate::tree::Place;

/// The tag that leaves an account out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { key = \"...\", value = \"...\" }")]
pub struct SkipTag {
    /// Key of the tag.
    pub key: String,
    /// Value of the tag; upper and lower case differ.
    pub value: String,
}

impl Default for SkipTag {
    fn default() -> SkipTag {
        SkipTag { key: "j1-integration".to_owned(), value: "SKIP".to_owned() }
    }
}

impl SkipTag {
    pub(crate) fn check(&self, place: &Place<'_>, review: &mut Review<'_>) {
        let length = self.key.chars().count();
        if length == 0 || length > 128 {
            let message = "the key of a tag has 1 to 128 characters";
            review.problem(&place.key("key"), message, "write for instance key = \"j1-integration\"");
        }
        if self.value.chars().count() > 256 {
            let message = "the value of a tag has at most 256 characters";
            review.problem(&place.key("value"), message, "write for instance value = \"SKIP\"");
        }
    }
}
