//! What an entity can reach.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::flow::Access;
use super::graph::{Graph, Place};
use super::path::{Node, Path};
use super::walk::{Walk, WalkOptions};

/// Everything that access to an entity gives access to.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct BlastRadius {
    /// Where it begins.
    pub start: Node,
    /// How many entities are reached.
    pub total: usize,
    /// By type, in alphabetical order.
    pub groups: Vec<BlastGroup>,
}

/// What is reached of one type.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct BlastGroup {
    /// The type.
    #[serde(rename = "_type")]
    pub type_name: String,
    /// How many entities of it are reached.
    pub total: usize,
    /// How many steps away the nearest of them is.
    pub nearest: u16,
    /// The nearest of them, by steps and then by key.
    pub entities: Vec<Reached>,
}

/// One entity that is reached.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Reached {
    /// The entity.
    pub node: Node,
    /// How many steps away it is.
    pub hops: u16,
    /// The most that one has of it.
    pub access: Access,
    /// The shortest way there that gives that much.
    pub path: Path,
}

impl BlastRadius {
    /// The way to each entity that is listed.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.groups.iter().flat_map(|it| &it.entities).map(|it| &it.path)
    }

    /// The same, to be explained.
    pub fn paths_mut(&mut self) -> impl Iterator<Item = &mut Path> {
        self.groups.iter_mut().flat_map(|it| &mut it.entities).map(|it| &mut it.path)
    }
}

impl Graph {
    /// What one reaches who has `start`: who acts as the role, is on the machine, sends to the load balancer. Lists at
    /// most `limit` entities of each type, and counts all.
    ///
    /// What the table of access finds is what may be: conditions are named and not decided, and permission boundaries
    /// and organization policies are not considered.
    pub fn blast_radius(&self, start: Place, options: WalkOptions, limit: usize) -> BlastRadius {
        let walk = Walk::from(self, &self.starts(start), options);
        let mut most: BTreeMap<Place, (Access, u16)> = BTreeMap::new();
        for (place, access, hops) in walk.reached().filter(|(place, ..)| *place != start) {
            let known = most.entry(place).or_insert((access, hops));
            if known.0 < access {
                *known = (access, hops);
            }
        }
        let mut by_type: BTreeMap<&str, Vec<(u16, Place, Access)>> = BTreeMap::new();
        for (place, (access, hops)) in &most {
            by_type.entry(self.type_name(*place)).or_default().push((*hops, *place, *access));
        }
        let group = |(type_name, mut reached): (&str, Vec<(u16, Place, Access)>)| {
            reached.sort_unstable_by_key(|(hops, place, _)| (*hops, self.key(*place)));
            let entities = reached.iter().take(limit).map(|(hops, place, access)| Reached {
                node: self.node(*place),
                hops: *hops,
                access: *access,
                path: walk.path(*place, *access),
            });
            BlastGroup {
                type_name: type_name.to_owned(),
                total: reached.len(),
                nearest: reached.first().map_or(0, |it| it.0),
                entities: entities.collect(),
            }
        };
        let groups = by_type.into_iter().map(group).collect();
        BlastRadius { start: self.node(start), total: most.len(), groups }
    }

    /// What one has of an entity at first: what listens to the network is sent to, everything else is in one's hands.
    fn starts(&self, place: Place) -> Vec<(Place, Access)> {
        let access = match self.type_name(place) {
            "internet"
            | "everyone"
            | "network"
            | "host"
            | "aws_alb"
            | "aws_nlb"
            | "aws_elb"
            | "aws_lb"
            | "aws_lb_target_group"
            | "aws_api_gateway_rest_api"
            | "aws_api_gateway_v2_api"
            | "aws_api_gateway_v2_route"
            | "aws_api_gateway_v2_integration"
            | "aws_cloudfront_distribution" => &[Access::Outside][..],
            // From inside only with lateral steps, from outside only to what is not private.
            "aws_security_group" | "aws_subnet" | "aws_vpc" => &[Access::Outside, Access::Inside],
            _ => &[Access::Control],
        };
        access.iter().map(|it| (place, *it)).collect()
    }
}
