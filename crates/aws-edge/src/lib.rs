#![doc = include_str!("../README.md")]

mod apigateway;
mod apigatewayv2;
mod cloudfront;
mod elb;
mod elbv2;
mod lambda;
mod load_balancing;
mod route53;
mod route53domains;
mod stages;
mod waf;
mod wafv2;

use orgraph_collect::Collector;

/// The collectors of this family.
pub static COLLECTORS: &[&Collector] = &[
    &apigateway::REST_APIS,
    &apigatewayv2::APIS,
    &cloudfront::DISTRIBUTIONS,
    &elb::CLASSIC_LOAD_BALANCERS,
    &elbv2::load_balancers::LOAD_BALANCERS,
    &elbv2::target_groups::TARGET_GROUPS,
    &route53::ZONES,
    &route53domains::DOMAINS,
    &waf::GLOBAL_WEB_ACLS,
    &waf::REGIONAL_WEB_ACLS,
    &wafv2::GLOBAL_WEB_ACLS,
    &wafv2::REGIONAL_WEB_ACLS,
];

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::UNIX_EPOCH;

    use orgraph_collect::replay::{Fixtures, check_family, session};
    use orgraph_collect::{Facts, run};
    use orgraph_model::Region;

    const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");

    #[tokio::test(start_paused = true)]
    async fn every_collector_keeps_the_contract() {
        check_family(super::COLLECTORS, &Fixtures::new(FIXTURES)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn values_of_headers_and_names_of_contacts_stay_out() {
        let fixtures = Fixtures::new(FIXTURES);
        let session = session(move |asked| fixtures.answer(asked)).await;

        let mut snapshots = Vec::new();
        for collector in [&super::cloudfront::DISTRIBUTIONS, &super::route53domains::DOMAINS] {
            let facts = Arc::new(Facts::default());
            let snapshot = run::run(collector, &session, &Region::global(), &facts, UNIX_EPOCH.into()).await;
            snapshots.push(format!("{snapshot:?}"));
        }

        let rows = snapshots.concat();
        let kept = ["X-Origin-Verify", "legal@example.com"];
        let dropped = ["a-value-that-must-not-be-kept", "Rita", "+49.30", "1 Street"];
        assert!(kept.iter().all(|it| rows.contains(it)), "{rows}");
        assert!(!dropped.iter().any(|it| rows.contains(it)), "{rows}");
    }
}
