//! The command line. The only module that prints.
#![expect(clippy::print_stdout, reason = "a command line answers on standard output")]

mod access;
mod accounts;
mod catalog;
mod check;
mod db;
mod path;
mod picture;
mod query;
mod safe;
mod status;
mod sync;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use orgraph_config::{Config, Problems, Purpose};
use tracing_subscriber::EnvFilter;

use crate::{service, settings};

/// A whole AWS Organization as a graph in plain PostgreSQL.
///
/// orgraph discovers the accounts of an organization, assumes a read-only role with an external ID in each, reads
/// configuration (never contents) in every region, and keeps entities and relationships in PostgreSQL, where schema
/// `orgraph` is yours to query. Only a complete listing removes anything: what could not be read keeps its last good
/// rows, and `orgraph status` says so.
#[derive(Parser)]
#[command(
    name = "orgraph",
    version,
    max_term_width = 100,
    after_help = "\
Examples:
  orgraph check                       is everything there that a run needs?
  orgraph sync                        read everything once, now
  orgraph sync --account 123456789012 --service ec2
  orgraph run                         keep reading, every account on its interval
  orgraph exposed                     which data stores can be reached from the Internet?
  orgraph db psql                     query the graph: SELECT * FROM orgraph.aws_instance;"
)]
struct Cli {
    /// The configuration file.
    #[arg(long, short, global = true, env = "ORGRAPH_CONFIG", default_value = "/etc/orgraph/orgraph.toml")]
    config: PathBuf,

    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the daemon: every account on its interval, until SIGTERM.
    ///
    /// Several daemons may share one database; each account is read by one of them at a time. Health is served at
    /// /healthz and /readyz, metrics at /metrics.
    Run,
    /// Read everything once, now, and say how complete it is.
    ///
    /// Ends with 0 when everything was read, with 3 when something is missing (and what and why), and with 1 when
    /// nothing could be done. What is missing keeps its last good rows.
    Sync(sync::Args),
    /// Check configuration, database, credentials and the role in every account. Changes nothing in AWS or the graph.
    Check,
    /// List the known accounts: state, reason, last run, assets.
    Accounts(accounts::Args),
    /// Show what the graph rests on: how many partitions are complete, and which are not and why.
    Status(status::Args),
    /// Ask the graph: in J1QL, or in SQL with --sql.
    ///
    /// Reads as `orgraph_reader`, in a read-only transaction, for a limited time. What the answer rests on is said
    /// after it: which accounts and regions, how old, and what is missing. Ends with 0 when there is an answer, with 2
    /// when the question is wrong, and with 1 when the database fails.
    Query(query::Args),
    /// Say who may do what in the end: allowed, denied, or unknown and what would have to be known.
    ///
    /// Ends with 0 when there is an answer, whatever it is, and with 2 when the question cannot be understood.
    #[command(subcommand)]
    Access(access::Command),
    /// Show how two entities hang together: the shortest paths between them, and what makes each step.
    Path(path::PathArgs),
    /// Show what one reaches who has an entity: acts as the role, is on the machine, sends to the load balancer.
    ///
    /// It shows what may be: conditions are named and not decided. docs/PATHS.md has the table of what carries access.
    BlastRadius(path::BlastArgs),
    /// List the data stores that the Internet reaches, through network and identity, with the shortest way to each.
    ///
    /// It shows what may be: conditions are named and not decided. docs/PATHS.md has the table of what carries access.
    Exposed(path::ExposedArgs),
    /// The database behind the graph.
    #[command(subcommand)]
    Db(db::Command),
    /// The catalog: everything that is generated from what the collectors declare.
    #[command(subcommand)]
    Catalog(catalog::Command),
    /// Print completions for a shell.
    Completions {
        /// The shell to complete in.
        shell: Shell,
    },
}

impl Command {
    /// Who only asks the graph needs no secret of AWS.
    fn purpose(&self) -> Purpose {
        match self {
            Self::Run | Self::Sync(_) | Self::Check => Purpose::Collect,
            Self::Accounts(_)
            | Self::Status(_)
            | Self::Query(_)
            | Self::Access(_)
            | Self::Path(_)
            | Self::BlastRadius(_)
            | Self::Exposed(_)
            | Self::Db(_)
            | Self::Catalog(_)
            | Self::Completions { .. } => Purpose::Ask,
        }
    }
}

/// Everything was done.
const DONE: u8 = 0;
/// Nothing could be done.
const FAILED: u8 = 1;
/// The configuration is wrong; nothing was started.
const MISCONFIGURED: u8 = 2;
/// Something is missing.
const DEGRADED: u8 = 3;

/// Parses the command line and does what it says.
pub(crate) fn main() -> ExitCode {
    let cli = Cli::parse();
    match &cli.command {
        Command::Completions { shell } => {
            clap_complete::generate(*shell, &mut Cli::command(), "orgraph", &mut std::io::stdout());
            return ExitCode::SUCCESS;
        }
        Command::Catalog(command) => return answer(catalog::run(command)),
        Command::Query(args) => {
            if let Some(looked) = args.look(&cli.config) {
                return answer(looked);
            }
        }
        _ => {}
    }
    let config = match orgraph_config::load(&cli.config, &settings::service_names(), cli.command.purpose()) {
        Ok(config) => config,
        Err(problems) => return misconfigured(problems),
    };
    start_log(&config, matches!(cli.command, Command::Run));
    for warning in &config.warnings {
        tracing::warn!("{}", warning.message);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return answer(Err(error.into())),
    };
    answer(runtime.block_on(dispatch(cli.command, config)))
}

async fn dispatch(command: Command, config: Config) -> anyhow::Result<u8> {
    match command {
        Command::Run => Box::pin(service::run(config)).await.map(|()| DONE),
        Command::Sync(args) => sync::run(args, config).await,
        Command::Check => check::run(config).await,
        Command::Accounts(args) => accounts::run(&args, &config).await,
        Command::Status(args) => status::run(&args, &config).await,
        Command::Query(args) => query::run(&args, &config).await,
        Command::Access(command) => access::run(command, &config).await,
        Command::Path(args) => path::path(args, &config).await,
        Command::BlastRadius(args) => path::blast_radius(args, &config).await,
        Command::Exposed(args) => path::exposed(args, &config).await,
        Command::Db(command) => db::run(command, &config).await,
        Command::Catalog(_) | Command::Completions { .. } => {
            unreachable!("answered before the configuration is read")
        }
    }
}

fn answer(ended: anyhow::Result<u8>) -> ExitCode {
    match ended {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("orgraph: {}", safe::Safe(&format!("{error:#}")));
            ExitCode::from(FAILED)
        }
    }
}

fn misconfigured(problems: Problems) -> ExitCode {
    eprintln!("{:?}", miette::Report::new(problems));
    ExitCode::from(MISCONFIGURED)
}

/// Logs go to standard error. One-shot commands log errors only, because they print their own results.
fn start_log(config: &Config, is_daemon: bool) {
    let level = match (is_daemon, std::env::var("ORGRAPH_LOG")) {
        (_, Ok(asked)) => asked,
        (true, _) => config.log.level.as_str().to_owned(),
        (false, _) => "error".to_owned(),
    };
    // Our own crates at the level asked for; the libraries only when something is wrong, because their debug output
    // holds requests.
    let filter = EnvFilter::new(format!("error,orgraph={level},{OUR_CRATES}").replace("{level}", &level));
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log.format {
        orgraph_config::Format::Json => subscriber.json().flatten_event(true).init(),
        orgraph_config::Format::Text => subscriber.with_ansi(std::io::stderr().is_terminal()).init(),
    }
}

const OUR_CRATES: &str = "orgraph_collect={level},orgraph_query={level},orgraph_store={level},orgraph_embedded={level},\
    orgraph_aws_identity={level},orgraph_aws_ec2={level},orgraph_aws_compute={level},\
    orgraph_aws_edge={level},orgraph_aws_data={level},orgraph_aws_operations={level}";
