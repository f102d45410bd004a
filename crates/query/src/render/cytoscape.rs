//! Cytoscape and Cytoscape.js.

use serde_json::{Value, json};

use crate::AnswerGraph;

/// The graph as Cytoscape JSON: `elements` with `nodes` and `edges`, each with its `data`.
pub fn cytoscape(graph: &AnswerGraph) -> Value {
    let nodes = graph.nodes.values().map(|it| {
        let name = it.display_name.as_deref().unwrap_or(&it.key);
        let mut data = json!({"id": it.key, "_key": it.key, "_type": it.entity_type, "displayName": name, "label": name});
        add(&mut data, "state", it.state);
        json!({ "data": data })
    });
    let edges = graph.edges.values().map(|it| {
        let mut data = json!({
            "id": it.key, "_key": it.key, "_class": it.verb, "label": it.verb, "source": it.from, "target": it.to,
        });
        add(&mut data, "note", it.note.as_deref());
        add(&mut data, "basis", it.basis.as_str());
        json!({ "data": data })
    });
    json!({"elements": {"nodes": nodes.collect::<Vec<_>>(), "edges": edges.collect::<Vec<_>>()}})
}

fn add(data: &mut Value, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        data[name] = text.into();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::render::sample;

    #[test]
    fn every_edge_leads_from_a_node_to_a_node_and_ids_are_unique() {
        let graph: Value = serde_json::from_str(&cytoscape(&sample::graph()).to_string()).unwrap();

        let id = |it: &Value| it["data"]["id"].as_str().unwrap().to_owned();
        let nodes: BTreeSet<String> = graph["elements"]["nodes"].as_array().unwrap().iter().map(id).collect();
        let edges = graph["elements"]["edges"].as_array().unwrap();
        assert_eq!(nodes.len(), 2);
        assert!(edges.iter().all(|it| !nodes.contains(&id(it))));
        for edge in edges {
            for end in ["source", "target"] {
                assert!(nodes.contains(edge["data"][end].as_str().unwrap()), "{edge}");
            }
        }
        assert_eq!(graph["elements"]["nodes"][0]["data"]["displayName"], "a \"b\" \\ <c> & 'd'");
    }

    #[test]
    fn what_paths_know_besides_is_there() {
        let graph = cytoscape(&sample::graph_of_paths());

        assert_eq!(graph["elements"]["nodes"][1]["data"]["state"], "missing");
        assert_eq!(graph["elements"]["edges"][0]["data"]["basis"], "implied");
        assert_eq!(graph["elements"]["edges"][1]["data"]["note"], "tcp \"443\"\nand 1 more");
    }
}
