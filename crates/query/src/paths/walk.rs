//! Where access flows from somewhere: a search in breadth over pairs of entity and access.

use petgraph::graph::{EdgeIndex, NodeIndex};
use petgraph::visit::EdgeRef;
use petgraph::{Incoming, Outgoing};
use serde::{Deserialize, Serialize};

use super::flow::{Access, Flow, FlowTable, PUBLIC, Target};
use super::graph::{Flags, Graph, Place, RelationshipKind};
use super::path::{Node, Path, Step};

/// How access is followed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WalkOptions {
    /// Whether to go on from machine to machine inside the network.
    pub lateral: bool,
    /// Whether to leave out what holds under conditions only.
    pub unconditional: bool,
    /// At most this many steps; none for any number.
    pub max_hops: Option<u8>,
}

/// Everything that was reached, and how. Takes 36 bytes per entity of the graph.
pub(super) struct Walk<'g> {
    graph: &'g Graph,
    table: FlowTable,
    options: WalkOptions,
    internet: Option<Place>,
    /// By state: where it was reached from.
    reached: Vec<Reached>,
    /// States in the order in which they were reached, and after how many steps.
    order: Vec<(State, u16)>,
}

/// An entity and what one has of it: four numbers per entity, in the order of [`Access`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State(u32);

#[derive(Debug, Clone, Copy)]
struct Reached {
    before: u32,
    by: u32,
}

/// In `before`: it was not reached.
const NEVER: u32 = u32::MAX;
/// In `before`: here it began.
const START: u32 = u32::MAX - 1;
/// In `before`: the Internet reaches it, because it is public.
const PUBLIC_ITSELF: u32 = u32::MAX - 2;

impl State {
    fn new(place: NodeIndex<u32>, access: Access) -> Self {
        // An entity takes more than sixteen bytes, so that a quarter of the numbers would not fit into memory anyway.
        Self(
            u32::try_from(place.index() * 4 + access as usize)
                .expect("a graph of a billion entities is refused"),
        )
    }

    fn place(self) -> Place {
        Place(NodeIndex::new(self.0 as usize / 4))
    }

    fn access(self) -> Access {
        Access::ALL[self.0 as usize % 4]
    }
}

impl<'g> Walk<'g> {
    /// Follows access from some places.
    pub(super) fn from(graph: &'g Graph, starts: &[(Place, Access)], options: WalkOptions) -> Self {
        let mut walk = Self::begin(graph, options);
        for (place, access) in starts {
            walk.reach(State::new(place.0, *access), START, 0, 0);
        }
        walk.go();
        walk
    }

    /// Follows access from the Internet, from everyone, and to what is public by itself.
    pub(super) fn from_internet(graph: &'g Graph, options: WalkOptions) -> Self {
        let mut walk = Self::begin(graph, options);
        for place in graph.places() {
            let type_name = graph.type_name(place);
            if type_name == "internet" {
                walk.internet = Some(place);
            }
            if matches!(type_name, "internet" | "everyone") {
                walk.reach(State::new(place.0, Access::Outside), START, 0, 0);
            }
        }
        for place in graph.places().filter(|it| graph.net[it.0].public == Some(true)) {
            if let Some((public, row)) = public(graph, place) {
                walk.reach(State::new(place.0, public), PUBLIC_ITSELF, row, 1);
            }
        }
        walk.go();
        walk
    }

    fn begin(graph: &'g Graph, options: WalkOptions) -> Self {
        Self {
            graph,
            table: FlowTable::of(graph, options.lateral),
            options,
            internet: None,
            reached: vec![Reached { before: NEVER, by: 0 }; graph.entities() * 4],
            order: Vec::new(),
        }
    }

    fn reach(&mut self, state: State, before: u32, by: u32, hops: u16) {
        let reached = &mut self.reached[state.0 as usize];
        if reached.before == NEVER {
            *reached = Reached { before, by };
            self.order.push((state, hops));
        }
    }

    fn go(&mut self) {
        let (graph, options) = (self.graph, self.options);
        // What is public stands behind what begins, one step on: the queue is in order of steps.
        let mut next = 0;
        while let Some((state, hops)) = self.order.get(next).copied() {
            next += 1;
            if options.max_hops.is_some_and(|it| hops >= u16::from(it)) {
                continue;
            }
            let node = state.place().0;
            let out = graph.net.edges_directed(node, Outgoing).map(|it| (it, false, it.target()));
            let back = graph.net.edges_directed(node, Incoming).map(|it| (it, true, it.source()));
            for (edge, is_reversed, to) in out.chain(back) {
                let kind = edge.weight().kind;
                for number in 0..self.table.rows(kind, is_reversed).len() {
                    let flow = self.table.rows(kind, is_reversed)[number];
                    if let Some(access) =
                        arriving(graph, flow, state.access(), edge.weight().flags, to, options)
                    {
                        let by = u32::try_from(edge.id().index()).expect("edges are numbered so");
                        self.reach(State::new(to, access), state.0, by, hops + 1);
                    }
                }
            }
        }
    }

    /// Everything that was reached, with the least number of steps and the most access first.
    pub(super) fn reached(&self) -> impl Iterator<Item = (Place, Access, u16)> {
        self.order.iter().map(|(state, hops)| (state.place(), state.access(), *hops))
    }

    /// How it was reached.
    pub(super) fn path(&self, place: Place, access: Access) -> Path {
        let mut state = State::new(place.0, access);
        let mut steps = Vec::new();
        let start = loop {
            let Reached { before, by } = self.reached[state.0 as usize];
            let node = || self.graph.node(state.place());
            match before {
                START | NEVER => break node(),
                PUBLIC_ITSELF => {
                    let because = Some(PUBLIC[by as usize].because);
                    steps.push(Step { relationships: Vec::new(), because, node: node() });
                    break self.internet();
                }
                _ => {}
            }
            let (from, edge) = (State(before), EdgeIndex::new(by as usize));
            let flow = self.flow(edge, from, state);
            let needs = flow.map_or(Flags::NONE, |it| it.needs);
            steps.push(Step {
                relationships: vec![self.graph.relationship(edge, from.place(), needs)],
                because: flow.map(|it| it.because),
                node: node(),
            });
            state = from;
        };
        steps.reverse();
        Path { hops: steps.len(), start, steps }
    }

    /// The row of the table that made a step.
    fn flow(&self, edge: EdgeIndex<u32>, from: State, to: State) -> Option<&'static Flow> {
        let link = self.graph.net[edge];
        let (source, target) = self.graph.net.edge_endpoints(edge)?;
        let ways = [(source, target, false), (target, source, true)];
        let ways = ways.into_iter().filter(|it| it.0 == from.place().0 && it.1 == to.place().0);
        let mut rows = ways.flat_map(|it| self.table.rows(link.kind, it.2));
        rows.find(|it| {
            let arrived = arriving(self.graph, it, from.access(), link.flags, to.place().0, self.options);
            arrived == Some(to.access())
        })
        .copied()
    }

    /// The Internet, which is not stored as long as no rule names it.
    fn internet(&self) -> Node {
        let unknown = || Node {
            key: "global:internet".to_owned(),
            type_name: "internet".to_owned(),
            display_name: "Internet".to_owned(),
            account_id: None,
            state: "missing",
        };
        self.internet.map_or_else(unknown, |it| self.graph.node(it))
    }
}

/// What arrives at the other end, if anything.
fn arriving(
    graph: &Graph,
    flow: &Flow,
    access: Access,
    flags: Flags,
    to: NodeIndex<u32>,
    options: WalkOptions,
) -> Option<Access> {
    let flows = flow.with.contains(&access)
        && (flow.needs == Flags::NONE || flags.has_any(flow.needs))
        && (flow.target == Target::Any || graph.net[to].public != Some(false))
        && !(options.unconditional && flags.has_any(Flags::CONDITION));
    flows.then(|| flow.gives.unwrap_or(access))
}

/// Whether a relationship says that a security group stands in front of something.
pub(super) fn protects(kind: &RelationshipKind) -> bool {
    *kind.verb == *"PROTECTS" && *kind.from_type == *"aws_security_group"
}

/// What the Internet has of an entity because it is public, and the row that says so.
fn public(graph: &Graph, place: Place) -> Option<(Access, u32)> {
    let type_name = graph.type_name(place);
    let (row, public) = (0..).zip(PUBLIC).find(|(_, it)| it.types.contains(&type_name))?;
    let is_protected = || {
        let mut groups = graph.net.edges_directed(place.0, Incoming);
        groups.any(|it| protects(graph.relationship_kind(it.id())))
    };
    (!(public.unless_protected && is_protected())).then_some((public.gives, row))
}
