//! One struct for each section of the file: what it holds, its defaults, and what is wrong with its values.
//! The doc comments are the public documentation of the options.

mod account;
mod aws;
mod daemon;
mod database;
mod guard;
mod history;
mod http;
mod limits;
mod log;
mod networks;
mod organization;
mod policies;
mod polling;
mod query;
mod regions;
mod roster;
mod services;
mod skip_tag;
mod tags;
mod tls;

pub use account::Account;
pub use aws::Aws;
pub use daemon::Daemon;
pub use database::{Database, Place as DatabasePlace};
pub use guard::Guard;
pub use history::History;
pub use http::Http;
pub use limits::Limits;
pub use log::{Format, Level, Log};
pub use networks::Networks;
pub use organization::Organization;
pub use policies::Policies;
pub use polling::Polling;
pub use query::Query;
pub use regions::Regions;
pub use roster::{Domains, People};
pub use services::Services;
pub use skip_tag::SkipTag;
pub use tags::Tags;
pub use tls::Tls;
