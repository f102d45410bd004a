//! One PostgreSQL server for all test processes of an account of this machine.
//!
//! Test runners start one process per binary or even per test, side by side and one after the other, and
//! nobody is there for the whole run. So the first process starts the server, the others find it under a file
//! lock, and a small shell script stops and deletes it when no test process is left.

use crate::tail;
use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::kill;
use nix::unistd::{Pid, geteuid};
use orgraph_embedded::{Account, Programs};
use std::fs::{File, Permissions};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tokio::sync::OnceCell;

/// Names the server to use instead of a private one; a superuser's address, for instance of a CI service.
const OVERRIDE: &str = "ORGRAPH_TEST_DATABASE_URL";

/// Longer than the pause between two test binaries, for which cargo may have to link.
const GRACE_SECS: u32 = 60;

static SERVER: OnceCell<String> = OnceCell::const_new();

/// The address of the server's maintenance database.
pub(crate) async fn server_url() -> Result<&'static str> {
    SERVER
        .get_or_try_init(async || match std::env::var(OVERRIDE) {
            Ok(url) => Ok(url),
            Err(_) => {
                tokio::task::spawn_blocking(|| Shared::of_this_account()?.join(std::process::id())).await?
            }
        })
        .await
        .map(String::as_str)
        .context("tests need a PostgreSQL server")
}

/// Where the test processes of one account meet.
struct Shared {
    root: PathBuf,
    grace_secs: u32,
}

impl Shared {
    fn of_this_account() -> Result<Self> {
        let uid = geteuid();
        // Not the temporary directory of the environment: on macOS a socket's path would not fit.
        let root = PathBuf::from(format!("/tmp/orgraph-test-pg-{uid}"));
        match std::fs::create_dir(&root) {
            // Open for passing through: as root, the server runs as another account.
            Ok(()) => std::fs::set_permissions(&root, Permissions::from_mode(0o755))?,
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                let found = std::fs::symlink_metadata(&root)?;
                ensure!(
                    found.is_dir() && found.uid() == uid.as_raw() && found.mode() & 0o022 == 0,
                    "{} is not a directory that only this account can write to; remove it",
                    root.display()
                );
            }
            Err(error) => return Err(error).with_context(|| format!("failed to create {}", root.display())),
        }
        Ok(Self { root, grace_secs: GRACE_SECS })
    }

    /// The address of the server, started if none runs. It stays while the process `client` lives.
    fn join(&self, client: u32) -> Result<String> {
        let lock = File::create(self.root.join("lock"))?;
        lock.lock().context("failed to wait for the lock of the test server")?;
        let current = self.root.join("current");
        if let Ok(name) = std::fs::read_to_string(&current) {
            let instance = Instance { dir: self.root.join(name) };
            if let Some(url) = instance.join(client) {
                return Ok(url);
            }
        }
        self.remove_unwatched()?;
        let name = format!("pg-{}", &uuid::Uuid::new_v4().simple().to_string()[..8]);
        let instance = Instance { dir: self.root.join(&name) };
        let url = instance.start(client, self.grace_secs)?;
        std::fs::write(current, name)?;
        Ok(url)
    }

    /// Removes what a reboot left behind. Should a server still live in there, it ends on its own when its
    /// files are gone.
    fn remove_unwatched(&self) -> Result<()> {
        for entry in std::fs::read_dir(&self.root)? {
            let instance = Instance { dir: entry?.path() };
            if instance.dir.is_dir() && !instance.is_watched() {
                // The watcher may be doing the same just now.
                drop(std::fs::remove_dir_all(&instance.dir));
            }
        }
        Ok(())
    }
}

/// One server and its files: `server/` belongs to the server's account, the rest to the tests.
struct Instance {
    dir: PathBuf,
}

impl Instance {
    /// Registers the client and gives the address if the server is there to stay.
    fn join(&self, client: u32) -> Option<String> {
        // The order matters, see watch.sh.
        let registration = self.dir.join("clients").join(client.to_string());
        std::fs::write(&registration, "").ok()?;
        let is_ready = self.dir.join("ready").exists()
            && self.is_watched()
            && UnixStream::connect(self.run_dir().join(".s.PGSQL.5432")).is_ok();
        if is_ready {
            return Some(self.url());
        }
        drop(std::fs::remove_file(registration));
        None
    }

    fn start(&self, client: u32, grace_secs: u32) -> Result<String> {
        let programs = Programs::find(None)?;
        let account = Account::for_new_server()?;
        let server = self.dir.join("server");
        std::fs::create_dir_all(self.dir.join("clients"))?;
        std::fs::create_dir(&server)?;
        for dir in [self.dir.as_path(), &server] {
            std::fs::set_permissions(dir, Permissions::from_mode(0o755))?;
        }
        if let Some(account) = &account {
            chown(&server, Some(account.uid), Some(account.gid))?;
        }
        let started = self.start_server(&programs, account.as_ref());
        if let Err(error) = started {
            let log = tail(&self.log());
            drop(std::fs::remove_dir_all(&self.dir));
            return Err(error.context(log));
        }
        std::fs::write(self.dir.join("clients").join(client.to_string()), "")?;
        std::fs::write(self.dir.join("ready"), "")?;
        self.start_watcher(grace_secs)?;
        Ok(self.url())
    }

    fn start_server(&self, programs: &Programs, account: Option<&Account>) -> Result<()> {
        let command = |program: &str| {
            let mut command = Command::new(programs.path(program));
            command
                .env_clear()
                .env("PATH", std::env::var_os("PATH").unwrap_or_default())
                .env("LANG", "C")
                .current_dir("/")
                .stdin(Stdio::null())
                .arg("--pgdata")
                .arg(self.dir.join("server/data"));
            if let Some(account) = account {
                command.uid(account.uid).gid(account.gid);
            }
            command
        };
        // Encoding and order of text as in the embedded server, so that tests sort as the product does.
        let ctype = if cfg!(target_os = "macos") { "UTF-8" } else { "C.UTF-8" };
        run(command("initdb").args([
            "--username=postgres",
            "--auth=trust", // the socket's directory keeps others out
            "--encoding=UTF8",
            "--locale=C",
            &format!("--lc-ctype={ctype}"),
            "--no-sync",
        ]))?;
        let run_dir = self.run_dir();
        std::fs::DirBuilder::new().mode(0o700).create(&run_dir)?;
        if let Some(account) = account {
            chown(&run_dir, Some(account.uid), Some(account.gid))?;
        }
        // Nothing here outlives the run: no waiting for disks, no protection against power cuts.
        let options = [
            "fsync=off",
            "full_page_writes=off",
            "jit=off",
            "listen_addresses=",
            "max_connections=200",
            "max_wal_size=1GB",
            "random_page_cost=1.1",
            "shared_buffers=128MB",
            "timezone=UTC",
            &format!("unix_socket_directories={}", run_dir.display()),
        ]
        .map(|option| format!("-c {option}"))
        .join(" ");
        run(command("pg_ctl")
            .args(["start", "--silent", "--wait", "--timeout=120", "--log"])
            .arg(self.log())
            .args(["--options", &options]))
    }

    fn start_watcher(&self, grace_secs: u32) -> Result<()> {
        let watcher = Command::new("sh")
            .args(["-c", include_str!("watch.sh"), "orgraph-test-watch"])
            .arg(&self.dir)
            .arg(grace_secs.to_string())
            .current_dir("/")
            .process_group(0) // an interrupt of the tests is not meant for it
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("failed to start the watcher of the test server")?;
        Ok(std::fs::write(self.dir.join("watcher"), watcher.id().to_string())?)
    }

    fn is_watched(&self) -> bool {
        std::fs::read_to_string(self.dir.join("watcher"))
            .ok()
            .and_then(|pid| pid.parse().ok())
            .is_some_and(|pid| kill(Pid::from_raw(pid), None).is_ok())
    }

    fn run_dir(&self) -> PathBuf {
        self.dir.join("server/run")
    }

    fn log(&self) -> PathBuf {
        self.dir.join("server/log")
    }

    fn url(&self) -> String {
        let run_dir = self.run_dir().display().to_string().replace('/', "%2F");
        format!("postgresql://postgres@localhost:5432/postgres?host={run_dir}")
    }
}

fn run(command: &mut Command) -> Result<()> {
    let program = Path::new(command.get_program()).display().to_string();
    let out = command.output().with_context(|| format!("failed to run {program}"))?;
    if !out.status.success() {
        let said = [out.stdout, out.stderr].concat();
        bail!("{program} ended with {}: {}", out.status, String::from_utf8_lossy(&said).trim());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eventually;

    /// A process that stands for a test process; it lives until its input ends.
    fn client() -> std::process::Child {
        Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap()
    }

    #[tokio::test]
    async fn processes_share_a_server_that_goes_with_the_last_of_them() {
        let root = tempfile::Builder::new()
            .prefix("orgraph-testkit-")
            .permissions(Permissions::from_mode(0o755))
            .tempdir_in("/tmp")
            .unwrap();
        let shared = Shared { root: root.path().to_path_buf(), grace_secs: 1 };
        let (mut one, mut other) = (client(), client());

        let url = shared.join(one.id()).unwrap();
        assert_eq!(shared.join(other.id()).unwrap(), url);
        let dir = root.path().join(std::fs::read_to_string(root.path().join("current")).unwrap());
        let pid_file = std::fs::read_to_string(dir.join("server/data/postmaster.pid")).unwrap();
        let server = Pid::from_raw(pid_file.lines().next().unwrap().parse().unwrap());

        one.kill().unwrap();
        one.wait().unwrap();
        // The watcher has seen that one is gone, and lets the server live for the other.
        eventually("the dead client is struck off", async || {
            !dir.join("clients").join(one.id().to_string()).exists()
        })
        .await;
        assert!(kill(server, None).is_ok() && dir.join("ready").exists());

        other.kill().unwrap();
        other.wait().unwrap();
        eventually("the server and its files are gone", async || {
            kill(server, None).is_err() && !dir.exists()
        })
        .await;

        let mut third = client();
        assert_ne!(shared.join(third.id()).unwrap(), url);
        let dir = root.path().join(std::fs::read_to_string(root.path().join("current")).unwrap());
        third.kill().unwrap();
        third.wait().unwrap();
        eventually("nothing is left", async || !dir.exists()).await;
    }
}
