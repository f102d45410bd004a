//! What the address of an integration leads to, as far as the graph has it.

use std::net::IpAddr;

use orgraph_collect::prelude::*;

use crate::lambda;

/// What an address leads to.
#[derive(Debug, PartialEq)]
pub(super) enum Destination {
    /// Something whose key the address names.
    Named(Ref),
    /// Whatever has this value of a property.
    With(EntityType, &'static str, String),
    /// A machine of which only the address is known.
    Address(IpAddr),
}

/// What an integration's address leads to: the ARN of a function or a listener, a queue that is called by way of API
/// Gateway, or a web address.
pub(super) fn destinations(uri: &str) -> Vec<Destination> {
    if let Some(function) = lambda::invoked(uri) {
        return vec![Destination::Named(function)];
    }
    if uri.starts_with("arn:") {
        let listener = || {
            let is_listener = uri.contains(":elasticloadbalancing:") && uri.contains(":listener/");
            is_listener.then(|| AWS_LB_LISTENER.at(uri))
        };
        let named = called_queue(uri).or_else(listener);
        return named.map(Destination::Named).into_iter().collect();
    }
    host(uri).map(of_host).unwrap_or_default()
}

/// The queue of a URL such as `https://sqs.us-east-1.amazonaws.com/123456789012/orders`.
pub(super) fn queue(url: &str) -> Option<Ref> {
    let region = host(url)?.strip_prefix("sqs.")?.split_once(".amazonaws.com")?.0;
    let (_, path) = url.split_once("://")?.1.split_once('/')?;
    queue_at(partition_of(region), region, path)
}

/// The queue of an address such as `arn:aws:apigateway:us-east-1:sqs:path/123456789012/orders`.
fn called_queue(uri: &str) -> Option<Ref> {
    let (gateway, path) = uri.split_once(":sqs:path/")?;
    let mut segments = gateway.split(':');
    let partition = segments.nth(1)?;
    queue_at(partition, segments.nth(1)?, path)
}

fn queue_at(partition: &str, region: &str, path: &str) -> Option<Ref> {
    let (account, name) = path.trim_matches('/').split_once('/')?;
    let is_plain = |it: &str| it.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.".contains(&it));
    let is_whole = is_plain(account) && is_plain(name) && is_plain(region);
    is_whole.then(|| AWS_SQS_QUEUE.at(format!("arn:{partition}:sqs:{region}:{account}:{name}")))
}

fn partition_of(region: &str) -> &'static str {
    match region.split_once('-') {
        Some(("cn", _)) => "aws-cn",
        Some(("us", rest)) if rest.starts_with("gov-") => "aws-us-gov",
        _ => "aws",
    }
}

/// The host of a web address, if it is one and the host is spelled out.
fn host(uri: &str) -> Option<&str> {
    let (scheme, rest) = uri.split_once("://")?;
    let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let authority = rest.split(['/', '?', '#']).next().filter(|_| is_web)?;
    let place = authority.rsplit('@').next()?;
    let host = match place.strip_prefix('[') {
        Some(address) => address.split(']').next()?,
        None => place.split(':').next()?,
    };
    let host = host.trim_end_matches('.');
    (!host.is_empty() && !host.contains(['$', '{'])).then_some(host)
}

/// AWS names each kind of host by a domain of its own; under any other name it may be a distribution's alias.
fn of_host(host: &str) -> Vec<Destination> {
    if let Ok(ip) = host.parse() {
        let instance = Destination::With(AWS_INSTANCE, "publicIpAddress", host.to_owned());
        return vec![instance, Destination::Address(ip)];
    }
    let name = host.to_ascii_lowercase();
    let with = |types: &[EntityType], property, value: &str| -> Vec<Destination> {
        types.iter().map(|it| Destination::With(*it, property, value.to_owned())).collect()
    };
    if !name.ends_with(".amazonaws.com") && !name.ends_with(".amazonaws.com.cn") {
        let property = if name.ends_with(".cloudfront.net") { "domainName" } else { "aliases" };
        with(&[AWS_CLOUDFRONT_DISTRIBUTION], property, &name)
    } else if name.contains(".execute-api.") {
        with(&[AWS_API_GATEWAY_REST_API, AWS_API_GATEWAY_V2_API], "dnsName", &name)
    } else if name.contains(".elb.") {
        // A load balancer's name may have capitals, which its host name keeps.
        let plain = host.strip_prefix("dualstack.").unwrap_or(host);
        with(&[AWS_ALB, AWS_NLB, AWS_ELB, AWS_LB], "dnsName", plain)
    } else if name.contains(".compute.") || name.contains(".compute-1.") {
        with(&[AWS_INSTANCE], "publicDnsName", &name)
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_to_what_it_names() {
        let check = |uri: &str, expected: &[&str]| {
            let found = destinations(uri).into_iter().map(|it| match it {
                Destination::Named(named) => format!("{} {}", named.entity_type, named.key),
                Destination::With(to_type, property, value) => format!("{to_type} {property}={value}"),
                Destination::Address(ip) => format!("host {ip}"),
            });
            assert_eq!(found.collect::<Vec<_>>(), expected, "{uri}");
        };
        let listener = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/web/1/2";
        let elb = "Web-1.us-east-1.elb.amazonaws.com";

        check(listener, &[&format!("aws_lb_listener {listener}")]);
        check(
            "arn:aws:apigateway:us-east-1:sqs:path/123456789012/orders",
            &["aws_sqs_queue arn:aws:sqs:us-east-1:123456789012:orders"],
        );
        check("arn:aws:apigateway:us-east-1:states:action/StartExecution", &[]);
        check("arn:aws:servicediscovery:us-east-1:123456789012:service/srv-1", &[]);
        check(
            "https://198.51.100.7:8443/a",
            &["aws_instance publicIpAddress=198.51.100.7", "host 198.51.100.7"],
        );
        check("http://[2001:db8::7]/a", &["aws_instance publicIpAddress=2001:db8::7", "host 2001:db8::7"]);
        check(
            "https://D1.cloudfront.net./{proxy}",
            &["aws_cloudfront_distribution domainName=d1.cloudfront.net"],
        );
        check("https://api.example.com?a=b", &["aws_cloudfront_distribution aliases=api.example.com"]);
        check(
            &format!("http://dualstack.{elb}/a"),
            &["aws_alb", "aws_nlb", "aws_elb", "aws_lb"]
                .map(|it| format!("{it} dnsName={elb}"))
                .each_ref()
                .map(String::as_str),
        );
        check(
            "https://a1.execute-api.us-east-1.amazonaws.com/prod",
            &[
                "aws_api_gateway_rest_api dnsName=a1.execute-api.us-east-1.amazonaws.com",
                "aws_api_gateway_v2_api dnsName=a1.execute-api.us-east-1.amazonaws.com",
            ],
        );
        check(
            "http://ec2-198-51-100-7.compute-1.amazonaws.com",
            &["aws_instance publicDnsName=ec2-198-51-100-7.compute-1.amazonaws.com"],
        );
        check("https://${stageVariables.host}/a", &[]);
        check("orders", &[]);
    }

    #[test]
    fn a_queue_is_found_by_its_url() {
        let check = |url: &str, expected: Option<&str>| {
            assert_eq!(queue(url).map(|it| it.key.to_string()).as_deref(), expected, "{url}");
        };

        check(
            "https://sqs.us-east-1.amazonaws.com/123456789012/orders.fifo",
            Some("arn:aws:sqs:us-east-1:123456789012:orders.fifo"),
        );
        check(
            "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/orders",
            Some("arn:aws-cn:sqs:cn-north-1:123456789012:orders"),
        );
        check("$request.header.queue", None);
        check("https://sqs.us-east-1.amazonaws.com/123456789012/${request.body.name}", None);
        check("https://example.com/123456789012/orders", None);
    }
}
