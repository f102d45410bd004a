//! The one way out: every attempt is named, declared, paced and counted, and every answer is whole.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, Metadata};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use http_body_util::BodyExt;
use metrics::counter;
use tracing::debug;

use crate::envelope::{self, Answer, EnvelopeError, MAX_BODY_BYTES};
use crate::{Call, Pacing, Service};

/// On whose behalf a request is made: what it may send, how fast, and who counts it.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) name: &'static str,
    pub(crate) service: Service,
    pub(crate) calls: &'static [Call],
    pub(crate) pacing: Arc<Pacing>,
    pub(crate) sent: AtomicU64,
}

impl Run {
    pub(crate) fn new(
        name: &'static str,
        service: Service,
        calls: &'static [Call],
        pacing: Arc<Pacing>,
    ) -> Arc<Self> {
        Arc::new(Self { name, service, calls, pacing, sent: AtomicU64::new(0) })
    }

    fn declared(&self, sdk_id: &str, operation: &str) -> Option<(Service, &'static Call)> {
        let calls = self.calls.iter().map(|call| (call.service.unwrap_or(self.service), call));
        calls.into_iter().find(|(service, call)| service.sdk_id == sdk_id && call.operation == operation)
    }
}

/// Stamps each attempt of a client with the run, the operation and the region, so that the connector can judge it.
#[derive(Debug, Clone)]
pub(crate) struct Stamp {
    pub(crate) run: Arc<Run>,
    pub(crate) region: String,
}

/// What a stamped request carries.
#[derive(Debug, Clone)]
pub(crate) struct Stamped {
    pub(crate) run: Arc<Run>,
    pub(crate) region: String,
    pub(crate) sdk_id: String,
    pub(crate) operation: String,
}

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for Stamp {
    fn name(&self) -> &'static str {
        "OrgraphStamp"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let metadata = config.load::<Metadata>().ok_or("an operation without a name")?;
        context.request_mut().add_extension(Stamped {
            run: Arc::clone(&self.run),
            region: self.region.clone(),
            sdk_id: metadata.service().to_owned(),
            operation: metadata.name().to_owned(),
        });
        Ok(())
    }
}

/// Why a request did not leave.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("a request without a name")]
    Unnamed,
    #[error("{run} does not declare {service}:{operation}")]
    Undeclared { run: &'static str, service: String, operation: String },
    #[error("{service}:{operation} is not a read")]
    Write { service: String, operation: String },
}

/// The HTTP client shared by every account, region and service. `endpoint` is the address of an AWS stand-in.
pub fn shared_http_client(endpoint: Option<&str>) -> SharedHttpClient {
    let inner = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .pool_idle_timeout(Duration::from_mins(1))
        .build_https();
    guarded(inner, endpoint)
}

/// Puts the guard in front of any client, such as one that replays fixtures.
pub(crate) fn guarded(inner: SharedHttpClient, endpoint: Option<&str>) -> SharedHttpClient {
    SharedHttpClient::new(Guarded { inner, endpoint: endpoint.map(Arc::from) })
}

#[derive(Debug)]
struct Guarded {
    inner: SharedHttpClient,
    endpoint: Option<Arc<str>>,
}

impl HttpClient for Guarded {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(GuardedConnector {
            inner: self.inner.http_connector(settings, components),
            endpoint: self.endpoint.clone(),
        })
    }
}

#[derive(Debug, Clone)]
struct GuardedConnector {
    inner: SharedHttpConnector,
    endpoint: Option<Arc<str>>,
}

impl HttpConnector for GuardedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let this = self.clone();
        HttpConnectorFuture::new(async move { this.send(request).await })
    }
}

impl GuardedConnector {
    async fn send(&self, mut request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let Some(stamped) = request.extension::<Stamped>().cloned() else {
            return Err(ConnectorError::user(Refused::Unnamed.into()));
        };
        let (service, call) = judge(&stamped).map_err(|it| ConnectorError::user(it.into()))?;
        let Stamped { run, region, operation, .. } = &stamped;
        if let Some(endpoint) = &self.endpoint {
            send_to(&mut request, endpoint);
        }

        let _permit = run.pacing.permit(region, service.name, service.iam, operation).await;
        run.sent.fetch_add(1, Ordering::Relaxed);
        counter!("orgraph_aws_requests_total", "service" => service.name, "operation" => call.operation)
            .increment(1);
        let response = self.inner.call(request).await?;
        debug!(collector = run.name, region = %region, operation = %operation, status = response.status().as_u16(),
            "{}:{operation} in {region} answered {}", service.name, response.status().as_u16());

        let whole = whole(response, service, call).await.map_err(|error| {
            counter!("orgraph_aws_envelope_rejects_total", "service" => service.name).increment(1);
            ConnectorError::other(error.into(), None)
        })?;
        Ok(whole)
    }
}

fn judge(stamped: &Stamped) -> Result<(Service, &'static Call), Refused> {
    let Stamped { run, sdk_id, operation, .. } = stamped;
    if !is_read(operation) {
        return Err(Refused::Write { service: sdk_id.clone(), operation: operation.clone() });
    }
    run.declared(sdk_id, operation).ok_or_else(|| Refused::Undeclared {
        run: run.name,
        service: sdk_id.clone(),
        operation: operation.clone(),
    })
}

/// Whether an operation is a read by its name, or one of the few reads named otherwise.
pub(crate) fn is_read(operation: &str) -> bool {
    const PREFIXES: [&str; 6] = ["List", "Get", "Describe", "BatchGet", "Lookup", "Search"];
    // Both make something (a report, a session) that lives outside the account's configuration.
    const EXCEPTIONS: [&str; 2] = ["GenerateCredentialReport", "AssumeRole"];
    PREFIXES.iter().any(|it| operation.starts_with(it)) || EXCEPTIONS.contains(&operation)
}

/// A stand-in serves every host; S3 Control and virtual-hosted buckets put labels in front of it that do not resolve.
fn send_to(request: &mut HttpRequest, endpoint: &str) {
    let path = request.uri().splitn(4, '/').nth(3).unwrap_or_default().to_owned();
    let uri = format!("{}/{path}", endpoint.trim_end_matches('/'));
    if request.uri() != uri {
        // A URI that cannot be set stays as it is and fails to resolve, which says more than a panic would.
        let _ = request.set_uri(uri);
    }
}

async fn whole(response: HttpResponse, service: Service, call: &Call) -> Result<HttpResponse, EnvelopeError> {
    let mut response = response;
    let body = collect(response.take_body()).await?;
    if response.status().is_success() {
        let headers = response.headers();
        envelope::check(&Answer {
            protocol: service.protocol,
            operation: call.operation,
            member: call.member,
            content_type: headers.get("content-type"),
            has_request_id: ["x-amzn-requestid", "x-amz-request-id"]
                .iter()
                .any(|it| headers.get(it).is_some()),
            body: &body,
        })?;
    }
    *response.body_mut() = SdkBody::from(body);
    Ok(response)
}

async fn collect(mut body: SdkBody) -> Result<Vec<u8>, EnvelopeError> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| EnvelopeError::Broken)?;
        if let Some(data) = frame.data_ref() {
            if bytes.len() + data.len() > MAX_BODY_BYTES {
                return Err(EnvelopeError::TooLarge { limit: MAX_BODY_BYTES });
            }
            bytes.extend_from_slice(data);
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_is_refused_even_when_it_is_declared() {
        static CALLS: [Call; 2] = [crate::call("DeleteVpc"), crate::call("DescribeVpcs")];
        let run = Run::new("test", Service::EC2, &CALLS, Arc::new(Pacing::new(crate::Limits::default())));
        let stamped = |operation: &str| Stamped {
            run: Arc::clone(&run),
            region: "eu-west-1".to_owned(),
            sdk_id: "EC2".to_owned(),
            operation: operation.to_owned(),
        };

        assert!(judge(&stamped("DescribeVpcs")).is_ok());
        assert!(matches!(judge(&stamped("DeleteVpc")), Err(Refused::Write { .. })));
        assert!(matches!(judge(&stamped("DescribeSubnets")), Err(Refused::Undeclared { .. })));
    }

    #[test]
    fn a_stand_in_gets_every_host() {
        let mut request = HttpRequest::get("http://123456789012.127.0.0.1:5000/v1/x?y=z").unwrap();

        send_to(&mut request, "http://127.0.0.1:5000");

        assert_eq!(request.uri(), "http://127.0.0.1:5000/v1/x?y=z");
    }
}
