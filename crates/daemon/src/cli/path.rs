//! `orgraph path`, `orgraph blast-radius` and `orgraph exposed`: questions to the graph in memory.

mod print;

use std::io::{self, BufWriter, Write};
use std::time::Duration;

use clap::ValueEnum;
use orgraph_config::Config;
use orgraph_query::paths::{
    Direction, ExposedOptions, Filter, Graph as Paths, Limits, PathError, WalkOptions,
};
use orgraph_query::{AnswerGraph, Footer, Reader, ReaderSettings};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::picture::Picture;
use super::query::seconds;
use super::safe::Safe;
use super::{DONE, MISCONFIGURED};
use crate::asking;
use crate::clock::now;
use crate::system::Graph;

/// How two entities hang together.
#[derive(clap::Args)]
pub(crate) struct PathArgs {
    /// Where the paths begin: a key, `type:name`, or a name that no other entity has.
    from: String,
    /// Where they end.
    to: String,
    /// How many paths, shortest first.
    #[arg(long, default_value_t = 5)]
    count: usize,
    /// No paths longer than this.
    #[arg(long, default_value_t = 10)]
    max_hops: u8,
    /// Only over entities of this class; may be given several times. The ends may be anything.
    #[arg(long = "class", value_name = "CLASS")]
    classes: Vec<String>,
    /// Only over entities of this type; may be given several times.
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,
    /// Not over entities of this type; may be given several times.
    #[arg(long = "not-type", value_name = "TYPE")]
    not_types: Vec<String>,
    /// Only over relationships of this verb; may be given several times.
    #[arg(long = "verb", value_name = "VERB")]
    verbs: Vec<String>,
    /// Not over relationships of this verb; may be given several times.
    #[arg(long = "not-verb", value_name = "VERB")]
    not_verbs: Vec<String>,
    /// Follow relationships in their own direction only.
    #[arg(long, conflicts_with = "undirected")]
    directed: bool,
    /// Follow relationships both ways, as is done anyway.
    #[arg(long)]
    undirected: bool,
    #[command(flatten)]
    shown: Shown,
}

/// What one reaches who has an entity.
#[derive(clap::Args)]
pub(crate) struct BlastArgs {
    /// Where it begins: a key, `type:name`, or a name that no other entity has.
    entity: String,
    /// List at most this many entities of each type; all are counted.
    #[arg(long, default_value_t = 20)]
    limit: usize,
    #[command(flatten)]
    walk: Walk,
    #[command(flatten)]
    shown: Shown,
}

/// Which data stores the Internet reaches.
#[derive(clap::Args)]
pub(crate) struct ExposedArgs {
    /// Only data stores of this type; may be given several times.
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,
    /// List at most this many; all are counted.
    #[arg(long, default_value_t = 100)]
    limit: usize,
    #[command(flatten)]
    walk: Walk,
    #[command(flatten)]
    shown: Shown,
}

#[derive(clap::Args)]
struct Walk {
    /// Go on from machine to machine inside the network.
    #[arg(long)]
    lateral: bool,
    /// Leave out what holds under conditions only.
    #[arg(long)]
    unconditional: bool,
    /// At most this many steps.
    #[arg(long)]
    max_hops: Option<u8>,
}

impl Walk {
    fn options(&self) -> WalkOptions {
        WalkOptions { lateral: self.lateral, unconditional: self.unconditional, max_hops: self.max_hops }
    }
}

#[derive(clap::Args)]
struct Shown {
    /// How the answer is written.
    #[arg(long, default_value = "table")]
    format: Format,
    /// Write the entities and relationships of the answer as a graph.
    #[arg(long, conflicts_with = "format")]
    graph: Option<Picture>,
    /// How long reading may take, in seconds for each statement.
    #[arg(long, default_value = "60", value_parser = seconds)]
    timeout: Duration,
    /// How much memory the graph may take, in MiB, instead of what the configuration says. One that needs more is refused.
    #[arg(long, value_name = "MIB")]
    max_memory: Option<u32>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Lines for people.
    Table,
    /// One JSON object.
    Json,
}

impl Shown {
    fn is_table(&self) -> bool {
        self.graph.is_none() && matches!(self.format, Format::Table)
    }
}

/// An answer with what it rests on.
struct Answered<Answer> {
    answer: Answer,
    as_of: String,
    rests_on: Footer,
}

/// Ends with 2 when the question is wrong, and with 1 when the database fails.
pub(crate) async fn path(args: PathArgs, config: &Config) -> anyhow::Result<u8> {
    let filter = Filter {
        max_hops: args.max_hops,
        direction: if args.directed { Direction::Directed } else { Direction::Undirected },
        classes: args.classes,
        types: args.types,
        not_types: args.not_types,
        verbs: args.verbs,
        not_verbs: args.not_verbs,
    };
    let shown = &args.shown;
    let answered = ask(config, shown, None, async |graph, reader| {
        let (from, to) = (graph.find(&args.from)?, graph.find(&args.to)?);
        let mut paths = graph.shortest(from, to, &filter, args.count)?;
        reader.explain_paths(&mut paths, shown.timeout).await?;
        Ok(paths)
    })
    .await;
    ended(answered, shown, "paths", |it| print::paths(it), |it| AnswerGraph::of_paths(it))
}

/// Ends as [`path`] does.
pub(crate) async fn blast_radius(args: BlastArgs, config: &Config) -> anyhow::Result<u8> {
    let shown = &args.shown;
    let answered = ask(config, shown, None, async |graph, reader| {
        let mut radius = graph.blast_radius(graph.find(&args.entity)?, args.walk.options(), args.limit);
        if !shown.is_table() {
            reader.explain_paths(radius.paths_mut(), shown.timeout).await?;
        }
        Ok(radius)
    })
    .await;
    ended(answered, shown, "blastRadius", print::blast_radius, |it| AnswerGraph::of_paths(it.paths()))
}

/// Ends as [`path`] does.
pub(crate) async fn exposed(args: ExposedArgs, config: &Config) -> anyhow::Result<u8> {
    let options = ExposedOptions { walk: args.walk.options(), types: args.types, limit: args.limit };
    let shown = &args.shown;
    let answered = ask(config, shown, Some(options.walk), async |graph, reader| {
        let mut exposure = graph.exposed(&options)?;
        reader.explain_paths(exposure.paths_mut(), shown.timeout).await?;
        Ok(exposure)
    })
    .await;
    ended(answered, shown, "exposure", print::exposure, |it| AnswerGraph::of_paths(it.paths()))
}

/// Loads the graph as a reader, or what exposure needs of it, asks it, and says what the answer rests on.
async fn ask<Answer>(
    config: &Config,
    shown: &Shown,
    walk: Option<WalkOptions>,
    question: impl AsyncFnOnce(&Paths, &Reader) -> Result<Answer, PathError>,
) -> anyhow::Result<Result<Answered<Answer>, PathError>> {
    let graph = Graph::open(config).await?;
    let max_mib = shown.max_memory.unwrap_or(config.query.max_graph_mib);
    let limits = Limits { max_bytes: u64::from(max_mib) << 20 };
    let answered = async {
        let reader = Reader::connect(&graph.url, &ReaderSettings::default()).await?;
        let stale_before = asking::stale_before(config, now());
        let rests_on = reader.footer(None, None, None, stale_before, shown.timeout).await?;
        let paths = match walk {
            None => reader.load_graph(&limits, shown.timeout).await?,
            Some(walk) => reader.load_access(walk, &limits, shown.timeout).await?,
        };
        let answer = question(&paths, &reader).await?;
        reader.close().await;
        Ok(Answered { answer, as_of: asking::time(paths.as_of()), rests_on })
    }
    .await;
    graph.close().await?;
    Ok(answered)
}

/// Shows an answer, and says how the command ends.
fn ended<Answer: Serialize>(
    answered: anyhow::Result<Result<Answered<Answer>, PathError>>,
    shown: &Shown,
    name: &str,
    table: fn(&Answer),
    picture: fn(&Answer) -> AnswerGraph,
) -> anyhow::Result<u8> {
    let Answered { answer, as_of, rests_on } = match answered? {
        Ok(answered) => answered,
        Err(error) if error.is_about_the_question() => {
            eprintln!("orgraph: {}", Safe(&error.to_string()));
            return Ok(MISCONFIGURED);
        }
        Err(error) => return Err(error.into()),
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let written = match (shown.graph, shown.format) {
        (Some(it), _) => it.write(&picture(&answer), &mut out),
        (None, Format::Json) => {
            let mut whole = Map::new();
            whole.insert(name.to_owned(), serde_json::to_value(&answer)?);
            whole.insert("asOf".to_owned(), Value::String(as_of));
            whole.insert("coverage".to_owned(), json!(rests_on));
            writeln!(out, "{:#}", Value::Object(whole))
        }
        (None, Format::Table) => {
            drop(out);
            table(&answer);
            print::rests_on(&rests_on);
            return Ok(DONE);
        }
    };
    match written.and_then(|()| out.flush()) {
        // Whoever read has seen enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error.into()),
        // JSON has it inside.
        _ if shown.graph.is_none() => {}
        _ => print::rests_on(&rests_on),
    }
    Ok(DONE)
}
