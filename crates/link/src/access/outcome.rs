//! How the layers are put together, and which of what is not known an outcome hangs on.

use std::collections::BTreeSet;

use super::Tri;
use super::need::Need;
use super::principal::Closeness;

/// What a part of the grounds is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Somebody denies.
    Deny,
    /// One level of the organization lets it pass.
    Guard,
    /// Policies of who asks allow.
    Identity,
    /// The boundary lets it pass.
    Boundary,
    /// The policy of the session lets it pass.
    Session,
    /// The policy of the resource allows, this close to who asks.
    Resource(Closeness),
}

/// Where the resource is, seen from who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// In the same account.
    Same,
    /// In another one.
    Cross,
    /// Who asks is of no account.
    Outside,
}

/// What a decision rests on.
#[derive(Debug, Clone, Default)]
pub(super) struct Grounds {
    parts: Vec<(Part, Tri, Vec<Need>)>,
    /// Whether policies of who asks count only as far as the policy of the resource says so, even in one account.
    pub(super) needs_resource_policy: bool,
}

/// How many unknown parts are gone through in all their combinations.
const MOST_UNKNOWN: usize = 10;

impl Grounds {
    pub(super) fn add(&mut self, part: Part, is: Tri, needs: &BTreeSet<Need>) {
        let needs = if is == Tri::Unknown { needs.iter().cloned().collect() } else { Vec::new() };
        self.parts.push((part, is, needs));
    }

    /// What follows. It is unknown only if it can go either way.
    pub(super) fn outcome(&self, relation: Relation) -> Tri {
        let known = self.follows(relation, |at| self.parts[at].1);
        let Some(outcomes) = (known == Tri::Unknown).then(|| self.all_outcomes(relation)).flatten() else {
            return known;
        };
        match (outcomes.contains(&Tri::Yes), outcomes.contains(&Tri::No)) {
            (true, false) => Tri::Yes,
            (false, true) => Tri::No,
            _ => Tri::Unknown,
        }
    }

    /// What would have to be known, of the parts that can turn the outcome.
    pub(super) fn needs(&self, relation: Relation) -> BTreeSet<Need> {
        let outcomes = self.all_outcomes(relation);
        let turns = |bit: usize| {
            outcomes.as_ref().is_none_or(|outcomes| {
                (0..outcomes.len()).any(|mask| outcomes[mask] != outcomes[mask ^ (1 << bit)])
            })
        };
        let unknown = self.unknown();
        let turning = unknown.iter().enumerate().filter(|(bit, _)| turns(*bit));
        turning.flat_map(|(_, at)| self.parts[*at].2.iter().cloned()).collect()
    }

    fn unknown(&self) -> Vec<usize> {
        (0..self.parts.len()).filter(|at| self.parts[*at].1 == Tri::Unknown).collect()
    }

    /// The outcome for every way in which what is unknown can be; nothing where there are too many.
    fn all_outcomes(&self, relation: Relation) -> Option<Vec<Tri>> {
        let unknown = self.unknown();
        if unknown.len() > MOST_UNKNOWN {
            return None;
        }
        let bit_of: Vec<Option<usize>> =
            (0..self.parts.len()).map(|at| unknown.iter().position(|it| *it == at)).collect();
        let outcome = |mask: usize| {
            self.follows(relation, |at| match bit_of[at] {
                Some(bit) => (mask & (1 << bit) != 0).into(),
                None => self.parts[at].1,
            })
        };
        Some((0..1 << unknown.len()).map(outcome).collect())
    }

    /// What follows if each part is as `is` says. It is asked many times, so it goes over the parts once.
    fn follows(&self, relation: Relation, is: impl Fn(usize) -> Tri) -> Tri {
        // What is not there limits nothing, and allows nothing.
        let (mut deny, mut identity, mut resource) = (Tri::No, Tri::No, [Tri::No; Closeness::ALL.len()]);
        let (mut guard, mut boundary, mut session) = (Tri::Yes, Tri::Yes, Tri::Yes);
        for (at, (part, ..)) in self.parts.iter().enumerate() {
            let is = is(at);
            match part {
                Part::Deny => deny = deny.or(is),
                Part::Guard => guard = guard.and(is),
                Part::Identity => identity = identity.or(is),
                Part::Boundary => boundary = boundary.and(is),
                Part::Session => session = session.and(is),
                Part::Resource(closeness) => {
                    let resource = &mut resource[*closeness as usize];
                    *resource = resource.or(is);
                }
            }
        }
        let own = identity.and(boundary).and(session);
        let [account, role, user, direct] = resource;
        let granted = match relation {
            Relation::Same => {
                let by_policies = if self.needs_resource_policy { own.and(account) } else { own };
                by_policies.or(direct).or(user.and(session)).or(role.and(boundary).and(session))
            }
            Relation::Cross => own.and(Tri::any(resource)),
            Relation::Outside => direct,
        };
        deny.not().and(guard).and(granted)
    }
}
