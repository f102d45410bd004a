//! WAF: web ACLs in the regions, and those for CloudFront, which are listed once.

use std::collections::HashSet;

use aws_sdk_wafv2::Client;
use aws_sdk_wafv2::types::{
    ManagedRuleGroupStatement, ResourceType, Scope as WebAclScope, WebAcl as Asked, WebAclSummary,
};
use orgraph_collect::prelude::*;
use orgraph_model::AwsPartition;

/// How many items one page has at most.
const PAGE: i32 = 100;

pub(crate) static REGIONAL_WEB_ACLS: Collector = Collector {
    name: "wafv2_regional_web_acls",
    service: Service::WAF_V2,
    scope: Scope::Region,
    calls: &[
        call("ListWebACLs").lists("WebACLs"),
        call("ListLoggingConfigurations").lists("LoggingConfigurations"),
        call("GetWebACL").lists("WebACL"),
        call("ListResourcesForWebACL").lists("ResourceArns"),
        call("ListTagsForResource").lists("TagInfoForResource"),
    ],
    entities: &[entity::<WebAcl>()],
    relationships: &[
        rel(AWS_WAF_V2, Has, AWS_WAF_V2_WEB_ACL),
        rel(AWS_WAF_V2_WEB_ACL, Protects, AWS_ALB),
        rel(AWS_WAF_V2_WEB_ACL, Protects, AWS_API_GATEWAY_REST_API),
    ],
    collect: |cx, out| Box::pin(web_acls(cx, out, WebAclScope::Regional)),
};

/// Which distributions a web ACL protects, the distributions say.
pub(crate) static GLOBAL_WEB_ACLS: Collector = Collector {
    name: "wafv2_global_web_acls",
    service: Service::WAF_V2,
    scope: Scope::Account,
    calls: &[
        call("ListWebACLs").lists("WebACLs"),
        call("ListLoggingConfigurations").lists("LoggingConfigurations"),
        call("GetWebACL").lists("WebACL"),
        call("ListTagsForResource").lists("TagInfoForResource"),
    ],
    entities: &[entity::<WebAcl>()],
    relationships: &[rel(AWS_WAF_V2, Has, AWS_WAF_V2_WEB_ACL)],
    collect: |cx, out| Box::pin(global_web_acls(cx, out)),
};

/// A web ACL, which inspects requests to what it protects.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct WebAcl {
    /// The web ACL's ID.
    id: String,
    /// Always `application`.
    category: [&'static str; 1],
    /// What happens to requests that no rule matches: `ALLOW` or `BLOCK`.
    default_action: Option<&'static str>,
    /// `CLOUDFRONT` for distributions, `REGIONAL` for what is in a region.
    scope: String,
    /// How much of its capacity its rules use, in the units of WAF.
    capacity: Option<i64>,
    /// How many rules it has, without those of Firewall Manager.
    rule_count: usize,
    /// The names of its rules, in the order in which they are tried.
    rule_names: Vec<String>,
    /// The managed rule groups that it uses, those of Firewall Manager included, as `{vendor}/{name}`.
    managed_rule_groups: Vec<String>,
    /// Whether Firewall Manager manages it.
    managed_by_firewall_manager: Option<bool>,
    /// What its owner says about it.
    description: Option<String>,
    /// Whether the requests that it inspects are logged.
    logging_enabled: Option<bool>,
}

impl Entity for WebAcl {
    const TYPE: EntityType = AWS_WAF_V2_WEB_ACL;
}

/// The properties that `GetWebACL` feeds.
const OF_DETAIL: [&str; 6] =
    ["defaultAction", "capacity", "ruleCount", "ruleNames", "managedRuleGroups", "managedByFirewallManager"];

/// What is asked about each web ACL.
struct Details {
    /// `None` when it is gone by now.
    web_acl: Detail<Option<Asked>>,
    /// The ARNs of what it protects in its region.
    protected: Detail<Vec<String>>,
    tags: Detail<Vec<(String, String)>>,
}

async fn global_web_acls(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    cx.only_in(&[AwsPartition::Aws], "ListWebACLs")?;
    web_acls(cx, out, WebAclScope::Cloudfront).await
}

async fn web_acls(cx: &Cx, out: &mut Batch, scope: WebAclScope) -> Result<(), CollectError> {
    let wafv2 = client!(aws_sdk_wafv2, WAF_V2, cx);
    let request = wafv2.list_web_acls().scope(scope.clone()).limit(PAGE);
    let listed = pages!(cx, request, next_marker => set_next_marker).all(|it| it.web_acls).await?;
    if listed.is_empty() {
        return Ok(());
    }
    let logged = logged_web_acls(cx, &wafv2, &scope).await?;
    let details = |listed: WebAclSummary| async {
        let arn = listed.arn.clone().unwrap_or_default();
        let asked = wafv2.get_web_acl().scope(scope.clone());
        let asked = asked.set_id(listed.id.clone()).set_name(listed.name.clone());
        let web_acl = detail(asked.send().await)?.map(|it| it.and_then(|it| it.web_acl));
        let protected = match scope {
            WebAclScope::Cloudfront => Detail::Known(Vec::new()),
            _ => protected(&wafv2, &arn).await?,
        };
        let tags = tags_of(cx, &wafv2, &arn).await?;
        Ok::<_, CollectError>((listed, Details { web_acl, protected, tags }))
    };
    for detailed in cx.concurrently(listed, details).await {
        let (listed, details) = detailed?;
        web_acl(cx, out, listed, &details, &scope, &logged);
    }
    Ok(())
}

/// The ARNs of the web ACLs that log.
async fn logged_web_acls(
    cx: &Cx,
    wafv2: &Client,
    scope: &WebAclScope,
) -> Result<Detail<HashSet<String>>, CollectError> {
    let request = wafv2.list_logging_configurations().scope(scope.clone()).limit(PAGE);
    let pages = pages!(cx, request, next_marker => set_next_marker);
    let configurations = detail_pages(pages.all(|it| it.logging_configurations).await)?;
    Ok(configurations.map(|it| it.unwrap_or_default().into_iter().map(|it| it.resource_arn).collect()))
}

/// What the web ACL protects, of the kinds that are in the graph. AWS lists one kind at a time.
async fn protected(wafv2: &Client, arn: &str) -> Result<Detail<Vec<String>>, CollectError> {
    let mut arns = Vec::new();
    for kind in [ResourceType::ApplicationLoadBalancer, ResourceType::ApiGateway] {
        let asked = wafv2.list_resources_for_web_acl().web_acl_arn(arn).resource_type(kind);
        match detail(asked.send().await)? {
            Detail::Known(answer) => arns.extend(answer.and_then(|it| it.resource_arns).unwrap_or_default()),
            Detail::Unknown(error) => return Ok(Detail::Unknown(error)),
        }
    }
    Ok(Detail::Known(arns))
}

async fn tags_of(cx: &Cx, wafv2: &Client, arn: &str) -> Result<Detail<Vec<(String, String)>>, CollectError> {
    let request = wafv2.list_tags_for_resource().resource_arn(arn).limit(PAGE);
    let pages = pages!(cx, request, next_marker => set_next_marker);
    let tags = detail_pages(pages.all(|it| it.tag_info_for_resource?.tag_list).await)?;
    Ok(tags.map(|it| it.unwrap_or_default().into_iter().map(|it| (it.key, it.value)).collect()))
}

fn web_acl(
    cx: &Cx,
    out: &mut Batch,
    listed: WebAclSummary,
    details: &Details,
    scope: &WebAclScope,
    logged: &Detail<HashSet<String>>,
) {
    let asked = match &details.web_acl {
        Detail::Known(None) => return,
        asked => asked.known().and_then(Option::as_ref),
    };
    let (Some(arn), Some(id), Some(name)) = (listed.arn, listed.id, listed.name) else {
        return out.skip(None, "a web ACL without an ARN, an ID or a name");
    };
    let mut rules: Vec<(i32, String)> = asked
        .map(|it| it.rules().iter().map(|it| (it.priority, it.name.clone())).collect())
        .unwrap_or_default();
    rules.sort_unstable();
    let is_global = *scope == WebAclScope::Cloudfront;
    // The console and the ARN put what is for CloudFront into one region.
    let home = cx.endpoint_region();
    let place = if is_global { "global" } else { home.as_str() };

    let added = out
        .add(
            &arn,
            &name,
            &WebAcl {
                id: id.clone(),
                category: ["application"],
                default_action: asked.and_then(default_action),
                scope: scope.as_str().to_owned(),
                capacity: asked.map(|it| it.capacity),
                rule_count: rules.len(),
                rule_names: rules.into_iter().map(|it| it.1).collect(),
                managed_rule_groups: asked.map(managed_rule_groups).unwrap_or_default(),
                managed_by_firewall_manager: asked.map(|it| it.managed_by_firewall_manager),
                description: listed.description.filter(|it| !it.is_empty()),
                logging_enabled: logged.known().map(|it| it.contains(&arn)),
            },
        )
        .tags(details.tags.known().cloned().unwrap_or_default())
        .web_link(cx.console(format_args!("wafv2/homev2/web-acl/{name}/{id}/overview?region={place}")))
        .unknown(&details.web_acl, &OF_DETAIL)
        .unknown(&details.protected, &[])
        .unknown(&details.tags, &["tags"])
        .unknown(logged, &["loggingEnabled"]);
    if let Ok(home) = home.parse() {
        added.region(home);
    }

    let web_acl = AWS_WAF_V2_WEB_ACL.at(arn);
    for protected in details.protected.known().into_iter().flatten() {
        if protected.contains(":loadbalancer/app/") {
            out.link(web_acl.clone(), Protects, AWS_ALB.at(protected));
        } else if let Some((api, _)) = protected.split_once("/stages/") {
            // What is protected is a stage; the graph has the API.
            out.link(web_acl.clone(), Protects, AWS_API_GATEWAY_REST_API.at(api));
        }
    }
}

fn default_action(asked: &Asked) -> Option<&'static str> {
    let action = asked.default_action.as_ref()?;
    match (&action.allow, &action.block) {
        (Some(_), _) => Some("ALLOW"),
        (None, Some(_)) => Some("BLOCK"),
        (None, None) => None,
    }
}

fn managed_rule_groups(asked: &Asked) -> Vec<String> {
    let own =
        asked.rules().iter().filter_map(|it| it.statement.as_ref()?.managed_rule_group_statement.as_ref());
    let before = asked.pre_process_firewall_manager_rule_groups();
    let after = asked.post_process_firewall_manager_rule_groups();
    let others = before.iter().chain(after);
    let others =
        others.filter_map(|it| it.firewall_manager_statement.as_ref()?.managed_rule_group_statement.as_ref());
    let group = |it: &ManagedRuleGroupStatement| format!("{}/{}", it.vendor_name, it.name);
    let mut groups: Vec<String> = own.chain(others).map(group).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}
