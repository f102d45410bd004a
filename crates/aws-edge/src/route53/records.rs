//! The records of a hosted zone.

use aws_sdk_route53::types::{GeoLocation, ResourceRecordSet};
use orgraph_collect::prelude::*;

/// A record: what a name stands for. What is in public records everybody may ask for.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record {
    /// The record within its zone: type, name and, where there are several, the set identifier.
    id: String,
    /// The type, such as `A` or `CNAME`.
    #[serde(rename = "type")]
    kind: String,
    /// How long answers may be kept, in seconds; `null` for an alias.
    #[serde(rename = "TTL")]
    ttl: Option<i64>,
    /// What the name stands for, one text per value; `null` for an alias.
    value: Option<Vec<String>>,
    /// Whether it stands for a resource of AWS instead of values.
    alias: bool,
    /// The name of the resource that an alias stands for, without the dot at its end.
    alias_target: Option<String>,
    /// Whether an alias stops answering when its target is not healthy; `null` for other records.
    evaluate_target_health: Option<bool>,
    /// The ID of the zone.
    zone_id: String,
    /// What tells it apart from others of the same name and type; `null` for the only one.
    set_identifier: Option<String>,
    /// Its share among others of the same name and type, where they are weighted.
    weight: Option<i64>,
    /// `PRIMARY` or `SECONDARY`, where one takes over from the other.
    failover: Option<String>,
    /// Where askers are that get it: a continent (`EU`), a country (`DE`), a part of one (`US-CA`), or `*` for all
    /// others.
    geo_location: Option<String>,
    /// The health check that it depends on.
    health_check_id: Option<String>,
}

impl Entity for Record {
    const TYPE: EntityType = AWS_ROUTE53_RECORD;
}

pub(super) fn record(cx: &Cx, out: &mut Batch, zone: &Ref, zone_id: &str, listed: ResourceRecordSet) {
    let name = domain_name(&listed.name);
    let kind = listed.r#type.as_str().to_owned();
    let mut id = format!("{kind}:{name}");
    if let Some(set_identifier) = &listed.set_identifier {
        id = format!("{id}:{set_identifier}");
    }
    let key = format!("{AWS_ROUTE53_RECORD}:{zone_id}:{id}");
    let target = listed.alias_target;

    out.add(
        &key,
        &name,
        &Record {
            id,
            kind,
            ttl: listed.ttl,
            value: listed.resource_records.map(|it| it.into_iter().map(|it| it.value).collect()),
            alias: target.is_some(),
            evaluate_target_health: target.as_ref().map(|it| it.evaluate_target_health),
            alias_target: target.map(|it| domain_name(&it.dns_name)),
            zone_id: zone_id.to_owned(),
            set_identifier: listed.set_identifier,
            weight: listed.weight,
            failover: listed.failover.map(|it| it.as_str().to_owned()),
            geo_location: listed.geo_location.as_ref().and_then(geo_location),
            health_check_id: listed.health_check_id,
        },
    )
    .web_link(cx.console(format_args!("route53/v2/hostedzones#ListRecordSets/{zone_id}")));
    out.link(zone.clone(), Has, AWS_ROUTE53_RECORD.at(key));
}

fn geo_location(listed: &GeoLocation) -> Option<String> {
    match (&listed.continent_code, &listed.country_code, &listed.subdivision_code) {
        (Some(continent), _, _) => Some(continent.clone()),
        (None, Some(country), Some(part)) => Some(format!("{country}-{part}")),
        (None, Some(country), None) => Some(country.clone()),
        (None, None, _) => None,
    }
}

/// A name as people write it: in lower case, without the dot at its end, with the characters that Route 53 gives as
/// octal numbers, such as the `*` of a wildcard. A dot or backslash within a label stays a number, since it would mean
/// something else.
pub(super) fn domain_name(listed: &str) -> String {
    let mut rest = listed.strip_suffix('.').unwrap_or(listed);
    let mut name = String::with_capacity(rest.len());
    while let Some(at) = rest.find('\\') {
        name.push_str(&rest[..at]);
        let decoded = rest.get(at + 1..at + 4).and_then(|it| u8::from_str_radix(it, 8).ok());
        if let Some(byte) = decoded.filter(|it| it.is_ascii_graphic() && !matches!(it, b'.' | b'\\')) {
            name.push(char::from(byte));
            rest = &rest[at + 4..];
        } else {
            name.push('\\');
            rest = &rest[at + 1..];
        }
    }
    name.push_str(rest);
    name.make_ascii_lowercase();
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_as_people_write_it() {
        let check = |listed: &str, expected: &str| assert_eq!(domain_name(listed), expected, "{listed}");

        check("Example.COM.", "example.com");
        check("\\052.example.com.", "*.example.com");
        check("a\\100b.example.com.", "a@b.example.com");
        check("a\\056b.example.com.", "a\\056b.example.com");
        check("a\\", "a\\");
        check("a\\é9x", "a\\é9x");
        check(".", "");
    }
}
