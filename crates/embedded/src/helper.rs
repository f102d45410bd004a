//! The process between the daemon and the server.
//!
//! It runs as the server's account, starts or adopts the server, and stops it when its standard input ends.
//! The daemon holds the other end of that pipe, so a clean exit and a `kill -9` of the daemon look the same.
//! Signals do nothing: the service manager and a terminal send them to everybody at once, and the daemon
//! still needs its database while it shuts down.

use crate::cluster::{self, Outcome, Postmaster, is_alive};
use crate::state::{Connection, StateDir};
use crate::wire::{CONFIRMED, Event, HELPER_ARGUMENT, Plan};
use serde::{Deserialize, Serialize};
use std::fs::{File, TryLockError};
use std::io::{BufRead, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};

/// How often a wait looks again.
const TICK: Duration = Duration::from_millis(50);
/// How often a running server is looked at.
const WATCH: Duration = Duration::from_secs(1);
/// How long another daemon's helper may hold the lock before the caller is told that it is taken.
const PATIENCE: Duration = Duration::from_secs(3);
/// The longest pause between two attempts to restart a server that died.
const MAX_BACKOFF: Duration = Duration::from_secs(30);

/// Turns this process into the helper if it was started as one, and then never returns.
///
/// Call it before anything else in `main`: a helper must not read the daemon's configuration, open its log
/// or take its locks.
pub fn run_helper_if_asked() {
    if std::env::args_os().nth(1).is_some_and(|argument| argument == HELPER_ARGUMENT) {
        std::process::exit(match serve() {
            Ok(()) => 0,
            Err(event) => {
                say(&event);
                1
            }
        });
    }
}

enum Word {
    Confirmed,
    Gone,
}

fn serve() -> Result<(), Event> {
    let failed = |message: String| Event::Failed { message };
    // The handlers stay for as long as the process lives, whoever polls them. Not `SIG_IGN`: the server
    // would inherit it.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .map_err(|error| failed(format!("failed to start: {error}")))?;
    let _context = runtime.enter();
    for kind in [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup(), SignalKind::quit()] {
        drop(signal(kind).map_err(|error| failed(format!("failed to ignore signals: {error}")))?);
    }
    nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(0o077));

    cluster::adopt_orphans();

    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| failed(format!("failed to read: {error}")))?;
    let plan: Plan =
        serde_json::from_str(&line).map_err(|error| failed(format!("no plan on stdin: {error}")))?;
    let words = listen();

    let state = StateDir::at(&plan.state_dir).map_err(|error| failed(error.to_string()))?;
    check_access(&state).map_err(failed)?;
    let Some(lock) = lock(&plan, &state, &words)? else {
        return Ok(());
    };
    cluster::make_password(&state).map_err(failed)?;
    cluster::init(&plan, &state).map_err(failed)?;
    let Some((postmaster, adopted)) = start_or_adopt(&plan, &state, &words).map_err(failed)? else {
        return Ok(());
    };
    let connection =
        Connection { socket_dir: postmaster.socket_dir.clone(), database: plan.database.clone() };
    if let Err(error) = state.write_connection(&connection) {
        if !adopted {
            cluster::stop(&plan, &state).map_err(failed)?;
        }
        return Err(failed(format!("failed to write connection.json: {error}")));
    }
    say(&Event::Ready { socket_dir: connection.socket_dir.clone(), adopted });
    let confirmed = watch(&plan, &state, &words);
    mark(&lock, &Holder { daemon_pid: plan.daemon_pid, stopping: true });
    // A server found running is stopped only if the daemon recognised it as its own.
    if adopted && !confirmed {
        return Ok(());
    }
    cluster::stop(&plan, &state).map_err(failed)?;
    if !connection.socket_dir.starts_with(state.path()) {
        drop(std::fs::remove_dir(&connection.socket_dir)); // empty now; litter in a shared directory
    }
    Ok(())
}

/// Reads standard input on a thread of its own, so that every wait can be ended by its end.
fn listen() -> Receiver<Word> {
    let (sender, words) = channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            match line {
                Ok(line) if line == CONFIRMED => drop(sender.send(Word::Confirmed)),
                Ok(_) => {}
                Err(_) => break,
            }
        }
        drop(sender.send(Word::Gone));
    });
    words
}

/// One event, one line. The daemon may be gone: then nobody needs to know.
fn say(event: &Event) {
    if let Ok(line) = serde_json::to_string(event) {
        let mut stdout = std::io::stdout().lock();
        drop(writeln!(stdout, "{line}").and_then(|()| stdout.flush()));
    }
}

/// Names the first directory on the way that the server's account cannot enter.
fn check_access(state: &StateDir) -> Outcome<()> {
    let mut way: Vec<&Path> = state.path().ancestors().collect();
    way.reverse();
    for dir in way {
        if let Err(error) = std::fs::metadata(dir.join(".")) {
            let uid = nix::unistd::geteuid().as_raw();
            return Err(format!(
                "{} cannot enter {} ({error}); choose a `database.embedded.data_dir` below a directory open to it, \
                 such as /var/lib/orgraph",
                crate::account::name_of(uid),
                dir.display()
            ));
        }
    }
    Ok(())
}

/// What the lock file says about who holds it.
#[derive(Serialize, Deserialize)]
struct Holder {
    daemon_pid: u32,
    stopping: bool,
}

/// Waits for the lock while its holder is about to let go; `None` if the daemon went away meanwhile.
fn lock(plan: &Plan, state: &StateDir, words: &Receiver<Word>) -> Result<Option<File>, Event> {
    let path = state.lock_file();
    let failed = |error: std::io::Error| Event::Failed {
        message: format!("failed to lock {}: {error}", path.display()),
    };
    let file =
        File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
    let begin = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => {
                mark(&file, &Holder { daemon_pid: plan.daemon_pid, stopping: false });
                return Ok(Some(file));
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let holder =
            std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice::<Holder>(&bytes).ok());
        // Its daemon is gone or it is shutting the server down: it will let go. Else somebody is at work.
        let leaving = holder
            .as_ref()
            .is_some_and(|holder| holder.stopping || !i32::try_from(holder.daemon_pid).is_ok_and(is_alive));
        let patience = if leaving { Duration::from_secs(plan.start_timeout_secs) } else { PATIENCE };
        if begin.elapsed() > patience {
            return Err(Event::InUse { pid: holder.map_or(0, |holder| holder.daemon_pid) });
        }
        if is_gone(words, TICK) {
            return Ok(None);
        }
    }
}

/// For people and for the next helper; a failure costs patience only, so it is not one.
fn mark(lock: &File, holder: &Holder) {
    let text = serde_json::to_vec(holder).unwrap_or_default();
    drop(lock.set_len(0).and_then(|()| lock.write_all_at(&text, 0)));
}

/// The running server and whether it was found running; `None` if the daemon went away meanwhile.
fn start_or_adopt(
    plan: &Plan,
    state: &StateDir,
    words: &Receiver<Word>,
) -> Outcome<Option<(Postmaster, bool)>> {
    let postmaster =
        || Postmaster::of(state).map_err(|error| format!("failed to read postmaster.pid: {error}"));
    let begin = Instant::now();
    // An orphan may be starting or stopping just now. A file whose process is gone is left to pg_ctl.
    while let Some(found) = postmaster()?.filter(Postmaster::lives) {
        if found.is_ready() && found.answers() {
            return Ok(Some((found, true)));
        }
        let limit = if found.is_ready() { PATIENCE } else { Duration::from_secs(plan.start_timeout_secs) };
        if begin.elapsed() > limit {
            return Err(format!(
                "{} names process {}, which is {} but does not answer; if that process is not PostgreSQL, \
                 remove the file and start again",
                state.data_dir().join("postmaster.pid").display(),
                found.pid,
                if found.status.is_empty() { "there" } else { &found.status }
            ));
        }
        if is_gone(words, TICK) {
            return Ok(None);
        }
    }
    cluster::start(plan, state)?;
    let started = postmaster()?.ok_or("the server stopped right after its start")?;
    Ok(Some((started, false)))
}

/// Waits for the daemon to go, restarting the server if it dies. Says whether the daemon confirmed it.
fn watch(plan: &Plan, state: &StateDir, words: &Receiver<Word>) -> bool {
    let mut confirmed = false;
    let mut backoff = WATCH;
    loop {
        match words.recv_timeout(WATCH) {
            Ok(Word::Confirmed) => confirmed = true,
            Ok(Word::Gone) | Err(RecvTimeoutError::Disconnected) => return confirmed,
            Err(RecvTimeoutError::Timeout) => {
                if !confirmed || Postmaster::of(state).is_ok_and(|found| found.is_some_and(|it| it.lives())) {
                    backoff = WATCH;
                    continue;
                }
                say(&Event::Died);
                match cluster::start(plan, state) {
                    Ok(()) => say(&Event::Restarted),
                    Err(message) => say(&Event::Failed { message }),
                }
                if is_gone(words, backoff) {
                    return confirmed;
                }
                backoff = (backoff * 2).min(MAX_BACKOFF);
            }
        }
    }
}

fn is_gone(words: &Receiver<Word>, wait: Duration) -> bool {
    matches!(words.recv_timeout(wait), Ok(Word::Gone) | Err(RecvTimeoutError::Disconnected))
}
