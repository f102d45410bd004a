#![doc = include_str!("../README.md")]

mod address;
mod image;
mod instance;
mod interface;
mod key_pair;
mod keys;
mod nat_gateway;
mod network;
mod peering;
mod prefix_list;
mod regions;
mod security_group;
mod settings;
mod shape;
mod snapshot;
mod volume;
mod vpn_gateway;

use orgraph_collect::Collector;

pub use regions::{REGION_CALLS, enabled_regions};

/// The collectors of this family.
pub static COLLECTORS: &[&Collector] = &[
    &address::ADDRESSES,
    &image::IMAGES,
    &instance::INSTANCES,
    &interface::INTERFACES,
    &key_pair::KEY_PAIRS,
    &nat_gateway::NAT_GATEWAYS,
    &network::NETWORKS,
    &peering::PEERINGS,
    &security_group::SECURITY_GROUPS,
    &settings::SETTINGS,
    &snapshot::SNAPSHOTS,
    &volume::VOLUMES,
    &vpn_gateway::VPN_GATEWAYS,
];

#[cfg(test)]
mod tests {
    use orgraph_collect::replay::{Fixtures, check_family};

    #[tokio::test(start_paused = true)]
    async fn every_collector_keeps_the_contract() {
        check_family(super::COLLECTORS, &Fixtures::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures")))
            .await;
    }
}
