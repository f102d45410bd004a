use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::review::Review;
use crate::shape::{PARTITIONS, is_partition, is_region};
use crate::suggest::closest;
use crate::tree::Place;

/// How AWS is reached.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table such as [aws]")]
pub struct Aws {
    /// Send every request here instead of to AWS, for a stand-in in tests and demonstrations.
    #[schemars(extend("x-example" = "http://127.0.0.1:5000"))]
    pub endpoint_url: Option<String>,
    /// Partition the organization is in: `aws`, `aws-cn`, `aws-us-gov`, `aws-iso`, `aws-iso-b`, `aws-iso-e` or
    /// `aws-eusc`.
    pub partition: String,
    /// Profile in the shared AWS files whose credentials are used. When not set: the environment, or the role of
    /// the machine, in the order of the AWS SDK.
    #[schemars(extend("x-example" = "audit"))]
    pub profile: Option<String>,
    /// Region whose STS hands out credentials and whose endpoints serve what has no region. When not set: the
    /// first region of the partition, `us-east-1` for `aws`. Choose one close to the daemon.
    #[schemars(extend("x-example" = "eu-west-1"))]
    pub region: Option<String>,
}

impl Default for Aws {
    fn default() -> Aws {
        Aws { endpoint_url: None, partition: "aws".to_owned(), profile: None, region: None }
    }
}

impl Aws {
    /// Region to ask STS in: the one set, or the first of the partition.
    pub fn home_region(&self) -> &str {
        let of_partition = PARTITIONS.iter().find(|(partition, _)| *partition == self.partition);
        self.region.as_deref().unwrap_or_else(|| of_partition.map_or("us-east-1", |(_, region)| region))
    }

    pub(crate) fn check(&self, place: &Place<'_>, review: &mut Review<'_>) {
        if let Some(url) = &self.endpoint_url {
            let host = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
            if host.is_none_or(|host| {
                host.is_empty() || host.starts_with('/') || host.contains(char::is_whitespace)
            }) {
                let message = format!("`{url}` is not the address of an endpoint");
                review.problem(
                    &place.key("endpoint_url"),
                    message,
                    "write it like \"http://127.0.0.1:5000\"",
                );
            }
        }
        let partitions = || PARTITIONS.iter().map(|(partition, _)| *partition);
        if !is_partition(&self.partition) {
            let help = match closest(&self.partition, partitions()) {
                Some(partition) => format!("did you mean \"{partition}\"?"),
                None => format!("the partitions are {}", partitions().collect::<Vec<_>>().join(", ")),
            };
            review.problem(&place.key("partition"), format!("`{}` is not a partition", self.partition), help);
        }
        if let Some(region) = &self.region
            && !is_region(region)
        {
            let help = "regions look like \"us-east-1\"";
            review.problem(&place.key("region"), format!("`{region}` is not the name of a region"), help);
        }
    }
}
