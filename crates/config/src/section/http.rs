use std::net::SocketAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::review::Review;
use crate::tree::Place;
use crate::value::address;

/// Where health (`/healthz`, `/readyz`) and metrics (`/metrics`) are served.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table such as [http]")]
pub struct Http {
    /// Address and port to listen on.
    #[serde(with = "address")]
    #[schemars(with = "address::Text")]
    pub listen: SocketAddr,
    /// Listen on an address other machines can reach. There is no authentication: allow it only where the network
    /// keeps strangers away.
    pub allow_non_loopback: bool,
}

impl Default for Http {
    fn default() -> Http {
        Http { listen: SocketAddr::from(([127, 0, 0, 1], 9464)), allow_non_loopback: false }
    }
}

impl Http {
    pub(crate) fn check(&self, place: &Place<'_>, review: &mut Review<'_>) {
        if !self.listen.ip().is_loopback() && !self.allow_non_loopback {
            let message = format!("{} can be reached from other machines", self.listen);
            let help = format!(
                "write \"127.0.0.1:{}\", or add allow_non_loopback = true if the network is trusted",
                self.listen.port()
            );
            review.problem(&place.key("listen"), message, help);
        }
    }
}
