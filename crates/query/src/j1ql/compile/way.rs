//! One way through the graph as `FROM … WHERE …`.

use std::collections::BTreeSet;

use super::super::ast::{
    Comparison, Condition, Direction, List, Literal, Operand, Operator, Pattern, Property, Query, Return,
    Selector,
};
use super::super::diagnose::Diagnostic;
use super::super::kinds::Kind;
use super::super::words::Words;
use super::condition::Subject;
use super::names::Binding;
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
        self.sql.put(" FROM ");
        self.entity_source(place.start);
        self.hop_sources(&way.chain, 0, place, ", ");
        self.sql.put(" WHERE true");
        self.selector_conditions(0, place.start)?;
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
            match self.options.as_of {
                None => self.sql.put(match self.followed(near, *hop) {
                    Followed::Forward(_) => "orgraph.step_forward",
                    Followed::Backward(_) => "orgraph.step_backward",
                    Followed::Both(_) => "orgraph.step",
                }),
                Some(at) => self.sql.put("orgraph.step_at(").time(at).put(")"),
            };
            self.sql.numbered(" AS s", place.relationships[hop]);
            if !self.between.contains(hop) {
                self.sql.put(", ");
                self.entity_source(place.entities[hop]);
            }
            near = *hop;
        }
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
            if self.between.contains(hop) {
                self.passes_through(*hop, place);
            } else {
                self.selector_conditions(*hop, place.entities[hop])?;
            }
            near = *hop;
        }
        let Some(without) = &chain.without else { return Ok(()) };
        let mut inner = Place { start: place.entities[&near], ..Place::default() };
        inner.entities.insert(near, place.entities[&near]);
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

    fn step_conditions(&mut self, near: usize, hop: usize, place: &Place) {
        let s = place.relationships[&hop];
        self.sql.numbered(" AND s", s).put(".near_id = ");
        if self.between.contains(&near) {
            self.sql.numbered("s", place.relationships[&near]).put(".far_id");
        } else {
            self.sql.numbered("n", place.entities[&near]).put("._id");
        }
        if !self.between.contains(&hop) {
            self.sql.numbered(" AND n", place.entities[&hop]).put("._id = ").numbered("s", s).put(".far_id");
        }
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

    /// The entities by number that have hops before and behind them and are asked for nothing but to be there and of a
    /// type. They need not take part in finding an order for the statement, which takes long for many.
    pub(super) fn passed_through(&self, query: &Query) -> BTreeSet<usize> {
        let [way] = self.plan.ways.as_slice() else { return BTreeSet::new() };
        let is_tree = matches!(query.returns, Some(Return::Tree));
        if is_tree || self.words.kinds().is_none() || self.options.as_of.is_some() {
            return BTreeSet::new();
        }
        let found = self.names.found();
        let is_only_passed = |number: &usize| {
            let Selector { pattern, marks, filter, .. } = self.plan.selector(*number);
            let types = self.types[*number].as_deref().unwrap_or_default();
            matches!(pattern, Pattern::Names(_))
                && marks.is_empty()
                && filter.is_none()
                && !found.contains(&Binding::Entity(*number))
                && !matches!(types, [only] if Words::only_key(only).is_some())
        };
        let chains = std::iter::successors(Some(&way.chain), |it| it.without.as_deref());
        let inner = chains.flat_map(|it| it.hops.split_last().map_or(&[][..], |(_, rest)| rest));
        inner.copied().filter(is_only_passed).collect()
    }

    /// What holds for an entity that is only passed through.
    fn passes_through(&mut self, hop: usize, place: &Place) {
        let (n, s) = (place.entities[&hop], place.relationships[&hop]);
        let types = self.types[hop].clone().unwrap_or_default();
        self.sql.numbered(" AND (SELECT n", n).put("._type FROM ");
        self.entity_source(n);
        self.sql
            .numbered(" WHERE n", n)
            .put("._id = ")
            .numbered("s", s)
            .put(".far_id) = ANY(")
            .texts(types)
            .put(")");
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
    fn may_be_one(&self, one: (usize, usize), other: (usize, usize)) -> bool {
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
