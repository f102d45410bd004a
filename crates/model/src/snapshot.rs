//! What one collector run over one partition leaves behind: rows, gaps and an honest outcome.

use std::collections::HashSet;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{AccountId, EntityType, Key, Ref, Region, Verb};

/// Open-ended properties: camelCase names to JSON values. Absent means unknown, `null` means known to have no value.
pub type Properties = Map<String, Value>;

/// The unit of collection, locking and removal: one collector in one region of one account.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Partition {
    /// The account read.
    pub account: AccountId,
    /// The region read; `global` for services without regions.
    pub region: Region,
    /// The name of the collector, or `link:<name>` for derived relationships.
    pub collector: String,
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.account, self.region, self.collector)
    }
}

/// Who says that an entity exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Source {
    /// A collector read it from the API of the account that owns it.
    #[default]
    Integration,
    /// Something else names it: a placeholder that yields to the owner of the key.
    SystemMapper,
}

impl Source {
    /// The `_source` as stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Integration => "integration-managed",
            Self::SystemMapper => "system-mapper",
        }
    }
}

/// One thing found.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    /// Its key, unique over the whole graph.
    pub key: Key,
    /// Its type, which implies its classes.
    pub entity_type: EntityType,
    /// Who says so.
    pub source: Source,
    /// The account it belongs to.
    pub account: AccountId,
    /// The region it lives in.
    pub region: Region,
    /// The tag `Name`, the API's name or the identifier.
    pub name: Option<String>,
    /// What a person would call it.
    pub display_name: Option<String>,
    /// Everything else that is known about it.
    pub properties: Properties,
    /// Tags by key. Values are strings, except the booleans `PII`, `PHI`, `PCI` and `Production`.
    pub tags: Properties,
    /// Names of properties that are stored but do not make a new version when they alone change.
    pub volatile: &'static [&'static str],
}

/// One fact that connects two entities, either of which may not be stored (yet).
#[derive(Debug, Clone, PartialEq)]
pub struct Relationship {
    /// Where it starts.
    pub from: Ref,
    /// What the start does to the end.
    pub verb: Verb,
    /// Where it ends.
    pub to: Ref,
    /// Tells parallel relationships of one verb apart, such as ports; empty when there can be only one.
    pub discriminator: String,
    /// What is known about it.
    pub properties: Properties,
}

impl Relationship {
    /// The `_type`: `{from}_{verb}_{to}` in lower case, without the second `aws_`.
    pub fn type_name(&self) -> String {
        let to = self.to.entity_type.name;
        let to = to.strip_prefix("aws_").unwrap_or(to);
        format!("{}_{}_{to}", self.from.entity_type.name, self.verb.as_str().to_ascii_lowercase())
    }
}

/// A relationship whose other end is known by a property and not by its key. It is resolved within the account and
/// region of the partition (or over all regions when `any_region`), again after every run, and gives one relationship
/// per match.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// The end that is known.
    pub from: Ref,
    /// The verb of the relationship it gives.
    pub verb: Verb,
    /// The type of the end that is looked for.
    pub to_type: EntityType,
    /// The property of the other end to compare; an array property matches when one element does. Several, joined by
    /// `+`, match together.
    pub property: String,
    /// The value to find, or the values in the order of the properties, joined by `+`.
    pub value: String,
    /// Whether the known end is the target: `found VERB from` instead of `from VERB found`.
    pub reversed: bool,
    /// Whether the other end may live in another region of the account. If not, it lives in that of the partition or,
    /// where the partition has none, in that of the known end.
    pub any_region: bool,
    /// What is known about the relationship.
    pub properties: Properties,
}

impl Reference {
    /// Narrows it to what has this value of another property too. Neither property may hold an array.
    pub fn and(&mut self, property: &str, value: &str) -> &mut Self {
        self.property = format!("{}+{property}", self.property);
        self.value = format!("{}+{value}", self.value);
        self
    }
}

/// How a run over a partition ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Every listing ended and every detail was read.
    Complete,
    /// Something is missing; the gaps say what.
    Partial,
    /// A policy of the account, the role or a resource refused the listing.
    DeniedIam,
    /// A service control policy of the organization refused the listing.
    DeniedScp,
    /// The region is not enabled for the account.
    RegionDisabled,
    /// The service does not exist here, was closed by AWS, or is not subscribed.
    Unsupported,
    /// AWS asked to slow down until the attempts ran out.
    Throttled,
    /// No answer in time.
    Timeout,
    /// The credentials ran out and could not be renewed.
    Expired,
    /// Anything else: a bad answer, a broken connection, a bug.
    Failed,
}

impl Status {
    /// Every status, the best first.
    pub const ALL: &'static [Self] = &[
        Self::Complete,
        Self::Partial,
        Self::DeniedIam,
        Self::DeniedScp,
        Self::RegionDisabled,
        Self::Unsupported,
        Self::Throttled,
        Self::Timeout,
        Self::Expired,
        Self::Failed,
    ];

    /// The status as stored in `coverage`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::DeniedIam => "denied_iam",
            Self::DeniedScp => "denied_scp",
            Self::RegionDisabled => "region_disabled",
            Self::Unsupported => "unsupported",
            Self::Throttled => "throttled",
            Self::Timeout => "timeout",
            Self::Expired => "expired",
            Self::Failed => "failed",
        }
    }

    /// The status stored as `text`.
    pub fn by_name(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_str() == text)
    }

    /// Whether the listing itself ended, so that its rows may be written.
    pub fn has_rows(self) -> bool {
        matches!(self, Self::Complete | Self::Partial)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A status with the reason a person reads. The reason never carries secrets or response bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How the run ended.
    pub status: Status,
    /// Why it is not complete.
    pub reason: Option<String>,
}

impl Outcome {
    /// Everything was read.
    pub fn complete() -> Self {
        Self { status: Status::Complete, reason: None }
    }

    /// Ended as `status` because of `reason`.
    pub fn because(status: Status, reason: impl Into<String>) -> Self {
        Self { status, reason: Some(reason.into()) }
    }
}

/// What kind of thing is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GapKind {
    /// A listing did not end, or cannot be trusted: nothing of the partition is removed.
    Listing,
    /// A call about one entity failed: its properties keep their previous values.
    Detail,
    /// One item could not be read: the entity it was before, if its key is known, is kept.
    Item,
    /// A value was altered or dropped so that it could be stored.
    Value,
}

impl GapKind {
    /// The kind as stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Listing => "listing",
            Self::Detail => "detail",
            Self::Item => "item",
            Self::Value => "value",
        }
    }
}

/// Something a run could not learn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// What kind of thing is missing.
    pub kind: GapKind,
    /// The entity concerned; it and the partition's relationships that touch it are not removed.
    pub key: Option<Key>,
    /// The API operation or the part of the item concerned.
    pub operation: String,
    /// The properties left unknown, which keep their previous values. `tags` stands for all tags.
    pub properties: Vec<String>,
    /// How the call ended.
    pub status: Status,
    /// Why, for a person.
    pub reason: String,
}

impl Gap {
    /// Whether nothing of the partition may be removed because of this gap: a listing that cannot be trusted, or an
    /// item that cannot even be named.
    pub fn forbids_removal(&self) -> bool {
        match self.kind {
            GapKind::Listing => true,
            GapKind::Item => self.key.is_none(),
            GapKind::Detail | GapKind::Value => false,
        }
    }

    /// The key that this gap keeps from being removed.
    pub fn protects(&self) -> Option<&Key> {
        match self.kind {
            GapKind::Detail | GapKind::Item => self.key.as_ref(),
            GapKind::Listing | GapKind::Value => None,
        }
    }
}

/// Everything one run over one partition found, and how it ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The partition read.
    pub partition: Partition,
    /// When reading began. A snapshot never overwrites one that began later.
    pub started_at: DateTime<Utc>,
    /// How it ended.
    pub outcome: Outcome,
    /// The entities found, one per key.
    pub entities: Vec<Entity>,
    /// The relationships found, one per start, verb, end and discriminator.
    pub relationships: Vec<Relationship>,
    /// The relationships whose other end has to be looked up.
    pub references: Vec<Reference>,
    /// What is missing.
    pub gaps: Vec<Gap>,
    /// How many requests were sent, retries included.
    pub calls: u64,
    /// How long reading took, in milliseconds.
    pub duration_ms: u64,
}

impl Snapshot {
    /// A run that ended without rows.
    pub fn without_rows(partition: Partition, started_at: DateTime<Utc>, outcome: Outcome) -> Self {
        Self {
            partition,
            started_at,
            outcome,
            entities: Vec::new(),
            relationships: Vec::new(),
            references: Vec::new(),
            gaps: Vec::new(),
            calls: 0,
            duration_ms: 0,
        }
    }

    /// Whether what this snapshot does not name may be removed, as far as the snapshot itself can tell.
    pub fn may_remove(&self) -> bool {
        self.outcome.status.has_rows() && !self.gaps.iter().any(Gap::forbids_removal)
    }

    /// The keys that stay although they were not seen.
    pub fn protected_keys(&self) -> HashSet<&Key> {
        self.gaps.iter().filter_map(Gap::protects).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::{AWS_IAM_USER, AWS_NETWORK_ACL, AWS_SUBNET, MFA_DEVICE};

    #[test]
    fn the_type_of_a_relationship_drops_the_second_prefix() {
        let relationship = |from: EntityType, verb, to: EntityType| Relationship {
            from: from.at("a"),
            verb,
            to: to.at("b"),
            discriminator: String::new(),
            properties: Properties::new(),
        };

        let protects = relationship(AWS_NETWORK_ACL, Verb::Protects, AWS_SUBNET);
        let assigned = relationship(AWS_IAM_USER, Verb::Assigned, MFA_DEVICE);

        assert_eq!(protects.type_name(), "aws_network_acl_protects_subnet");
        assert_eq!(assigned.type_name(), "aws_iam_user_assigned_mfa_device");
    }

    #[test]
    fn only_a_trustworthy_listing_may_remove() {
        let partition = Partition {
            account: "000000000001".parse().unwrap(),
            region: Region::global(),
            collector: "x".to_owned(),
        };
        let gap = |kind, key: Option<&str>| Gap {
            kind,
            key: key.map(Key::from),
            operation: "Op".to_owned(),
            properties: Vec::new(),
            status: Status::DeniedIam,
            reason: "no".to_owned(),
        };
        let check = |status, gap: Option<Gap>, expected: bool| {
            let outcome = Outcome { status, reason: None };
            let mut snapshot = Snapshot::without_rows(partition.clone(), DateTime::UNIX_EPOCH, outcome);
            snapshot.gaps.extend(gap);
            assert_eq!(snapshot.may_remove(), expected, "{status} {:?}", snapshot.gaps);
        };

        check(Status::Complete, None, true);
        check(Status::Partial, Some(gap(GapKind::Detail, Some("k"))), true);
        check(Status::Partial, Some(gap(GapKind::Item, Some("k"))), true);
        check(Status::Partial, Some(gap(GapKind::Item, None)), false);
        check(Status::Partial, Some(gap(GapKind::Listing, None)), false);
        for status in Status::ALL.iter().copied().filter(|it| !it.has_rows()) {
            check(status, None, false);
        }
    }
}
