//! TLS certificates that were uploaded to IAM, an older place than the certificate manager.

use aws_sdk_iam::types::ServerCertificateMetadata;
use orgraph_collect::prelude::*;

use super::console;

pub(crate) static SERVER_CERTIFICATES: Collector = Collector {
    name: "iam_server_certificates",
    service: Service::IAM,
    scope: Scope::Account,
    calls: &[call("ListServerCertificates")],
    entities: &[entity::<ServerCertificate>()],
    relationships: &[rel(AWS_IAM, Has, AWS_IAM_SERVER_CERTIFICATE)],
    collect: |cx, out| Box::pin(server_certificates(cx, out)),
};

/// A TLS certificate kept in IAM.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ServerCertificate {
    /// The unique ID, which is never used again.
    id: String,
    /// The path that groups it with others.
    path: String,
    /// When it was uploaded, in milliseconds since the epoch.
    created_on: Option<i64>,
    /// When it expires, in milliseconds since the epoch.
    expires_on: Option<i64>,
    /// Whether it had not expired when it was read.
    active: Option<bool>,
}

impl Entity for ServerCertificate {
    const TYPE: EntityType = AWS_IAM_SERVER_CERTIFICATE;
}

async fn server_certificates(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let iam = client!(aws_sdk_iam, IAM, cx);
    let mut pages = pages!(cx, iam.list_server_certificates(), marker);
    while let Some(page) = pages.next().await? {
        for listed in page.server_certificate_metadata_list {
            server_certificate(cx, out, listed);
        }
    }
    Ok(())
}

fn server_certificate(cx: &Cx, out: &mut Batch, listed: ServerCertificateMetadata) {
    if listed.arn.is_empty() {
        return out.skip(None, "a server certificate without an ARN");
    }
    let expires_on = listed.expiration.as_ref().and_then(millis);
    out.add(
        &listed.arn,
        &listed.server_certificate_name,
        &ServerCertificate {
            id: listed.server_certificate_id,
            path: listed.path,
            created_on: listed.upload_date.as_ref().and_then(millis),
            expires_on,
            active: expires_on.map(|it| it > cx.started_at().timestamp_millis()),
        },
    )
    .web_link(console(cx, "server_certificates"));
}
