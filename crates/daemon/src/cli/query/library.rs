//! `orgraph query list`, `show` and `run`: the questions that are shipped.

use comfy_table::{ContentArrangement, Table, presets};
use orgraph_config::Config;
use orgraph_query::library::{self, Question, Severity};
use serde_json::json;

use super::{Asked, Shown, ask};
use crate::cli::{DONE, MISCONFIGURED};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// List the questions that are shipped.
    List(List),
    /// Show one of them with its J1QL.
    Show {
        /// Its name.
        id: String,
    },
    /// Ask one of them.
    Run {
        /// Its name.
        id: String,
        #[command(flatten)]
        shown: Box<Shown>,
    },
}

#[derive(clap::Args)]
pub(crate) struct List {
    /// Only those with this tag.
    #[arg(long)]
    tag: Option<String>,
    /// One JSON array instead of a table.
    #[arg(long)]
    json: bool,
}

/// What can be done without a database.
pub(crate) fn look(command: &Command) -> anyhow::Result<u8> {
    match command {
        Command::List(list) => self::list(list),
        Command::Show { id } | Command::Run { id, .. } => Ok(match library::find(id) {
            Some(question) => {
                show(question);
                DONE
            }
            None => unknown(id),
        }),
    }
}

/// Asks a question of the library.
pub(crate) async fn run(id: &str, shown: &Shown, config: &Config) -> anyhow::Result<u8> {
    match library::find(id) {
        Some(question) => ask(&Asked::J1ql(question.j1ql.clone()), shown, config).await,
        None => Ok(unknown(id)),
    }
}

fn list(list: &List) -> anyhow::Result<u8> {
    let is_wanted = |it: &&Question| list.tag.as_ref().is_none_or(|tag| it.tags.contains(tag));
    let questions: Vec<&Question> = library::all().iter().filter(is_wanted).collect();
    if list.json {
        let questions: Vec<_> = questions.into_iter().map(as_json).collect();
        println!("{}", serde_json::to_string_pretty(&questions)?);
        return Ok(DONE);
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["id", "severity", "title", "tags"]);
    for it in questions {
        let severity = it.severity.map_or("", Severity::as_str);
        table.add_row([it.id.as_str(), severity, &it.title, &it.tags.join(", ")]);
    }
    println!("{table}");
    Ok(DONE)
}

fn show(question: &Question) {
    println!("{}\n\n{}\n", question.title, question.description.trim());
    if let Some(severity) = question.severity {
        println!("severity  {}", severity.as_str());
    }
    println!(
        "tags      {}\ncolumns   {}\n\n{}",
        question.tags.join(", "),
        question.columns.join(", "),
        question.j1ql.trim()
    );
}

fn as_json(it: &Question) -> serde_json::Value {
    json!({
        "id": it.id,
        "title": it.title,
        "description": it.description,
        "tags": it.tags,
        "severity": it.severity.map(Severity::as_str),
        "columns": it.columns,
        "j1ql": it.j1ql,
    })
}

fn unknown(id: &str) -> u8 {
    eprintln!("orgraph: no question is called {id}; `orgraph query list` shows them");
    MISCONFIGURED
}
