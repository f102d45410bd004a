//! Which regions of an account are read.

use std::sync::Arc;

use orgraph_collect::{CollectError, Cx, Detail, Service, Session};
use orgraph_model::{Outcome, Partition, Region, Snapshot, Status};
use orgraph_store::Lease;

use crate::account_run::{Wanted, write};
use crate::clock::now;
use crate::report::{Progress, Report};
use crate::settings;
use crate::system::System;

/// The name of the partition that stands for the list of an account's regions.
const REGIONS: &str = "ec2_regions";

/// The regions to read, and what may be said about them. When AWS has to be asked and does not answer, the regions
/// that were read before are read again, but nothing is said.
pub(crate) async fn read_regions(
    system: &System,
    lease: &Lease,
    session: &Arc<Session>,
    wanted: &Wanted,
    progress: &dyn Progress,
    report: &mut Report,
) -> anyhow::Result<(Vec<Region>, Detail<Vec<Region>>)> {
    let account = session.account();
    if let Some(listed) = settings::listed_regions(&system.config, account)? {
        return Ok((listed.clone(), Detail::Known(listed)));
    }
    let partition = |region: Region, collector: &str| Partition {
        account: account.clone(),
        region,
        collector: collector.to_owned(),
    };
    let begun = now();
    let asked = enabled_regions(system, session).await;
    let outcome = match &asked {
        Ok(_) => Outcome::complete(),
        Err(error) => error.outcome(),
    };
    let snapshot = Snapshot::without_rows(partition(Region::global(), REGIONS), begun, outcome);
    write(system, lease, snapshot, progress, report).await?;
    let states = system.store.partitions(account).await?;
    let enabled = match asked {
        Ok(enabled) => enabled,
        Err(error) => {
            let mut read_before: Vec<Region> = states
                .into_iter()
                .filter(|it| it.status != Some(Status::RegionDisabled) && !it.partition.region.is_global())
                .map(|it| it.partition.region)
                .collect();
            read_before.sort_unstable();
            read_before.dedup();
            return Ok((settings::without_excluded(&system.config, read_before), Detail::Unknown(error)));
        }
    };

    // AWS named the enabled regions, so what is stored of others is no longer confirmed, and that is all that is said.
    for state in states {
        let region = state.partition.region;
        let is_wanted = wanted.regions.as_ref().is_none_or(|it| it.contains(&region));
        if !region.is_global() && is_wanted && !enabled.contains(&region) {
            let outcome =
                Outcome::because(Status::RegionDisabled, "the region is not enabled for the account");
            let partition = partition(region, &state.partition.collector);
            write(system, lease, Snapshot::without_rows(partition, begun, outcome), progress, report).await?;
        }
    }
    let read = settings::without_excluded(&system.config, enabled);
    Ok((read.clone(), Detail::Known(read)))
}

async fn enabled_regions(system: &System, session: &Arc<Session>) -> Result<Vec<Region>, CollectError> {
    let home = system.config.aws.home_region().parse::<Region>().map_err(|error| CollectError::Failed {
        operation: "DescribeRegions".to_owned(),
        reason: error.to_string(),
    })?;
    let calls = orgraph_aws_ec2::REGION_CALLS;
    let cx = Cx::with_calls(REGIONS, Service::EC2, calls, session, home, Arc::default(), now());
    orgraph_aws_ec2::enabled_regions(&cx).await
}
