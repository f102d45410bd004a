//! What is told of a path.

use petgraph::graph::EdgeIndex;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::graph::{Flags, Graph, Place, Standing};

/// From one entity to another, over entities that each occur once.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Path {
    /// How many steps it takes.
    pub hops: usize,
    /// Where it begins.
    pub start: Node,
    /// What follows.
    pub steps: Vec<Step>,
}

impl Path {
    /// Where it ends.
    pub fn end(&self) -> &Node {
        self.steps.last().map_or(&self.start, |it| &it.node)
    }

    /// Every entity on it, in order.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        std::iter::once(&self.start).chain(self.steps.iter().map(|it| &it.node))
    }
}

/// An entity.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Node {
    /// Its key.
    #[serde(rename = "_key")]
    pub key: String,
    /// Its type.
    #[serde(rename = "_type")]
    pub type_name: String,
    /// What people call it.
    pub display_name: String,
    /// Its account; `null` for what belongs to none, and for what is not stored.
    pub account_id: Option<String>,
    /// `read`, `placeholder` when it is known only because something else names it, `missing` when a relationship leads
    /// there and it is not stored.
    pub state: &'static str,
}

/// One step of a path.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Step {
    /// The relationships that make it; several when the two entities are related in several ways. None when what the
    /// entity says of itself makes it: that it is public.
    pub relationships: Vec<Relationship>,
    /// Why access follows from it; only where access was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<&'static str>,
    /// Where it leads.
    pub node: Node,
}

/// A relationship on a path, with all that are parallel to it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PassedRelationship")]
pub struct Relationship {
    /// Its type, for instance `aws_security_group_protects_instance`.
    #[serde(rename = "_type")]
    pub type_name: String,
    /// Its verb.
    #[serde(rename = "_class")]
    pub verb: String,
    /// Whether the path goes the way the relationship does, or the other.
    pub reversed: bool,
    /// Whether it holds under conditions only.
    pub conditional: bool,
    /// What it says, one per parallel relationship. Empty until [`crate::Reader::explain_paths`] has read it.
    pub facts: Vec<Fact>,
    /// How many more facts there are than are listed.
    pub more_facts: usize,
    #[serde(skip)]
    pub(super) named: Named,
    /// Only parallel relationships with one of these bits matter, if there is one.
    #[serde(skip)]
    pub(super) needs: Flags,
}

/// What the database calls a relationship and all that are parallel to it: the identity of the first end, the number of
/// the kind, the identity of the second end.
pub(super) type Named = (u128, i16, u128);

/// What a relationship says.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Fact {
    /// In one line, for those kinds where that is possible.
    pub summary: Option<String>,
    /// Tells it from parallel relationships; empty where there can be only one.
    pub discriminator: String,
    /// The properties that matter: ports, actions, conditions, the rule.
    pub properties: Map<String, Value>,
}

impl Graph {
    /// What is told of an entity.
    pub fn node(&self, place: Place) -> Node {
        let account = self.account(place);
        Node {
            key: self.key(place).to_owned(),
            type_name: self.type_name(place).to_owned(),
            display_name: self.display_name(place).to_owned(),
            account_id: (!account.is_empty()).then(|| account.to_owned()),
            state: match self.net[place.0].standing {
                Standing::Read => "read",
                Standing::Placeholder => "placeholder",
                Standing::Missing => "missing",
            },
        }
    }

    /// What is told of a relationship that is passed from `from`.
    pub(super) fn relationship(&self, edge: EdgeIndex<u32>, from: Place, needs: Flags) -> Relationship {
        let kind = self.relationship_kind(edge);
        let (source, target) = self.net.edge_endpoints(edge).unwrap_or((from.0, from.0));
        Relationship {
            type_name: kind.type_name.to_string(),
            verb: kind.verb.to_string(),
            reversed: source != from.0,
            conditional: self.net[edge].flags.has_any(Flags::CONDITION),
            facts: Vec::new(),
            more_facts: 0,
            named: (self.identities.at(source.index()), kind.rel_type, self.identities.at(target.index())),
            needs,
        }
    }
}
