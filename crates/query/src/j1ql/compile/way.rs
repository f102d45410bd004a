//! One way through the graph as `FROM … WHERE …`.

use std::collections::BTreeSet;

use super::super::ast::{
    Comparison, Condition, Direction, List, Literal, Operand, Operator, Pattern, Property, Query, Selector,
};
use super::super::diagnose::Diagnostic;
use super::super::kinds::Kind;
use super::super::words::Words;
use super::condition::Subject;
use super::plan::{Chain, Way};
use super::{Compiler, Place};

/// Relationships by the numbers of their kinds, as far as they are known: empty lists for none at all.
enum Followed {
    Forward(Option<Vec<i16>>),
    Backward(Option<Vec<i16>>),
    /// Forward and backward.
    Both(Option<(Vec<i16>, Vec<i16>)>),
}

impl Compiler<'_> {
    /// Numbers for all entities and relationships of a way.
    pub(super) fn place(&mut self, way: &Way) -> Place {
        let start = self.fresh();
        let mut place = Place { start, ..Place::default() };
        place.entities.insert(0, start);
        let mut positions = vec![start];
        for hop in &way.chain.hops {
            let number = self.fresh();
            place.entities.insert(*hop, number);
            place.relationships.insert(*hop, number);
            positions.push(number);
        }
        place.arrivals = way.arrivals.iter().map(|(number, at)| (*number, positions[*at])).collect();
        place
    }

    /// The entities of a way in order, as `n…`.
    pub(super) fn positions(way: &Way, place: &Place) -> Vec<usize> {
        let rest = way.chain.hops.iter().map(|hop| place.entities[hop]);
        std::iter::once(place.start).chain(rest).collect()
    }

    /// `FROM` all entities and relationships of a way `WHERE` everything holds that the question says.
    pub(super) fn way(&mut self, query: &Query, way: &Way, place: &Place) -> Result<(), Diagnostic> {
        let looks_up_start = !way.chain.hops.is_empty() && self.looked_up.contains(&0);
        let place = &Place { looks_up_start, ..place.clone() };
        self.sql.put(" FROM ");
        if looks_up_start {
            self.hop_sources(&way.chain, 0, place, "");
            self.sql.put(" WHERE true");
            if !place.spared.contains(&0) {
                self.must_be_there(place.start);
            }
        } else {
            self.entity_source(place.start);
            self.hop_sources(&way.chain, 0, place, ", ");
            self.sql.put(" WHERE true");
            self.selector_conditions(0, place.start)?;
        }
        self.chain_conditions(&way.chain, 0, place)?;
        self.filter(query, place)
    }

    /// `FROM` everything but the beginning, which stands outside, `WHERE` everything holds.
    pub(super) fn rest_of_way(&mut self, query: &Query, way: &Way, place: &Place) -> Result<(), Diagnostic> {
        self.sql.put(" FROM ");
        self.hop_sources(&way.chain, 0, place, "");
        self.sql.put(" WHERE true");
        self.chain_conditions(&way.chain, 0, place)?;
        self.filter(query, place)
    }

    /// What `WHERE` says.
    pub(super) fn filter(&mut self, query: &Query, place: &Place) -> Result<(), Diagnostic> {
        if let Some(filter) = &query.filter {
            self.sql.put(" AND ");
            self.condition(Subject::Named(place), filter)?;
        }
        Ok(())
    }

    pub(super) fn entity_source(&mut self, n: usize) {
        match self.options.as_of {
            None => self.sql.put("orgraph.entity"),
            Some(at) => self.sql.put("orgraph.entity_at(").time(at).put(")"),
        };
        self.sql.numbered(" AS n", n);
    }

    fn hop_sources(&mut self, chain: &Chain, from: usize, place: &Place, before: &'static str) {
        let (mut before, mut near) = (before, from);
        for hop in &chain.hops {
            self.sql.put(before);
            before = ", ";
            let s = place.relationships[hop];
            self.step_source(near, *hop, s);
            if near == 0 && place.looks_up_start && !place.spared.contains(&0) {
                self.look_up(0, place.start, ("s", s, ".near_id"));
            }
            if !self.looked_up.contains(hop) {
                self.sql.put(", ");
                self.entity_source(place.entities[hop]);
            } else if !place.spared.contains(hop) {
                self.look_up(*hop, place.entities[hop], ("s", s, ".far_id"));
            }
            near = *hop;
        }
    }

    /// The relationships that a hop from one selector to the next follows.
    pub(super) fn step_source(&mut self, near: usize, hop: usize, s: usize) {
        match self.options.as_of {
            None => self.sql.put(match self.followed(near, hop) {
                Followed::Forward(_) => "orgraph.step_forward",
                Followed::Backward(_) => "orgraph.step_backward",
                Followed::Both(_) => "orgraph.step",
            }),
            Some(at) => self.sql.put("orgraph.step_at(").time(at).put(")"),
        };
        self.sql.numbered(" AS s", s);
    }

    /// What holds for the hops of a chain that begins at the entity numbered `from`.
    pub(super) fn chain_conditions(
        &mut self,
        chain: &Chain,
        from: usize,
        place: &Place,
    ) -> Result<(), Diagnostic> {
        let mut near = from;
        for (at, hop) in chain.hops.iter().enumerate() {
            self.step_conditions(near, *hop, place);
            for earlier in 0..at {
                let before = if earlier == 0 { from } else { chain.hops[earlier - 1] };
                if self.may_be_one((before, chain.hops[earlier]), (near, *hop)) {
                    self.differ(place.relationships[&chain.hops[earlier]], place.relationships[hop]);
                }
            }
            if !self.looked_up.contains(hop) {
                self.selector_conditions(*hop, place.entities[hop])?;
            } else if !place.spared.contains(hop) {
                self.must_be_there(place.entities[hop]);
            }
            near = *hop;
        }
        let Some(without) = &chain.without else { return Ok(()) };
        let spared = self.spared(without, near, |_| false);
        let mut inner = Place { start: place.entities[&near], spared, ..Place::default() };
        inner.entities.insert(near, place.entities[&near]);
        inner.relationships.extend(place.relationships.get_key_value(&near));
        for hop in &without.hops {
            let number = self.fresh();
            inner.entities.insert(*hop, number);
            inner.relationships.insert(*hop, number);
        }
        self.sql.put(" AND NOT EXISTS (SELECT FROM ");
        self.hop_sources(without, near, &inner, "");
        self.sql.put(" WHERE true");
        self.chain_conditions(without, near, &inner)?;
        self.sql.put(")");
        Ok(())
    }

    /// Which relationships a hop from one selector to the next follows, and in which direction.
    fn followed(&self, near: usize, hop: usize) -> Followed {
        let direction = self.plan.hop(hop).direction;
        let (near, far) = (self.types[near].as_deref(), self.types[hop].as_deref());
        let verbs = self.verbs.get(&hop).and_then(Option::as_ref);
        let is_any = near.is_none() && far.is_none() && verbs.is_none();
        let Some(kinds) = self.words.kinds().filter(|_| !is_any) else {
            return match direction {
                Direction::Forward => Followed::Forward(None),
                Direction::Backward => Followed::Backward(None),
                Direction::Either => Followed::Both(None),
            };
        };
        let is_wanted = |kind: &Kind| verbs.is_none_or(|it| it.contains(kind));
        let forward = || kinds.numbers(is_wanted, near, far);
        let backward = || kinds.numbers(is_wanted, far, near);
        match direction {
            Direction::Forward => Followed::Forward(Some(forward())),
            Direction::Backward => Followed::Backward(Some(backward())),
            Direction::Either => match (forward(), backward()) {
                (forward, backward) if backward.is_empty() => Followed::Forward(Some(forward)),
                (forward, backward) if forward.is_empty() => Followed::Backward(Some(backward)),
                both => Followed::Both(Some(both)),
            },
        }
    }

    /// Of the entities of a way that stands by itself, those that need not be looked up.
    pub(super) fn spared_of_way(
        &self,
        query: &Query,
        way: &Way,
        is_named: impl Fn(usize) -> bool,
    ) -> BTreeSet<usize> {
        // What `WHERE` names is not looked for.
        if query.filter.is_some() { BTreeSet::new() } else { self.spared(&way.chain, 0, is_named) }
    }

    /// The same of a chain: they are not named, and a relationship that leads there or on from there says that they are
    /// stored.
    fn spared(&self, chain: &Chain, from: usize, is_named: impl Fn(usize) -> bool) -> BTreeSet<usize> {
        let starts = std::iter::once(from).chain(chain.hops.iter().copied());
        let hops: Vec<(usize, usize)> = starts.zip(chain.hops.iter().copied()).collect();
        let is_stored = |entity: usize| hops.iter().any(|it| self.end_is_stored(*it, entity));
        let is_spared = |entity: &usize| !is_named(*entity) && is_stored(*entity);
        self.looked_up.iter().copied().filter(is_spared).collect()
    }

    /// Whether the entity is at an end of a hop where one of its type is always stored.
    pub(super) fn end_is_stored(&self, (near, hop): (usize, usize), entity: usize) -> bool {
        let Some(kinds) = self.words.kinds() else { return false };
        if entity != near && entity != hop {
            return false;
        }
        let is_near = entity == near;
        let forward = |numbers: &[i16]| {
            if is_near { kinds.begin_at_stored(numbers) } else { kinds.lead_to_stored(numbers) }
        };
        let backward = |numbers: &[i16]| {
            if is_near { kinds.lead_to_stored(numbers) } else { kinds.begin_at_stored(numbers) }
        };
        match self.followed(near, hop) {
            Followed::Forward(Some(numbers)) => forward(&numbers),
            Followed::Backward(Some(numbers)) => backward(&numbers),
            Followed::Both(Some((there, back))) => forward(&there) && backward(&back),
            Followed::Forward(None) | Followed::Backward(None) | Followed::Both(None) => false,
        }
    }

    fn step_conditions(&mut self, near: usize, hop: usize, place: &Place) {
        let s = place.relationships[&hop];
        match place.relationships.get(&near).filter(|_| self.looked_up.contains(&near)) {
            Some(before) => {
                self.sql.numbered(" AND s", s).put(".near_id = ").numbered("s", *before).put(".far_id");
            }
            None if near == 0 && place.looks_up_start => {}
            None => {
                self.sql.numbered(" AND s", s).put(".near_id = ");
                self.sql.numbered("n", place.entities[&near]).put("._id");
            }
        }
        if !self.looked_up.contains(&hop) {
            self.sql.numbered(" AND n", place.entities[&hop]).put("._id = ").numbered("s", s).put(".far_id");
        }
        self.kind_conditions(near, hop, s);
    }

    /// Of which kind the relationships of a hop are, and which way they lead.
    pub(super) fn kind_conditions(&mut self, near: usize, hop: usize, s: usize) {
        let kinds = match self.followed(near, hop) {
            // What leads back to where it begins is seen twice as well, and is one.
            Followed::Both(kinds) => {
                self.sql.numbered(" AND (s", s).put(".forward OR ").numbered("s", s).put(".near_id <> ");
                self.sql.numbered("s", s).put(".far_id)");
                if let Some((forward, backward)) = kinds {
                    self.sql
                        .numbered(" AND (s", s)
                        .put(".forward")
                        .numbered(" AND s", s)
                        .put(".rel_type = ANY(");
                    self.sql.kinds(forward).numbered(") OR NOT s", s).put(".forward").numbered(" AND s", s);
                    self.sql.put(".rel_type = ANY(").kinds(backward).put("))");
                    return;
                }
                None
            }
            Followed::Forward(kinds) => {
                self.sql.numbered(" AND s", s).put(".forward");
                kinds
            }
            Followed::Backward(kinds) => {
                self.sql.numbered(" AND NOT s", s).put(".forward");
                kinds
            }
        };
        match kinds {
            Some(kinds) if kinds.is_empty() => {
                self.sql.put(" AND false");
            }
            Some(kinds) => {
                self.sql.numbered(" AND s", s).put(".rel_type = ANY(").kinds(kinds).put(")");
            }
            None => self.verb_conditions(hop, s),
        }
    }

    /// The entities by number that are asked for nothing but to be there and of a type. They are looked up for what was
    /// found without them, see [`Self::look_up`].
    pub(super) fn unconditional(&self) -> BTreeSet<usize> {
        if self.words.kinds().is_none() || self.options.as_of.is_some() {
            return BTreeSet::new();
        }
        let is_unconditional = |number: &usize| {
            let Selector { pattern, marks, filter, .. } = self.plan.selector(*number);
            let Some(types) = self.types[*number].as_deref() else { return false };
            matches!(pattern, Pattern::Names(_))
                && marks.is_empty()
                && filter.is_none()
                && !matches!(types, [only] if Words::only_key(only).is_some())
        };
        (0..self.plan.selector_count()).filter(is_unconditional).collect()
    }

    /// Joins the entity with an identity, there or not; [`Self::must_be_there`] says that it is.
    ///
    /// To the planner an inner join would mean that of all relationships as few remain as there are entities of the type
    /// among all. But the kind of the relationship says already of which type its ends are, and nearly all are there.
    pub(super) fn look_up(&mut self, number: usize, n: usize, end: (&'static str, usize, &'static str)) {
        let types = self.types[number].clone().unwrap_or_default();
        self.sql.put(" LEFT JOIN ");
        self.entity_source(n);
        self.sql.numbered(" ON n", n).put("._id = ").numbered(end.0, end.1).put(end.2);
        self.sql.numbered(" AND n", n).put("._type = ANY(").texts(types).put(")");
    }

    /// Not `IS NOT NULL`, which the planner would make an inner join of.
    pub(super) fn must_be_there(&mut self, n: usize) {
        self.sql.numbered(" AND (n", n).put("._id IS NULL) IS NOT TRUE");
    }

    fn verb_conditions(&mut self, hop: usize, s: usize) {
        let Some(Some(verbs)) = self.verbs.get(&hop).cloned() else { return };
        self.sql
            .numbered(" AND s", s)
            .put(".rel_type = ANY(ARRAY(SELECT t.rel_type FROM orgraph.relationship_type AS t WHERE t._class = ANY(")
            .texts(verbs.verbs.into_iter().collect())
            .put(")");
        if !verbs.types.is_empty() {
            self.sql.put(" OR t._type = ANY(").texts(verbs.types.into_iter().collect()).put(")");
        }
        self.sql.put("))");
    }

    /// Whether two hops, each from one entity to another, could follow the same relationship.
    pub(super) fn may_be_one(&self, one: (usize, usize), other: (usize, usize)) -> bool {
        let meet = |a: usize, b: usize| match (&self.types[a], &self.types[b]) {
            (Some(a), Some(b)) => a.iter().any(|it| b.contains(it)),
            _ => true,
        };
        let verbs_meet = match (&self.verbs[&one.1], &self.verbs[&other.1]) {
            (Some(a), Some(b)) => a.meets(b),
            _ => true,
        };
        let same_way = meet(one.0, other.0) && meet(one.1, other.1);
        let other_way = meet(one.0, other.1) && meet(one.1, other.0);
        verbs_meet && (same_way || other_way)
    }

    /// No relationship is followed twice.
    fn differ(&mut self, one: usize, other: usize) {
        let key = |compiler: &mut Self, s: usize| {
            compiler.sql.numbered("(s", s).put(".from_id, ").numbered("s", s).put(".rel_type, ");
            compiler.sql.numbered("s", s).put(".to_id, ").numbered("s", s).put(".discriminator)");
        };
        self.sql.put(" AND ");
        key(self, one);
        self.sql.put(" <> ");
        key(self, other);
    }

    /// What holds for an entity by itself.
    pub(super) fn selector_conditions(&mut self, number: usize, n: usize) -> Result<(), Diagnostic> {
        let selector = self.plan.selector(number);
        if let Some(types) = self.types[number].clone() {
            // There are relationships in thousands, which statistics on types do not tell.
            let only = if let [only] = types.as_slice() { Words::only_key(only) } else { None };
            self.sql.numbered(" AND n", n).put("._type = ANY(").texts(types).put(")");
            if let Some(key) = only {
                self.sql.numbered(" AND n", n).put("._id = orgraph.entity_id(").text(key).put(")");
            }
        }
        if let Pattern::Text(text) = &selector.pattern {
            self.sql.put(" AND ");
            self.full_text(n, &text.node);
        }
        for mark in &selector.marks {
            self.sql.put(" AND ");
            self.condition(Subject::Entity(n), &marked(&mark.node))?;
        }
        if let Some(filter) = &selector.filter {
            self.sql.put(" AND ");
            self.condition(Subject::Entity(n), filter)?;
        }
        Ok(())
    }

    /// Whether some value contains a text, in whatever case.
    fn full_text(&mut self, n: usize, text: &str) {
        self.sql.put("(");
        for column in ["._key", ".name", ".display_name"] {
            self.sql
                .numbered("coalesce(strpos(lower(n", n)
                .put(column)
                .put("), lower(")
                .text(text)
                .put(")) > 0, false) OR ");
        }
        for (column, or) in [(".properties", " OR "), (".tags", ")")] {
            self.sql
                .numbered("EXISTS (SELECT FROM jsonb_path_query(n", n)
                .put(column)
                .put(", '$.** ? (@.type() == \"string\" || @.type() == \"number\")') AS t(v) WHERE strpos(lower(t.v #>> '{}'), lower(")
                .text(text)
                .put(")) > 0)")
                .put(or);
        }
    }
}

/// What `#name` asks for: a tag that is true, or the usual meaning of `#CriticalAsset`.
fn marked(name: &str) -> Condition {
    let tag = equal(format!("tag.{name}"), &[Literal::Boolean(true)]);
    if name != "CriticalAsset" {
        return tag;
    }
    let classes = ["Application", "CodeRepo", "DataStore", "Function", "Host", "Logs"];
    let classes = classes.map(|it| Literal::Text(it.to_owned()));
    Condition::Or(vec![
        Condition::And(vec![
            equal("_class".to_owned(), &classes),
            equal("tag.Production".to_owned(), &[Literal::Boolean(true)]),
            equal("classification".to_owned(), &[Literal::Text("critical".to_owned())]),
        ]),
        tag,
    ])
}

fn equal(name: String, values: &[Literal]) -> Condition {
    let value = |it: &Literal| List::Value(it.clone().into());
    let operand = match values {
        [one] => Operand::List(value(one)),
        several => Operand::List(List::Or(several.iter().map(value).collect())),
    };
    let property = Property { alias: None, name: name.into() };
    Condition::Compare(Comparison { property, operator: Operator::Equal.into(), operand })
}
