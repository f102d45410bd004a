//! The AWS stand-in as a process of one test, and the scripts that fill it and count what is in it.

use crate::{http, repository, tail};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

const KNOBS: &str = "/orgraph-knobs";

/// moto takes seconds to import, more when all cores are busy with other tests.
const START_TIMEOUT: Duration = Duration::from_mins(3);

/// A running stand-in; it ends with this value, and also when the test process is killed.
#[derive(Debug)]
pub struct Aws {
    endpoint: String,
    server: Child,
    // Its end ends the server.
    _stdin: ChildStdin,
    // Kept open: the server may still print.
    _stdout: BufReader<ChildStdout>,
    dir: TempDir,
}

/// Starts an empty stand-in on a free port and waits until it answers.
///
/// # Panics
///
/// If Python or moto is missing: a test that cannot run has not passed.
pub async fn aws() -> Aws {
    Aws::start().await.unwrap_or_else(|error| {
        panic!(
            "failed to start the AWS stand-in: {error:#}\nIts Python packages are installed by `make setup`."
        )
    })
}

impl Aws {
    /// Where it listens, such as `http://127.0.0.1:5555`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Sets knobs (see `tests/aws/standin/knobs.py`) and gives the report after that.
    pub async fn knobs(&self, settings: &Value) -> Value {
        self.ask(Some(settings)).await
    }

    /// The knobs and the calls counted so far, also by account and region.
    pub async fn report(&self) -> Value {
        self.ask(None).await
    }

    /// How often each operation was called since the last `{"reset": true}`, such as `ec2:DescribeVpcs`.
    pub async fn call_counts(&self) -> BTreeMap<String, u64> {
        let report = self.report().await;
        serde_json::from_value(report["calls"].clone())
            .unwrap_or_else(|error| panic!("the stand-in reports no calls: {error}"))
    }

    /// Builds the sample organization with `tests/aws/seed.py`, for instance `&["--scenario", "small"]`.
    /// Gives what was built.
    pub async fn seed(&self, arguments: &[&str]) -> Value {
        let seed = self.script("seed.py", arguments).await;
        std::fs::write(self.seed_file(), seed.to_string())
            .unwrap_or_else(|error| panic!("failed to keep what was seeded: {error}"));
        seed
    }

    /// Counts what is in the organization, independently of the product, with `tests/aws/inventory.py`.
    ///
    /// # Panics
    ///
    /// If nothing was seeded.
    pub async fn inventory(&self) -> Value {
        let seed_file = self.seed_file();
        assert!(seed_file.exists(), "seed the stand-in before taking its inventory");
        self.script("inventory.py", &["--seed-json", &seed_file.display().to_string()]).await
    }

    /// Changes one thing with `tests/aws/mutate.py`, for instance
    /// `&["delete-bucket", "--account", id, "--name", name]`. Gives what was changed.
    pub async fn mutate(&self, arguments: &[&str]) -> Value {
        self.script("mutate.py", arguments).await
    }

    /// What it wrote to standard error so far.
    pub fn log(&self) -> String {
        tail(&self.dir.path().join("stand-in.log"))
    }

    /// Ends it now, in the middle of whatever it is doing.
    pub async fn kill(&mut self) {
        self.server.kill().await.unwrap_or_else(|error| panic!("failed to kill the stand-in: {error}"));
    }

    async fn start() -> Result<Self> {
        let dir = tempfile::Builder::new().prefix("orgraph-aws-").tempdir()?;
        let log = dir.path().join("stand-in.log");
        let mut server = python("stand_in.py")
            .args(["0", "127.0.0.1"])
            .env("STAND_IN_STDIN", "1")
            .process_group(0) // an interrupt must not kill it before the test that uses it
            .kill_on_drop(true)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log)?)
            .spawn()
            .with_context(|| format!("failed to run {}", interpreter().display()))?;
        let (Some(stdin), Some(stdout)) = (server.stdin.take(), server.stdout.take()) else {
            bail!("it has no pipes");
        };
        let mut stdout = BufReader::new(stdout);
        let mut line = String::new();
        tokio::time::timeout(START_TIMEOUT, stdout.read_line(&mut line))
            .await
            .with_context(|| format!("it said nothing within {START_TIMEOUT:?}; {}", tail(&log)))??;
        let Some(endpoint) = line.split_whitespace().last().filter(|word| word.starts_with("http://")) else {
            drop(server.wait().await);
            bail!("{} did not say where it listens, but: {line}{}", interpreter().display(), tail(&log));
        };
        let endpoint = endpoint.to_owned();
        let aws = Self { endpoint, server, _stdin: stdin, _stdout: stdout, dir };
        http::json(aws.authority(), KNOBS, None).await?;
        Ok(aws)
    }

    async fn ask(&self, body: Option<&Value>) -> Value {
        http::json(self.authority(), KNOBS, body).await.unwrap_or_else(|error| {
            panic!("the AWS stand-in did not take its knobs: {error:#}\n{}", self.log())
        })
    }

    async fn script(&self, name: &str, arguments: &[&str]) -> Value {
        let out = python(name)
            .args(["--endpoint", &self.endpoint])
            .args(arguments)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .unwrap_or_else(|error| panic!("failed to run {name}: {error}"));
        let complaint = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success(), "{name} {arguments:?} ended with {}: {complaint}", out.status);
        serde_json::from_slice(&out.stdout)
            .unwrap_or_else(|error| panic!("{name} {arguments:?} printed no JSON ({error}): {complaint}"))
    }

    fn authority(&self) -> &str {
        self.endpoint.trim_start_matches("http://")
    }

    fn seed_file(&self) -> PathBuf {
        self.dir.path().join("seed.json")
    }
}

/// `ORGRAPH_TEST_PYTHON`, or that of the repository's `.venv`, or the system's.
fn interpreter() -> PathBuf {
    if let Some(python) = std::env::var_os("ORGRAPH_TEST_PYTHON") {
        return python.into();
    }
    let python = repository().join(".venv/bin/python");
    if python.exists() { python } else { PathBuf::from("python3") }
}

/// A script of `tests/aws`. Nothing of the developer's own AWS set-up reaches it.
fn python(script: &str) -> Command {
    let mut command = Command::new(interpreter());
    command.arg(repository().join("tests/aws").join(script)).env("NO_PROXY", "*");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
        command.env_remove(name);
    }
    command
}
