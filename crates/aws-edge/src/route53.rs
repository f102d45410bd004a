//! Amazon Route 53: hosted zones and their records. Global: listed once per account.

mod records;

use std::collections::{HashMap, HashSet};

use aws_sdk_route53::Client;
use aws_sdk_route53::operation::get_hosted_zone::GetHostedZoneOutput;
use aws_sdk_route53::types::{HostedZone, ResourceRecordSet, TagResourceType};
use orgraph_collect::prelude::*;

use self::records::{Record, domain_name, record};

/// How many zones `ListTagsForResources` takes.
const TAGGED: usize = 10;

pub(crate) static ZONES: Collector = Collector {
    name: "route53_zones",
    service: Service::ROUTE53,
    scope: Scope::Account,
    calls: &[
        call("ListHostedZones").lists("ListHostedZonesResponse"),
        call("ListQueryLoggingConfigs").lists("ListQueryLoggingConfigsResponse"),
        call("ListTagsForResources").lists("ListTagsForResourcesResponse"),
        call("GetHostedZone").lists("GetHostedZoneResponse"),
        call("ListResourceRecordSets").lists("ListResourceRecordSetsResponse"),
    ],
    entities: &[entity::<Zone>(), entity::<Record>()],
    relationships: &[rel(AWS_ROUTE53, Has, AWS_ROUTE53_ZONE), rel(AWS_ROUTE53_ZONE, Has, AWS_ROUTE53_RECORD)],
    collect: |cx, out| Box::pin(zones(cx, out)),
};

/// A hosted zone: the records of a domain and of what is below it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Zone {
    /// The zone's ID.
    id: String,
    /// The domain, without the dot at its end.
    domain_name: String,
    /// The domain one label up, such as `example.com` for `dev.example.com`; `null` below a top-level domain.
    parent_domain: Option<String>,
    /// Whether everybody on the Internet may ask it.
    public: Option<bool>,
    /// Whether only the VPCs associated with it may ask it.
    private: Option<bool>,
    /// What its owner says about it.
    comment: Option<String>,
    /// How many records it has.
    records_count: Option<i64>,
    /// The name servers that answer for it; empty for a private zone.
    nameservers: Vec<String>,
    /// The reusable delegation set that its name servers come from; `null` without one.
    delegation_set_id: Option<String>,
    /// The VPCs that may ask it; empty for a public zone.
    vpc_ids: Vec<String>,
    /// The service that made it, such as `servicediscovery.amazonaws.com`; `null` when a person did.
    linked_service_principal: Option<String>,
    /// Whether queries are logged; `null` for a private zone, which cannot.
    query_logging_enabled: Option<bool>,
}

impl Entity for Zone {
    const TYPE: EntityType = AWS_ROUTE53_ZONE;
}

/// The tags of zones by their ID.
type Tags = HashMap<String, Vec<(String, String)>>;

/// What is asked about each zone; `None` when it is gone by now.
struct Details {
    zone: Detail<Option<GetHostedZoneOutput>>,
    records: Detail<Option<Vec<ResourceRecordSet>>>,
}

async fn zones(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let route53 = client!(aws_sdk_route53, ROUTE53, cx);
    let listed = pages!(cx, route53.list_hosted_zones(), next_marker).all(|it| Some(it.hosted_zones)).await?;
    if listed.is_empty() {
        return Ok(());
    }
    let logged = logged_zones(cx, &route53).await?;
    for zones in listed.chunks(TAGGED) {
        let tags = tags_of(&route53, zones).await?;
        let details = |listed: HostedZone| async {
            let id = last_segment(&listed.id);
            let details = Details {
                zone: detail(route53.get_hosted_zone().id(id).send().await)?,
                records: detail_pages(records(cx, &route53, id).await)?,
            };
            Ok::<_, CollectError>((listed, details))
        };
        for detailed in cx.concurrently(zones.to_vec(), details).await {
            let (listed, details) = detailed?;
            zone(cx, out, &listed, details, &tags, &logged);
        }
    }
    Ok(())
}

/// The IDs of the zones whose queries are logged.
async fn logged_zones(cx: &Cx, route53: &Client) -> Result<Detail<HashSet<String>>, CollectError> {
    let pages = pages!(cx, route53.list_query_logging_configs(), next_token);
    let configs = detail_pages(pages.all(|it| Some(it.query_logging_configs)).await)?;
    Ok(configs.map(|it| it.unwrap_or_default().into_iter().map(|it| it.hosted_zone_id).collect()))
}

async fn tags_of(route53: &Client, zones: &[HostedZone]) -> Result<Detail<Tags>, CollectError> {
    let ids = zones.iter().map(|it| last_segment(&it.id).to_owned()).collect();
    let asked = route53.list_tags_for_resources().resource_type(TagResourceType::Hostedzone);
    let answer = detail(asked.set_resource_ids(Some(ids)).send().await)?;
    Ok(match answer {
        Detail::Known(Some(answer)) => {
            let sets = answer.resource_tag_sets.into_iter();
            let sets = sets.filter_map(|it| Some((it.resource_id?, it.tags.unwrap_or_default())));
            Detail::Known(
                sets.map(|(id, set)| (id, tags(set.into_iter().map(|it| (it.key, it.value))))).collect(),
            )
        }
        // One of them is gone by now, and the answer does not say what tags the others have.
        Detail::Known(None) => Detail::Unknown(CollectError::Failed {
            operation: "ListTagsForResources".to_owned(),
            reason: "a zone was deleted while its tags were read".to_owned(),
        }),
        Detail::Unknown(error) => Detail::Unknown(error),
    })
}

async fn records(cx: &Cx, route53: &Client, zone_id: &str) -> Result<Vec<ResourceRecordSet>, CollectError> {
    let pages = pages!(
        cx,
        route53.list_resource_record_sets().hosted_zone_id(zone_id),
        next_record_name => set_start_record_name,
        next_record_type => set_start_record_type,
        next_record_identifier => set_start_record_identifier,
    );
    pages.all(|it| Some(it.resource_record_sets)).await
}

fn zone(
    cx: &Cx,
    out: &mut Batch,
    listed: &HostedZone,
    details: Details,
    tags: &Detail<Tags>,
    logged: &Detail<HashSet<String>>,
) {
    let id = last_segment(&listed.id);
    if id.is_empty() {
        return out.skip(None, "a hosted zone without an ID");
    }
    let asked = match &details.zone {
        Detail::Known(None) => return,
        asked => asked.known().and_then(Option::as_ref),
    };
    let records = match details.records {
        Detail::Known(None) => return,
        Detail::Known(Some(records)) => records,
        Detail::Unknown(error) => {
            // Which records the zone has is not known, so none may be taken for deleted.
            out.incomplete(&error);
            Vec::new()
        }
    };
    let arn = format!("arn:{}:route53:::hostedzone/{id}", cx.partition());
    let domain = domain_name(&listed.name);
    let private = listed.config.as_ref().map(|it| it.private_zone);
    let delegation = asked.and_then(|it| it.delegation_set.as_ref());
    let vpcs = asked.map(GetHostedZoneOutput::vpcs).unwrap_or_default();

    out.add(
        &arn,
        &domain,
        &Zone {
            id: id.to_owned(),
            parent_domain: domain.split_once('.').map(|it| it.1.to_owned()).filter(|it| it.contains('.')),
            domain_name: domain.clone(),
            public: private.map(|it| !it),
            private,
            comment: listed.config.as_ref().and_then(|it| it.comment.clone()).filter(|it| !it.is_empty()),
            records_count: listed.resource_record_set_count,
            nameservers: delegation.map(|it| it.name_servers().to_vec()).unwrap_or_default(),
            delegation_set_id: delegation
                .and_then(|it| it.id.as_deref())
                .map(|it| last_segment(it).to_owned()),
            vpc_ids: vpcs.iter().filter_map(|it| it.vpc_id.clone()).collect(),
            linked_service_principal: listed
                .linked_service
                .as_ref()
                .and_then(|it| it.service_principal.clone()),
            query_logging_enabled: logged
                .known()
                .filter(|_| private == Some(false))
                .map(|it| it.contains(id)),
        },
    )
    .tags(tags.known().and_then(|it| it.get(id)).cloned().unwrap_or_default())
    .web_link(cx.console(format_args!("route53/v2/hostedzones#ListRecordSets/{id}")))
    .unknown(&details.zone, &["nameservers", "delegationSetId", "vpcIds"])
    .unknown(tags, &["tags"])
    .unknown(logged, &["queryLoggingEnabled"]);

    let zone = AWS_ROUTE53_ZONE.at(arn);
    for listed in records {
        record(cx, out, &zone, id, listed);
    }
}
