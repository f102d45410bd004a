//! The daemon's side: starts the helper, checks what it got, hands out the address.

use crate::account::Account;
use crate::cluster::Postmaster;
use crate::programs::Programs;
use crate::state::{Cluster, Connection, StateDir};
use crate::wire::{CONFIRMED, Event, HELPER_ARGUMENT, Plan};
use crate::{EmbeddedError, Result};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::{Connection as _, PgConnection};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::{info, warn};

/// Set on every start and checked in the running server: without them data can be lost or be reached.
pub(crate) const REQUIRED: [(&str, &str); 3] =
    [("fsync", "on"), ("full_page_writes", "on"), ("listen_addresses", "")];

/// Decided here, never by the caller's `config`.
const RESERVED: [&str; 6] = [
    "port",
    "unix_socket_directories",
    "unix_socket_permissions",
    "data_directory",
    "hba_file",
    "ident_file",
];

/// The longest a healthy server takes to answer a connection on its own machine.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// How often a long start is mentioned in the log.
const STILL_STARTING: Duration = Duration::from_secs(15);

/// The program that becomes the helper.
#[derive(Debug, Clone, Default)]
pub enum Helper {
    /// This program again. Its `main` must begin with [`run_helper_if_asked`](crate::run_helper_if_asked).
    #[default]
    SelfExe,
    /// Another program whose `main` does, for tests: a test binary has no `main` of its own.
    Program(PathBuf),
}

/// How to run the private server.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Directory for the data, the password, the socket and the logs; made if missing. For this server alone.
    pub state_dir: PathBuf,
    /// Where the PostgreSQL programs are, if they should not be searched for.
    pub bin_dir: Option<PathBuf>,
    /// The program that becomes the helper.
    pub helper: Helper,
    /// The database to make and to connect to.
    pub database: String,
    /// More server settings, over the defaults of this crate.
    pub config: BTreeMap<String, String>,
    /// Longest wait for the server to start. Generous: recovery after a crash of the machine takes its time.
    pub start_timeout: Duration,
    /// Longest wait for the server to stop.
    pub stop_timeout: Duration,
}

impl Settings {
    /// The defaults, for data in `state_dir`.
    pub fn new(state_dir: impl Into<PathBuf>) -> Self {
        Self {
            state_dir: state_dir.into(),
            bin_dir: None,
            helper: Helper::default(),
            database: "orgraph".to_owned(),
            config: BTreeMap::new(),
            start_timeout: Duration::from_mins(10),
            stop_timeout: Duration::from_secs(110),
        }
    }

    fn check(&self) -> Result<()> {
        let refused = |what: String, why: &str| Err(EmbeddedError::Settings { what, why: why.to_owned() });
        let is_name = |name: &str| {
            name.len() <= 63
                && name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
                && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.')
        };
        if !is_name(&self.database) || self.database.contains('.') {
            return refused(
                format!("database name {:?}", self.database),
                "a name is at most 63 lower case letters, digits and underscores and starts with no digit",
            );
        }
        for name in self.config.keys() {
            if !is_name(name) {
                return refused(format!("server setting {name:?}"), "it is no name of a setting");
            }
            if RESERVED.contains(&name.as_str()) || REQUIRED.iter().any(|(required, _)| required == name) {
                return refused(format!("server setting {name:?}"), "orgraph decides this one itself");
            }
        }
        Ok(())
    }
}

/// A running private server. Dropping it stops the server in the background; [`stop`](Self::stop) also waits.
pub struct Server {
    url: String,
    adopted: bool,
    programs: Programs,
    helper: Child,
    stdin: Option<ChildStdin>,
    events: JoinHandle<Option<String>>,
    helper_lives: watch::Receiver<bool>,
}

// By hand: the address holds the password.
impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("adopted", &self.adopted)
            .field("programs", &self.programs)
            .field("helper_pid", &self.helper.id())
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Starts the server, or takes over one that outlived its daemon, and checks that it is ours and safe.
    pub async fn start(settings: Settings) -> Result<Self> {
        settings.check()?;
        let state = StateDir::at(&settings.state_dir)?;
        let (cluster, account) = state.claim()?;
        let programs = match &cluster {
            Some(cluster) => {
                Programs::find_for(settings.bin_dir.as_deref(), &state.data_dir(), cluster.major)?
            }
            None => Programs::find(settings.bin_dir.as_deref())?,
        };
        let mut helper = spawn(&settings.helper, &state, account.as_ref())?;
        let (Some(mut stdin), Some(stdout)) = (helper.stdin.take(), helper.stdout.take()) else {
            return Err(EmbeddedError::Server("the helper has no pipes".to_owned()));
        };
        let mut lines = BufReader::new(stdout).lines();
        let plan = Plan {
            programs: programs.clone(),
            state_dir: state.path().to_path_buf(),
            database: settings.database.clone(),
            config: settings.config,
            start_timeout_secs: settings.start_timeout.as_secs(),
            stop_timeout_secs: settings.stop_timeout.as_secs(),
            daemon_pid: std::process::id(),
        };
        let begun = begin(&mut stdin, &mut lines, &plan, &state).await;
        let (url, adopted) = match begun {
            Ok(begun) => begun,
            Err(error) => {
                // The end of its input makes the helper undo what it did; then report.
                drop(stdin);
                while let Ok(Some(_)) = lines.next_line().await {}
                drop(helper.wait().await);
                return Err(error);
            }
        };
        let (alive, helper_lives) = watch::channel(true);
        let events = tokio::spawn(follow(lines, alive));
        Ok(Self { url, adopted, programs, helper, stdin: Some(stdin), events, helper_lives })
    }

    /// The address of a server that another process runs in this directory; `None` if none runs.
    ///
    /// It goes away when that process stops. The address holds the superuser's password.
    pub async fn attach(state_dir: &Path) -> Result<Option<String>> {
        let state = StateDir::at(state_dir)?;
        let Some(connection) = state.connection()? else {
            return Ok(None);
        };
        let postmaster = Postmaster::of(&state).map_err(EmbeddedError::io("read", &state.data_dir()))?;
        let Some(postmaster) = postmaster.filter(|it| it.is_ready() && it.lives() && it.answers()) else {
            return Ok(None);
        };
        let Some(cluster) = state.cluster()? else {
            return Ok(None);
        };
        let connection = Connection { socket_dir: postmaster.socket_dir, ..connection };
        let url = url(&state, &connection.socket_dir, &connection.database)?;
        let mut server = connect(&url).await?;
        check_identity(&mut server, &state, &cluster).await?;
        drop(server.close().await);
        Ok(Some(url))
    }

    /// The address, for sqlx and psql. It holds the superuser's password: not for logs.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether the server was found running, left behind by a daemon and helper that were killed.
    pub fn adopted(&self) -> bool {
        self.adopted
    }

    /// The programs the server was started with, for instance to find the matching `psql`.
    pub fn programs(&self) -> &Programs {
        &self.programs
    }

    /// The process id of the helper while it lives.
    pub fn helper_pid(&self) -> Option<u32> {
        self.helper.id()
    }

    /// Waits until the helper is gone although nobody stopped the server: nothing restarts or stops the
    /// server any more. Start again: that adopts it.
    pub async fn lost(&self) {
        let mut lives = self.helper_lives.clone();
        // An error means that the follower ended without a word, which is the same news.
        drop(lives.wait_for(|lives| !lives).await);
    }

    /// Stops the server: sessions are ended, everything is written out. Returns when it is down.
    pub async fn stop(mut self) -> Result<()> {
        drop(self.stdin.take());
        let status = self
            .helper
            .wait()
            .await
            .map_err(|error| EmbeddedError::Server(format!("failed to wait for the helper: {error}")))?;
        let last_words = self.events.await.ok().flatten();
        if status.success() {
            return Ok(());
        }
        Err(EmbeddedError::Server(last_words.unwrap_or_else(|| {
            format!("the helper ended with {status}; the server may still run, the next start adopts it")
        })))
    }
}

/// Hands over the plan, waits for the server, checks it and makes the database.
async fn begin(
    stdin: &mut ChildStdin,
    lines: &mut Lines<BufReader<ChildStdout>>,
    plan: &Plan,
    state: &StateDir,
) -> Result<(String, bool)> {
    let mut line = serde_json::to_string(plan)
        .map_err(|error| EmbeddedError::Server(format!("failed to write the plan: {error}")))?;
    line.push('\n');
    let lost = |error: std::io::Error| EmbeddedError::Server(format!("lost the helper: {error}"));
    stdin.write_all(line.as_bytes()).await.map_err(lost)?;
    let (socket_dir, adopted) = loop {
        let Ok(line) = tokio::time::timeout(STILL_STARTING, lines.next_line()).await else {
            warn!("the embedded PostgreSQL is still starting; after a crash it first repeats its log");
            continue;
        };
        match line.map_err(lost)?.as_deref().map(serde_json::from_str) {
            Some(Ok(Event::Ready { socket_dir, adopted })) => break (socket_dir, adopted),
            Some(Ok(Event::InUse { pid })) => {
                return Err(EmbeddedError::InUse { state_dir: state.path().to_path_buf(), pid });
            }
            Some(Ok(Event::Failed { message })) => return Err(EmbeddedError::Server(message)),
            Some(Ok(Event::Died | Event::Restarted)) => {}
            Some(Err(_)) => {
                let message = "the program started as helper does not speak as one; does its main begin with \
                               run_helper_if_asked()?";
                return Err(EmbeddedError::Server(message.to_owned()));
            }
            None => {
                return Err(EmbeddedError::Server("the helper ended without a word".to_owned()));
            }
        }
    };
    let cluster = state.cluster()?.ok_or_else(|| EmbeddedError::Server("the cluster is gone".to_owned()))?;
    let mut server = connect(&url(state, &socket_dir, "postgres")?).await?;
    check_identity(&mut server, state, &cluster).await?;
    stdin.write_all(format!("{CONFIRMED}\n").as_bytes()).await.map_err(lost)?;
    for (name, wanted) in REQUIRED {
        let value = current_setting(&mut server, name).await?;
        if value != wanted {
            return Err(EmbeddedError::Unsafe { name, value, wanted: wanted.to_owned() });
        }
    }
    make_database(&mut server, &plan.database).await?;
    drop(server.close().await);
    info!(adopted, "embedded PostgreSQL {} is ready in {}", plan.programs.major(), state.path().display());
    Ok((url(state, &socket_dir, &plan.database)?, adopted))
}

fn spawn(helper: &Helper, state: &StateDir, account: Option<&Account>) -> Result<Child> {
    let (program, _open) = program_of(helper)?;
    let mut command = Command::new(&program);
    command
        .arg(HELPER_ARGUMENT)
        .arg(state.path()) // for people who read the list of processes
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .env_clear() // the server needs no AWS credentials, and PG* variables would mislead its tools
        .env("HOME", state.path())
        .env("LANG", "C");
    for name in ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "XDG_RUNTIME_DIR", "TMPDIR"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    if let Some(account) = account {
        // Those directories are root's.
        command.uid(account.uid).gid(account.gid).env_remove("XDG_RUNTIME_DIR").env_remove("TMPDIR");
    }
    command.spawn().map_err(EmbeddedError::io("start the helper", &program))
}

/// What to execute, and what must stay open until then.
///
/// On Linux through an open file: the server's account may not be able to enter the directory the program
/// is in, such as root's home.
fn program_of(helper: &Helper) -> Result<(PathBuf, Option<std::fs::File>)> {
    match helper {
        Helper::SelfExe if cfg!(target_os = "linux") => Ok((PathBuf::from("/proc/self/exe"), None)),
        Helper::SelfExe => std::env::current_exe()
            .map(|program| (program, None))
            .map_err(EmbeddedError::io("find the program of", Path::new("this process"))),
        Helper::Program(program) if cfg!(target_os = "linux") => {
            use std::os::fd::AsRawFd;
            let file = std::fs::File::open(program).map_err(EmbeddedError::io("open", program))?;
            Ok((PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd())), Some(file)))
        }
        Helper::Program(program) => Ok((program.clone(), None)),
    }
}

/// Logs what the helper says until it ends; gives its last complaint.
async fn follow(mut lines: Lines<BufReader<ChildStdout>>, alive: watch::Sender<bool>) -> Option<String> {
    let mut complaint = None;
    while let Ok(Some(line)) = lines.next_line().await {
        match serde_json::from_str(&line) {
            Ok(Event::Died) => warn!("the embedded PostgreSQL ended unexpectedly, restarting it"),
            Ok(Event::Restarted) => info!("the embedded PostgreSQL is up again"),
            Ok(Event::Failed { message }) => {
                warn!("the embedded PostgreSQL failed: {message}");
                complaint = Some(message);
            }
            Ok(Event::Ready { .. } | Event::InUse { .. }) | Err(_) => {}
        }
    }
    alive.send_replace(false);
    complaint
}

/// The host in front is never used but demanded by the grammar of addresses.
fn url(state: &StateDir, socket_dir: &Path, database: &str) -> Result<String> {
    let password = state.password()?;
    let socket_dir = socket_dir.to_string_lossy();
    let socket_dir = utf8_percent_encode(&socket_dir, NON_ALPHANUMERIC);
    Ok(format!(
        "postgresql://postgres:{password}@localhost:{}/{database}?host={socket_dir}",
        crate::socket::PORT
    ))
}

async fn connect(url: &str) -> Result<PgConnection> {
    tokio::time::timeout(CONNECT_TIMEOUT, PgConnection::connect(url))
        .await
        .unwrap_or_else(|_| Err(sqlx::Error::PoolTimedOut))
        .map_err(EmbeddedError::database("connect to"))
}

/// A server that answers need not be the one of this directory.
async fn check_identity(server: &mut PgConnection, state: &StateDir, cluster: &Cluster) -> Result<()> {
    let identifier: String = sqlx::query_scalar("SELECT system_identifier::text FROM pg_control_system()")
        .fetch_one(&mut *server)
        .await
        .map_err(EmbeddedError::database("identify"))?;
    let data_dir = current_setting(server, "data_directory").await?;
    let same_place = match (std::fs::canonicalize(&data_dir), std::fs::canonicalize(state.data_dir())) {
        (Ok(theirs), Ok(ours)) => theirs == ours,
        _ => false,
    };
    // pg_control_system() shows the 64 bits as a signed number.
    let ours = cluster.system_identifier.parse::<u64>().map(u64::cast_signed).map(|it| it.to_string());
    if same_place && ours.is_ok_and(|ours| ours == identifier) {
        return Ok(());
    }
    Err(EmbeddedError::Foreign {
        path: state.path().to_path_buf(),
        why: format!("the server that answers there has its data in {data_dir}"),
    })
}

async fn current_setting(server: &mut PgConnection, name: &str) -> Result<String> {
    sqlx::query_scalar("SELECT current_setting($1)")
        .bind(name)
        .fetch_one(server)
        .await
        .map_err(EmbeddedError::database("read a setting of"))
}

async fn make_database(server: &mut PgConnection, name: &str) -> Result<()> {
    let there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(name)
        .fetch_one(&mut *server)
        .await
        .map_err(EmbeddedError::database("list the databases of"))?;
    if !there {
        // Safe: `Settings::check` allows letters, digits and underscores only.
        sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE \"{name}\"")))
            .execute(server)
            .await
            .map_err(EmbeddedError::database("create the database in"))?;
    }
    Ok(())
}
