//! Domains registered with Amazon Route 53. The API is in one region of the commercial partition only.

use aws_sdk_route53domains::operation::get_domain_detail::GetDomainDetailOutput;
use aws_sdk_route53domains::types::DomainSummary;
use orgraph_collect::prelude::*;
use orgraph_model::AwsPartition;

/// The only region with an endpoint.
const REGION: &str = "us-east-1";

pub(crate) static DOMAINS: Collector = Collector {
    name: "route53domains_domains",
    service: Service::ROUTE53_DOMAINS,
    scope: Scope::Account,
    calls: &[
        call("ListDomains").lists("Domains"),
        call("GetDomainDetail").lists("DomainName"),
        call("ListTagsForDomain").lists("TagList"),
    ],
    entities: &[entity::<Domain>()],
    relationships: &[rel(AWS_ROUTE53, Has, AWS_ROUTE53_DOMAIN)],
    collect: |cx, out| Box::pin(domains(cx, out)),
};

/// A registered domain. Of its contacts only e-mail addresses are kept, never names, phones or postal addresses.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Domain {
    /// The domain.
    id: String,
    /// The domain.
    domain_name: String,
    /// Whether the registration is renewed by itself.
    auto_renew: Option<bool>,
    /// Whether it is locked against being transferred to another registrar.
    locked: Option<bool>,
    /// The registrar's name.
    registrar: Option<String>,
    /// The registrar's name.
    registrar_name: Option<String>,
    /// The registrar's site.
    registrar_url: Option<String>,
    /// The server that says who registered it.
    whois_server: Option<String>,
    /// The name servers that answer for it.
    nameservers: Vec<String>,
    /// The e-mail addresses of its contacts, each once.
    contact_emails: Vec<String>,
    /// The e-mail address for reports of abuse.
    abuse_contact_email: Option<String>,
    /// When it was registered, in milliseconds since the epoch.
    created_on: Option<i64>,
    /// When the registration last changed, in milliseconds since the epoch.
    updated_on: Option<i64>,
    /// When the registration expires, in milliseconds since the epoch.
    expires_on: Option<i64>,
}

impl Entity for Domain {
    const TYPE: EntityType = AWS_ROUTE53_DOMAIN;
}

/// The properties that `GetDomainDetail` alone feeds.
const OF_DETAIL: [&str; 9] = [
    "registrar",
    "registrarName",
    "registrarUrl",
    "whoisServer",
    "nameservers",
    "contactEmails",
    "abuseContactEmail",
    "createdOn",
    "updatedOn",
];

/// What is asked about each domain.
struct Details {
    /// `None` when the domain is gone by now.
    domain: Detail<Option<GetDomainDetailOutput>>,
    tags: Detail<Vec<(String, String)>>,
}

async fn domains(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    cx.only_in(&[AwsPartition::Aws], "ListDomains")?;
    let route53domains = client!(aws_sdk_route53domains, ROUTE53_DOMAINS, cx, REGION);
    let mut pages = pages!(cx, route53domains.list_domains(), next_page_marker);
    while let Some(page) = pages.next().await? {
        let details = |listed: DomainSummary| async {
            let name = listed.domain_name.clone().unwrap_or_default();
            let domain = detail(route53domains.get_domain_detail().domain_name(&name).send().await)?;
            let found = detail(route53domains.list_tags_for_domain().domain_name(&name).send().await)?;
            let found = found.map(|it| it.and_then(|it| it.tag_list).unwrap_or_default());
            let tags = found.map(|it| tags(it.into_iter().map(|it| (it.key, it.value))));
            Ok::<_, CollectError>((listed, Details { domain, tags }))
        };
        for detailed in cx.concurrently(page.domains.unwrap_or_default(), details).await {
            let (listed, details) = detailed?;
            domain(cx, out, listed, &details);
        }
    }
    Ok(())
}

fn domain(cx: &Cx, out: &mut Batch, listed: DomainSummary, details: &Details) {
    let asked = match &details.domain {
        Detail::Known(None) => return,
        asked => asked.known().and_then(Option::as_ref),
    };
    let Some(name) = listed.domain_name.filter(|it| !it.is_empty()) else {
        return out.skip(None, "a domain without a name");
    };
    let expires_on = asked.and_then(|it| it.expiration_date.as_ref()).or(listed.expiry.as_ref());
    let nameservers = asked.map(GetDomainDetailOutput::nameservers).unwrap_or_default();

    out.add(
        format!("{AWS_ROUTE53_DOMAIN}:{}:{name}", cx.account()),
        &name,
        &Domain {
            id: name.clone(),
            domain_name: name.clone(),
            auto_renew: listed.auto_renew,
            locked: listed.transfer_lock,
            registrar: asked.and_then(|it| it.registrar_name.clone()),
            registrar_name: asked.and_then(|it| it.registrar_name.clone()),
            registrar_url: asked.and_then(|it| it.registrar_url.clone()),
            whois_server: asked.and_then(|it| it.who_is_server.clone()),
            nameservers: nameservers.iter().map(|it| it.name.clone()).collect(),
            contact_emails: asked.map(contact_emails).unwrap_or_default(),
            abuse_contact_email: asked.and_then(|it| it.abuse_contact_email.clone()),
            created_on: asked.and_then(|it| it.creation_date.as_ref()).and_then(millis),
            updated_on: asked.and_then(|it| it.updated_date.as_ref()).and_then(millis),
            expires_on: expires_on.and_then(millis),
        },
    )
    .tags(details.tags.known().cloned().unwrap_or_default())
    .web_link(cx.console(format_args!("route53/domains/home#/DomainDetails/{name}")))
    .unknown(&details.domain, &OF_DETAIL)
    .unknown(&details.tags, &["tags"]);
}

fn contact_emails(asked: &GetDomainDetailOutput) -> Vec<String> {
    let contacts =
        [&asked.registrant_contact, &asked.admin_contact, &asked.tech_contact, &asked.billing_contact];
    let mut emails: Vec<String> = contacts
        .into_iter()
        .filter_map(|it| it.as_ref()?.email.clone())
        .filter(|it| !it.is_empty())
        .collect();
    emails.sort_unstable();
    emails.dedup();
    emails
}
