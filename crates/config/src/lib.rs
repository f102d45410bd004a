#![doc = include_str!("../README.md")]

mod config;
mod fields;
mod load;
mod mask;
mod problem;
mod reference;
mod review;
mod secret;
mod section;
mod shape;
mod suggest;
mod tree;
mod value;

pub use config::Config;
pub use load::{Purpose, load, parse};
pub use problem::{Problem, Problems};
pub use reference::{example, reference};
pub use section::{
    Account, Aws, Daemon, Database, DatabasePlace, Domains, Format, Guard, History, Http, Level, Limits, Log,
    Networks, Organization, People, Policies, Polling, Query, Regions, Services, SkipTag, Tags, Tls,
};
pub use value::interval::Interval;
pub use value::region_list::RegionList;
