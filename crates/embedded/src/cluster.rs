//! `initdb` and `pg_ctl`, and what `postmaster.pid` says. Blocking; runs in the helper, as the server's account.

use crate::socket::{PORT, socket_dir, socket_file};
use crate::state::{Cluster, StateDir};
use crate::wire::Plan;
use nix::sys::signal::kill;
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A sentence for the daemon's log; the helper has no caller that could act on more.
pub(crate) type Outcome<T> = Result<T, String>;

/// What a running server wrote about itself.
#[derive(Debug, Clone)]
pub(crate) struct Postmaster {
    pub(crate) pid: i32,
    pub(crate) port: u16,
    pub(crate) socket_dir: PathBuf,
    pub(crate) status: String,
}

impl Postmaster {
    /// Reads postmaster.pid: `None` if there is none, or it is still being written.
    pub(crate) fn of(state: &StateDir) -> io::Result<Option<Self>> {
        let text = match std::fs::read_to_string(state.data_dir().join("postmaster.pid")) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        // Line 1 pid, 4 port, 5 socket directory, 8 status ("starting", "ready", "stopping", "standby").
        let (Some(Ok(pid)), Some(Ok(port)), Some(dir)) =
            (lines.first().map(|pid| pid.parse()), lines.get(3).map(|port| port.parse()), lines.get(4))
        else {
            return Ok(None);
        };
        let status = lines.get(7).map_or_else(String::new, |status| (*status).to_owned());
        Ok(Some(Self { pid, port, socket_dir: PathBuf::from(dir), status }))
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.status == "ready"
    }

    /// Whether something listens on the socket: the pid alone may have been given to another process.
    pub(crate) fn answers(&self) -> bool {
        UnixStream::connect(socket_file(&self.socket_dir, self.port)).is_ok()
    }

    pub(crate) fn lives(&self) -> bool {
        // A dead server whose parent has not asked for its end still counts as a process, for us and for
        // PostgreSQL, which then refuses to start. The helper is that parent: see `adopt_orphans`.
        let _ = waitpid(Pid::from_raw(self.pid), Some(WaitPidFlag::WNOHANG));
        is_alive(self.pid)
    }
}

/// Makes this process the parent of the server, which `pg_ctl` leaves without one: process 1 would be, and in a
/// container that is often a program that never asks for the end of strangers.
pub(crate) fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    let _ = nix::sys::prctl::set_child_subreaper(true);
}

/// Whether a process with this id exists, also one of another account.
pub(crate) fn is_alive(pid: i32) -> bool {
    !matches!(kill(Pid::from_raw(pid), None), Err(nix::errno::Errno::ESRCH))
}

/// The superuser's password: made once, never changed.
pub(crate) fn make_password(state: &StateDir) -> Outcome<()> {
    let file = state.password_file();
    let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file);
    match made {
        Ok(mut file) => {
            // Two random UUIDs: 244 bits from the operating system.
            let password = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
            file.write_all(password.as_bytes()).and_then(|()| file.sync_all())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
    .map_err(|error| format!("failed to write {}: {error}", file.display()))
}

/// Makes the cluster if there is none. Built aside and renamed, so that `data` is never half a cluster.
pub(crate) fn init(plan: &Plan, state: &StateDir) -> Outcome<()> {
    let data_dir = state.data_dir();
    if data_dir.exists() {
        return Ok(());
    }
    remove_drafts(state).map_err(|error| format!("failed to clear an unfinished cluster: {error}"))?;
    let draft = state.path().join(format!("{DRAFT_PREFIX}{}", uuid::Uuid::new_v4().simple()));
    // Byte order sorts the same on every system and version; only the meaning of letters is taken from UTF-8.
    let ctype = if cfg!(target_os = "macos") { "UTF-8" } else { "C.UTF-8" };
    run(
        Command::new(plan.programs.path("initdb"))
            .arg("--pgdata")
            .arg(&draft)
            .arg("--pwfile")
            .arg(state.password_file())
            .args(["--username=postgres", "--auth-local=scram-sha-256", "--auth-host=scram-sha-256"])
            .args(["--encoding=UTF8", "--locale=C", &format!("--lc-ctype={ctype}"), "--data-checksums"]),
        "initdb",
    )?;
    Cluster::of(&draft)
        .map_err(|error| error.to_string())
        .and_then(|cluster| cluster.record(&draft).map_err(|error| error.to_string()))
        .map_err(|error| format!("failed to record the new cluster: {error}"))?;
    std::fs::rename(&draft, &data_dir)
        .and_then(|()| std::fs::File::open(state.path())?.sync_all())
        .map_err(|error| format!("failed to put the new cluster in place: {error}"))
}

const DRAFT_PREFIX: &str = "data.new-";

/// Clusters that never became `data` have never held a row.
fn remove_drafts(state: &StateDir) -> io::Result<()> {
    for entry in std::fs::read_dir(state.path())? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(DRAFT_PREFIX) {
            std::fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Starts the server and waits until it answers, through crash recovery if need be.
pub(crate) fn start(plan: &Plan, state: &StateDir) -> Outcome<()> {
    let log = state.start_log();
    let socket_dir =
        socket_dir(state).map_err(|error| format!("failed to make a socket directory: {error}"))?;
    let mut config = BTreeMap::from(
        [
            ("autovacuum", "on"),
            ("jit", "off"),
            ("log_destination", "stderr"),
            ("log_filename", "postgresql-%a.log"), // a week, then overwritten
            ("log_line_prefix", "%m [%p] %d "),
            ("log_rotation_age", "1d"),
            ("log_rotation_size", "0"),
            ("log_truncate_on_rotation", "on"),
            ("logging_collector", "on"),
            ("maintenance_work_mem", "128MB"),
            ("max_connections", "60"),
            ("max_wal_size", "2GB"),
            ("random_page_cost", "1.1"),
            ("shared_buffers", "256MB"),
            ("timezone", "UTC"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    config.insert("wal_compression".to_owned(), wal_compression(plan, state).to_owned());
    config.insert("log_directory".to_owned(), state.log_dir().display().to_string());
    config.extend(plan.config.clone());
    // Last, so that nothing above wins: what data safety and privacy rest on.
    for (name, value) in crate::server::REQUIRED {
        config.insert(name.to_owned(), value.to_owned());
    }
    config.insert("port".to_owned(), PORT.to_string());
    config.insert("unix_socket_directories".to_owned(), format!("\"{}\"", socket_dir.display()));
    config.insert("unix_socket_permissions".to_owned(), "0700".to_owned());
    let options: Vec<String> = config
        .iter()
        .map(|(name, value)| format!("-c {}", quote_for_shell(&format!("{name}={value}"))))
        .collect();

    std::fs::write(&log, "").map_err(|error| format!("failed to write {}: {error}", log.display()))?;
    run(
        pg_ctl(plan, state)
            .args(["start", "--silent", "--wait", "--timeout", &plan.start_timeout_secs.to_string(), "--log"])
            .arg(&log)
            .args(["--options", &options.join(" ")]),
        "pg_ctl start",
    )
    .map_err(|error| format!("{error}\n{} ends with:\n{}", log.display(), tail(&log)))
}

/// Stops the server: sessions are ended, everything is written out.
pub(crate) fn stop(plan: &Plan, state: &StateDir) -> Outcome<()> {
    let stopped = run(
        pg_ctl(plan, state).args([
            "stop",
            "--silent",
            "--wait",
            "--mode=fast",
            "--timeout",
            &plan.stop_timeout_secs.to_string(),
        ]),
        "pg_ctl stop",
    );
    match (stopped, Postmaster::of(state)) {
        // Whoever stopped it: it is not running, which is what was wanted.
        (Err(_), Ok(None)) => Ok(()),
        (stopped, _) => stopped,
    }
}

/// lz4 where the server was built with it: less WAL for a third of the cost of the built-in method.
fn wal_compression(plan: &Plan, state: &StateDir) -> &'static str {
    let accepted = Command::new(plan.programs.path("postgres"))
        .args(["-C", "wal_compression", "-c", "wal_compression=lz4", "-D"])
        .arg(state.data_dir())
        .stdin(Stdio::null())
        .output()
        .is_ok_and(|out| out.status.success());
    if accepted { "lz4" } else { "on" }
}

fn pg_ctl(plan: &Plan, state: &StateDir) -> Command {
    let mut command = Command::new(plan.programs.path("pg_ctl"));
    command.arg("--pgdata").arg(state.data_dir());
    command
}

fn run(command: &mut Command, what: &str) -> Outcome<()> {
    let out = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("failed to run {}: {error}", command.get_program().display()))?;
    if out.status.success() {
        return Ok(());
    }
    let said = [out.stdout, out.stderr].concat();
    Err(format!("{what} ended with {}: {}", out.status, String::from_utf8_lossy(&said).trim()))
}

fn quote_for_shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn tail(log: &std::path::Path) -> String {
    let text =
        std::fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.trim().lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}
