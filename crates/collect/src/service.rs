//! The AWS services that are read, each with the names it goes by.

use orgraph_model::EntityType;
use orgraph_model::vocabulary::{AWS_EC2, AWS_IAM, AWS_LAMBDA, AWS_RDS, AWS_S3};

/// How a service speaks, which decides what a whole answer looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// XML whose root is `{Operation}Response`.
    Query,
    /// XML with a root of the operation's own.
    RestXml,
    /// One JSON object.
    Json,
}

/// An AWS service. Compared by name.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// The name in configuration, metrics and fixture folders.
    pub name: &'static str,
    /// The service ID that the SDK's requests carry.
    pub sdk_id: &'static str,
    /// The prefix of its IAM actions.
    pub iam: &'static str,
    /// How it speaks.
    pub protocol: Protocol,
    /// The entity that stands for it in an account.
    pub entity: Option<EntityType>,
}

impl PartialEq for Service {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Service {}

impl std::hash::Hash for Service {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

macro_rules! services {
    ($($(#[$doc:meta])* $constant:ident: $name:literal, $sdk_id:literal, $iam:literal, $protocol:ident, $entity:expr;)*) => {
        impl Service {
            $($(#[$doc])* pub const $constant: Self = Self {
                name: $name, sdk_id: $sdk_id, iam: $iam, protocol: Protocol::$protocol, entity: $entity,
            };)*

            /// Every service that is read.
            pub const ALL: &'static [Self] = &[$(Self::$constant),*];
        }
    };
}

services! {
    /// Account Management.
    ACCOUNT: "account", "Account", "account", Json, None;
    /// Elastic Compute Cloud, with its networks.
    EC2: "ec2", "EC2", "ec2", Query, Some(AWS_EC2);
    /// Identity and Access Management.
    IAM: "iam", "IAM", "iam", Query, Some(AWS_IAM);
    /// Lambda.
    LAMBDA: "lambda", "Lambda", "lambda", Json, Some(AWS_LAMBDA);
    /// Organizations.
    ORGANIZATIONS: "organizations", "Organizations", "organizations", Json, None;
    /// Relational Database Service.
    RDS: "rds", "RDS", "rds", Query, Some(AWS_RDS);
    /// Simple Storage Service.
    S3: "s3", "S3", "s3", RestXml, Some(AWS_S3);
    /// The account-wide settings of S3.
    S3_CONTROL: "s3control", "S3 Control", "s3", RestXml, None;
    /// Security Token Service.
    STS: "sts", "STS", "sts", Query, None;
}
