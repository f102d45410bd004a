//! The ways a question can go. An optional part doubles them: once without it, once with it.

use std::collections::HashMap;

use super::super::ast::{Hop, Query, Selector, Traversal};
use super::super::diagnose::Diagnostic;

/// How many ways one question may have: four optional parts.
const MOST_WAYS: usize = 16;

/// All ways of a question, and its hops by number; number 0 is the selector it begins with.
#[derive(Debug)]
pub(super) struct Plan<'q> {
    pub(super) ways: Vec<Way>,
    pub(super) start: &'q Selector,
    hops: Vec<&'q Hop>,
}

impl<'q> Plan<'q> {
    /// The hop of a number from 1.
    pub(super) fn hop(&self, number: usize) -> &'q Hop {
        self.hops[number - 1]
    }

    pub(super) fn selector(&self, number: usize) -> &'q Selector {
        if number == 0 { self.start } else { &self.hops[number - 1].target }
    }

    /// How many selectors there are.
    pub(super) fn selector_count(&self) -> usize {
        self.hops.len() + 1
    }
}

/// One way through the graph.
#[derive(Debug, Clone, Default)]
pub(super) struct Way {
    /// The hops, by number.
    pub(super) chain: Chain,
    /// Where optional parts that were gone end, as positions in the chain.
    pub(super) ends: Vec<usize>,
    /// Where each optional part arrives, gone or not, as positions in the chain.
    pub(super) arrivals: HashMap<usize, usize>,
}

impl Way {
    /// The number of the entity at a position.
    pub(super) fn entity_at(&self, position: usize) -> usize {
        position.checked_sub(1).map_or(0, |it| self.chain.hops[it])
    }
}

/// Hops in a row, and what there must not be at the end of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Chain {
    pub(super) hops: Vec<usize>,
    pub(super) without: Option<Box<Chain>>,
}

pub(super) fn plan<'q>(query: &'q Query, text: &str) -> Result<Plan<'q>, Diagnostic> {
    let mut expansion = Expansion { hops: Vec::new(), optionals: 0, text };
    let ways = expansion.steps(&query.steps, vec![Way::default()], false)?;
    Ok(Plan { ways, start: &query.start, hops: expansion.hops })
}

struct Expansion<'q, 't> {
    hops: Vec<&'q Hop>,
    optionals: usize,
    text: &'t str,
}

impl<'q> Expansion<'q, '_> {
    fn steps(
        &mut self,
        steps: &'q [Traversal],
        mut ways: Vec<Way>,
        is_inside: bool,
    ) -> Result<Vec<Way>, Diagnostic> {
        for (at, step) in steps.iter().enumerate() {
            match step {
                Traversal::Hop(hop) if hop.negated && is_inside => {
                    let message = "a negated relationship in an optional part is not supported";
                    return Err(Diagnostic::at(self.text, hop.span.0, message));
                }
                Traversal::Hop(hop) if hop.negated => {
                    let without = self.without(&steps[at..])?;
                    for way in &mut ways {
                        way.chain.without = Some(Box::new(without.clone()));
                    }
                    return Ok(ways);
                }
                Traversal::Hop(hop) => {
                    self.hops.push(hop);
                    for way in &mut ways {
                        way.chain.hops.push(self.hops.len());
                    }
                }
                Traversal::Optional(optional) => {
                    self.optionals += 1;
                    let number = self.optionals;
                    let mut gone = self.steps(&optional.steps, ways.clone(), true)?;
                    for way in &mut gone {
                        way.ends.push(way.chain.hops.len());
                    }
                    ways.append(&mut gone);
                    if ways.len() > MOST_WAYS {
                        let message = "more than four optional parts are not supported";
                        return Err(Diagnostic::at(self.text, optional.span.0, message));
                    }
                    for way in &mut ways {
                        way.arrivals.insert(number, way.chain.hops.len());
                    }
                }
            }
        }
        Ok(ways)
    }

    /// What there must not be: everything from a negated hop on.
    fn without(&mut self, steps: &'q [Traversal]) -> Result<Chain, Diagnostic> {
        let mut chain = Chain::default();
        for (at, step) in steps.iter().enumerate() {
            match step {
                Traversal::Hop(hop) if hop.negated && at > 0 => {
                    chain.without = Some(Box::new(self.without(&steps[at..])?));
                    return Ok(chain);
                }
                Traversal::Hop(hop) => {
                    self.hops.push(hop);
                    chain.hops.push(self.hops.len());
                }
                Traversal::Optional(optional) => {
                    let message = "an optional part beyond a negated relationship is not supported";
                    return Err(Diagnostic::at(self.text, optional.span.0, message));
                }
            }
        }
        Ok(chain)
    }
}
