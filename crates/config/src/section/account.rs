use std::path::PathBuf;

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::organization::{check_external_id, check_role_arn};
use crate::reference::Secret;
use crate::review::Review;
use crate::secret::Ways;
use crate::shape;
use crate::tree::Place;
use crate::value::interval::Interval;
use crate::value::region_list::RegionList;

/// An account named one by one: outside of the organization, without any organization, or a member that needs
/// options of its own. Repeat the section for each account.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table such as [[account]]")]
pub struct Account {
    /// The account's ID, 12 digits in quotes.
    #[schemars(extend("x-example" = "123456789012", "x-required" = true))]
    pub id: String,
    /// Name of the account in the graph, and value of the tag `AccountName`. When not set: its name in the
    /// organization.
    #[schemars(extend("x-example" = "payments"))]
    pub name: Option<String>,
    /// Role to assume in the account. When not set: the member role of `[organization]`; without that section it
    /// must be set.
    #[schemars(extend("x-example" = "arn:aws:iam::123456789012:role/orgraph-reader"))]
    pub role_arn: Option<String>,
    /// External ID for this account. When no external ID is set here: the one of `[organization]`.
    #[serde(skip_serializing)]
    #[schemars(with = "Option<Secret>", extend("x-example" = "7a9b8c6d-made-up"))]
    pub external_id: Option<SecretString>,
    /// File that holds the external ID for this account, readable by its owner only.
    #[schemars(extend("x-example" = "/etc/orgraph/payments-external-id"))]
    pub external_id_file: Option<PathBuf>,
    /// Environment variable that holds the external ID for this account.
    #[schemars(extend("x-example" = "PAYMENTS_EXTERNAL_ID"))]
    pub external_id_env: Option<String>,
    /// Regions to collect in this account, instead of `regions.include`.
    #[schemars(extend("x-example" = ["eu-west-1"]))]
    pub regions: Option<RegionList>,
    /// Whether this is a production account. When not set, nothing is said about it.
    #[schemars(extend("x-example" = true))]
    pub production: Option<bool>,
    /// How often this account is collected, instead of `polling.interval`.
    #[schemars(extend("x-example" = "4h"))]
    pub interval: Option<Interval>,
    /// Add `tag.AccountName` to everything collected here, instead of `tags.account_name`.
    #[schemars(extend("x-example" = true))]
    pub tag_account_name: Option<bool>,
    /// Add `tag.Production` to everything collected here, instead of `tags.production`. Needs `production`.
    #[schemars(extend("x-example" = true))]
    pub tag_production: Option<bool>,
}

impl Account {
    /// `written` is this account in the file as it is, with the values that could not be read.
    pub(crate) fn check(
        &mut self,
        place: &Place<'_>,
        written: &Place<'_>,
        excluded_regions: &[String],
        has_organization: bool,
        review: &mut Review<'_>,
    ) {
        self.check_id(place, written, review);
        self.check_role(place, written, has_organization, review);
        self.external_id = check_external_id(
            &Ways {
                name: "external_id",
                value: &self.external_id,
                file: &self.external_id_file,
                env: &self.external_id_env,
            },
            place,
            review,
        );
        if let Some(regions) = &self.regions {
            let here = place.key("regions");
            super::regions::check_include(regions, &here, review);
            review.overlap(&here, regions.listed(), excluded_regions);
        }
        if let Some(interval) = self.interval {
            super::polling::check_interval(interval, &place.key("interval"), review);
        }
        if self.tag_production == Some(true) && !written.key("production").is_set() {
            let message = "`tag_production` needs to know whether this is a production account";
            review.problem(
                &place.key("tag_production"),
                message,
                "add production = true or production = false",
            );
        }
    }

    fn check_id(&self, place: &Place<'_>, written: &Place<'_>, review: &mut Review<'_>) {
        if !written.key("id").is_set() {
            review.problem(place, "this [[account]] has no `id`", "add for instance id = \"123456789012\"");
        } else if place.key("id").is_set() && !shape::is_account_id(&self.id) {
            let digits: String = self.id.chars().filter(char::is_ascii_digit).collect();
            let help = if digits.len() == 12 {
                format!("write the 12 digits alone: \"{digits}\"")
            } else {
                "account IDs are 12 digits, such as \"123456789012\"; leading zeros count".to_owned()
            };
            review.problem(&place.key("id"), format!("`{}` is not an account ID", self.id), help);
        }
    }

    fn check_role(
        &self,
        place: &Place<'_>,
        written: &Place<'_>,
        has_organization: bool,
        review: &mut Review<'_>,
    ) {
        let here = place.key("role_arn");
        let Some(arn) = &self.role_arn else {
            if !has_organization && !written.key("role_arn").is_set() {
                let help = "add role_arn, or a section [organization] whose member role is used";
                review.problem(place, "nothing says which role to assume in this account", help);
            }
            return;
        };
        check_role_arn(arn, &here, review);
        if let Some(role) = shape::role_arn(arn)
            && shape::is_account_id(&self.id)
            && role.account_id != self.id
        {
            let message = format!("this role is in account {}, not in {}", role.account_id, self.id);
            review.problem(
                &here,
                message,
                "a role of the account itself is assumed; correct the ARN or the id",
            );
        }
    }
}
