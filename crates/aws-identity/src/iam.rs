//! Identity and Access Management: principals, policies, credentials and providers, which exist once per account.

pub(crate) mod access_keys;
pub(crate) mod authorization;
mod groups;
pub(crate) mod mfa_devices;
pub(crate) mod oidc_providers;
pub(crate) mod password_policy;
mod policies;
mod roles;
pub(crate) mod saml_providers;
pub(crate) mod server_certificates;
mod users;

use std::fmt::Display;

use orgraph_collect::Cx;

/// A page of the IAM console, which is the same in every region.
fn console(cx: &Cx, path: impl Display) -> String {
    cx.console(format_args!("iam/home#/{path}"))
}

/// A name as it may stand in a link.
fn encoded(name: &str) -> impl Display + '_ {
    percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC)
}
