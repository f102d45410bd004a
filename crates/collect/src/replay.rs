//! Answers from fixtures instead of AWS, and the one contract that every collector is held to.
//!
//! A fixture is the wire answer of one operation: `fixtures/{service}/{Operation}.{json,xml}`, and
//! `{Operation}.2.{json,xml}` for the second page, which the first names by the token `page-2`. Where items differ in
//! their details, `{Operation}.{text}.{json,xml}` answers the requests that carry the text, such as the ID of a parent.
//! `{{account}}` and `{{region}}` are filled in.
//!
//! What a service sends as CBOR is written as JSON too; a number whose name ends with `Timestamp` is sent as one.

mod cbor;
mod contract;
mod faults;

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use orgraph_model::{AccountId, AwsPartition};

pub use contract::check_family;
pub use faults::{Fault, error_answer};

use crate::connector::{Stamped, guarded};
use crate::session::{Aws, AwsSettings, Role, Session, Target};
use crate::{Limits, MemoryLimits, Protocol, Service};

/// The account that fixtures speak of.
pub const ACCOUNT: &str = "123456789012";

/// The token by which every first page of a fixture names its second.
pub const SECOND_PAGE: &str = "page-2";

/// The region that fixtures speak of.
pub const REGION: &str = "us-east-1";

/// One request, as far as a test cares.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The service.
    pub service: Service,
    /// The operation.
    pub operation: String,
    /// The region whose endpoint was called.
    pub region: String,
    /// How often the operation was sent before in this session, retries included.
    pub before: usize,
    /// The URI and the body, for tests that look for a parameter.
    pub request: String,
}

/// One answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status; 0 breaks the connection.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    /// Whether the request ID header is there.
    pub request_id: bool,
    /// Never answer at all.
    pub hangs: bool,
}

impl Answer {
    /// A whole answer.
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, body: body.into(), request_id: true, hangs: false }
    }
}

/// A session of [`ACCOUNT`] whose requests `answer` answers.
///
/// # Panics
/// Never: the identity is replayed too.
pub async fn session(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Arc<Session> {
    session_within(MemoryLimits::default(), answer).await
}

/// The same, where a partition may hold only so much in memory.
///
/// # Panics
/// Never: the identity is replayed too.
pub async fn session_within(
    memory: MemoryLimits,
    answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
) -> Arc<Session> {
    let replay = Replay { answer: Arc::new(answer), sent: Arc::default() };
    let limits = Limits { requests_per_second: 1e6, memory, ..Limits::default() };
    let settings = AwsSettings {
        endpoint_url: None,
        partition: AwsPartition::Aws,
        profile: None,
        home_region: REGION.to_owned(),
    };
    let credentials = Credentials::new("AKIAREPLAY", "replay", None, None, "replay");
    let http = guarded(SharedHttpClient::new(replay), None);
    let aws = Arc::new(Aws::with(settings, limits, http, SharedCredentialsProvider::new(credentials)));
    let target = Target {
        account: account(),
        name: Some("replayed".to_owned()),
        role: Role::Base,
        tag_account_name: Some("replayed".to_owned()),
        tag_production: None,
    };
    aws.open(target, "replay").await.expect("the replayed identity is the account's own")
}

/// [`ACCOUNT`], parsed.
///
/// # Panics
/// Never: it is twelve digits.
pub fn account() -> AccountId {
    ACCOUNT.parse().expect("twelve digits")
}

/// The fixtures of one family.
#[derive(Debug, Clone)]
pub struct Fixtures {
    folder: PathBuf,
}

impl Fixtures {
    /// The fixtures below `folder`, usually `concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures")`.
    pub fn new(folder: impl AsRef<Path>) -> Self {
        Self { folder: folder.as_ref().to_owned() }
    }

    /// The answer to one request.
    ///
    /// # Panics
    /// When there is no fixture for the operation.
    pub fn answer(&self, asked: &Asked) -> Answer {
        let page = |page: &str| {
            ["json", "xml"].iter().find_map(|extension| {
                let name = format!("{}{page}.{extension}", asked.operation);
                std::fs::read_to_string(self.folder.join(asked.service.name).join(name)).ok()
            })
        };
        let second = asked.request.contains(SECOND_PAGE).then(|| page(".2")).flatten();
        let own = || self.variant(asked).and_then(|it| std::fs::read_to_string(it).ok());
        let body = second.or_else(own).or_else(|| page("")).unwrap_or_else(|| {
            panic!(
                "no fixture {}/{}/{}.(json|xml)",
                self.folder.display(),
                asked.service.name,
                asked.operation
            )
        });
        let body = body.replace("{{account}}", ACCOUNT).replace("{{region}}", REGION);
        match asked.service.protocol {
            Protocol::Cbor => Answer::ok(cbor::encoded(&body)),
            _ => Answer::ok(body),
        }
    }

    /// The file whose middle part the request carries.
    fn variant(&self, asked: &Asked) -> Option<PathBuf> {
        let folder = std::fs::read_dir(self.folder.join(asked.service.name)).ok()?;
        let mut files: Vec<PathBuf> = folder.filter_map(|it| Some(it.ok()?.path())).collect();
        files.sort();
        files.into_iter().find(|file| {
            let stem = file.file_stem().and_then(|it| it.to_str()).unwrap_or_default();
            let text = stem.split_once('.').filter(|it| it.0 == asked.operation);
            text.is_some_and(|(_, text)| text != "2" && asked.request.contains(text))
        })
    }

    /// Whether the operation has a second page.
    pub fn has_second_page(&self, service: Service, operation: &str) -> bool {
        let folder = self.folder.join(service.name);
        ["json", "xml"].iter().any(|extension| folder.join(format!("{operation}.2.{extension}")).exists())
    }
}

struct Replay {
    answer: Arc<dyn Fn(&Asked) -> Answer + Send + Sync>,
    sent: Arc<Mutex<HashMap<String, usize>>>,
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Replay")
    }
}

impl HttpClient for Replay {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Self { answer: Arc::clone(&self.answer), sent: Arc::clone(&self.sent) })
    }
}

impl HttpConnector for Replay {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let stamped =
            request.extension::<Stamped>().cloned().expect("the guard lets nothing unstamped through");
        let service =
            Service::ALL.iter().copied().find(|it| it.sdk_id == stamped.sdk_id).expect("a known service");
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let count = sent.entry(format!("{}:{}", service.name, stamped.operation)).or_insert(0);
        let body = request.body().bytes().map(String::from_utf8_lossy).unwrap_or_default();
        let asked = Asked {
            service,
            operation: stamped.operation,
            region: stamped.region,
            before: *count,
            request: format!("{} {}\n{body}", request.method(), request.uri()),
        };
        *count += 1;
        let answer = if asked.operation == "GetCallerIdentity" { identity() } else { (self.answer)(&asked) };
        if answer.hangs {
            return HttpConnectorFuture::new(std::future::pending());
        }
        HttpConnectorFuture::ready(respond(answer))
    }
}

fn respond(answer: Answer) -> Result<HttpResponse, ConnectorError> {
    if answer.status == 0 {
        return Err(ConnectorError::io("connection reset".into()));
    }
    let mut response = http::Response::builder().status(answer.status);
    if answer.request_id {
        response = response.header("x-amzn-requestid", "00000000-0000-4000-8000-000000000000");
    }
    let response = response.body(SdkBody::from(answer.body)).expect("a response without odd headers");
    Ok(response.try_into().expect("an HTTP/1 response"))
}

fn identity() -> Answer {
    Answer::ok(format!(
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::{ACCOUNT}:root</Arn>\
         <UserId>{ACCOUNT}</UserId><Account>{ACCOUNT}</Account></GetCallerIdentityResult>\
         <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
    ))
}
