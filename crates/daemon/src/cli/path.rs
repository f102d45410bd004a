//! `orgraph path`, `orgraph blast-radius` and `orgraph exposed`: questions to the graph in memory.

mod print;

use std::time::Duration;

use clap::ValueEnum;
use orgraph_config::Config;
use orgraph_query::paths::{
    Direction, ExposedOptions, Filter, Graph as Paths, Limits, Path, WalkOptions, dot,
};
use orgraph_query::{Footer, Reader, ReaderSettings};
use serde_json::json;

use super::DONE;
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
    common: Common,
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
    common: Common,
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
    common: Common,
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
struct Common {
    /// How to answer.
    #[arg(long, short, value_enum, default_value_t = Output::Table)]
    output: Output,
    /// How much memory the graph may take, in MiB. One that needs more is refused.
    #[arg(long, value_name = "MIB", default_value_t = 2048)]
    max_memory: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// Lines for people.
    Table,
    /// One JSON object.
    Json,
    /// A picture in the language of Graphviz.
    Dot,
}

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
    let (paths, coverage) = ask(config, args.common.max_memory, async |graph, reader| {
        let (from, to) = (graph.find(&args.from)?, graph.find(&args.to)?);
        let mut paths = graph.shortest(from, to, &filter, args.count)?;
        reader.explain_paths(&mut paths, TIMEOUT).await?;
        Ok(paths)
    })
    .await?;
    match args.common.output {
        Output::Table => print::paths(&paths),
        Output::Json => print::json(&json!({ "paths": paths, "coverage": coverage }))?,
        Output::Dot => print!("{}", dot(&paths)),
    }
    print::rests_on(&coverage);
    Ok(DONE)
}

pub(crate) async fn blast_radius(args: BlastArgs, config: &Config) -> anyhow::Result<u8> {
    let (mut radius, coverage) = ask(config, args.common.max_memory, async |graph, reader| {
        let mut radius = graph.blast_radius(graph.find(&args.entity)?, args.walk.options(), args.limit);
        if args.common.output != Output::Table {
            let entities = radius.groups.iter_mut().flat_map(|it| &mut it.entities);
            reader.explain_paths(entities.map(|it| &mut it.path), TIMEOUT).await?;
        }
        Ok(radius)
    })
    .await?;
    match args.common.output {
        Output::Table => print::blast_radius(&radius),
        Output::Json => print::json(&json!({ "blast_radius": radius, "coverage": coverage }))?,
        Output::Dot => {
            let entities = radius.groups.drain(..).flat_map(|it| it.entities);
            let paths: Vec<Path> = entities.map(|it| it.path).collect();
            print!("{}", dot(&paths));
        }
    }
    print::rests_on(&coverage);
    Ok(DONE)
}

pub(crate) async fn exposed(args: ExposedArgs, config: &Config) -> anyhow::Result<u8> {
    let options = ExposedOptions { walk: args.walk.options(), types: args.types, limit: args.limit };
    let (exposure, coverage) = ask(config, args.common.max_memory, async |graph, reader| {
        let mut exposure = graph.exposed(&options)?;
        reader.explain_paths(exposure.exposed.iter_mut().map(|it| &mut it.path), TIMEOUT).await?;
        Ok(exposure)
    })
    .await?;
    match args.common.output {
        Output::Table => print::exposure(&exposure),
        Output::Json => print::json(&json!({ "exposure": exposure, "coverage": coverage }))?,
        Output::Dot => print!("{}", dot(exposure.exposed.iter().map(|it| &it.path))),
    }
    print::rests_on(&coverage);
    Ok(DONE)
}

/// Loads the graph as a reader, asks it, and says what the answer rests on.
async fn ask<Answer>(
    config: &Config,
    max_memory_mib: u64,
    question: impl AsyncFnOnce(&Paths, &Reader) -> anyhow::Result<Answer>,
) -> anyhow::Result<(Answer, Footer)> {
    let graph = Graph::open(config).await?;
    let limits = Limits { max_bytes: max_memory_mib.saturating_mul(1 << 20) };
    let answered = async {
        let reader = Reader::connect(&graph.url, &ReaderSettings::default()).await?;
        let rests_on = reader.footer(None, None, None, asking::stale_before(config, now()), TIMEOUT).await?;
        let paths = reader.load_graph(&limits, TIMEOUT).await?;
        let answer = question(&paths, &reader).await?;
        reader.close().await;
        Ok((answer, rests_on))
    }
    .await;
    graph.close().await?;
    answered
}

/// How long one statement may take.
const TIMEOUT: Duration = Duration::from_mins(1);
