//! A small graph with the API in front of it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use chrono::{DateTime, TimeDelta};
use http_body_util::BodyExt;
use orgraph_config::{Config, Http};
use orgraph_model::vocabulary::{AWS_INSTANCE, AWS_SECURITY_GROUP, AWS_SUBNET};
use orgraph_model::{
    AccountId, Entity, EntityType, Key, Outcome, Partition, Properties, Relationship, Snapshot, Source, Verb,
};
use orgraph_store::{ConnectSettings, GuardSettings, Lease, Store};
use orgraph_testkit::TestDb;
use serde_json::{Value, json};
use sqlx::{Postgres, Transaction};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tower::ServiceExt;

use crate::api::Api;

pub(super) struct World {
    pub(super) api: Api,
    store: Store,
    lease: Lease,
    db: TestDb,
}

/// An answer.
pub(super) struct Said {
    pub(super) status: StatusCode,
    headers: HeaderMap,
    pub(super) body: Value,
}

impl Said {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |it| it.to_str().unwrap())
    }
}

impl World {
    pub(super) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// With other settings.
    pub(super) async fn with(configure: impl FnOnce(&mut Http)) -> Self {
        Self::configured(|config| configure(&mut config.http)).await
    }

    pub(super) async fn configured(configure: impl FnOnce(&mut Config)) -> Self {
        let prepare = async |url: String| Ok(orgraph_store::migrate(&url).await?);
        let db = orgraph_testkit::db_with("api", prepare).await;
        let store = Store::connect(db.url(), &ConnectSettings::default()).await.unwrap();
        let lease = store.claim_lease(&account(), "test", TimeDelta::minutes(5)).await.unwrap().unwrap();
        let mut config = Config::default();
        configure(&mut config);
        let api = Api::open(Arc::new(config), db.url()).await.unwrap();
        let world = Self { api, store, lease, db };
        world.write("instances", 0, vec![instance("running")], Vec::new()).await;
        let groups = vec![entity(AWS_SECURITY_GROUP, "security-group/sg-1", json!({}))];
        let protects = relationship((AWS_SECURITY_GROUP, "security-group/sg-1"), Verb::Protects);
        let has = relationship((AWS_SUBNET, "subnet/subnet-1"), Verb::Has);
        world.write("groups", 0, groups, vec![protects, has]).await;
        world
    }

    /// Nobody reads entities as long as this is there.
    pub(super) async fn lock(&self) -> Transaction<'static, Postgres> {
        let mut writer = self.db.pool().begin().await.unwrap();
        sqlx::raw_sql("LOCK TABLE orgraph_internal.entity").execute(&mut *writer).await.unwrap();
        writer
    }

    pub(super) fn router(&self) -> Router {
        self.api.clone().router()
    }

    async fn write(
        &self,
        collector: &str,
        second: i64,
        entities: Vec<Entity>,
        relationships: Vec<Relationship>,
    ) {
        let region = "eu-west-1".parse().unwrap();
        let partition = Partition { account: account(), region, collector: collector.to_owned() };
        let at = DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap();
        let empty = Snapshot::without_rows(partition, at, Outcome::complete());
        let snapshot = Snapshot { entities, relationships, ..empty };
        self.store.reconcile(&self.lease, &snapshot, &GuardSettings::default()).await.unwrap();
    }

    /// The instance is found stopped.
    pub(super) async fn stop_instance(&self) {
        self.write("instances", 60, vec![instance("stopped")], Vec::new()).await;
    }

    /// Another instance is found, whose key comes before that of the first.
    pub(super) async fn add_instance(&self) {
        let first = entity(AWS_INSTANCE, "instance/i-0", json!({"state": "running"}));
        self.write("other_instances", 0, vec![first], Vec::new()).await;
    }

    pub(super) async fn j1ql(&self, text: &str) -> Said {
        self.ask(Method::POST, "/v1/query", &json!({ "j1ql": text })).await
    }

    /// Something more is related to the instance.
    pub(super) async fn add_neighbor(&self, name: &str) {
        let more = relationship((AWS_SECURITY_GROUP, &format!("security-group/{name}")), Verb::Protects);
        self.write("more", 0, Vec::new(), vec![more]).await;
    }

    pub(super) async fn sql(&self, text: &str) -> Said {
        self.ask(Method::POST, "/v1/query", &json!({ "sql": text })).await
    }

    pub(super) async fn ask(&self, method: Method, uri: &str, body: &Value) -> Said {
        self.ask_with(method, uri, body, &[("host", Some("localhost"))]).await
    }

    pub(super) async fn ask_with(
        &self,
        method: Method,
        uri: &str,
        body: &Value,
        headers: &[(&str, Option<&str>)],
    ) -> Said {
        let mut request =
            Request::builder().method(method).uri(uri).header("content-type", "application/json");
        for (name, value) in headers {
            if let Some(value) = value {
                request = request.header(*name, *value);
            }
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let response = self.router().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|error| panic!("{uri}: {error}: {}", String::from_utf8_lossy(&bytes)));
        Said { status, headers, body }
    }
}

fn account() -> AccountId {
    "000000000001".parse().unwrap()
}

fn key(local: &str) -> String {
    format!("arn:aws:ec2:eu-west-1:000000000001:{local}")
}

fn instance(state: &str) -> Entity {
    entity(AWS_INSTANCE, "instance/i-1", json!({"state": state, "publicIpAddress": null}))
}

fn entity(entity_type: EntityType, local: &str, properties: Value) -> Entity {
    let Value::Object(properties) = properties else { panic!("properties are an object") };
    Entity {
        key: Key::from(key(local).as_str()),
        entity_type,
        source: Source::Integration,
        account: account(),
        region: "eu-west-1".parse().unwrap(),
        name: Some(local.to_owned()),
        display_name: Some(local.to_owned()),
        properties,
        tags: Properties::new(),
        volatile: &[],
    }
}

/// To the instance.
fn relationship(from: (EntityType, &str), verb: Verb) -> Relationship {
    Relationship {
        from: from.0.at(key(from.1).as_str()),
        verb,
        to: AWS_INSTANCE.at(key("instance/i-1").as_str()),
        discriminator: String::new(),
        properties: Properties::new(),
    }
}

/// What is said over a connection until it ends.
pub(super) async fn get(mut stream: impl AsyncRead + AsyncWrite + Unpin, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A server that ends without goodbye has still said what it said.
    drop(stream.read_to_end(&mut answer).await);
    String::from_utf8_lossy(&answer).into_owned()
}

/// A connection that trusts this certificate alone.
pub(super) async fn tls(address: SocketAddr, certificate: &Path) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificate).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await.unwrap();
    TlsConnector::from(Arc::new(config)).connect("localhost".try_into().unwrap(), stream).await.unwrap()
}
