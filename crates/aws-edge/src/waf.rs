//! WAF Classic, which AWS has closed: for CloudFront, and in the regions. Where AWS says that it is closed, the
//! collectors end as unsupported.

use orgraph_collect::prelude::*;
use orgraph_model::AwsPartition;

/// How many web ACLs one page has at most.
const PAGE: i32 = 100;

pub(crate) static GLOBAL_WEB_ACLS: Collector = Collector {
    name: "waf_web_acls",
    service: Service::WAF,
    scope: Scope::Account,
    calls: &[call("ListWebACLs").lists("WebACLs"), call("GetWebACL").lists("WebACL")],
    entities: &[entity::<WebAcl>()],
    relationships: &[rel(AWS_WAF, Has, AWS_WAF_WEB_ACL)],
    collect: |cx, out| Box::pin(global_web_acls(cx, out)),
};

pub(crate) static REGIONAL_WEB_ACLS: Collector = Collector {
    name: "waf_regional_web_acls",
    service: Service::WAF_REGIONAL,
    scope: Scope::Region,
    calls: &[call("ListWebACLs").lists("WebACLs"), call("GetWebACL").lists("WebACL")],
    entities: &[entity::<WebAcl>()],
    relationships: &[rel(AWS_WAF, Has, AWS_WAF_WEB_ACL)],
    collect: |cx, out| Box::pin(regional_web_acls(cx, out)),
};

/// A web ACL of WAF Classic, which inspects requests to a distribution, a load balancer or an API.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct WebAcl {
    /// The web ACL's ID.
    id: String,
    /// Always `application`.
    category: [&'static str; 1],
    /// What happens to requests that no rule matches: `ALLOW` or `BLOCK`.
    default_action: Option<String>,
    /// The name of its metrics.
    metric_name: Option<String>,
    /// How many rules it has.
    rule_count: usize,
    /// The IDs of its rules, in the order in which they are tried.
    rule_ids: Vec<String>,
    /// `global` for CloudFront, `regional` for what is in a region.
    waf: &'static str,
}

impl Entity for WebAcl {
    const TYPE: EntityType = AWS_WAF_WEB_ACL;
}

/// A web ACL in the words of either API.
struct Listed {
    id: String,
    name: String,
    /// `None` when it is gone by now.
    asked: Detail<Option<Asked>>,
}

/// What is asked about each web ACL.
struct Asked {
    arn: Option<String>,
    default_action: Option<String>,
    metric_name: Option<String>,
    /// With their priorities.
    rule_ids: Vec<(i32, String)>,
}

/// Lists the web ACLs. The two APIs are the same in everything but the names of their types, hence a macro.
macro_rules! listed {
    ($cx:expr, $waf:expr) => {{
        let waf = $waf;
        let mut all = Vec::new();
        let mut pages = pages!($cx, waf.list_web_acls().limit(PAGE), next_marker => set_next_marker);
        while let Some(page) = pages.next().await? {
            let web_acls = page.web_acls.unwrap_or_default();
            let ids = web_acls.into_iter().map(|it| (it.web_acl_id, it.name)).collect();
            let asked = |(id, name): (String, String)| async {
                let asked = detail(waf.get_web_acl().web_acl_id(&id).send().await)?;
                let asked = asked.map(|it| it.and_then(|it| it.web_acl));
                let asked = asked.map(|it| {
                    it.map(|it| Asked {
                        arn: it.web_acl_arn,
                        default_action: it.default_action.map(|it| it.r#type.as_str().to_owned()),
                        metric_name: it.metric_name,
                        rule_ids: it.rules.into_iter().map(|it| (it.priority, it.rule_id)).collect(),
                    })
                });
                Ok::<_, CollectError>(Listed { id, name, asked })
            };
            all.extend($cx.concurrently(ids, asked).await);
        }
        all
    }};
}

async fn global_web_acls(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    cx.only_in(&[AwsPartition::Aws], "ListWebACLs")?;
    for listed in listed!(cx, client!(aws_sdk_waf, WAF, cx)) {
        web_acl(cx, out, listed?, "global");
    }
    Ok(())
}

async fn regional_web_acls(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    for listed in listed!(cx, client!(aws_sdk_wafregional, WAF_REGIONAL, cx)) {
        web_acl(cx, out, listed?, "regional");
    }
    Ok(())
}

fn web_acl(cx: &Cx, out: &mut Batch, listed: Listed, waf: &'static str) {
    let Listed { id, name, asked } = listed;
    let known = match &asked {
        Detail::Known(None) => return,
        asked => asked.known().and_then(Option::as_ref),
    };
    if id.is_empty() {
        return out.skip(None, "a web ACL without an ID");
    }
    let service = if waf == "global" { "waf" } else { "waf-regional" };
    let arn = known.and_then(|it| it.arn.clone());
    let arn = arn.unwrap_or_else(|| cx.arn(service, format_args!("webacl/{id}")));
    let mut rules: Vec<(i32, String)> = known.map(|it| it.rule_ids.clone()).unwrap_or_default();
    rules.sort_unstable();
    let place = if waf == "global" { "global" } else { cx.region().as_str() };

    out.add(
        arn,
        &name,
        &WebAcl {
            category: ["application"],
            default_action: known.and_then(|it| it.default_action.clone()),
            metric_name: known.and_then(|it| it.metric_name.clone()),
            rule_count: rules.len(),
            rule_ids: rules.into_iter().map(|it| it.1).collect(),
            waf,
            id: id.clone(),
        },
    )
    .web_link(cx.console(format_args!("waf/home?region={place}#/webacls/rules/{id}")))
    .unknown(&asked, &["defaultAction", "metricName", "ruleCount", "ruleIds"]);
}
