#![doc = include_str!("../README.md")]

mod cloudfront;
mod route53;
mod route53domains;
mod waf;
mod wafv2;

use orgraph_collect::Collector;

/// The collectors of this family.
pub static COLLECTORS: &[&Collector] = &[
    &cloudfront::DISTRIBUTIONS,
    &route53::ZONES,
    &route53domains::DOMAINS,
    &waf::GLOBAL_WEB_ACLS,
    &waf::REGIONAL_WEB_ACLS,
    &wafv2::GLOBAL_WEB_ACLS,
    &wafv2::REGIONAL_WEB_ACLS,
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
