//! The table of services in the README.

use orgraph_collect::Service;

use super::{head, row};
use crate::{Writer, collectors, services, types, writers};

/// What is collected of each service.
pub(crate) fn table() -> String {
    let mut relationships: Vec<_> =
        writers().flat_map(Writer::relationships).map(|it| (it.from.name, it.verb, it.to.name)).collect();
    relationships.sort_unstable();
    relationships.dedup();
    let mut lines = vec![
        format!(
            "{} types of entities and {} kinds of relationships, by {} collectors of {} services:",
            types().len(),
            relationships.len(),
            collectors().count(),
            services().len()
        ),
        String::new(),
    ];
    lines.extend(head(["service", "types"]));
    for service in services() {
        let of_service = |it: &Writer| matches!(it, Writer::Collector(it) if it.service == service);
        let found = types().iter().filter(|it| it.writers.iter().any(of_service));
        let names: Vec<String> = found
            .filter(|it| Service::ALL.iter().all(|other| other.entity != Some(it.entity_type)))
            .map(|it| format!("`{}`", it.entity_type))
            .collect();
        let service = format!("[{}](docs/data-model/{}.md)", service.sdk_id, service.name);
        lines.push(row([service, names.join(", ")]));
    }
    lines.join("\n") + "\n"
}
