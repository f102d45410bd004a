//! An account is held while something is done with it.

use orgraph_store::{Lease, StoreError};
use tracing::warn;

use crate::settings;
use crate::system::System;

/// Does something while the lease is renewed, and lets go of it afterwards. An error when it was lost meanwhile.
pub(crate) async fn holding<T>(
    system: &System,
    lease: &Lease,
    doing: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    let account = &lease.account;
    let done = tokio::select! {
        done = doing => done,
        () = renew(system, lease) => Err(anyhow::anyhow!("the lease of account {account} was lost to another daemon")),
    };
    // A lease that was lost cannot be released, and one that cannot be released expires.
    if let Err(error) = system.store.release_lease(lease).await {
        warn!(account.id = %account, "the lease of account {account} could not be released: {error}");
    }
    done
}

/// Ends only when the lease is lost.
async fn renew(system: &System, lease: &Lease) {
    let lease_time = system.config.daemon.lease;
    let mut ticks = tokio::time::interval(lease_time / 3);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        match system.store.renew_lease(lease, settings::delta(lease_time)).await {
            Ok(_) => {}
            Err(StoreError::LeaseLost { .. }) => return,
            Err(error) => warn!("a lease could not be renewed yet: {error}"),
        }
    }
}
