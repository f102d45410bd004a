//! AWS Certificate Manager.

use aws_sdk_acm::Client;
use aws_sdk_acm::types::{CertificateDetail, CertificateStatus, CertificateSummary, Filters, KeyAlgorithm};
use orgraph_collect::prelude::*;

pub(crate) static CERTIFICATES: Collector = Collector {
    name: "acm_certificates",
    service: Service::ACM,
    scope: Scope::Region,
    calls: &[
        call("ListCertificates").lists("CertificateSummaryList"),
        call("DescribeCertificate").lists("Certificate"),
        call("ListTagsForCertificate").lists("Tags"),
    ],
    entities: &[entity::<Certificate>()],
    relationships: &[rel(AWS_ACM, Has, AWS_ACM_CERTIFICATE)],
    collect: |cx, out| Box::pin(certificates(cx, out)),
};

/// A certificate for TLS. Its private key is never read.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Certificate {
    /// The certificate's ID.
    id: String,
    /// The domain that it is for.
    domain_name: Option<String>,
    /// All domains that it is for, the first one included.
    alternative_names: Vec<String>,
    /// `ISSUED`, `PENDING_VALIDATION`, `EXPIRED`, `REVOKED` and so on.
    status: Option<String>,
    /// Whether it is issued and has not expired.
    active: Option<bool>,
    /// `AMAZON_ISSUED`, `IMPORTED` or `PRIVATE`.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Whether anything in AWS uses it.
    in_use: Option<bool>,
    /// The algorithm of its key, such as `RSA_2048` or `EC_prime256v1`.
    key_algorithm: Option<String>,
    /// Whether AWS renews it: `ELIGIBLE` or `INELIGIBLE`.
    renewal_eligibility: Option<String>,
    /// Who has issued it.
    issuer: Option<String>,
    /// Its serial number.
    serial: Option<String>,
    /// When it was asked for or imported, in milliseconds since the epoch.
    created_on: Option<i64>,
    /// When it was issued, in milliseconds since the epoch; `null` for an imported one.
    issued_on: Option<i64>,
    /// When it expires, in milliseconds since the epoch.
    expires_on: Option<i64>,
}

impl Entity for Certificate {
    const TYPE: EntityType = AWS_ACM_CERTIFICATE;
}

/// What is asked about each certificate.
struct Details {
    described: Detail<Option<CertificateDetail>>,
    tags: Detail<Vec<(String, String)>>,
}

async fn certificates(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let acm = client!(aws_sdk_acm, ACM, cx);
    // Without this, only those with short RSA keys are listed.
    let all = Filters::builder().set_key_types(Some(key_algorithms())).build();
    let mut pages = pages!(cx, acm.list_certificates().includes(all), next_token);
    while let Some(page) = pages.next().await? {
        let detailed = |listed: CertificateSummary| async {
            let details = details(&acm, listed.certificate_arn().unwrap_or_default()).await?;
            Ok::<_, CollectError>((listed, details))
        };
        let listed = page.certificate_summary_list.unwrap_or_default();
        for detailed in cx.concurrently(listed, detailed).await {
            let (listed, details) = detailed?;
            certificate(cx, out, listed, &details);
        }
    }
    Ok(())
}

/// Every algorithm that ACM knows.
fn key_algorithms() -> Vec<KeyAlgorithm> {
    KeyAlgorithm::values().iter().map(|it| KeyAlgorithm::from(*it)).collect()
}

async fn details(acm: &Client, arn: &str) -> Result<Details, CollectError> {
    let described = detail(acm.describe_certificate().certificate_arn(arn).send().await)?;
    let tags = detail(acm.list_tags_for_certificate().certificate_arn(arn).send().await)?;
    Ok(Details {
        described: described.map(|it| it.and_then(|it| it.certificate)),
        tags: tags.map(|it| {
            let tags = it.and_then(|it| it.tags).unwrap_or_default();
            tags.into_iter().map(|it| (it.key, it.value.unwrap_or_default())).collect()
        }),
    })
}

fn certificate(cx: &Cx, out: &mut Batch, listed: CertificateSummary, details: &Details) {
    let Some(arn) = listed.certificate_arn else {
        return out.skip(None, "a certificate without an ARN");
    };
    let id = last_segment(&arn);
    let described = details.described.known().and_then(Option::as_ref);
    let expires_on = listed.not_after.as_ref().and_then(millis);
    let has_expired = expires_on.is_some_and(|it| it < cx.started_at().timestamp_millis());
    let name = listed.domain_name.clone().unwrap_or_else(|| id.to_owned());

    out.add(
        arn.as_str(),
        name,
        &Certificate {
            id: id.to_owned(),
            domain_name: listed.domain_name,
            alternative_names: described
                .map(|it| it.subject_alternative_names().to_vec())
                .unwrap_or_default(),
            active: listed.status.as_ref().map(|it| *it == CertificateStatus::Issued && !has_expired),
            status: listed.status.map(|it| it.as_str().to_owned()),
            kind: listed.r#type.map(|it| it.as_str().to_owned()),
            in_use: listed.in_use,
            key_algorithm: listed.key_algorithm.map(|it| it.as_str().to_owned()),
            renewal_eligibility: listed.renewal_eligibility.map(|it| it.as_str().to_owned()),
            issuer: described.and_then(|it| it.issuer.clone()),
            serial: described.and_then(|it| it.serial.clone()),
            created_on: listed.created_at.or(listed.imported_at).as_ref().and_then(millis),
            issued_on: listed.issued_at.as_ref().and_then(millis),
            expires_on,
        },
    )
    .tags(details.tags.known().cloned().unwrap_or_default())
    .web_link(cx.console(format_args!("acm/home?region={}#/certificates/{id}", cx.region())))
    .unknown(&details.described, &["alternativeNames", "issuer", "serial"])
    .unknown(&details.tags, &["tags"]);
}
