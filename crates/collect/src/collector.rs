//! What a collector declares. Policies, documentation, views, planning and tests are derived from these values.

use std::future::Future;
use std::pin::Pin;

use orgraph_model::declare::{Declared, Rel};

use crate::{Batch, CollectError, Cx, Service};

/// A boxed future, so that the daemon never instantiates collector code.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One listing, or a parent listing with what is reached only through it, kept consistent as one partition.
pub struct Collector {
    /// Its name: the third part of a partition, `{service}_{what}`.
    pub name: &'static str,
    /// The service it reads, which decides pacing and configuration.
    pub service: Service,
    /// How often it runs for an account.
    pub scope: Scope,
    /// Every API operation it may send. Anything else is refused before it leaves.
    pub calls: &'static [Call],
    /// Every type of entity it yields.
    pub entities: &'static [Declared],
    /// Every relationship it yields, including those the kit adds from the service entity.
    pub relationships: &'static [Rel],
    /// Reads and shapes.
    pub collect: for<'a> fn(&'a Cx, &'a mut Batch) -> BoxFuture<'a, Result<(), CollectError>>,
}

impl std::fmt::Debug for Collector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Where a collector runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Once in every region that is read.
    Region,
    /// Once per account.
    Account,
    /// Once, in the management account of the organization.
    Organization,
}

/// One API operation that a collector may send.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    /// The operation as AWS spells it.
    pub operation: &'static str,
    /// The service, where it is not the collector's own.
    pub service: Option<Service>,
    /// The IAM action, where it is not `{service}:{operation}`.
    pub action: Option<&'static str>,
    /// The ARNs that the permission is limited to; everything where there are none. `*` as the partition is any of them.
    pub resources: &'static [&'static str],
    /// What a whole answer always has: a member of the JSON object, or the root of an S3 document. Services that
    /// speak the query protocol need none, since their root carries the operation's name.
    pub member: Option<&'static str>,
    /// Whether "not found" is a whole answer: there is none.
    pub may_be_absent: bool,
}

/// Declares an operation of the collector's own service.
pub const fn call(operation: &'static str) -> Call {
    Call { operation, service: None, action: None, resources: &[], member: None, may_be_absent: false }
}

impl Call {
    /// The operation belongs to another service.
    #[must_use]
    pub const fn of(self, service: Service) -> Self {
        Self { service: Some(service), ..self }
    }

    /// The operation is permitted by another action than the one of its name, such as `s3:ListAllMyBuckets`.
    #[must_use]
    pub const fn needs(self, action: &'static str) -> Self {
        Self { action: Some(action), ..self }
    }

    /// The action permits more than this operation, and only on these ARNs what is needed: `apigateway:GET` on everything
    /// would read the values of API keys.
    #[must_use]
    pub const fn only_on(self, resources: &'static [&'static str]) -> Self {
        Self { resources, ..self }
    }

    /// A whole answer has this member (JSON) or root (S3), even when it is empty. An answer without it is not an empty
    /// listing.
    #[must_use]
    pub const fn lists(self, member: &'static str) -> Self {
        Self { member: Some(member), ..self }
    }

    /// What it reads exists once or not at all, and "not found" says that it does not, such as a password policy.
    #[must_use]
    pub const fn may_be_absent(self) -> Self {
        Self { may_be_absent: true, ..self }
    }

    /// The IAM action it takes, given the service of its collector.
    pub fn iam_action(&self, own: Service) -> String {
        match self.action {
            Some(action) => action.to_owned(),
            None => format!("{}:{}", self.service.unwrap_or(own).iam, self.operation),
        }
    }
}
