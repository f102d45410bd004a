use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is logged, to standard error.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table such as [log]")]
pub struct Log {
    /// `text` for people, `json` for log collectors: one object a line.
    pub format: Format,
    /// Least important line that is logged: `error`, `warn`, `info`, `debug` (each call) or `trace` (each page).
    pub level: Level,
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// How important a log line is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Someone should act.
    Error,
    /// Degraded but going on.
    Warn,
    /// At most one line per partition.
    #[default]
    Info,
    /// Each call.
    Debug,
    /// Each page.
    Trace,
}

impl Level {
    /// The level as it is written in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warn => "warn",
            Level::Info => "info",
            Level::Debug => "debug",
            Level::Trace => "trace",
        }
    }
}
