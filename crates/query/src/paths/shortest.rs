//! The k shortest paths without a repeated entity: Yen's algorithm, as Lawler improved it.
//!
//! Each search for a deviation is A*, guided by the distances to the target that one search backwards has found, so
//! that it goes nowhere from where the target cannot be reached in time. Which of several paths of one length come
//! first does not depend on the order in which the graph was loaded: identities decide.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::rc::Rc;

use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use petgraph::{Incoming, Outgoing};

use super::PathError;
use super::filter::{Allowed, Direction, Filter};
use super::graph::{Flags, Graph, Place};
use super::path::{Path, Relationship, Step};

type Index = NodeIndex<u32>;

impl Graph {
    /// The shortest paths from one entity to another, at most `count` of them, shortest first. Parallel relationships
    /// make no paths of their own: a step lists them all.
    ///
    /// Takes ten bytes per entity of the graph while it works. Not for an async task: it computes.
    ///
    /// # Errors
    ///
    /// [`PathError::UnknownWord`] if the filter names what does not exist.
    pub fn shortest(
        &self,
        from: Place,
        to: Place,
        filter: &Filter,
        count: usize,
    ) -> Result<Vec<Path>, PathError> {
        self.shortest_while(from, to, filter, count, &|| true)
    }

    /// The same for as long as `goes_on` says so, which is asked before each search: after that what was found so far.
    ///
    /// # Errors
    ///
    /// [`PathError::UnknownWord`] if the filter names what does not exist.
    pub fn shortest_while(
        &self,
        from: Place,
        to: Place,
        filter: &Filter,
        count: usize,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<Vec<Path>, PathError> {
        let allowed = filter.allowed(self)?;
        let mut search = Search::new(self, allowed, filter, from.0, to.0);
        let found = search.yen(count, goes_on);
        Ok(found.iter().map(|it| search.path(it)).collect())
    }
}

/// Not reached.
const FAR: u8 = u8::MAX;

struct Search<'g> {
    graph: &'g Graph,
    allowed: Allowed,
    is_directed: bool,
    from: Index,
    to: Index,
    max_hops: u8,
    /// Steps to the target, where known.
    distances: Vec<u8>,
    /// No fewer steps than these are left where they are not known.
    farther: u8,
    /// In which search an entity was reached last.
    reached_in: Vec<u32>,
    steps: Vec<u8>,
    parents: Vec<Index>,
    searches: u32,
}

impl<'g> Search<'g> {
    fn new(graph: &'g Graph, allowed: Allowed, filter: &Filter, from: Index, to: Index) -> Self {
        let count = graph.entities();
        let mut search = Self {
            graph,
            allowed,
            is_directed: filter.direction == Direction::Directed,
            from,
            to,
            max_hops: filter.max_hops.min(FAR - 1),
            distances: vec![FAR; count],
            farther: 0,
            reached_in: vec![0; count],
            steps: vec![0; count],
            parents: vec![to; count],
            searches: 0,
        };
        search.measure();
        search
    }

    /// Finds the distances to the target, as far as the nearest path needs them.
    fn measure(&mut self) {
        let mut layer = vec![self.to];
        self.distances[self.to.index()] = 0;
        let mut depth = 0;
        while depth < self.max_hops && !layer.is_empty() && self.distances[self.from.index()] == FAR {
            depth += 1;
            let mut next = Vec::new();
            for node in &layer {
                for before in self.neighbors(*node, true) {
                    if self.distances[before.index()] == FAR && self.may_pass(before) {
                        self.distances[before.index()] = depth;
                        next.push(before);
                    }
                }
            }
            layer = next;
        }
        // Where everything was found there is nothing farther.
        self.farther = if layer.is_empty() { FAR } else { depth + 1 };
    }

    fn yen(&mut self, count: usize, goes_on: &dyn Fn() -> bool) -> Vec<Vec<Index>> {
        let mut accepted: Vec<Vec<Index>> = Vec::new();
        // By length and then by identities, so that the order is always the same.
        let mut candidates: BTreeMap<(usize, Vec<u128>), (Vec<Index>, usize)> = BTreeMap::new();
        if let Some(first) = (count > 0).then(|| self.deviation(&[self.from], &[])).flatten() {
            candidates.insert(self.rank(&first), (first, 0));
        }
        while let Some((_, (path, deviates_at))) = candidates.pop_first() {
            accepted.push(path);
            if accepted.len() == count {
                break;
            }
            let path = accepted[accepted.len() - 1].clone();
            for at in deviates_at..path.len() - 1 {
                if !goes_on() {
                    return accepted;
                }
                let root = &path[..=at];
                let taken: Vec<Index> =
                    accepted.iter().filter(|it| it.starts_with(root)).map(|it| it[at + 1]).collect();
                if let Some(found) = self.deviation(root, &taken) {
                    candidates.insert(self.rank(&found), (found, at));
                }
            }
        }
        accepted
    }

    /// The shortest path that begins with `root` and goes on to none of `taken`.
    fn deviation(&mut self, root: &[Index], taken: &[Index]) -> Option<Vec<Index>> {
        let (spur, before) = root.split_last()?;
        let budget = usize::from(self.max_hops).checked_sub(before.len())?;
        self.searches += 1;
        let mut open = BinaryHeap::new();
        self.reach(*spur, 0, *spur);
        open.push(Reverse((self.left(*spur)?, 0, *spur)));
        while let Some(Reverse((_, steps, node))) = open.pop() {
            if node == self.to {
                return Some(self.path_of(root, *spur));
            }
            if steps > self.steps[node.index()] {
                continue;
            }
            for next in self.neighbors(node, false) {
                let is_closed = before.contains(&next) || (node == *spur && taken.contains(&next));
                if is_closed || next == *spur || !self.may_pass(next) {
                    continue;
                }
                let Some(left) = self.left(next) else { continue };
                if usize::from(steps) + 1 + usize::from(left) > budget {
                    continue;
                }
                let was_reached = self.reached_in[next.index()] == self.searches;
                if !was_reached || steps + 1 < self.steps[next.index()] {
                    self.reach(next, steps + 1, node);
                    open.push(Reverse((steps + 1 + left, steps + 1, next)));
                } else if steps + 1 == self.steps[next.index()] {
                    // Everything that leads here in as few steps is seen before the target is taken out.
                    let is_first = self.identity(node) < self.identity(self.parents[next.index()]);
                    if is_first {
                        self.parents[next.index()] = node;
                    }
                }
            }
        }
        None
    }

    fn reach(&mut self, node: Index, steps: u8, parent: Index) {
        self.reached_in[node.index()] = self.searches;
        self.steps[node.index()] = steps;
        self.parents[node.index()] = parent;
    }

    fn path_of(&self, root: &[Index], spur: Index) -> Vec<Index> {
        let mut end = Vec::new();
        let mut node = self.to;
        while node != spur {
            end.push(node);
            node = self.parents[node.index()];
        }
        root.iter().copied().chain(end.into_iter().rev()).collect()
    }

    /// At least so many steps are left to the target; none if it cannot be reached.
    fn left(&self, node: Index) -> Option<u8> {
        let left = self.distances[node.index()].min(self.farther);
        (left != FAR).then_some(left)
    }

    fn may_pass(&self, node: Index) -> bool {
        node == self.to || node == self.from || self.allowed.entities[usize::from(self.graph.net[node].kind)]
    }

    fn neighbors(&self, node: Index, backwards: bool) -> impl Iterator<Item = Index> + use<'g> {
        let net = &self.graph.net;
        let allowed = Rc::clone(&self.allowed.relationships);
        let out = (!self.is_directed || !backwards).then(|| net.edges_directed(node, Outgoing));
        let back = (!self.is_directed || backwards).then(|| net.edges_directed(node, Incoming));
        let out = out.into_iter().flatten().map(|it| (it.weight().kind, it.target()));
        let back = back.into_iter().flatten().map(|it| (it.weight().kind, it.source()));
        out.chain(back).filter(move |(kind, _)| allowed[usize::from(*kind)]).map(|(_, next)| next)
    }

    fn identity(&self, node: Index) -> u128 {
        self.graph.identities.at(node.index())
    }

    fn rank(&self, path: &[Index]) -> (usize, Vec<u128>) {
        (path.len(), path.iter().map(|it| self.identity(*it)).collect())
    }

    fn path(&self, nodes: &[Index]) -> Path {
        let steps = nodes.windows(2).map(|it| Step {
            relationships: self.between(it[0], it[1]),
            because: None,
            node: self.graph.node(Place(it[1])),
        });
        Path { hops: nodes.len() - 1, start: self.graph.node(Place(nodes[0])), steps: steps.collect() }
    }

    /// The relationships from one entity to the next, parallel ones as one.
    fn between(&self, from: Index, to: Index) -> Vec<Relationship> {
        let net = &self.graph.net;
        let mut found = Vec::new();
        for (source, target) in [(from, to), (to, from)] {
            if source == to && (self.is_directed || from == to) {
                break;
            }
            // One of the two may have a million relationships: the lists end together, at the end of the shorter.
            let mut out = net.edges_directed(source, Outgoing);
            let mut back = net.edges_directed(target, Incoming);
            let (mut by_source, mut by_target) = (Vec::new(), Vec::new());
            let edges = loop {
                match out.next() {
                    None => break by_source,
                    Some(edge) if edge.target() == target => by_source.push(edge.id()),
                    Some(_) => {}
                }
                match back.next() {
                    None => break by_target,
                    Some(edge) if edge.source() == source => by_target.push(edge.id()),
                    Some(_) => {}
                }
            };
            let mut kinds: BTreeMap<u16, _> = BTreeMap::new();
            for edge in edges {
                let kind = net[edge].kind;
                if self.allowed.relationships[usize::from(kind)] {
                    kinds.entry(kind).or_insert(edge);
                }
            }
            let told = kinds.values().map(|it| self.graph.relationship(*it, Place(from), Flags::NONE));
            found.extend(told);
        }
        found.sort_by(|a: &Relationship, b| (a.reversed, &a.type_name).cmp(&(b.reversed, &b.type_name)));
        found
    }
}
