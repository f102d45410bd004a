//! From the organization's list to the accounts that are known: who is collected, who is not, and why.

use orgraph_aws_identity::{OrganizationAccount, accounts_of};
use orgraph_model::vocabulary::AWS_ACCOUNT;
use orgraph_model::{AccountId, GapKind, Outcome, Snapshot, Source, Status};
use orgraph_plan::{AccountState, DepartureSettings, Sighting};
use orgraph_store::{Origin, Sighted};
use tracing::{error, info, warn};

use crate::clock::now;
use crate::selection::{Choice, Listed, choose};
use crate::settings;
use crate::system::System;

/// What one listing of the organization said.
pub(crate) struct Listing {
    accounts: Vec<OrganizationAccount>,
    /// Whether an account that is not in the list has left.
    is_complete: bool,
}

/// The accounts of a snapshot of the organization; `None` when the listing did not end.
pub(crate) fn listed(snapshot: &Snapshot) -> Option<Listing> {
    let accounts = accounts_of(snapshot);
    let usable = snapshot.outcome.status.has_rows() && !accounts.is_empty();
    usable.then(|| Listing { accounts, is_complete: snapshot.may_remove() })
}

/// Refuses the list of another organization than the one that the configuration expects: nothing of it is written.
pub(crate) fn checked(system: &System, snapshot: Snapshot) -> Snapshot {
    let expected = system.config.organization.as_ref().and_then(|it| it.organization_root_id.as_ref());
    let Some(expected) = expected else { return snapshot };
    let accounts = accounts_of(&snapshot);
    let root = accounts.iter().find_map(|it| it.ou_path.as_ref()?.first());
    if accounts.is_empty() || root == Some(expected) {
        return snapshot;
    }
    let reason = format!(
        "the credentials list the organization of root {}, but organization.organization_root_id is {expected}",
        root.map_or("(unknown)", String::as_str)
    );
    error!("{reason}");
    let outcome = Outcome::because(Status::Failed, reason);
    Snapshot::without_rows(snapshot.partition.clone(), snapshot.started_at, outcome)
}

/// Says on each account of the list whether its tag asks not to be read, which only the configuration can tell.
pub(crate) fn mark_skipped(system: &System, snapshot: &mut Snapshot) {
    let (Some(organization), Some(management)) = (&system.config.organization, &system.management) else {
        return;
    };
    for account in accounts_of(snapshot) {
        let choice = choose(&as_listed(&account), management, organization, &system.config.accounts);
        let found = snapshot.entities.iter_mut().find(|it| {
            it.entity_type == AWS_ACCOUNT && it.account == account.id && it.source == Source::Integration
        });
        let Some(entity) = found else { continue };
        if matches!(choice, Choice::Unknown(_)) {
            let gaps = snapshot.gaps.iter_mut().filter(|it| it.key.as_ref() == Some(&entity.key));
            for gap in gaps.filter(|it| it.kind == GapKind::Detail) {
                gap.properties.push("skipped".to_owned());
            }
        } else {
            entity.properties.insert("skipped".to_owned(), matches!(choice, Choice::Skip(_)).into());
        }
    }
}

/// Makes the known accounts agree with the listing. New accounts are due at once.
pub(crate) async fn apply(system: &System, listing: &Listing) -> anyhow::Result<()> {
    let Some(organization) = &system.config.organization else { return Ok(()) };
    let Some(management) = system.management.as_ref() else { return Ok(()) };
    let now = now();
    let known = system.store.accounts().await?;
    let mut sighted = Vec::new();
    for account in &listing.accounts {
        let choice = choose(&as_listed(account), management, organization, &system.config.accounts);
        let (sighting, reason) = match choice {
            Choice::Collect => (Sighting::Wanted, None),
            Choice::Skip(reason) => (Sighting::Skipped, Some(reason)),
            Choice::Exclude(reason) => (Sighting::Excluded, Some(reason)),
            Choice::Suspended(reason) if account.status.as_deref() == Some("CLOSED") => {
                (Sighting::Closed, Some(reason))
            }
            Choice::Suspended(reason) => (Sighting::Suspended, Some(reason)),
            Choice::Unknown(reason) => {
                warn!(account.id = %account.id, "account {} stays as it was: {reason}", account.id);
                unchanged(known.iter().find(|it| it.account == account.id).map(|it| it.state), reason)
            }
        };
        sighted.push(Sighted {
            account: account.id.clone(),
            name: explicit_name(system, &account.id).or_else(|| Some(account.name.clone())),
            email: account.email.clone(),
            org_arn: account.arn.clone(),
            org_status: account.status.clone(),
            management: account.management,
            sighting,
            reason,
            first_due_at: Some(now),
        });
    }
    let departures = listing.is_complete.then(DepartureSettings::default);
    let discovery =
        system.store.upsert_accounts(Origin::Organization, &sighted, now, departures.as_ref()).await?;
    info!(
        accounts = sighted.len(),
        added = discovery.added.len(),
        left = discovery.left.len(),
        "the organization has {} accounts, {} of them new; {} left",
        sighted.len(),
        discovery.added.len(),
        discovery.left.len()
    );
    if let Some(held) = &discovery.held {
        warn!(
            accounts = held.accounts.len(),
            "{} accounts are missing from the organization's list at once: they stay \
            until a second listing agrees",
            held.accounts.len()
        );
    }
    Ok(())
}

/// What a sighting says that decides nothing: the account stays what it is, and one never seen waits until its tags
/// can be read.
fn unchanged(state: Option<AccountState>, reason: String) -> (Sighting, Option<String>) {
    match state {
        Some(state) if state.is_collected() => (Sighting::Wanted, None),
        Some(AccountState::Suspended) => (Sighting::Suspended, Some(reason)),
        Some(AccountState::Excluded) => (Sighting::Excluded, Some(reason)),
        Some(AccountState::Left) => (Sighting::Closed, Some(reason)),
        _ => (Sighting::Skipped, Some(reason)),
    }
}

fn explicit_name(system: &System, account: &AccountId) -> Option<String> {
    settings::explicit(&system.config, account).and_then(|it| it.name.clone())
}

fn as_listed(account: &OrganizationAccount) -> Listed {
    Listed {
        id: account.id.clone(),
        status: account.status.clone(),
        ou_path: account.ou_path.clone(),
        tags: account.tags.clone(),
    }
}
