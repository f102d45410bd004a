//! One layer of policies: all of those that are asked together.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Tri;
use super::document::Policy;
use super::need::Need;
use super::principal::Closeness;
use super::statement::Asked;

/// What kind of layer it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LayerKind {
    /// Service control policies of one level of the organization.
    Scp,
    /// Resource control policies of one level of the organization.
    Rcp,
    /// The policies of who asks, and of its groups.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// The policy that a session was started with.
    Session,
    /// The policy of the resource.
    Resource,
}

impl LayerKind {
    /// Its name for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scp => "scp",
            Self::Rcp => "rcp",
            Self::Identity => "identity",
            Self::Boundary => "boundary",
            Self::Session => "session",
            Self::Resource => "resource",
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Scp => "service control policies",
            Self::Rcp => "resource control policies",
            Self::Identity => "identity policies",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::Resource => "resource policy",
        }
    }
}

/// A statement that decided something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deciding {
    /// What the policy is called.
    pub policy: String,
    /// The name of the statement, or its number from 1.
    pub statement: String,
    /// Whether it allows or denies.
    pub is_allow: bool,
    /// Whether it applies; otherwise it may.
    pub applies: bool,
}

/// What the policies of a layer say.
#[derive(Debug, Clone, Default)]
pub(super) struct Said {
    /// Whether it is allowed, by closeness.
    pub(super) allow: [Tri; Closeness::ALL.len()],
    pub(super) deny: Tri,
    /// Statements that apply, and those that may.
    pub(super) deciding: BTreeSet<Deciding>,
    pub(super) allow_needs: BTreeSet<Need>,
    pub(super) deny_needs: BTreeSet<Need>,
}

impl Said {
    /// A layer of which nothing is known, and what would have to be.
    pub(super) fn unknown(need: Need) -> Self {
        Self {
            allow: [Tri::Unknown; Closeness::ALL.len()],
            deny: Tri::Unknown,
            deciding: BTreeSet::new(),
            allow_needs: BTreeSet::from([need.clone()]),
            deny_needs: BTreeSet::from([need]),
        }
    }

    /// A layer that allows everything.
    pub(super) fn everything() -> Self {
        Self { allow: [Tri::Yes; Closeness::ALL.len()], ..Self::default() }
    }

    /// What policies say together.
    pub(super) fn of<'p>(policies: impl IntoIterator<Item = &'p Arc<Policy>>, asked: &Asked<'_>) -> Self {
        let mut said = Self::default();
        for policy in policies {
            said.add(policy, asked);
        }
        said
    }

    fn add(&mut self, policy: &Policy, asked: &Asked<'_>) {
        for unread in &policy.unread {
            let need = Need::Fact(unread.clone());
            self.allow.iter_mut().for_each(|it| *it = it.or(Tri::Unknown));
            self.deny = self.deny.or(Tri::Unknown);
            self.allow_needs.insert(need.clone());
            self.deny_needs.insert(need);
        }
        for statement in &policy.statements {
            for (closeness, applies, needs) in statement.applies(asked) {
                if applies == Tri::No {
                    continue;
                }
                if statement.is_allow {
                    let allow = &mut self.allow[closeness as usize];
                    *allow = allow.or(applies);
                    self.allow_needs.extend(needs);
                } else {
                    self.deny = self.deny.or(applies);
                    self.deny_needs.extend(needs);
                }
                self.deciding.insert(Deciding {
                    policy: policy.name.clone(),
                    statement: statement.label.clone(),
                    is_allow: statement.is_allow,
                    applies: applies == Tri::Yes,
                });
            }
        }
    }

    /// Whether it is allowed, however close.
    pub(super) fn allows(&self) -> Tri {
        Tri::any(self.allow)
    }
}
