//! `orgraph db`: the database behind the graph.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process;

use anyhow::{Context, bail};
use orgraph_config::{Config, DatabasePlace};
use orgraph_embedded::{Programs, Server};
use percent_encoding::percent_decode_str;
use secrecy::ExposeSecret;

use super::DONE;
use crate::system::Graph;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Print the address of the database. It may hold a password.
    Url,
    /// Open psql on the graph. What follows `--` is given to psql: `orgraph db psql -- -c 'SELECT 1'`.
    Psql {
        /// Arguments for psql.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Create or update the schema, and nothing else.
    Migrate,
}

pub(crate) async fn run(command: Command, config: &Config) -> anyhow::Result<u8> {
    match command {
        Command::Url => {
            println!("{}", url(config).await?);
            Ok(DONE)
        }
        Command::Migrate => {
            Graph::open(config).await?.close().await?;
            Ok(DONE)
        }
        Command::Psql { arguments } => psql(config, &arguments).await,
    }
}

/// The address of a database that runs.
async fn url(config: &Config) -> anyhow::Result<String> {
    match config.database.place() {
        DatabasePlace::Url(url) => Ok(url.expose_secret().to_owned()),
        DatabasePlace::Embedded { data_dir, .. } => match Server::attach(data_dir).await? {
            Some(url) => Ok(url),
            None => bail!(
                "the private PostgreSQL server is not running; it runs with `orgraph run`, and `orgraph db psql` \
                 starts it for as long as psql is open"
            ),
        },
    }
}

async fn psql(config: &Config, arguments: &[String]) -> anyhow::Result<u8> {
    let bin_dir = match config.database.place() {
        DatabasePlace::Url(_) => None,
        DatabasePlace::Embedded { bin_dir, .. } => bin_dir,
    };
    let program = Programs::find(bin_dir).map_or_else(|_| "psql".into(), |it| it.path("psql"));
    if let Ok(url) = url(config).await {
        // psql takes the terminal over; the address goes through the environment, not through the process list.
        let error = psql_command(&program, &url, arguments).exec();
        return Err(error).with_context(|| format!("failed to start {}", program.display()));
    }
    let graph = Graph::open(config).await?;
    let status = psql_command(&program, &graph.url, arguments).status();
    graph.close().await?;
    let status = status.with_context(|| format!("failed to start {}", program.display()))?;
    Ok(status.code().and_then(|it| u8::try_from(it).ok()).unwrap_or(super::FAILED))
}

/// The password goes through the environment, because arguments are visible in the process list.
fn psql_command(program: &Path, address: &str, arguments: &[String]) -> process::Command {
    let mut command = process::Command::new(program);
    let mut shown = address.to_owned();
    if let Ok(mut url) = url::Url::parse(address) {
        let password = url.password().map(|it| percent_decode_str(it).decode_utf8_lossy().into_owned());
        if let Some(password) = password.filter(|_| url.set_password(None).is_ok()) {
            command.env("PGPASSWORD", password);
            shown = url.into();
        }
    }
    command.args(["--dbname", &shown]).args(arguments);
    command
}
