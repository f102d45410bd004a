//! What follows from the rows of an account: relationships of the linkers, and the rows of the operator's own files.

use std::path::PathBuf;

use anyhow::Context;
use orgraph_catalog::Writer;
use orgraph_link::roster::{Format, ROSTERS, Roster};
use orgraph_link::{LINKERS, Settings};
use orgraph_linking::{Linking, Origin, Step, Writers};
use orgraph_model::{AccountId, Outcome, Snapshot, Status};
use orgraph_store::Lease;
use tracing::{debug, warn};

use crate::clock::now;
use crate::into_store;
use crate::report::{Progress, Report};
use crate::system::System;

/// What the files of the operator say, if this is the account that speaks for the organization.
pub(crate) async fn rosters(system: &System, account: &AccountId) -> anyhow::Result<Vec<Snapshot>> {
    let known = system.store.partitions(account).await?;
    let mut snapshots = Vec::new();
    for roster in ROSTERS {
        let partition = roster.partition(account);
        let file = file_of(system, roster).filter(|_| speaks_for_the_organization(system, account));
        let was_listed = known.iter().any(|it| it.partition == partition);
        match file {
            Some(file) => snapshots.push(read(roster, account, &file).await),
            // No file any more, or another account speaks: what it gave is no longer listed.
            None if was_listed => {
                snapshots.push(Snapshot::without_rows(partition, now(), Outcome::complete()));
            }
            None => {}
        }
    }
    Ok(snapshots)
}

fn file_of(system: &System, roster: &Roster) -> Option<PathBuf> {
    let file = if roster.name == orgraph_link::roster::PEOPLE.name {
        &system.config.people.file
    } else {
        &system.config.domains.file
    };
    file.clone()
}

/// The management account; without an organization, the first of the accounts that are named.
fn speaks_for_the_organization(system: &System, account: &AccountId) -> bool {
    match &system.management {
        Some(management) => management == account,
        None => system.config.accounts.iter().map(|it| it.id.as_str()).min() == Some(account.as_str()),
    }
}

async fn read(roster: &Roster, account: &AccountId, file: &std::path::Path) -> Snapshot {
    let format = file.file_name().and_then(|it| Format::of(&it.to_string_lossy())).unwrap_or(Format::Csv);
    let shown = file.display();
    match tokio::fs::read_to_string(file).await {
        Ok(text) => {
            let (snapshot, problems) = roster.snapshot(account, now(), &text, format);
            for problem in problems {
                warn!("{shown}: {problem}");
            }
            snapshot
        }
        Err(error) => {
            let reason = format!("{shown} cannot be read: {error}");
            warn!("{reason}");
            Snapshot::without_rows(roster.partition(account), now(), Outcome::because(Status::Failed, reason))
        }
    }
}

/// Runs every linker that has something new to read, in their order: one may start from what another one gives.
pub(crate) async fn link(
    system: &System,
    lease: &Lease,
    progress: &dyn Progress,
    report: &mut Report,
) -> anyhow::Result<()> {
    let (writers, settings) = (writers(), settings(system));
    let linking = Linking { store: &system.store, writers: &writers, settings: &settings };
    let begun = now();
    let mut account = linking.account(&lease.account, LINKERS).await?;
    let mut same = Vec::new();
    for linker in LINKERS {
        let step = linking.step(&account, linker, now()).await;
        let given = match step.with_context(|| format!("failed to run link:{}", linker.name))? {
            Step::Nothing => continue,
            Step::Unchanged(partition, outcome) => {
                same.push((partition, outcome));
                continue;
            }
            Step::Linked(given) => *given,
        };
        let collector = given.snapshot.partition.collector.clone();
        let written = into_store::write_but(system, lease, given.snapshot, &given.kept).await?;
        if let Some(input) = given.input.filter(|_| written.is_as_given()) {
            system.store.record_link_input(lease, &collector, &input).await?;
        }
        if written.is_news() {
            account = linking.account(&lease.account, LINKERS).await?;
        }
        written.report(progress, report);
    }
    let confirmed: Vec<String> = same.iter().map(|(partition, _)| partition.collector.clone()).collect();
    system.store.confirm_links(lease, &confirmed, begun).await?;
    for (partition, outcome) in same {
        debug!(account.id = %partition.account, collector = %partition.collector, "{partition} has nothing new to read");
        progress.ended(&partition, &outcome);
        report.partitions.push((partition, outcome));
    }
    Ok(())
}

/// Who writes what, as declared.
fn writers() -> Writers {
    let mut writers = Writers::default();
    for writer in orgraph_catalog::writers() {
        let origin = match writer {
            Writer::Collector(_) => Origin::Aws,
            Writer::Linker(_) => Origin::Linker,
            Writer::Roster(_) => Origin::File,
        };
        let types = writer.entities().iter().map(|it| it.entity_type);
        writers.add(writer.name(), types, writer.relationships(), origin);
    }
    writers
}

/// What the operator says about links.
fn settings(system: &System) -> Settings {
    let limit = system.config.policies.resource_fanout_limit;
    Settings {
        trusted_networks: system.config.networks.trusted(),
        resource_fanout_limit: usize::try_from(limit).unwrap_or(usize::MAX),
    }
}
