//! The order in which the partitions of one account are read: round-robin over services and, within a service, over
//! regions, so that one throttled service does not stall the rest.

use std::collections::{BTreeMap, VecDeque};

use orgraph_collect::Collector;
use orgraph_model::Region;

/// One partition to read.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    /// What reads it.
    pub(crate) collector: &'static Collector,
    /// Where.
    pub(crate) region: Region,
}

/// Takes one cell of each service in turn.
pub(crate) fn round_robin(cells: impl IntoIterator<Item = Cell>) -> Vec<Cell> {
    let mut services: BTreeMap<&'static str, VecDeque<Cell>> = BTreeMap::new();
    for cell in cells {
        services.entry(cell.collector.service.name).or_default().push_back(cell);
    }
    let mut ordered = Vec::new();
    while !services.is_empty() {
        services.retain(|_, waiting| {
            ordered.extend(waiting.pop_front());
            !waiting.is_empty()
        });
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_has_its_turn_before_any_has_a_second() {
        let region: Region = "eu-west-1".parse().unwrap();
        let cells = orgraph_catalog::collectors()
            .map(|collector| Cell { collector, region: region.clone() })
            .collect::<Vec<_>>();
        let services: std::collections::HashSet<_> =
            cells.iter().map(|it| it.collector.service.name).collect();
        let count = cells.len();

        let ordered = round_robin(cells);

        let first: std::collections::HashSet<_> =
            ordered.iter().take(services.len()).map(|it| it.collector.service.name).collect();
        assert_eq!(first, services);
        assert_eq!(ordered.len(), count);
    }
}
