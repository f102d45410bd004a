//! `docs/data-model`: one page per service, and the tables over all of them.

use std::path::PathBuf;

use orgraph_collect::{Collector, Rel, Service};
use orgraph_model::EntityType;

use super::examples::{entity_query, entity_question, relationship_query};
use super::{GENERATED, head, row};
use crate::types::{CollectedType, Property};
use crate::{Writer, collectors, services, types, writers};

pub(crate) fn files() -> Vec<(PathBuf, String)> {
    let types = types();
    let mut files = vec![("docs/data-model/README.md".into(), index(types))];
    for service in services() {
        files.push((format!("docs/data-model/{}.md", service.name).into(), page(service, types)));
    }
    files.push((format!("docs/data-model/{DERIVED}.md").into(), derived(types)));
    files
}

/// `name` as a link to where it is described, if it is. `folder` leads from the page to the data model.
pub(crate) fn link(name: &str, folder: &str) -> String {
    match types().iter().find(|it| it.entity_type.name == name) {
        Some(it) => format!("[`{name}`]({folder}{}.md#{name})", home(it)),
        None => format!("`{name}`"),
    }
}

/// The page on which a type is described first.
fn home(collected: &CollectedType) -> &'static str {
    collected.writers[0].page()
}

fn page(service: Service, types: &[CollectedType]) -> String {
    let own: Vec<&'static Collector> = collectors().filter(|it| it.service == service).collect();
    let mut lines =
        vec![format!("<!-- {GENERATED}. -->"), String::new(), format!("# {}", service.sdk_id), String::new()];
    lines.push(format!(
        "What is collected from the service `{}`. [All types](README.md) · [coverage](../coverage.md)",
        service.name
    ));
    lines.push("\n## Collectors\n".to_owned());
    lines.extend(head(["collector", "runs", "calls", "permissions"]));
    for collector in &own {
        let calls = collector.calls.iter().map(|it| format!("`{}`", it.operation));
        let actions = collector.calls.iter().map(|it| format!("`{}`", it.iam_action(service)));
        lines.push(row([
            format!("`{}`", collector.name),
            Writer::Collector(collector).runs().to_owned(),
            calls.collect::<Vec<_>>().join("<br>"),
            actions.collect::<Vec<_>>().join("<br>"),
        ]));
    }
    for collected in types {
        if collected.writers.iter().any(|it| it.page() == service.name) {
            lines.extend(section(service.name, collected));
        }
    }
    if let Some(query) = relationship_query(service) {
        lines.push("\n## Following a relationship\n".to_owned());
        lines.push(format!("```sql\n{query}\n```"));
    }
    lines.join("\n") + "\n"
}

/// The page of what does not come from AWS itself.
fn derived(types: &[CollectedType]) -> String {
    let mut lines = vec![format!("<!-- {GENERATED}. -->"), String::new(), "# Derived and listed".to_owned()];
    lines.push(
        "\nWhat follows from the rows of collectors, and what comes from files of the operator. \
         [All types](README.md) · [coverage](../coverage.md)"
            .to_owned(),
    );
    lines.push("\n## Who writes it\n".to_owned());
    lines.extend(head(["name", "runs", "what it does"]));
    for writer in writers().filter(|it| it.page() == DERIVED) {
        let about = match writer {
            Writer::Linker(it) => it.about,
            Writer::Roster(it) => it.about,
            Writer::Collector(_) => continue,
        };
        lines.push(row([format!("`{}`", writer.name()), writer.runs().to_owned(), about.to_owned()]));
    }
    lines.push("\n## Relationships\n".to_owned());
    lines.extend(head(["from", "does", "to", "written by"]));
    for writer in writers().filter(|it| it.page() == DERIVED) {
        for rel in writer.relationships() {
            let by = format!("`{}`", writer.name());
            lines.push(row([
                link(rel.from.name, ""),
                rel.verb.as_str().to_owned(),
                link(rel.to.name, ""),
                by,
            ]));
        }
    }
    for collected in types {
        if collected.writers.iter().any(|it| it.page() == DERIVED) {
            lines.extend(section(DERIVED, collected));
        }
    }
    lines.join("\n") + "\n"
}

/// The page of what does not come from AWS itself.
const DERIVED: &str = "derived";

fn section(page: &str, collected: &CollectedType) -> Vec<String> {
    let it = collected.entity_type;
    let classes = it.class.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
    let by = collected.writers.iter().filter(|it| it.page() == page);
    let by = by.map(|it| format!("`{}`", it.name())).collect::<Vec<_>>().join(", ");
    let mut lines = vec![format!("\n## {it}\n"), collected.description.clone(), String::new()];
    lines.push(format!("Class {classes}. Collected by {by}."));
    if it.shared {
        let mut others: Vec<&str> =
            collected.writers.iter().map(|it| it.page()).filter(|it| *it != page).collect();
        others.sort_unstable();
        others.dedup();
        let others: Vec<String> =
            others.iter().map(|it| format!("[{it}]({it}.md#{})", collected.entity_type)).collect();
        if !others.is_empty() {
            lines.push(format!("Other services contribute properties too: {}.", others.join(", ")));
        }
    }
    let shown: Vec<&Property> = collected
        .properties
        .iter()
        .filter(|property| property.writers.iter().any(|it| it.page() == page))
        .collect();
    if !shown.is_empty() {
        lines.push(String::new());
        lines.extend(head(["property", "type", "meaning"]));
        lines.extend(shown.into_iter().map(property_row));
    }
    lines.extend(relationships(collected.entity_type));
    lines.push(format!("\nIn J1QL, and in SQL:\n\n```j1ql\n{}\n```", entity_question(collected)));
    lines.push(format!("\n```sql\n{}\n```", entity_query(collected)));
    lines
}

fn property_row(property: &Property) -> String {
    let volatile = if property.volatile { " A change of this alone makes no new version." } else { "" };
    row([
        format!("`{}`", property.name),
        property.kind.clone(),
        format!("{}{volatile}", property.description.replace('<', "&lt;")),
    ])
}

fn relationships(entity_type: EntityType) -> Vec<String> {
    let touching = rels().into_iter().filter(|it| it.0.from == entity_type || it.0.to == entity_type);
    let rows: Vec<String> = touching
        .map(|(rel, writers)| {
            let name = |it: EntityType| {
                if it == entity_type { format!("`{it}`") } else { link(it.name, "") }
            };
            row([name(rel.from), rel.verb.as_str().to_owned(), name(rel.to), writers])
        })
        .collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![String::new()];
    lines.extend(head(["from", "does", "to", "written by"]));
    lines.extend(rows);
    lines
}

/// Every declared relationship with the names of those who write it, in alphabetical order.
pub(super) fn rels() -> Vec<(Rel, String)> {
    let rels = writers().flat_map(|it| it.relationships().iter().map(move |rel| (*rel, it.name())));
    let mut rels: Vec<(Rel, String)> = rels.collect();
    rels.sort_by(|(a, a_name), (b, b_name)| {
        (a.from.name, a.verb, a.to.name, a_name).cmp(&(b.from.name, b.verb, b.to.name, b_name))
    });
    let together = rels.chunk_by(|a, b| a.0 == b.0);
    together
        .map(|same| {
            let writers: Vec<String> = same.iter().map(|it| format!("`{}`", it.1)).collect();
            (same[0].0, writers.join(", "))
        })
        .collect()
}

fn index(types: &[CollectedType]) -> String {
    let mut lines = vec![format!("<!-- {GENERATED}. -->"), String::new(), INTRODUCTION.trim().to_owned()];
    lines.push("\n## Entities\n".to_owned());
    lines.extend(head(["type", "class", "what it is", "runs"]));
    for it in types {
        let mut scopes: Vec<&str> = it.writers.iter().map(|it| it.runs()).collect();
        scopes.dedup();
        lines.push(row([
            link(it.entity_type.name, ""),
            it.entity_type.class.join(", "),
            it.description.clone(),
            scopes.join("; "),
        ]));
    }
    lines.push("\n## Relationships\n".to_owned());
    lines.extend(head(["from", "does", "to", "written by"]));
    for (rel, writers) in rels() {
        let verb = rel.verb.as_str().to_owned();
        lines.push(row([link(rel.from.name, ""), verb, link(rel.to.name, ""), writers]));
    }
    lines.push("\n## The graph\n".to_owned());
    lines.push("Without the relationships from accounts and services to what they have:\n".to_owned());
    lines.push(format!("```mermaid\nflowchart LR\n{}\n```", mermaid()));
    lines.join("\n") + "\n"
}

fn mermaid() -> String {
    let mut edges: Vec<String> = Vec::new();
    for (rel, _) in rels() {
        let from_service = rel.from.class == ["Service"] || rel.to.class == ["Service"];
        if !from_service {
            let short = |it: EntityType| it.name.strip_prefix("aws_").unwrap_or(it.name).to_owned();
            edges.push(format!("    {} -->|{}| {}", short(rel.from), rel.verb.as_str(), short(rel.to)));
        }
    }
    edges.dedup();
    edges.join("\n")
}

const INTRODUCTION: &str = "
# The data model

What the graph holds: entities, each of one type, and relationships between them. Read it through the schema `orgraph`:
`orgraph.entity` and `orgraph.relationship` have one row for each, and every type has a view of its own name whose
columns are its properties.

Every entity has these, besides its own properties:

| property | meaning |
| --- | --- |
| `_key` | its key, unique over the graph: the ARN where AWS defines one |
| `_type`, `_class` | what it is; several types share a class |
| `_source` | `integration-managed` when its owner's account says so, `system-mapper` when something else only names it, `api` when the operator lists it |
| `name`, `displayName` | the tag `Name`, else the name in the API, else the identifier |
| `accountId`, `region` | where it lives; entities of global services have no region |
| `arn` | its ARN, where it has one |
| `webLink` | the console page that shows it |
| `tag.<key>` | its tags; `PII`, `PHI`, `PCI` and `Production` are booleans |
| `classification`, `owner` | from the tags `Classification` and `Owner`, in any case |

Three kinds of nothing are kept apart. A property that is **absent** is unknown: it could not be read. A property that
is **null** is known to have no value. And **false** is an answer of AWS, never a guess. SQL shows the first two both as
`NULL`; `properties ? 'name'` on `orgraph.entity` tells them apart.

Times are milliseconds since the epoch. A relationship may point at something that is not in the graph, such as a
resource of an account that is not collected; then `dangling` is true.
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{example_queries, example_questions};

    #[test]
    fn a_type_is_described_with_its_properties_and_relationships() {
        let files = files();
        let page = &files.iter().find(|it| it.0.ends_with("lambda.md")).unwrap().1;

        for expected in [
            "\n## aws_lambda_function\n",
            "| `timeout` | integer | How long one invocation may take, in seconds. |",
            "| `aws_lambda_function` | HAS |",
            "| `lambda_functions` | in every region |",
            "`lambda:ListFunctions`",
            "FROM orgraph.aws_lambda_function",
        ] {
            assert!(page.contains(expected), "{expected} is not in\n{page}");
        }
    }

    #[test]
    fn every_type_has_a_query_and_a_question_that_are_shown() {
        let shown: String = files().into_iter().map(|it| it.1).collect();
        for example in example_queries().into_iter().chain(example_questions()) {
            assert!(shown.contains(&example), "{example}");
        }
        assert!(example_queries().len() > types().len());
        assert_eq!(example_questions().len(), types().len());
    }

    #[test]
    fn every_type_of_a_service_is_in_the_index() {
        let index = index(types());
        for it in types() {
            assert!(index.contains(&format!("#{})", it.entity_type)), "{}", it.entity_type);
        }
    }
}
