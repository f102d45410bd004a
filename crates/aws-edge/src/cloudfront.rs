//! Amazon CloudFront: distributions and where they fetch from. Global: listed once per account.

mod origins;

use aws_sdk_cloudfront::types::{
    CacheBehaviors, DistributionConfig, DistributionSummary, LambdaFunctionAssociation,
    LambdaFunctionAssociations, Origins, ViewerCertificate,
};
use orgraph_collect::prelude::*;
use orgraph_model::AwsPartition;

use self::origins::{Host, Origin, origin};

pub(crate) static DISTRIBUTIONS: Collector = Collector {
    name: "cloudfront_distributions",
    service: Service::CLOUDFRONT,
    scope: Scope::Account,
    calls: &[
        call("ListDistributions").lists("DistributionList"),
        call("GetDistributionConfig").lists("DistributionConfig"),
        call("ListTagsForResource").lists("Tags"),
    ],
    entities: &[entity::<Distribution>(), entity::<Origin>()],
    relationships: &[
        rel(AWS_CLOUDFRONT, Has, AWS_CLOUDFRONT_DISTRIBUTION),
        rel(AWS_CLOUDFRONT_DISTRIBUTION, Has, AWS_CLOUDFRONT_DISTRIBUTION_ORIGIN),
        rel(AWS_CLOUDFRONT_DISTRIBUTION, Connects, AWS_API_GATEWAY_REST_API),
        rel(AWS_CLOUDFRONT_DISTRIBUTION, Connects, AWS_S3_BUCKET),
        rel(AWS_CLOUDFRONT_DISTRIBUTION, Triggers, AWS_LAMBDA_FUNCTION),
        rel(AWS_CLOUDFRONT_DISTRIBUTION, Uses, AWS_ACM_CERTIFICATE),
        rel(AWS_CLOUDFRONT_DISTRIBUTION, Uses, AWS_IAM_SERVER_CERTIFICATE),
        rel(AWS_WAF_V2_WEB_ACL, Protects, AWS_CLOUDFRONT_DISTRIBUTION),
        rel(AWS_WAF_WEB_ACL, Protects, AWS_CLOUDFRONT_DISTRIBUTION),
    ],
    collect: |cx, out| Box::pin(distributions(cx, out)),
};

/// What delivers content to viewers from locations near them.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Distribution {
    /// The distribution's ID.
    id: String,
    /// Always `application`.
    category: [&'static str; 1],
    /// Always `content-distribution`.
    function: [&'static str; 1],
    /// Always true: viewers reach it over the Internet.
    public: bool,
    /// Whether it accepts requests.
    enabled: bool,
    /// The same.
    active: bool,
    /// `Deployed`, or `InProgress` while a change spreads.
    status: String,
    /// The name that CloudFront gave it, such as `d111111abcdef8.cloudfront.net`.
    domain_name: String,
    /// The names that its owner gave it.
    aliases: Vec<String>,
    /// The web ACL that protects it: an ARN, or an ID of WAF Classic; `null` without one.
    web_acl_id: Option<String>,
    /// What its behaviours do with plain HTTP: `allow-all`, `https-only` or `redirect-to-https`, each once.
    viewer_protocol_policies: Vec<String>,
    /// The oldest version of TLS that viewers may use.
    minimum_protocol_version: Option<String>,
    /// Whether requests are logged to a bucket. Logging that is delivered by CloudWatch does not count here.
    logging_enabled: Option<bool>,
    /// The name of the bucket that requests are logged to.
    logging_target_bucket: Option<String>,
    /// When it last changed, in milliseconds since the epoch.
    updated_on: Option<i64>,
    /// The object that is returned for `/`; `null` without one.
    default_root_object: Option<String>,
    /// How many origin groups it has, each of which can fail over.
    origin_group_count: Option<i32>,
    /// Where its certificate comes from: `acm`, `iam` or `cloudfront`.
    viewer_certificate_source: Option<&'static str>,
    /// How it answers HTTPS requests: `sni-only`, `vip` or `static-ip`; `null` with the certificate of CloudFront.
    ssl_support_method: Option<String>,
}

impl Entity for Distribution {
    const TYPE: EntityType = AWS_CLOUDFRONT_DISTRIBUTION;
}

/// What is asked about each distribution.
struct Details {
    /// `None` when the distribution is gone by now.
    config: Detail<Option<DistributionConfig>>,
    tags: Detail<Vec<(String, String)>>,
}

async fn distributions(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    cx.only_in(&[AwsPartition::Aws, AwsPartition::AwsCn], "ListDistributions")?;
    let cloudfront = client!(aws_sdk_cloudfront, CLOUDFRONT, cx);
    let mut pages =
        pages!(cx, cloudfront.list_distributions(), |page| page.distribution_list()?.next_marker());
    while let Some(page) = pages.next().await? {
        let listed = page.distribution_list.and_then(|it| it.items).unwrap_or_default();
        let details = |listed: DistributionSummary| async {
            let config = detail(cloudfront.get_distribution_config().id(&listed.id).send().await)?;
            let tags = detail(cloudfront.list_tags_for_resource().resource(&listed.arn).send().await)?;
            let pairs = tags.map(|it| it.and_then(|it| it.tags).and_then(|it| it.items).unwrap_or_default());
            let details = Details {
                config: config.map(|it| it.and_then(|it| it.distribution_config)),
                tags: pairs.map(|it| tags_of(it.into_iter().map(|it| (it.key, it.value)))),
            };
            Ok::<_, CollectError>((listed, details))
        };
        for detailed in cx.concurrently(listed, details).await {
            let (listed, details) = detailed?;
            distribution(cx, out, &listed, &details);
        }
    }
    Ok(())
}

fn tags_of(pairs: impl Iterator<Item = (String, Option<String>)>) -> Vec<(String, String)> {
    pairs.map(|(key, value)| (key, value.unwrap_or_default())).collect()
}

fn distribution(cx: &Cx, out: &mut Batch, listed: &DistributionSummary, details: &Details) {
    if let Detail::Known(None) = details.config {
        return;
    }
    if listed.arn.is_empty() || listed.id.is_empty() {
        return out.skip(None, "a distribution without an ARN or an ID");
    }
    let distribution = AWS_CLOUDFRONT_DISTRIBUTION.at(&listed.arn);
    let config = details.config.known().and_then(Option::as_ref);
    let logging = config.and_then(|it| it.logging.as_ref());
    let certificate = listed.viewer_certificate.as_ref();

    out.add(
        &listed.arn,
        &listed.domain_name,
        &Distribution {
            id: listed.id.clone(),
            category: ["application"],
            function: ["content-distribution"],
            public: true,
            enabled: listed.enabled,
            active: listed.enabled,
            status: listed.status.clone(),
            domain_name: listed.domain_name.clone(),
            aliases: listed.aliases.as_ref().map(|it| it.items().to_vec()).unwrap_or_default(),
            web_acl_id: Some(listed.web_acl_id.clone()).filter(|it| !it.is_empty()),
            viewer_protocol_policies: viewer_protocol_policies(listed),
            minimum_protocol_version: certificate
                .and_then(|it| it.minimum_protocol_version.as_ref())
                .map(|it| it.as_str().to_owned()),
            // A distribution whose settings have no logging does not log.
            logging_enabled: config.map(|_| logging.is_some_and(|it| it.enabled)),
            logging_target_bucket: logging.filter(|it| !it.bucket.is_empty()).map(|it| bucket(&it.bucket)),
            updated_on: millis(&listed.last_modified_time),
            default_root_object: config
                .and_then(|it| it.default_root_object.clone())
                .filter(|it| !it.is_empty()),
            origin_group_count: Some(listed.origin_groups.as_ref().map_or(0, |it| it.quantity)),
            viewer_certificate_source: certificate.map(certificate_source),
            ssl_support_method: certificate
                .and_then(|it| it.ssl_support_method.as_ref())
                .map(|it| it.as_str().to_owned()),
        },
    )
    .tags(details.tags.known().cloned().unwrap_or_default())
    .web_link(cx.console(format_args!("cloudfront/v4/home#/distributions/{}", listed.id)))
    .unknown(&details.config, &["loggingEnabled", "loggingTargetBucket", "defaultRootObject"])
    .unknown(&details.tags, &["tags"]);

    link_protection(cx, out, &distribution, &listed.web_acl_id);
    link_certificate(out, &distribution, certificate);
    for association in lambda_associations(listed) {
        link_function(out, &distribution, association);
    }
    for listed_origin in listed.origins.as_ref().map(Origins::items).unwrap_or_default() {
        origin(cx, out, &distribution, &listed.id, listed_origin);
    }
}

fn viewer_protocol_policies(listed: &DistributionSummary) -> Vec<String> {
    let own = listed.default_cache_behavior.iter().map(|it| &it.viewer_protocol_policy);
    let others = listed.cache_behaviors.iter().flat_map(CacheBehaviors::items);
    let mut policies: Vec<String> =
        own.chain(others.map(|it| &it.viewer_protocol_policy)).map(|it| it.as_str().to_owned()).collect();
    policies.sort_unstable();
    policies.dedup();
    policies
}

fn certificate_source(certificate: &ViewerCertificate) -> &'static str {
    if certificate.acm_certificate_arn.is_some() {
        "acm"
    } else if certificate.iam_certificate_id.is_some() {
        "iam"
    } else {
        "cloudfront"
    }
}

/// The name of the bucket whose domain name is `domain`.
fn bucket(domain: &str) -> String {
    match Host::of(domain) {
        Host::Bucket(name) => name.to_owned(),
        _ => domain.to_owned(),
    }
}

fn link_protection(cx: &Cx, out: &mut Batch, distribution: &Ref, web_acl_id: &str) {
    if web_acl_id.starts_with("arn:") {
        out.link(AWS_WAF_V2_WEB_ACL.at(web_acl_id), Protects, distribution.clone());
    } else if !web_acl_id.is_empty() {
        // WAF Classic goes by IDs, and protects nothing of other accounts.
        let web_acl = cx.arn("waf", format_args!("webacl/{web_acl_id}"));
        out.link(AWS_WAF_WEB_ACL.at(web_acl), Protects, distribution.clone());
    }
}

fn link_certificate(out: &mut Batch, distribution: &Ref, certificate: Option<&ViewerCertificate>) {
    let Some(certificate) = certificate else { return };
    if let Some(arn) = &certificate.acm_certificate_arn {
        out.link(distribution.clone(), Uses, AWS_ACM_CERTIFICATE.at(arn));
    } else if let Some(id) = &certificate.iam_certificate_id {
        // The ARN of a certificate in IAM has its name in place of the ID.
        out.find(distribution.clone(), Uses, AWS_IAM_SERVER_CERTIFICATE, "id", id);
    }
}

fn lambda_associations(listed: &DistributionSummary) -> impl Iterator<Item = &LambdaFunctionAssociation> {
    let own = listed.default_cache_behavior.iter().filter_map(|it| it.lambda_function_associations.as_ref());
    let others = listed.cache_behaviors.iter().flat_map(CacheBehaviors::items);
    let others = others.filter_map(|it| it.lambda_function_associations.as_ref());
    own.chain(others).flat_map(LambdaFunctionAssociations::items)
}

fn link_function(out: &mut Batch, distribution: &Ref, association: &LambdaFunctionAssociation) {
    // arn:aws:lambda:us-east-1:123456789012:function:name:version
    let arn = &association.lambda_function_arn;
    let Some((function, version)) = arn.rsplit_once(':').filter(|_| arn.split(':').count() == 8) else {
        return;
    };
    let event = association.event_type.as_str();
    out.link(distribution.clone(), Triggers, AWS_LAMBDA_FUNCTION.at(function))
        .property("eventType", event)
        .property("version", version)
        .discriminator(format!("{event}:{version}"));
}
