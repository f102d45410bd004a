//! The whole file, and the checks that look at more than one section.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;
use crate::review::Review;
use crate::section::{
    Account, Aws, Daemon, Database, Domains, Guard, History, Http, Limits, Log, Networks, Organization,
    People, Policies, Polling, Query, Regions, Services, Tags,
};
use crate::tree::Place;

/// Everything the configuration file says, with defaults filled in and secrets read.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the graph is kept.
    pub database: Database,
    /// The organization whose accounts are collected.
    pub organization: Option<Organization>,
    /// Accounts named one by one.
    #[serde(rename = "account")]
    pub accounts: Vec<Account>,
    /// How often accounts are collected.
    pub polling: Polling,
    /// Which regions are collected.
    pub regions: Regions,
    /// Which services are collected.
    pub services: Services,
    /// How hard AWS is asked.
    pub limits: Limits,
    /// Tags added to what is collected.
    pub tags: Tags,
    /// Who the people of the organization are.
    pub people: People,
    /// Which domains are registered elsewhere.
    pub domains: Domains,
    /// Which networks are trusted.
    pub networks: Networks,
    /// How IAM policies are followed.
    pub policies: Policies,
    /// How AWS is reached.
    pub aws: Aws,
    /// Where health, metrics and the API are served.
    pub http: Http,
    /// How the graph is asked.
    pub query: Query,
    /// How long the past is kept.
    pub history: History,
    /// When removals wait for a second look.
    pub guard: Guard,
    /// What is logged.
    pub log: Log,
    /// How daemons share the work and stop.
    pub daemon: Daemon,
    /// What is allowed but likely not meant, to be shown once at start.
    #[serde(skip)]
    pub warnings: Vec<Problem>,
}

impl Config {
    /// Checks all sections and reads the secrets. `place` is the file without what could not be read, `written`
    /// the file as it is.
    pub(crate) fn check(&mut self, place: &Place<'_>, written: &Place<'_>, review: &mut Review<'_>) {
        self.database.check(&place.key("database"), review);
        if let Some(organization) = &mut self.organization {
            organization.check(&place.key("organization"), review);
        }
        self.check_accounts(place, written, review);
        self.polling.check(&place.key("polling"), review);
        self.regions.check(&place.key("regions"), review);
        self.services.check(&place.key("services"), review);
        self.limits.check(&place.key("limits"), review);
        self.people.check(&place.key("people"), review);
        self.domains.check(&place.key("domains"), review);
        self.networks.check(&place.key("networks"), review);
        self.policies.check(&place.key("policies"), review);
        self.aws.check(&place.key("aws"), review);
        self.http.check(&place.key("http"), review);
        self.query.check(&place.key("query"), review);
        self.history.check(&place.key("history"), review);
        self.guard.check(&place.key("guard"), review);
        self.daemon.check(&place.key("daemon"), review);
        self.check_partitions(place, review);

        if !written.key("organization").is_set() && !written.key("account").is_set() {
            let help = "add [organization] to collect all its accounts, or one [[account]] for each account";
            review.problem(&written.name(), "there is nothing to collect", help);
        }
    }

    fn check_accounts(&mut self, place: &Place<'_>, written: &Place<'_>, review: &mut Review<'_>) {
        let has_organization = written.key("organization").is_set();
        for at in 0..self.accounts.len() {
            let (before, rest) = self.accounts.split_at_mut(at);
            let Some(account) = rest.first_mut() else { continue };
            let here = place.key("account").item(at);
            let as_written = written.key("account").item_like(&here);
            account.check(&here, &as_written, &self.regions.exclude, has_organization, review);

            let id = here.key("id");
            if !account.id.is_empty() && before.iter().any(|other| other.id == account.id) {
                let message = format!("account {} is there twice", account.id);
                review.problem(&id, message, "make it one [[account]] with all its options");
            }
            let excluded =
                self.organization.as_ref().map(|it| it.exclude_accounts.as_slice()).unwrap_or_default();
            if excluded.contains(&account.id) {
                let message = format!("account {} is both named here and excluded", account.id);
                review.problem(
                    &id,
                    message,
                    "remove this [[account]], or its ID from organization.exclude_accounts",
                );
            }
            let external_id = self.organization.as_ref().and_then(|it| it.external_id.as_ref());
            let has_none = account.external_id.is_none() && external_id.is_none();
            if has_none && account.role_arn.is_some() && review.wants_all_secrets() {
                let message = format!("the role of account {} is assumed without an external ID", account.id);
                review.warning(&here.key("role_arn"), message, "add external_id_file or external_id_env");
            }
        }
    }

    /// Roles are in the partition whose endpoints are called.
    fn check_partitions(&self, place: &Place<'_>, review: &mut Review<'_>) {
        if !crate::shape::is_partition(&self.aws.partition) {
            return;
        }
        let management = self.organization.as_ref().and_then(|it| it.management_role_arn.as_deref());
        let of_accounts = self.accounts.iter().enumerate().map(|(at, account)| {
            (place.key("account").item(at).key("role_arn"), account.role_arn.as_deref())
        });
        let roles = std::iter::once((place.key("organization").key("management_role_arn"), management));
        for (here, arn) in roles.chain(of_accounts) {
            let Some(role) = arn.and_then(crate::shape::role_arn) else {
                continue;
            };
            if role.partition != self.aws.partition {
                let message =
                    format!("this role is in partition {}, not in {}", role.partition, self.aws.partition);
                review.problem(
                    &here,
                    message,
                    format!("write [aws] partition = \"{}\", or correct the ARN", role.partition),
                );
            }
        }
    }
}
