//! `orgraph query list`, `show` and `run`: the questions that are shipped, and those of the operator.

use std::path::{Path, PathBuf};

use comfy_table::{ContentArrangement, Table, presets};
use orgraph_config::{Config, Purpose};
use orgraph_query::library::{Library, Question, Severity};
use serde_json::json;

use super::{Asked, Shown, ask, safe_lines};
use crate::cli::safe::Safe;
use crate::cli::{DONE, MISCONFIGURED};
use crate::settings;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// List the questions that are shipped, and those of the folder `query.library`.
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
pub(crate) fn look(command: &Command, config: &Path) -> anyhow::Result<u8> {
    let library = read(folder(config).as_deref());
    match command {
        Command::List(list) => self::list(&library, list),
        Command::Show { id } | Command::Run { id, .. } => Ok(match library.find(id) {
            Some(question) => {
                show(question, library.file_of(id));
                DONE
            }
            None => unknown(id),
        }),
    }
}

/// Asks a question of the library.
pub(crate) async fn run(id: &str, shown: &Shown, config: &Config) -> anyhow::Result<u8> {
    let library = read(config.query.library.as_deref());
    match library.find(id) {
        Some(question) => ask(&Asked::J1ql(question.j1ql.clone()), shown, config).await,
        None => Ok(unknown(id)),
    }
}

/// The folder that the configuration names. The shipped questions are there without a configuration, and with one that is
/// wrong.
fn folder(config: &Path) -> Option<PathBuf> {
    if !config.exists() {
        return None;
    }
    if let Ok(config) = orgraph_config::load(config, &settings::service_names(), Purpose::Ask) {
        return config.query.library;
    }
    let file = config.display().to_string();
    eprintln!(
        "orgraph: only the questions that are shipped: {} has mistakes, see `orgraph check`",
        Safe(&file)
    );
    None
}

/// The library; what is wrong with the operator's part of it is said.
fn read(folder: Option<&Path>) -> Library {
    let library = Library::read(folder);
    for error in &library.errors {
        eprintln!("orgraph: {}", safe_lines(&error.to_string()));
    }
    library
}

fn list(library: &Library, list: &List) -> anyhow::Result<u8> {
    let is_wanted = |it: &&Question| list.tag.as_ref().is_none_or(|tag| it.tags.contains(tag));
    let questions: Vec<&Question> = library.all().filter(is_wanted).collect();
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

fn show(question: &Question, file: Option<&Path>) {
    println!("{}\n\n{}\n", question.title, question.description.trim());
    if let Some(severity) = question.severity {
        println!("severity  {}", severity.as_str());
    }
    if let Some(file) = file {
        println!("file      {}", Safe(&file.display().to_string()));
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
