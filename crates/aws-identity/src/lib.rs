#![doc = include_str!("../README.md")]

mod access_analyzer;
mod account;
mod acm;
mod cloudhsm;
mod credential_report;
mod document;
mod iam;
mod kms;
mod organization;

use orgraph_collect::Collector;

pub use organization::{ORGANIZATION, OrganizationAccount, accounts_of};

/// The collectors of this family.
pub static COLLECTORS: &[&Collector] = &[
    &ORGANIZATION,
    &organization::policies::ORGANIZATION_POLICIES,
    &account::ACCOUNT,
    &iam::authorization::AUTHORIZATION,
    &iam::access_keys::ACCESS_KEYS,
    &iam::mfa_devices::MFA_DEVICES,
    &iam::password_policy::PASSWORD_POLICY,
    &iam::saml_providers::SAML_PROVIDERS,
    &iam::oidc_providers::OIDC_PROVIDERS,
    &iam::server_certificates::SERVER_CERTIFICATES,
    &kms::KEYS,
    &acm::CERTIFICATES,
    &cloudhsm::CLUSTERS,
    &access_analyzer::ANALYZERS,
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
