//! The state directory: what lies where, and whether it is ours.
//!
//! ```text
//! orgraph-postgres    says that the directory was made by this crate
//! data/               the cluster, with orgraph-cluster.json in it
//! data.new-*/         a cluster being made; renamed to data/ when complete
//! superuser.password  mode 0600
//! connection.json     where the running server listens
//! lock                held by the helper while it lives
//! run/                the socket
//! log/, start.log     what the server says
//! ```

use crate::account::{Account, name_of};
use crate::{EmbeddedError, Result};
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};

const MARKER: &str = "orgraph-postgres";
const MARKER_TEXT: &str = "This directory belongs to orgraph: its embedded PostgreSQL keeps the graph here.\n\
     Back it up as a whole while orgraph is stopped, or with pg_dump while it runs.\n";
const CLUSTER_FILE: &str = "orgraph-cluster.json";

/// `pg_ctl` passes paths through a shell inside double quotes, where these keep a meaning.
const FORBIDDEN: [char; 6] = ['"', '$', '`', '\\', '\n', '\0'];

/// An absolute, usable path of a state directory, which need not exist.
#[derive(Debug, Clone)]
pub(crate) struct StateDir {
    path: PathBuf,
}

/// Which cluster is ours; written into the data directory when it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cluster {
    /// initdb's own identity of the cluster. As text: JSON numbers lose bits.
    pub(crate) system_identifier: String,
    pub(crate) major: u32,
}

/// Where the server of this state directory listens, for other processes.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Connection {
    pub(crate) socket_dir: PathBuf,
    pub(crate) database: String,
}

impl StateDir {
    pub(crate) fn at(path: &Path) -> Result<Self> {
        let refused = |why: &str| EmbeddedError::Settings {
            what: format!("state directory {}", path.display()),
            why: why.to_owned(),
        };
        let absolute = std::path::absolute(path).map_err(EmbeddedError::io("resolve", path))?;
        let text = absolute.to_str().ok_or_else(|| refused("it is not UTF-8"))?;
        if text.contains(FORBIDDEN) {
            return Err(refused("PostgreSQL's own tools cannot take \", $, `, \\ or a line end in a path"));
        }
        Ok(Self { path: absolute })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.path.join("data")
    }

    pub(crate) fn run_dir(&self) -> PathBuf {
        self.path.join("run")
    }

    pub(crate) fn log_dir(&self) -> PathBuf {
        self.path.join("log")
    }

    pub(crate) fn start_log(&self) -> PathBuf {
        self.path.join("start.log")
    }

    pub(crate) fn lock_file(&self) -> PathBuf {
        self.path.join("lock")
    }

    pub(crate) fn password_file(&self) -> PathBuf {
        self.path.join("superuser.password")
    }

    fn connection_file(&self) -> PathBuf {
        self.path.join("connection.json")
    }

    /// Makes the directory if it is missing and decides whose it is. Refuses everything that is not ours,
    /// and changes nothing before that is known.
    pub(crate) fn claim(&self) -> Result<(Option<Cluster>, Option<Account>)> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(self.path.parent().unwrap_or(Path::new("/")))
            .map_err(EmbeddedError::io("create the parent of", &self.path))?;
        match std::fs::DirBuilder::new().mode(0o700).create(&self.path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => self.check_marker()?,
            Err(error) => return Err(EmbeddedError::io("create", &self.path)(error)),
        }
        let cluster = self.cluster()?;
        let checked = if cluster.is_some() { self.data_dir() } else { self.path.clone() };
        let owner = std::fs::metadata(&checked).map_err(EmbeddedError::io("look at", &checked))?.uid();
        let account = if cluster.is_some() || !nix::unistd::geteuid().is_root() {
            Account::for_data_of(owner).map_err(|wanted| EmbeddedError::Owner {
                path: checked,
                owner: name_of(owner),
                wanted: wanted.0,
            })?
        } else {
            Account::for_new_server()?
        };
        self.write_marker().map_err(EmbeddedError::io("write the marker in", &self.path))?;
        if let Some(account) = &account {
            chown(&self.path, Some(account.uid), Some(account.gid))
                .map_err(EmbeddedError::io("give to the server's account", &self.path))?;
        }
        Ok((cluster, account))
    }

    fn write_marker(&self) -> io::Result<()> {
        // `create_new` follows no link: as root, nothing the server's account put there may lead elsewhere.
        match std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o644)
            .open(self.path.join(MARKER))
        {
            Ok(mut file) => file.write_all(MARKER_TEXT.as_bytes()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn check_marker(&self) -> Result<()> {
        let foreign = |why: &str| EmbeddedError::Foreign { path: self.path.clone(), why: why.to_owned() };
        let mut entries = std::fs::read_dir(&self.path).map_err(EmbeddedError::io("read", &self.path))?;
        if self.path.join(MARKER).exists() {
            return Ok(());
        }
        if self.path.join("PG_VERSION").exists() {
            return Err(foreign("it is the data directory of another PostgreSQL server"));
        }
        if entries.next().is_some() {
            return Err(foreign("it is not empty"));
        }
        Ok(())
    }

    /// The cluster in the directory: `None` if there is none yet, an error if it is not ours.
    pub(crate) fn cluster(&self) -> Result<Option<Cluster>> {
        let data_dir = self.data_dir();
        if !data_dir.try_exists().map_err(EmbeddedError::io("look at", &data_dir))? {
            return Ok(None);
        }
        let foreign = |why: String| EmbeddedError::Foreign { path: data_dir.clone(), why };
        let cluster_file = data_dir.join(CLUSTER_FILE);
        let text = match std::fs::read_to_string(&cluster_file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(foreign(format!("it has no {CLUSTER_FILE}")));
            }
            Err(error) => return Err(EmbeddedError::io("read", &cluster_file)(error)),
        };
        let recorded: Cluster = serde_json::from_str(&text)
            .map_err(|error| foreign(format!("{CLUSTER_FILE} is damaged: {error}")))?;
        let found = Cluster::of(&data_dir)?;
        if found != recorded {
            return Err(foreign(format!(
                "its cluster is {} of PostgreSQL {}, the one made here was {} of PostgreSQL {}",
                found.system_identifier, found.major, recorded.system_identifier, recorded.major
            )));
        }
        Ok(Some(recorded))
    }

    pub(crate) fn password(&self) -> Result<String> {
        let file = self.password_file();
        std::fs::read_to_string(&file)
            .map(|text| text.trim_end().to_owned())
            .map_err(EmbeddedError::io("read the superuser's password from", &file))
    }

    pub(crate) fn connection(&self) -> Result<Option<Connection>> {
        let file = self.connection_file();
        match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|error| EmbeddedError::io("understand", &file)(error.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(EmbeddedError::io("read", &file)(error)),
        }
    }

    /// Replaced in one step: another process may be reading it.
    pub(crate) fn write_connection(&self, connection: &Connection) -> io::Result<()> {
        let draft = self.path.join("connection.json.new");
        std::fs::write(&draft, serde_json::to_vec(connection)?)?;
        std::fs::rename(draft, self.connection_file())
    }
}

impl Cluster {
    /// Reads the identity from the files of a cluster, which also works while no server runs.
    pub(crate) fn of(data_dir: &Path) -> Result<Self> {
        let control_file = data_dir.join("global/pg_control");
        let version_file = data_dir.join("PG_VERSION");
        // The first eight bytes in every version since 8: `uint64 system_identifier` of ControlFileData.
        let mut identifier = [0; 8];
        std::fs::File::open(&control_file)
            .and_then(|mut file| file.read_exact(&mut identifier))
            .map_err(EmbeddedError::io("read", &control_file))?;
        let version =
            std::fs::read_to_string(&version_file).map_err(EmbeddedError::io("read", &version_file))?;
        let major = version.trim().parse().map_err(|_| EmbeddedError::Foreign {
            path: version_file,
            why: format!("it says {:?}, which is no version", version.trim()),
        })?;
        Ok(Self { system_identifier: u64::from_ne_bytes(identifier).to_string(), major })
    }

    /// Writes the identity into a new cluster, so that it is known as ours.
    pub(crate) fn record(&self, data_dir: &Path) -> io::Result<()> {
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(data_dir.join(CLUSTER_FILE))?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_all()
    }
}
