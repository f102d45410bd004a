//! Who may ask: whoever has the token; without one, whoever is on this machine.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::Api;
use super::problem::{Kind, Problem};

/// Lets a request pass that may ask.
pub(crate) async fn check(State(api): State<Api>, request: Request, next: Next) -> Response {
    let permitted = match &api.token {
        Some(token) => has_token(request.headers(), token),
        None => is_for_this_machine(request.headers()),
    };
    match permitted {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn has_token(headers: &HeaderMap, token: &SecretString) -> Result<(), Problem> {
    let sent = headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
    let sent = sent.and_then(|it| it.split_once(' ')).filter(|it| it.0.eq_ignore_ascii_case("bearer"));
    let Some((_, sent)) = sent else {
        return Err(Problem::new(Kind::Unauthorized, "send the header Authorization: Bearer <token>"));
    };
    // Digests are of the same length, so that comparing them tells nothing of the token's.
    let digest = |it: &str| Sha256::digest(it.trim().as_bytes());
    if bool::from(digest(sent).as_slice().ct_eq(digest(token.expose_secret()).as_slice())) {
        return Ok(());
    }
    Err(Problem::new(Kind::Unauthorized, "the token is not the one that the daemon was given"))
}

/// Without a token only programs on this machine reach the address. A page in a browser on this machine could too, by a
/// name of its own that leads here: so only names that always lead here are served.
fn is_for_this_machine(headers: &HeaderMap) -> Result<(), Problem> {
    let host = headers.get(header::HOST).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let is_loopback = name.parse::<std::net::IpAddr>().is_ok_and(|it| it.is_loopback());
    if is_loopback || name.eq_ignore_ascii_case("localhost") {
        return Ok(());
    }
    Err(Problem::new(Kind::WrongHost, "without a token only localhost is served: set http.token_file"))
}
