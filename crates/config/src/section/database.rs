use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::reference::Secret;
use crate::review::Review;
use crate::secret::{self, Ways};
use crate::tree;

/// Where the graph is kept: in a PostgreSQL server of yours (one of the three `url` options), or, when none of
/// them is set, in one that the daemon starts and looks after itself.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table such as [database]")]
pub struct Database {
    /// Address of the PostgreSQL server and database to use. It usually has a password in it: then prefer
    /// `url_file` or `url_env`.
    #[serde(skip_serializing)]
    #[schemars(
        with = "Option<Secret>",
        extend("x-example" = "postgres://orgraph@db.example.com/orgraph")
    )]
    pub url: Option<SecretString>,
    /// File that holds the address, readable by its owner only.
    #[schemars(extend("x-example" = "/etc/orgraph/database-url"))]
    pub url_file: Option<PathBuf>,
    /// Environment variable that holds the address.
    #[schemars(extend("x-example" = "ORGRAPH_DATABASE_URL"))]
    pub url_env: Option<String>,
    /// Folder of the embedded server's data. When not set: `$STATE_DIRECTORY/postgres` under systemd, else
    /// `$XDG_DATA_HOME/orgraph/postgres`, else `$HOME/.local/share/orgraph/postgres`, else
    /// `/var/lib/orgraph/postgres`. Change it to put the graph on a larger disk.
    #[schemars(extend("x-example" = "/var/lib/orgraph/postgres"))]
    pub data_dir: Option<PathBuf>,
    /// Folder with the programs of PostgreSQL (`initdb`, `postgres`) for the embedded server. When not set they
    /// are looked for in the usual places; set it when there are several versions.
    #[schemars(extend("x-example" = "/usr/lib/postgresql/17/bin"))]
    pub bin_dir: Option<PathBuf>,
}

/// Which server keeps the graph.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// A server that is there already.
    Url(&'a SecretString),
    /// One the daemon starts itself.
    Embedded {
        /// Folder of its data.
        data_dir: &'a Path,
        /// Folder of its programs, when named.
        bin_dir: Option<&'a Path>,
    },
}

impl Database {
    /// Which server keeps the graph.
    pub fn place(&self) -> Place<'_> {
        match &self.url {
            Some(url) => Place::Url(url),
            None => Place::Embedded {
                data_dir: self.data_dir.as_deref().unwrap_or(Path::new("/var/lib/orgraph/postgres")),
                bin_dir: self.bin_dir.as_deref(),
            },
        }
    }

    pub(crate) fn check(&mut self, place: &tree::Place<'_>, review: &mut Review<'_>) {
        // Like every path in the file, these begin in its folder, wherever the daemon was started.
        self.data_dir = self.data_dir.take().map(|it| review.folder.join(it));
        self.bin_dir = self.bin_dir.take().map(|it| review.folder.join(it));
        let ways = Ways { name: "url", value: &self.url, file: &self.url_file, env: &self.url_env };
        let resolved = secret::resolve(&ways, place, review);
        let has_url = ["url", "url_file", "url_env"].iter().any(|name| place.key(name).is_set());
        for option in ["data_dir", "bin_dir"] {
            let here = place.key(option);
            if has_url && here.is_set() {
                let message =
                    format!("`{option}` is for the embedded server, but a server is named by its URL");
                review.problem(&here, message, format!("remove {option}, or remove the URL"));
            }
        }
        if let Some((url, here)) = resolved {
            let text = url.expose_secret();
            let is_postgres = ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
            if !is_postgres {
                let message = "the database URL does not begin with postgres://";
                review.problem(&here, message, "write postgres://user:password@host:5432/database");
            }
            self.url = Some(url);
        } else if !has_url && self.data_dir.is_none() {
            self.data_dir = Some(default_data_dir(review.env));
        }
    }
}

fn default_data_dir(env: &dyn Fn(&str) -> Option<String>) -> PathBuf {
    let folder = |variable: &str| env(variable).filter(|value| value.starts_with('/')).map(PathBuf::from);
    // systemd lists several folders separated by colons when the unit asks for several.
    let state = folder("STATE_DIRECTORY").filter(|folder| !folder.to_string_lossy().contains(':'));
    state
        .or_else(|| folder("XDG_DATA_HOME").map(|home| home.join("orgraph")))
        .or_else(|| folder("HOME").map(|home| home.join(".local/share/orgraph")))
        .unwrap_or_else(|| PathBuf::from("/var/lib/orgraph"))
        .join("postgres")
}
