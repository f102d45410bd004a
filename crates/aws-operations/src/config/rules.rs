//! Rules and which resources they found compliant or not.

use std::collections::HashMap;

use aws_sdk_config::Client;
use aws_sdk_config::types::{
    ComplianceType, ConfigRule as Listed, ConfigRuleState, EvaluationResult, Scope as RuleScope,
};
use orgraph_collect::prelude::*;
use serde_json::{Map, Value};

use super::evaluated::{self, ACCOUNT, RELATIONSHIPS};
use crate::keys;

/// How many results of one rule are read. The rules that look at more resources are those that come with another
/// service, which has the findings itself.
const MAX_RESULTS: usize = 10_000;

/// The largest page that AWS gives.
const PAGE: i32 = 100;

pub(crate) static RULES: Collector = Collector {
    name: "config_rules",
    service: Service::CONFIG,
    scope: Scope::Region,
    calls: &[
        call("DescribeConfigRules").lists("ConfigRules"),
        call("DescribeComplianceByConfigRule").lists("ComplianceByConfigRules"),
        call("GetComplianceDetailsByConfigRule").lists("EvaluationResults"),
    ],
    entities: &[entity::<Rule>()],
    relationships: &RELATIONSHIPS,
    collect: |cx, out| Box::pin(rules(cx, out)),
};

/// A rule that resources are evaluated by, with what it found all in all.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Rule {
    /// The rule's ID.
    id: String,
    /// `config`.
    category: &'static str,
    /// What its owner says about it.
    description: Option<String>,
    /// `ACTIVE`, `DELETING`, `DELETING_RESULTS` or `EVALUATING`.
    state: Option<String>,
    /// Whether the state is `ACTIVE`.
    active: Option<bool>,
    /// Who wrote it: `AWS`, `CUSTOM_LAMBDA` or `CUSTOM_POLICY`.
    source_owner: Option<String>,
    /// The identifier of a rule of AWS, such as `S3_BUCKET_VERSIONING_ENABLED`, or the ARN of the function that decides.
    source_identifier: Option<String>,
    /// `COMPLIANT`, `NON_COMPLIANT`, `NOT_APPLICABLE` or `INSUFFICIENT_DATA`, all resources together.
    compliance_type: Option<String>,
    /// Whether all resources are compliant; `null` where nothing was evaluated.
    compliant: Option<bool>,
    /// The types of resources it is limited to, as Config calls them.
    scope_resource_types: Vec<String>,
    /// How often it runs by itself, such as `TwentyFour_Hours`; `null` for a rule that runs on changes.
    maximum_execution_frequency: Option<String>,
    /// The AWS service that created it.
    created_by: Option<String>,
    /// The names of its parameters, never their values.
    input_parameter_names: Vec<String>,
}

impl Entity for Rule {
    const TYPE: EntityType = AWS_CONFIG_RULE;
}

/// What rules found all in all, by their names.
type Compliance = HashMap<String, ComplianceType>;

async fn rules(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let config = client!(aws_sdk_config, CONFIG, cx);
    let mut pages = pages!(cx, config.describe_config_rules(), next_token);
    while let Some(page) = pages.next().await? {
        let listed = page.config_rules.unwrap_or_default();
        let names: Vec<String> = listed.iter().filter_map(|it| it.config_rule_name.clone()).collect();
        if names.is_empty() {
            continue;
        }
        let compliance = compliance(cx, &config, names).await?;
        for listed in listed {
            evaluate(cx, out, &config, &listed, &compliance).await?;
            rule(cx, out, listed, &compliance);
        }
    }
    Ok(())
}

async fn compliance(
    cx: &Cx,
    config: &Client,
    names: Vec<String>,
) -> Result<Detail<Compliance>, CollectError> {
    let request = config.describe_compliance_by_config_rule().set_config_rule_names(Some(names));
    let found = pages!(cx, request, next_token).all(|it| it.compliance_by_config_rules).await;
    let found = detail_pages(found)?.map(|it| it.unwrap_or_default().into_iter());
    let by_name = found.map(|found| {
        found.filter_map(|it| Some((it.config_rule_name?, it.compliance?.compliance_type?))).collect()
    });
    Ok(by_name)
}

/// Reads what the rule found, one page at a time.
async fn evaluate(
    cx: &Cx,
    out: &mut Batch,
    config: &Client,
    listed: &Listed,
    compliance: &Detail<Compliance>,
) -> Result<(), CollectError> {
    let (Some(arn), Some(name)) = (listed.config_rule_arn(), listed.config_rule_name()) else {
        return Ok(());
    };
    if is_about_the_account(listed.scope()) {
        let link = out.link(AWS_CONFIG_RULE.at(arn), Evaluates, keys::account(cx));
        if let Some(compliance) = compliance.known() {
            link.property("complianceType", compliance.get(name).map(ComplianceType::as_str));
        }
    }
    let request = config
        .get_compliance_details_by_config_rule()
        .config_rule_name(name)
        .compliance_types(ComplianceType::NonCompliant)
        .compliance_types(ComplianceType::Compliant)
        .limit(PAGE);
    let mut pages = pages!(cx, request, next_token);
    let mut read = 0;
    loop {
        let page = detail_pages(pages.next().await)?;
        let results = match &page {
            Detail::Known(Some(Some(page))) => page.evaluation_results(),
            Detail::Known(_) => return Ok(()),
            Detail::Unknown(_) => {
                out.keep(arn, &page);
                return Ok(());
            }
        };
        if read + results.len() > MAX_RESULTS {
            let why = format!("more than {MAX_RESULTS} results of one rule; the rest is left out");
            out.skip(Some(Key::from(arn)), why);
            return Ok(());
        }
        read += results.len();
        for result in results {
            evaluation(cx, out, arn, result);
        }
    }
}

/// A rule that names no kind of resource looks at the account as a whole.
fn is_about_the_account(scope: Option<&RuleScope>) -> bool {
    scope.is_none_or(|it| {
        it.compliance_resource_types().is_empty()
            && it.compliance_resource_id.is_none()
            && it.tag_key.is_none()
    })
}

fn evaluation(cx: &Cx, out: &mut Batch, rule: &str, result: &EvaluationResult) {
    let of = result.evaluation_result_identifier().and_then(|it| it.evaluation_result_qualifier());
    let Some((of_type, id)) = of.and_then(|it| Some((it.resource_type()?, it.resource_id()?))) else {
        return;
    };
    let rule = AWS_CONFIG_RULE.at(rule);
    let found = result.compliance_type();
    let properties = Map::from_iter([
        ("complianceType".to_owned(), Value::from(found.map(ComplianceType::as_str))),
        ("compliant".to_owned(), Value::from(found.and_then(is_compliant))),
        ("resultRecordedOn".to_owned(), Value::from(result.result_recorded_time().and_then(millis))),
        ("annotation".to_owned(), Value::from(result.annotation())),
    ]);
    if of_type == ACCOUNT {
        let mut link = out.link(rule, Evaluates, keys::account(cx));
        for (name, value) in properties {
            link = link.property(&name, value);
        }
        return;
    }
    for it in evaluated::types(of_type) {
        let (property, value) = it.found_by(id, cx.account().as_str());
        let reference = out.find(rule.clone(), Evaluates, it.to, property, value);
        reference.any_region = it.anywhere;
        reference.properties.clone_from(&properties);
    }
}

fn is_compliant(found: &ComplianceType) -> Option<bool> {
    match found {
        ComplianceType::Compliant => Some(true),
        ComplianceType::NonCompliant => Some(false),
        _ => None,
    }
}

fn rule(cx: &Cx, out: &mut Batch, listed: Listed, compliance: &Detail<Compliance>) {
    let (Some(arn), Some(name), Some(id)) =
        (listed.config_rule_arn, listed.config_rule_name, listed.config_rule_id)
    else {
        return out.skip(None, "a rule without an ARN, a name or an ID");
    };
    let found = compliance.known().and_then(|it| it.get(&name));
    let (source_owner, source_identifier) = match listed.source {
        Some(source) => (Some(source.owner.as_str().to_owned()), source.source_identifier),
        None => (None, None),
    };
    let page = format!("config/home?region={}#/rules/details", cx.region());

    out.add(
        &arn,
        &name,
        &Rule {
            id,
            category: "config",
            description: listed.description,
            active: listed.config_rule_state.as_ref().map(|it| *it == ConfigRuleState::Active),
            state: listed.config_rule_state.map(|it| it.as_str().to_owned()),
            source_owner,
            source_identifier,
            compliance_type: found.map(|it| it.as_str().to_owned()),
            compliant: found.and_then(is_compliant),
            scope_resource_types: listed
                .scope
                .and_then(|it| it.compliance_resource_types)
                .unwrap_or_default(),
            maximum_execution_frequency: listed.maximum_execution_frequency.map(|it| it.as_str().to_owned()),
            created_by: listed.created_by,
            input_parameter_names: parameter_names(listed.input_parameters.as_deref()),
        },
    )
    .web_link(cx.console(format_args!("{page}?configRuleName={}", url_encoded(&name))))
    .unknown(compliance, &["complianceType", "compliant"]);
}

/// The names in a JSON object of parameters.
fn parameter_names(parameters: Option<&str>) -> Vec<String> {
    let parameters = parameters.and_then(|it| serde_json::from_str::<Map<String, Value>>(it).ok());
    let mut names: Vec<String> = parameters.into_iter().flatten().map(|(name, _)| name).collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_names_of_parameters_are_kept() {
        let check =
            |text: Option<&str>, expected: &[&str]| assert_eq!(parameter_names(text), expected, "{text:?}");

        check(Some(r#"{"maxAge":"90","bucket":"secret"}"#), &["bucket", "maxAge"]);
        check(Some("{}"), &[]);
        check(Some("not JSON"), &[]);
        check(None, &[]);
    }
}
