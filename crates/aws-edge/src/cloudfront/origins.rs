//! Origins: where a distribution fetches what it does not have.

use aws_sdk_cloudfront::types::{CustomHeaders, Origin as Listed};
use orgraph_collect::prelude::*;

/// Where a distribution fetches what it does not have.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Origin {
    /// The origin's ID within its distribution.
    id: String,
    /// The ID of the distribution.
    distribution_id: String,
    /// The host that is asked.
    domain_name: String,
    /// What is put in front of every path; empty for nothing.
    path: Option<String>,
    /// What it is, by its domain name: `s3`, `s3-website`, `api-gateway`, `load-balancer`, `lambda-url`, `vpc` or
    /// `custom`.
    origin_type: &'static str,
    /// The ID of the origin access identity, the old way to let CloudFront alone read a bucket; `null` without one.
    origin_access_identity: Option<String>,
    /// The ID of the origin access control, the new way; `null` without one.
    origin_access_control_id: Option<String>,
    /// Whether it is asked over `http-only`, `https-only` or as the viewer did (`match-viewer`); `null` for a bucket.
    origin_protocol_policy: Option<String>,
    /// The versions of TLS that it may be asked with; `null` for a bucket.
    origin_ssl_protocols: Option<Vec<String>>,
    /// The names of the headers that are added to requests. Their values are never read into the graph.
    custom_header_names: Vec<String>,
    /// Whether all requests to it pass through one location.
    origin_shield_enabled: Option<bool>,
}

impl Entity for Origin {
    const TYPE: EntityType = AWS_CLOUDFRONT_DISTRIBUTION_ORIGIN;
}

pub(super) fn origin(cx: &Cx, out: &mut Batch, distribution: &Ref, distribution_id: &str, listed: &Listed) {
    let key = format!("{AWS_CLOUDFRONT_DISTRIBUTION_ORIGIN}:{}:{}", distribution.key, listed.id);
    let custom = listed.custom_origin_config.as_ref();
    let identity = listed.s3_origin_config.as_ref().map(|it| last_segment(&it.origin_access_identity));
    let host = Host::of(&listed.domain_name);
    let headers = listed.custom_headers.as_ref().map(CustomHeaders::items).unwrap_or_default();
    let mut custom_header_names: Vec<String> = headers.iter().map(|it| it.header_name.clone()).collect();
    custom_header_names.sort_unstable();
    let protocols = custom.and_then(|it| it.origin_ssl_protocols.as_ref());

    out.add(
        &key,
        &listed.id,
        &Origin {
            id: listed.id.clone(),
            distribution_id: distribution_id.to_owned(),
            domain_name: listed.domain_name.clone(),
            path: listed.origin_path.clone(),
            origin_type: if listed.vpc_origin_config.is_some() { "vpc" } else { host.kind() },
            origin_access_identity: identity.filter(|it| !it.is_empty()).map(str::to_owned),
            origin_access_control_id: listed.origin_access_control_id.clone().filter(|it| !it.is_empty()),
            origin_protocol_policy: custom.map(|it| it.origin_protocol_policy.as_str().to_owned()),
            origin_ssl_protocols: protocols
                .map(|it| it.items().iter().map(|it| it.as_str().to_owned()).collect()),
            custom_header_names,
            // Settings without the shield do not use it.
            origin_shield_enabled: Some(listed.origin_shield.as_ref().is_some_and(|it| it.enabled)),
        },
    )
    .web_link(cx.console(format_args!("cloudfront/v4/home#/distributions/{distribution_id}/origins")));
    out.link(distribution.clone(), Has, AWS_CLOUDFRONT_DISTRIBUTION_ORIGIN.at(key));
    match host {
        Host::Bucket(name) | Host::Website(name) => {
            let bucket = format!("arn:{}:s3:::{name}", cx.partition());
            out.link(distribution.clone(), Connects, AWS_S3_BUCKET.at(bucket));
        }
        Host::Api { id, region } => {
            // The account is not in the name of the host, and not in the ARN either.
            let api = format!("arn:{}:apigateway:{region}::/restapis/{id}", cx.partition());
            out.link(distribution.clone(), Connects, AWS_API_GATEWAY_REST_API.at(api));
        }
        Host::LoadBalancer | Host::FunctionUrl | Host::Other => {}
    }
}

/// What a domain name says about the host behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Host<'a> {
    Bucket(&'a str),
    Website(&'a str),
    Api { id: &'a str, region: &'a str },
    LoadBalancer,
    FunctionUrl,
    Other,
}

impl<'a> Host<'a> {
    pub(super) fn of(domain: &'a str) -> Self {
        if domain.contains(".lambda-url.") && domain.ends_with(".on.aws") {
            return Self::FunctionUrl;
        }
        let suffix =
            [".amazonaws.com", ".amazonaws.com.cn"].into_iter().find_map(|it| domain.strip_suffix(it));
        let Some(host) = suffix else { return Self::Other };
        if let Some((id, region)) = host.split_once(".execute-api.") {
            return Self::Api { id, region };
        }
        // Classic load balancers end with their region, all others with the service after it or before it.
        if host.ends_with(".elb") || host.contains(".elb.") {
            return Self::LoadBalancer;
        }
        // A bucket may have `.s3` within its name, so the last one counts.
        let parts = host.rmatch_indices(".s3").map(|(at, it)| (&host[..at], &host[at + it.len()..]));
        let found = parts.into_iter().find_map(|(name, rest)| match rest.strip_prefix("-website") {
            Some(place) => is_region(place.strip_prefix(['-', '.'])?).then_some(Self::Website(name)),
            None if rest.is_empty() => Some(Self::Bucket(name)),
            None => {
                let place = rest.strip_prefix(['-', '.'])?;
                is_region(place.strip_prefix("dualstack.").unwrap_or(place)).then_some(Self::Bucket(name))
            }
        });
        found.unwrap_or(Self::Other)
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Bucket(_) => "s3",
            Self::Website(_) => "s3-website",
            Self::Api { .. } => "api-gateway",
            Self::LoadBalancer => "load-balancer",
            Self::FunctionUrl => "lambda-url",
            Self::Other => "custom",
        }
    }
}

/// Whether it looks like `eu-west-1`, so that `accesspoint.eu-west-1` is not taken for one.
fn is_region(text: &str) -> bool {
    let is_word = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric());
    text.split('-').count() >= 3
        && text.split('-').all(is_word)
        && text.ends_with(|it: char| it.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_name_says_what_is_behind_it() {
        let check = |domain: &str, expected: Host<'_>| assert_eq!(Host::of(domain), expected, "{domain}");

        check("b.s3.amazonaws.com", Host::Bucket("b"));
        check("b.s3.eu-west-1.amazonaws.com", Host::Bucket("b"));
        check("b.s3-eu-west-1.amazonaws.com", Host::Bucket("b"));
        check("b.s3.dualstack.eu-west-1.amazonaws.com", Host::Bucket("b"));
        check("b.s3.cn-north-1.amazonaws.com.cn", Host::Bucket("b"));
        check("a.b.s3-old.s3.us-gov-west-1.amazonaws.com", Host::Bucket("a.b.s3-old"));
        check("b.s3-website-us-east-1.amazonaws.com", Host::Website("b"));
        check("b.s3-website.eu-central-1.amazonaws.com", Host::Website("b"));
        check("p-123456789012.s3-accesspoint.eu-west-1.amazonaws.com", Host::Other);
        check("a1b2.execute-api.eu-west-1.amazonaws.com", Host::Api { id: "a1b2", region: "eu-west-1" });
        check("web-1.eu-west-1.elb.amazonaws.com", Host::LoadBalancer);
        check("net-1.elb.eu-west-1.amazonaws.com", Host::LoadBalancer);
        check("x.lambda-url.eu-west-1.on.aws", Host::FunctionUrl);
        check("b.s3.eu-west-1.example.com", Host::Other);
        check("www.example.com", Host::Other);
    }
}
