//! The configuration file in the words of the other crates, which do not know it.

use std::time::Duration;

use anyhow::Context;
use chrono::TimeDelta;
use orgraph_collect::{AwsSettings, Collector, Limits, Role, Service, Target};
use orgraph_config::{Account as Explicit, Config, Interval as Configured, RegionList};
use orgraph_model::{AccountId, Region};
use orgraph_plan::{GuardSettings, Interval};

/// The services that can be chosen in the configuration.
pub(crate) fn service_names() -> Vec<&'static str> {
    let mut names: Vec<&'static str> = orgraph_catalog::collectors().map(|it| it.service.name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// How AWS is reached.
pub(crate) fn aws(config: &Config) -> anyhow::Result<AwsSettings> {
    Ok(AwsSettings {
        endpoint_url: config.aws.endpoint_url.clone(),
        partition: config.aws.partition.parse().context("aws.partition")?,
        profile: config.aws.profile.clone(),
        home_region: config.aws.home_region().to_owned(),
    })
}

/// How hard one account is asked.
pub(crate) fn limits(config: &Config) -> Limits {
    let limits = &config.limits;
    Limits {
        requests_per_second: limits.requests_per_second,
        operations: limits.operations.iter().map(|(name, rate)| (name.clone(), *rate)).collect(),
        in_flight: limits.in_flight as usize,
        attempt_timeout: limits.attempt_timeout,
        operation_timeout: limits.operation_timeout,
        max_attempts: limits.max_attempts,
        partition_timeout: limits.partition_timeout,
        ..Limits::default()
    }
}

/// When removals wait for a second look.
pub(crate) fn guard(config: &Config) -> GuardSettings {
    let guard = &config.guard;
    GuardSettings {
        enabled: guard.enabled,
        percent: u32::from(guard.percent),
        min_rows: guard.min_rows,
        confirm_after: delta(guard.confirm_after),
    }
}

/// The explicit settings of an account, if it has any.
pub(crate) fn explicit<'a>(config: &'a Config, account: &AccountId) -> Option<&'a Explicit> {
    config.accounts.iter().find(|it| it.id == account.as_str())
}

/// How an account is opened. `management` is the account that lists the organization.
pub(crate) fn target(
    config: &Config,
    account: &AccountId,
    organization_name: Option<&str>,
    management: Option<&AccountId>,
) -> Target {
    let explicit = explicit(config, account);
    let name = explicit.and_then(|it| it.name.clone()).or_else(|| organization_name.map(str::to_owned));
    let tag_name = explicit.and_then(|it| it.tag_account_name).unwrap_or(config.tags.account_name);
    let tag_production = explicit.and_then(|it| it.tag_production).unwrap_or(config.tags.production);
    Target {
        account: account.clone(),
        role: role(config, account, management),
        tag_account_name: name.clone().filter(|_| tag_name),
        tag_production: explicit.and_then(|it| it.production).filter(|_| tag_production),
        name,
    }
}

/// The role of an account: its own, the management role, the base credentials for the management account when no
/// role is named, or the member role.
fn role(config: &Config, account: &AccountId, management: Option<&AccountId>) -> Role {
    let explicit = explicit(config, account);
    let organization = config.organization.as_ref();
    let external_id = explicit
        .and_then(|it| it.external_id.clone())
        .or_else(|| organization.and_then(|it| it.external_id.clone()));
    if let Some(arn) = explicit.and_then(|it| it.role_arn.clone()) {
        return Role::Assume { arn, external_id };
    }
    let Some(organization) = organization else { return Role::Base };
    if management == Some(account) {
        return match &organization.management_role_arn {
            Some(arn) => Role::Assume { arn: arn.clone(), external_id },
            None => Role::Base,
        };
    }
    let arn = format!(
        "arn:{}:iam::{account}:role{}{}",
        config.aws.partition, organization.member_role_path, organization.member_role_name
    );
    Role::Assume { arn, external_id }
}

/// The collectors that the configuration wants.
pub(crate) fn collectors(config: &Config) -> Vec<&'static Collector> {
    let services = &config.services;
    orgraph_catalog::collectors()
        .filter(|it| {
            services.include.is_empty() || services.include.iter().any(|name| name == it.service.name)
        })
        .filter(|it| !services.exclude.iter().any(|name| name == it.service.name))
        .collect()
}

/// The services of some collectors, each once.
pub(crate) fn services(collectors: &[&'static Collector]) -> Vec<Service> {
    let mut services: Vec<Service> = Vec::new();
    for collector in collectors {
        if !services.contains(&collector.service) {
            services.push(collector.service);
        }
    }
    services
}

/// The regions of an account: listed, or `None` when AWS has to be asked.
pub(crate) fn listed_regions(config: &Config, account: &AccountId) -> anyhow::Result<Option<Vec<Region>>> {
    let own = explicit(config, account).and_then(|it| it.regions.as_ref());
    match own.unwrap_or(&config.regions.include) {
        RegionList::AllEnabled => Ok(None),
        RegionList::Listed(regions) => {
            let regions: Result<Vec<Region>, _> = regions.iter().map(|it| it.parse()).collect();
            Ok(Some(without_excluded(config, regions.context("regions")?)))
        }
    }
}

/// Leaves out the regions that the configuration excludes.
pub(crate) fn without_excluded(config: &Config, regions: Vec<Region>) -> Vec<Region> {
    let excluded = &config.regions.exclude;
    regions.into_iter().filter(|it| !excluded.iter().any(|name| name == it.as_str())).collect()
}

/// How often a collector of an account is due: the account's own interval, the service's, or the global one.
pub(crate) fn interval(config: &Config, account: &AccountId, service: Option<&str>) -> Interval {
    let own = explicit(config, account).and_then(|it| it.interval);
    let of_service = service.and_then(|it| config.polling.services.get(it).copied());
    match own.or(of_service).unwrap_or(config.polling.interval) {
        Configured::Disabled => Interval::Disabled,
        Configured::Every(interval) => Interval::Every(delta(interval)),
    }
}

/// The fraction of an interval over which runs are spread.
pub(crate) fn jitter(config: &Config) -> f64 {
    f64::from(config.polling.jitter_percent) / 100.0
}

/// A configured duration as a difference of times.
pub(crate) fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}
