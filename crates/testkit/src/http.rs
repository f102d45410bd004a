//! JSON over HTTP to a server on this machine: hyper, which the tree has anyway, without pool, TLS or proxies.

use anyhow::{Context, Result, ensure};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// `authority` is host and port. A body makes it a POST.
pub(crate) async fn json(authority: &str, path: &str, body: Option<&Value>) -> Result<Value> {
    let stream =
        TcpStream::connect(authority).await.with_context(|| format!("failed to connect to {authority}"))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let request = Request::builder()
        .method(if body.is_some() { Method::POST } else { Method::GET })
        .uri(path)
        .header("Host", authority)
        .header("Content-Type", "application/json")
        .header("Connection", "close")
        .body(Full::new(Bytes::from(body.map(Value::to_string).unwrap_or_default())))?;
    let answer = sender.send_request(request).await?;
    let status = answer.status();
    let bytes = answer.into_body().collect().await?.to_bytes();
    connection.abort();
    ensure!(status.is_success(), "{path} answered {status}: {}", String::from_utf8_lossy(&bytes));
    serde_json::from_slice(&bytes).with_context(|| format!("{path} did not answer with JSON"))
}
