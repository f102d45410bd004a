use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::reference::Secret;
use crate::review::Review;
use crate::secret::{self, Ways};
use crate::section::Tls;
use crate::tree::Place;
use crate::value::{address, duration};

/// Where health (`/healthz`, `/readyz`), metrics (`/metrics`) and the read-only API (`/v1`) are served. On an
/// address that other machines can reach the API needs a token: without one nothing is started.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table such as [http]")]
pub struct Http {
    /// Address and port to listen on. Health and metrics are answered without a token everywhere: they name no
    /// account.
    #[serde(with = "address")]
    #[schemars(with = "address::Text")]
    pub listen: SocketAddr,
    /// Token that a caller of the API sends as `Authorization: Bearer …`; 20 characters or more. Prefer
    /// `token_file`.
    #[serde(skip_serializing)]
    #[schemars(with = "Option<Secret>", extend("x-example" = "made by: openssl rand -hex 32"))]
    pub token: Option<SecretString>,
    /// File that holds the token, readable by its owner only.
    #[schemars(extend("x-example" = "/etc/orgraph/http-token"))]
    pub token_file: Option<PathBuf>,
    /// Environment variable that holds the token.
    #[schemars(extend("x-example" = "ORGRAPH_HTTP_TOKEN"))]
    pub token_env: Option<String>,
    /// Certificate and key, to answer over TLS. Both are PEM files and are read when the daemon starts.
    #[schemars(extend("x-example" = {
        "certificate_file": "/etc/orgraph/tls.crt",
        "key_file": "/etc/orgraph/tls.key"
    }))]
    pub tls: Option<Tls>,
    /// Questions that are answered at the same time; more are told to come back. Each holds one connection to the
    /// database and some megabytes of memory.
    pub max_queries: u32,
    /// Time for one question. Raise it for large questions on a large graph.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Text")]
    pub query_timeout: Duration,
    /// Rows of one page, at most. A caller that asks for more gets this many and a cursor to the next.
    pub max_rows: u32,
}

impl Default for Http {
    fn default() -> Http {
        Http {
            listen: SocketAddr::from(([127, 0, 0, 1], 9464)),
            token: None,
            token_file: None,
            token_env: None,
            tls: None,
            max_queries: 4,
            query_timeout: Duration::from_secs(30),
            max_rows: 1000,
        }
    }
}

/// Shorter ones can be guessed.
const SHORTEST_TOKEN: usize = 20;

impl Http {
    pub(crate) fn check(&mut self, place: &Place<'_>, review: &mut Review<'_>) {
        let ways = Ways { name: "token", value: &self.token, file: &self.token_file, env: &self.token_env };
        let is_given = ["token", "token_file", "token_env"].iter().any(|name| place.key(name).is_set());
        let resolved = if review.wants_all_secrets() { secret::resolve(&ways, place, review) } else { None };
        self.token = None;
        if let Some((token, here)) = resolved {
            let text = token.expose_secret();
            if text.len() < SHORTEST_TOKEN || !text.bytes().all(|it| it.is_ascii_graphic()) {
                let message = format!(
                    "the token is not {SHORTEST_TOKEN} or more letters, digits and signs without blanks"
                );
                review.problem(&here, message, "make one with: openssl rand -hex 32");
            }
            self.token = Some(token);
        }
        let is_open = !self.listen.ip().is_loopback();
        if is_open && !is_given {
            let message =
                format!("{} can be reached from other machines, and there is no token", self.listen);
            let help = format!(
                "write \"127.0.0.1:{}\", or set token_file: the API shows the whole graph",
                self.listen.port()
            );
            review.problem(&place.key("listen"), message, help);
        }
        if let Some(tls) = &mut self.tls {
            tls.check(&place.key("tls"), review);
        } else if is_open && is_given {
            let message = "the token and the answers cross the network unencrypted";
            review.warning(&place.key("listen"), message, "set tls, or put a proxy with TLS in front");
        }
        for (option, count) in [("max_queries", self.max_queries), ("max_rows", self.max_rows)] {
            if count == 0 {
                let message = format!("with {option} = 0 no question would ever be answered");
                review.problem(&place.key(option), message, "write 1 or more");
            }
        }
        if self.query_timeout.is_zero() {
            let message = "no question is answered in no time";
            review.problem(&place.key("query_timeout"), message, "write a duration such as \"30s\"");
        }
    }
}
