#![doc = include_str!("../README.md")]

mod batch;
mod collector;
mod connector;
mod cx;
mod details;
mod envelope;
mod error;
mod pacing;
mod pages;
pub mod replay;
pub mod run;
mod service;
mod session;
mod shape;

pub use batch::{Added, Batch, Linked};
pub use collector::{BoxFuture, Call, Collector, Scope, call};
pub use connector::shared_http_client;
pub use cx::{Cx, Facts};
pub use details::{Detail, detail, detail_of_many, detail_or, detail_pages};
pub use error::CollectError;
pub use orgraph_model::declare::{Declared, Entity, Rel, entity, rel};
pub use orgraph_spill::MemoryLimits;
pub use pacing::{Limits, Pacing};
pub use pages::{Pages, joined_token};
pub use service::{Protocol, Service};
pub use session::{Aws, AwsSettings, Role, Session, SessionError, Target};
pub use shape::{allows_anybody, iso_millis, last_segment, millis, tags, url_encoded};

/// What a collector file needs, in one line.
pub mod prelude {
    pub use orgraph_model::Verb::*;
    pub use orgraph_model::vocabulary::*;
    pub use orgraph_model::{EntityType, GapKind, Key, Ref};
    pub use schemars::JsonSchema;
    pub use serde::Serialize;

    pub use crate::{
        Batch, Call, CollectError, Collector, Cx, Detail, Entity, Scope, Service, allows_anybody, call,
        client, detail, detail_of_many, detail_or, detail_pages, entity, iso_millis, last_segment, millis,
        pages, rel, tags, url_encoded,
    };
}
