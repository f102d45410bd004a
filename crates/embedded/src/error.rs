use crate::programs::MIN_MAJOR;
use std::path::{Path, PathBuf};

/// Why there is no private PostgreSQL. Messages are complete: they say what to do, and hold no secret.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// No server programs on this machine.
    #[error(
        "no PostgreSQL server programs (initdb, pg_ctl and postgres, version {MIN_MAJOR} or newer) found; do one of these:\n  \
         1. install PostgreSQL: `apt install postgresql` (Debian, Ubuntu) or `brew install postgresql@17` (macOS)\n  \
         2. use a server you already have: set `database.url`\n  \
         3. say where the programs are: set `database.embedded.bin_dir`"
    )]
    NoPrograms,

    /// `bin_dir` was given but does not hold usable programs.
    #[error("database.embedded.bin_dir {} cannot be used: {why}", bin_dir.display())]
    BinDir {
        /// The directory as configured.
        bin_dir: PathBuf,
        /// What is wrong with it.
        why: String,
    },

    /// The data was written by a major version whose programs are not here.
    #[error(
        "the data in {} was written by PostgreSQL {needed}, but {found}; install PostgreSQL {needed}, \
         or name its programs in `database.embedded.bin_dir`, or move the data with pg_dump or pg_upgrade",
        data_dir.display()
    )]
    Major {
        /// The cluster.
        data_dir: PathBuf,
        /// The major version that can read it.
        needed: u32,
        /// What was found instead, as half a sentence.
        found: String,
    },

    /// The directory holds something this program did not make. Nothing in it was touched.
    #[error(
        "{} was not made by orgraph: {why}; choose an empty `database.embedded.data_dir`, \
         or set `database.url` to use an existing server",
        path.display()
    )]
    Foreign {
        /// The file or directory that is not ours.
        path: PathBuf,
        /// How that shows.
        why: String,
    },

    /// The data belongs to another account of this machine.
    #[error(
        "{} belongs to {owner}, but the server would run as {wanted}; start orgraph as {owner}, \
         or give the directory away with `chown -R`",
        path.display()
    )]
    Owner {
        /// The file or directory.
        path: PathBuf,
        /// Who owns it.
        owner: String,
        /// Who would have to own it.
        wanted: String,
    },

    /// Started as root, and no account is there that PostgreSQL could run as.
    #[error(
        "PostgreSQL refuses to run as root and none of the accounts orgraph, postgres or nobody exists; \
         create one with `useradd --system orgraph`, or start orgraph as an ordinary user"
    )]
    NoAccount,

    /// Another process serves this state directory.
    #[error(
        "the embedded database in {} is in use by process {pid}; `orgraph db url` gives its address",
        state_dir.display()
    )]
    InUse {
        /// The state directory.
        state_dir: PathBuf,
        /// The process that uses it.
        pid: u32,
    },

    /// A setting of the caller cannot work.
    #[error("the embedded database cannot use {what}: {why}")]
    Settings {
        /// Which setting, with its value.
        what: String,
        /// Why not.
        why: String,
    },

    /// The server runs, but not with a setting that data safety or privacy depends on.
    #[error(
        "the embedded PostgreSQL runs with {name} = {value:?} where {wanted:?} is required; refusing to use it"
    )]
    Unsafe {
        /// Name of the server setting.
        name: &'static str,
        /// What the server says.
        value: String,
        /// What it must say.
        wanted: String,
    },

    /// A file operation failed.
    #[error("failed to {what} {}", path.display())]
    Io {
        /// What was attempted.
        what: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },

    /// The server was reached but a statement failed.
    #[error("failed to {what} the embedded PostgreSQL")]
    Database {
        /// What was attempted.
        what: &'static str,
        /// Why it failed.
        source: sqlx::Error,
    },

    /// The helper process could not start the server, or could not stop it.
    #[error("the embedded PostgreSQL failed: {0}")]
    Server(String),
}

impl EmbeddedError {
    pub(crate) fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { what, path, source }
    }

    pub(crate) fn database(what: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Database { what, source }
    }
}
