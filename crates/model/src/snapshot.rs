//! What one collector run over one partition leaves behind: rows, gaps and an honest outcome.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::{AccountId, Entity, Gap, GapMark, Key, Outcome, Reference, Region, Relationship, Spilled};

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
    /// Rows and gaps that were too many for memory. Where there are any, the four lists above are empty.
    pub spilled: Option<Arc<Spilled>>,
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
            spilled: None,
            calls: 0,
            duration_ms: 0,
        }
    }

    /// Whether what this snapshot does not name may be removed, as far as the snapshot itself can tell.
    pub fn may_remove(&self) -> bool {
        let spilled = self.spilled.as_ref().is_some_and(|it| it.gaps.iter().any(GapMark::forbids_removal));
        self.outcome.status.has_rows() && !spilled && !self.gaps.iter().any(Gap::forbids_removal)
    }

    /// The keys that stay although they were not seen, as far as they are in memory.
    pub fn protected_keys(&self) -> HashSet<&Key> {
        self.gaps.iter().filter_map(Gap::protects).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::{AWS_IAM_USER, AWS_NETWORK_ACL, AWS_SUBNET, MFA_DEVICE};
    use crate::{EntityType, GapKind, Properties, Status, Verb};

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
