//! What can be reached, hop by hop, each entity once.
//!
//! Where only one end of the way is returned, and each value once, it does not matter how many ways lead there. Then
//! every hop begins from as many entities as there are, and not from as many ways as lead to them, and the planner, which
//! cannot foresee how many ways there are, knows that none comes twice.

use super::super::ast::{Item, Query};
use super::super::diagnose::Diagnostic;
use super::expression::{Leaf, has_figure};
use super::names::Binding;
use super::{Compiler, Place};

/// From one end of a way to the other.
pub(super) struct Reach {
    /// What is to be reached, by number.
    pub(super) entity: usize,
    /// Numbers of entities, from what is to be reached to where it begins.
    entities: Vec<usize>,
    /// The hops between them: the entity nearer to the beginning of the question, and the number of the hop.
    hops: Vec<(usize, usize)>,
}

impl Compiler<'_> {
    /// Whether a table needs no more than what can be reached. For that nothing may be asked of what is on the way, and
    /// nothing of what is reached: else it may be better to begin there.
    pub(super) fn reach(&self, query: &Query, items: &[Item]) -> Option<Reach> {
        let [way] = self.plan.ways.as_slice() else { return None };
        let is_plain = query.unique
            && query.filter.is_none()
            && way.chain.without.is_none()
            && !items.iter().any(|it| has_figure(&it.expression));
        let hops = &way.chain.hops;
        let last = hops.last().filter(|_| is_plain)?;
        let mut owners = self.leaves.iter().map(Leaf::binding);
        let Binding::Entity(entity) = owners.next()? else { return None };
        if owners.any(|it| it != Binding::Entity(entity)) {
            return None;
        }
        let mut entities: Vec<usize> = std::iter::once(0).chain(hops.iter().copied()).collect();
        let mut hops: Vec<(usize, usize)> = entities.iter().copied().zip(hops.iter().copied()).collect();
        let begin = match entity {
            0 => *last,
            it if it == *last => 0,
            _ => return None,
        };
        let are_one = |at: usize| hops[..at].iter().any(|before| self.may_be_one(*before, hops[at]));
        let is_asked = |it: &usize| !self.looked_up.contains(it);
        if self.types[begin].is_none()
            || entities.iter().any(|it| (*it == begin) != is_asked(it))
            || (1..hops.len()).any(are_one)
        {
            return None;
        }
        if entity != 0 {
            entities.reverse();
            hops.reverse();
        }
        Some(Reach { entity, entities, hops })
    }

    /// `FROM` the entity that is reached `WHERE` it is.
    pub(super) fn way_of_reached(&mut self, reach: &Reach, place: &Place) -> Result<(), Diagnostic> {
        let n = place.entities[&reach.entity];
        self.sql.put(" FROM ");
        self.entity_source(n);
        self.sql.put(" WHERE true");
        self.selector_conditions(reach.entity, n)?;
        self.sql.numbered(" AND n", n).put("._id IN (");
        self.reached(reach, 0, place)?;
        self.sql.put(")");
        Ok(())
    }

    /// The identities that are reached at a place of the way, which may not be stored.
    fn reached(&mut self, reach: &Reach, at: usize, place: &Place) -> Result<(), Diagnostic> {
        let (near, hop) = reach.hops[at];
        let s = place.relationships[&hop];
        let (from, to) =
            if hop == reach.entities[at] { (".near_id", ".far_id") } else { (".far_id", ".near_id") };
        self.sql.numbered("SELECT DISTINCT s", s).put(to).put(" AS id FROM (");
        let before = reach.entities[at + 1];
        let n = place.entities[&before];
        let mut around = reach.hops.iter().skip(at).take(2);
        let is_looked_up = self.looked_up.contains(&before);
        if is_looked_up && around.any(|it| self.end_is_stored(*it, before)) {
            self.reached(reach, at + 1, place)?;
        } else if is_looked_up {
            self.sql.numbered("SELECT r", n).put(".id FROM (");
            self.reached(reach, at + 1, place)?;
            self.sql.numbered(") AS r", n);
            self.look_up(before, n, ("r", n, ".id"));
            self.sql.put(" WHERE true");
            self.must_be_there(n);
        } else {
            self.sql.numbered("SELECT n", n).put("._id AS id FROM ");
            self.entity_source(n);
            self.sql.put(" WHERE true");
            self.selector_conditions(before, n)?;
        }
        self.sql.numbered(") AS f", n).put(", ");
        self.step_source(near, hop, s);
        self.sql.numbered(" WHERE s", s).put(from).numbered(" = f", n).put(".id");
        self.kind_conditions(near, hop, s);
        Ok(())
    }
}
