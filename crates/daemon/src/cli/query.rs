//! `orgraph query`: questions in J1QL and SQL, and what their answers rest on.

mod library;
mod table;

use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use clap::ValueEnum;
use orgraph_config::Config;
use orgraph_query::j1ql::ast::Return;
use orgraph_query::j1ql::{self, Bind, Compiled};
use orgraph_query::render::{CsvRows, JsonLines, JsonRows};
use orgraph_query::{AnswerGraph, AskError, Ended, Footer, Limits, Question, Reader, ReaderSettings};

use super::picture::Picture;
use super::safe::Safe;
use super::{DONE, MISCONFIGURED};
use crate::asking;
use crate::clock::now;
use crate::system::Graph;

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  orgraph query \"FIND aws_instance WITH active = true\"
  orgraph query \"FIND Internet THAT ALLOWS aws_security_group\" --graph dot | dot -Tsvg > open.svg
  orgraph query --sql \"SELECT _type, count(*) FROM orgraph.entity GROUP BY 1 ORDER BY 2 DESC\"
  orgraph query -f question.j1ql --format ndjson --limit 1000000
  orgraph query \"FIND aws_iam_user\" --as-of 2026-11-01
  orgraph query list")]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<library::Command>,
    /// The question in J1QL, in quotes; `-` reads it from standard input.
    question: Vec<String>,
    /// Ask in SQL: one SELECT on the schema `orgraph`.
    #[arg(long, conflicts_with_all = ["question", "file"])]
    sql: Option<String>,
    /// Read the question from a file: SQL when its name ends with .sql, else J1QL.
    #[arg(long, short, conflicts_with = "question")]
    file: Option<PathBuf>,
    #[command(flatten)]
    shown: Shown,
}

/// How an answer is shown.
#[derive(clap::Args)]
pub(crate) struct Shown {
    /// How the answer is written.
    #[arg(long, default_value = "table")]
    format: Format,
    /// Write the entities and relationships of the answer as a graph.
    #[arg(long, conflicts_with = "format")]
    graph: Option<Picture>,
    /// Rows at most. That there are more is said.
    #[arg(long, default_value_t = 1000)]
    limit: u64,
    /// Answer from history, as of a time such as 2026-11-01 or 2026-11-01T12:00:00Z.
    #[arg(long, value_parser = time)]
    as_of: Option<DateTime<Utc>>,
    /// How long the question may take, in seconds.
    #[arg(long, default_value = "60", value_parser = seconds)]
    timeout: Duration,
    /// Show the SQL, its values and the plan of PostgreSQL instead of the answer.
    #[arg(long)]
    explain: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Table,
    Json,
    Ndjson,
    Csv,
}

/// A question as it was given.
pub(super) enum Asked {
    J1ql(String),
    Sql(String),
}

impl Args {
    /// What needs no database, and no configuration unless there is one, if it is that.
    pub(crate) fn look(&self, config: &Path) -> Option<anyhow::Result<u8>> {
        let command = self.command.as_ref().filter(|it| !matches!(it, library::Command::Run { .. }))?;
        Some(library::look(command, config))
    }
}

/// Ends with 2 when the question is wrong, and with 1 when the database fails.
pub(crate) async fn run(args: &Args, config: &Config) -> anyhow::Result<u8> {
    if let Some(library::Command::Run { id, shown }) = &args.command {
        return library::run(id, shown, config).await;
    }
    let asked = asked(args)?;
    ask(&asked, &args.shown, config).await
}

fn asked(args: &Args) -> anyhow::Result<Asked> {
    if let Some(sql) = &args.sql {
        return Ok(Asked::Sql(sql.clone()));
    }
    if let Some(file) = &args.file {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("failed to read {}", file.display()))?;
        let is_sql = file.extension().is_some_and(|it| it.eq_ignore_ascii_case("sql"));
        return Ok(if is_sql { Asked::Sql(text) } else { Asked::J1ql(text) });
    }
    match args.question.as_slice() {
        [] if io::stdin().is_terminal() => bail!("ask something: orgraph query \"FIND aws_account\""),
        [] => standard_input(),
        [dash] if dash == "-" => standard_input(),
        [text] => Ok(Asked::J1ql(text.clone())),
        // The shell has taken the quotes of values away, so the words cannot be put together again.
        _ => bail!("put the question in quotes: orgraph query '{} …'", args.question[0]),
    }
}

fn standard_input() -> anyhow::Result<Asked> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).context("failed to read the question from standard input")?;
    Ok(Asked::J1ql(text))
}

/// Asks, and shows the answer with what it rests on.
pub(super) async fn ask(asked: &Asked, shown: &Shown, config: &Config) -> anyhow::Result<u8> {
    let compiled = match asked {
        Asked::Sql(_) if shown.as_of.is_some() => {
            bail!("--as-of is for J1QL; in SQL read orgraph.entity_at(…) and orgraph.relationship_at(…)")
        }
        Asked::Sql(_) => None,
        Asked::J1ql(text) => match compiled(text, shown) {
            Ok(compiled) => Some(compiled),
            Err(diagnostic) => {
                eprintln!("orgraph: {}", safe_lines(&diagnostic.to_string()));
                return Ok(MISCONFIGURED);
            }
        },
    };
    let graph = Graph::open(config).await?;
    let answered = answer(asked, compiled.as_ref(), shown, config, &graph).await;
    graph.close().await?;
    match answered {
        Ok(()) => Ok(DONE),
        // Whoever read has seen enough.
        Err(AskError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(DONE),
        Err(error) if error.is_about_the_question() => {
            eprintln!("orgraph: {}", safe_lines(&error.to_string()));
            Ok(MISCONFIGURED)
        }
        Err(error) => Err(error.into()),
    }
}

fn compiled(text: &str, shown: &Shown) -> Result<Compiled, j1ql::Diagnostic> {
    if shown.graph.is_none() {
        return asking::compile(text, shown.as_of, now());
    }
    // Whatever it returns: a picture is of all that it walks through.
    asking::compile(text, shown.as_of, now())?;
    let mut query = j1ql::parse(text)?;
    query.returns = Some(Return::Tree);
    query.order.clear();
    query.unique = false;
    asking::compile(&query.to_string(), shown.as_of, now())
}

async fn answer(
    asked: &Asked,
    compiled: Option<&Compiled>,
    shown: &Shown,
    config: &Config,
    graph: &Graph,
) -> Result<(), AskError> {
    let reader = Reader::connect(&graph.url, &ReaderSettings::default()).await?;
    let question = match (asked, compiled) {
        (_, Some(compiled)) => Question::J1ql(compiled),
        (Asked::Sql(text) | Asked::J1ql(text), None) => Question::Sql(text),
    };
    let answered = if shown.explain {
        explain(&reader, question, shown).await
    } else {
        let rests_on = footer(&reader, question, shown, config).await?;
        write(&reader, question, shown, &rests_on).await
    };
    reader.close().await;
    answered
}

async fn footer(
    reader: &Reader,
    question: Question<'_>,
    shown: &Shown,
    config: &Config,
) -> Result<Footer, AskError> {
    let (types, accounts) = match question {
        Question::J1ql(compiled) => (compiled.touches.types.clone(), compiled.touches.accounts.clone()),
        Question::Sql(text) => (asking::types_in_sql(text), None),
    };
    let collectors = asking::collectors(types.as_deref());
    let stale_before = asking::stale_before(config, now());
    reader.footer(collectors.as_deref(), accounts.as_deref(), shown.as_of, stale_before, shown.timeout).await
}

async fn write(
    reader: &Reader,
    question: Question<'_>,
    shown: &Shown,
    rests_on: &Footer,
) -> Result<(), AskError> {
    let limits = Limits { skip: None, rows: shown.limit, timeout: shown.timeout };
    let warnings: Vec<String> = match question {
        Question::J1ql(compiled) => compiled.warnings.iter().map(ToString::to_string).collect(),
        Question::Sql(_) => Vec::new(),
    };
    let mut out = BufWriter::new(io::stdout());
    let ended = if let Some(picture) = shown.graph {
        let mut graph = AnswerGraph::default();
        let ended = reader.ask(question, limits, &mut graph).await?;
        reader.complete_graph(&mut graph, MAX_EDGES, shown.timeout).await?;
        picture.write(&graph, &mut out)?;
        ended
    } else {
        match shown.format {
            Format::Table => {
                let mut rows = table::TableRows::default();
                let ended = reader.ask(question, limits, &mut rows).await?;
                writeln!(out, "{}", rows.table())?;
                ended
            }
            Format::Json => {
                let mut rows = JsonRows::new(&mut out);
                let ended = reader.ask(question, limits, &mut rows).await?;
                return Ok(rows.end(ended, &warnings, rests_on)?);
            }
            Format::Ndjson => {
                let mut rows = JsonLines::new(&mut out);
                let ended = reader.ask(question, limits, &mut rows).await?;
                rows.end()?;
                ended
            }
            Format::Csv => {
                let mut rows = CsvRows::new(&mut out);
                let ended = reader.ask(question, limits, &mut rows).await?;
                rows.end()?;
                ended
            }
        }
    };
    out.flush()?;
    drop(out);
    remark(ended, &warnings, rests_on);
    Ok(())
}

/// How many relationships are looked for between the entities of an answer that has none.
const MAX_EDGES: u32 = 10_000;

/// What is not part of the answer goes where it does not get into a file or a pipe.
fn remark(ended: Ended, warnings: &[String], rests_on: &Footer) {
    for warning in warnings {
        eprintln!("warning: {}", safe_lines(warning));
    }
    let rows = if ended.rows == 1 { "row" } else { "rows" };
    if ended.capped {
        eprintln!("{} {rows}, and there are more: raise --limit", ended.rows);
    } else {
        eprintln!("{} {rows}", ended.rows);
    }
    for line in rests_on.lines(now()) {
        eprintln!("{}", Safe(&line));
    }
}

async fn explain(reader: &Reader, question: Question<'_>, shown: &Shown) -> Result<(), AskError> {
    let mut out = io::stdout();
    if let Question::J1ql(compiled) = question {
        let compiled = reader.fit(compiled, shown.timeout).await?;
        writeln!(out, "{}", safe_lines(&compiled.sql))?;
        for (at, bind) in compiled.binds.iter().enumerate() {
            writeln!(out, "-- ${} = {}", at + 1, Safe(&value(bind)))?;
        }
        writeln!(out)?;
    }
    for line in reader.explain(question, shown.timeout).await? {
        writeln!(out, "{}", Safe(&line))?;
    }
    Ok(())
}

fn value(bind: &Bind) -> String {
    match bind {
        Bind::Text(value) => format!("{value:?}"),
        Bind::Texts(values) => format!("{values:?}"),
        Bind::Json(value) => value.to_string(),
        Bind::Whole(value) => value.to_string(),
        Bind::Time(value) => value.to_rfc3339(),
        Bind::Kinds(values) => format!("{values:?}"),
    }
}

/// Several lines, each made harmless for a terminal.
fn safe_lines(text: &str) -> String {
    text.lines().map(|it| Safe(it).to_string()).collect::<Vec<_>>().join("\n")
}

fn time(text: &str) -> Result<DateTime<Utc>, String> {
    let date = || Some(text.parse::<NaiveDate>().ok()?.and_time(NaiveTime::MIN).and_utc());
    let time = DateTime::parse_from_rfc3339(text).ok().map(|it| it.to_utc()).or_else(date);
    time.ok_or_else(|| "write a time such as 2026-11-01T12:00:00Z, or a day".to_owned())
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let number = text.strip_suffix('s').unwrap_or(text).parse::<u64>().ok().filter(|it| *it > 0);
    number.map(Duration::from_secs).ok_or_else(|| "write seconds, such as 60".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_day_or_a_moment() {
        assert_eq!(time("2026-11-01").unwrap().to_rfc3339(), "2026-11-01T00:00:00+00:00");
        assert_eq!(time("2026-11-01T01:00:00+01:00").unwrap(), time("2026-11-01").unwrap());
        assert!(time("yesterday").is_err());
    }
}
