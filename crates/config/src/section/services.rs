use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::review::Review;
use crate::tree::Place;

/// Which services are collected in every account.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table such as [services]")]
pub struct Services {
    /// Collect only these. Empty: all services there is a collector for.
    #[schemars(extend("x-example" = ["ec2", "iam"]))]
    pub include: Vec<String>,
    /// Leave these out, for services nobody uses or the role may not read.
    #[schemars(extend("x-example" = ["lambda"]))]
    pub exclude: Vec<String>,
}

impl Services {
    pub(crate) fn check(&self, place: &Place<'_>, review: &mut Review<'_>) {
        let (include, exclude) = (place.key("include"), place.key("exclude"));
        for (here, services) in [(&include, &self.include), (&exclude, &self.exclude)] {
            for (at, service) in services.iter().enumerate() {
                review.service(&here.item(at), service, &[]);
            }
            review.list(here, services, |_| true, "a service", "");
        }
        review.overlap(&exclude, &self.exclude, &self.include);
        let known = review.known_services;
        if !known.is_empty() && known.iter().all(|service| self.exclude.iter().any(|it| it == service)) {
            review.problem(&exclude, "every service is excluded", "leave at least one to collect");
        }
    }
}
