//! A sample organization behind the AWS stand-in, a database of its own, and the real `orgraph` binary.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;

use orgraph_store::{ConnectSettings, Store};
use orgraph_testkit::{Aws, TestDb};
use serde_json::Value;
use sqlx::PgPool;
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// An organization that can be read.
pub(crate) struct World {
    pub(crate) aws: Aws,
    pub(crate) seed: Value,
    pub(crate) db: TestDb,
    folder: TempDir,
}

/// What one `orgraph` command said.
pub(crate) struct Said {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    /// # Panics
    /// With everything that was said, when the exit code is another one.
    pub(crate) fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.status.code(), Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

impl World {
    /// Seeds a scenario of `tests/aws/seed.py`.
    pub(crate) async fn seeded(arguments: &[&str]) -> Self {
        let (aws, db) = tokio::join!(orgraph_testkit::aws(), orgraph_testkit::db());
        let seed = aws.seed(arguments).await;
        let world = Self { aws, seed, db, folder: TempDir::new().unwrap() };
        world.configure("");
        world
    }

    /// Two accounts and the management account in one region.
    pub(crate) async fn small() -> Self {
        Self::seeded(&["--scenario", "small"]).await
    }

    /// Writes the configuration file; `more` is added to it.
    pub(crate) fn configure(&self, more: &str) {
        let config = format!(
            r#"
[database]
url = "{url}"

[organization]
member_role_name = "{role}"
external_id = "{external_id}"

[aws]
endpoint_url = "{endpoint}"

[limits]
requests_per_second = 1000.0
attempt_timeout = "5s"
operation_timeout = "20s"

[guard]
confirm_after = "0s"

[http]
listen = "127.0.0.1:0"
{more}
"#,
            url = self.db.url(),
            role = text(&self.seed["role_name"]),
            external_id = text(&self.seed["external_id"]),
            endpoint = self.aws.endpoint(),
        );
        std::fs::write(self.config(), config).unwrap();
    }

    /// Writes a file beside the configuration.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).unwrap();
        }
        std::fs::write(&file, text).unwrap();
        file
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join("orgraph.toml")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let caller = &self.seed["caller"];
        let mut command = Command::new(program());
        command
            .arg("--config")
            .arg(self.config())
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("AWS_ACCESS_KEY_ID", text(&caller["access_key_id"]))
            .env("AWS_SECRET_ACCESS_KEY", text(&caller["secret_access_key"]))
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Runs one command to its end.
    pub(crate) async fn orgraph(&self, arguments: &[&str]) -> Said {
        self.orgraph_with(arguments, &[]).await
    }

    /// The same with more environment.
    pub(crate) async fn orgraph_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Said {
        let mut command = self.command(arguments);
        command.envs(environment.iter().copied());
        let running = tokio::time::timeout(Duration::from_mins(10), command.output());
        let Output { status, stdout, stderr } = running.await.expect("orgraph ends in ten minutes").unwrap();
        Said {
            status,
            stdout: String::from_utf8_lossy(&stdout).into_owned(),
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
        }
    }

    /// Runs a line of shell, in which `orgraph` is the binary and the configuration is that of this world.
    pub(crate) async fn shell(&self, line: &str) -> Said {
        let program = program();
        let folder = program.parent().expect("a folder").display().to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new("sh");
        command
            .args(["-c", line])
            .current_dir(self.folder.path())
            .env("PATH", format!("{folder}:{path}"))
            .env("ORGRAPH_CONFIG", self.config())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let running = tokio::time::timeout(Duration::from_mins(5), command.output());
        let Output { status, stdout, stderr } = running.await.expect("it ends in five minutes").unwrap();
        Said {
            status,
            stdout: String::from_utf8_lossy(&stdout).into_owned(),
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
        }
    }

    /// Starts a command and leaves it running; its standard error goes to `log`.
    pub(crate) fn start(&self, arguments: &[&str], log: &str) -> Child {
        let log = std::fs::File::create(self.folder.path().join(log)).unwrap();
        self.command(arguments).stdout(Stdio::null()).stderr(log).spawn().unwrap()
    }

    pub(crate) fn log(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    pub(crate) fn pool(&self) -> PgPool {
        self.db.pool()
    }

    /// A partition is old or new, never mixed: what is stored is what its digest says.
    pub(crate) async fn assert_no_mixed_partition(&self) {
        let store = Store::connect(self.db.url(), &ConnectSettings::default()).await.unwrap();
        let wrong = store.wrong_digests().await.unwrap();
        assert!(wrong.is_empty(), "rows are not what the digests say: {wrong:?}");
        store.close().await;
    }

    /// The ID of a member by its name in the sample organization.
    pub(crate) fn member(&self, name: &str) -> String {
        let members = self.seed["members"].as_array().unwrap();
        let member =
            members.iter().find(|it| it["name"] == name).unwrap_or_else(|| panic!("no member {name}"));
        text(&member["id"]).to_owned()
    }
}

/// Asks a daemon to stop and waits until it has, in order.
pub(crate) async fn stop(daemon: &mut Child) {
    let pid = daemon.id().expect("it runs").to_string();
    let asked = std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap();
    assert!(asked.success());
    let status = tokio::time::timeout(Duration::from_secs(30), daemon.wait())
        .await
        .expect("it stops in time")
        .unwrap();
    assert!(status.success(), "{status}");
}

/// The binary that was built with these tests.
fn program() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let folder = tests.parent().and_then(Path::parent).expect("target/debug/deps");
    let program = folder.join("orgraph");
    assert!(
        program.exists(),
        "{} is missing: build it with `cargo build -p orgraph-daemon`",
        program.display()
    );
    program
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not text"))
}

/// The keys of all live entities by type, without those that something else only names.
pub(crate) async fn keys(pool: &PgPool) -> BTreeMap<String, Vec<String>> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT _type, _key FROM orgraph.entity WHERE _source <> 'system-mapper' ORDER BY _type, _key",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let mut keys: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (entity_type, key) in rows {
        keys.entry(entity_type).or_default().push(key);
    }
    keys
}

/// One number.
pub(crate) async fn number(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// A dump of the graph without times, to compare two states of it.
pub(crate) async fn dump(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT concat_ws(' ', 'E', _type, _key, account_id, region, name, properties::text, tags::text) FROM orgraph.entity
         UNION ALL
         SELECT concat_ws(' ', 'R', _type, _key, properties::text) FROM orgraph.relationship
         ORDER BY 1",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

/// # Panics
/// With what is missing and what is new, when the graph is not the one of before.
pub(crate) async fn assert_unchanged(pool: &PgPool, before: &[String], because: &str) {
    let after = dump(pool).await;
    let missing: Vec<_> = before.iter().filter(|it| !after.contains(it)).collect();
    let new: Vec<_> = after.iter().filter(|it| !before.contains(it)).collect();
    assert!(missing.is_empty() && new.is_empty(), "{because}\nmissing: {missing:#?}\nnew: {new:#?}");
}
