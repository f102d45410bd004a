//! Listener rules: which request goes where.

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::{Rule as Listed, RuleCondition};
use orgraph_collect::prelude::*;

use super::{actions, tags_by_arn};
use crate::load_balancing::{Pairs, sorted};

/// A rule of a listener: which requests it is for and what is done with them.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rule {
    /// The end of its ARN, unique within the listener.
    id: String,
    /// What kind of rule it is: always `routing`.
    category: &'static str,
    /// The listener it belongs to.
    listener_arn: String,
    /// Its place in the order in which rules are tried; `null` for the default rule, which comes last.
    priority: Option<i32>,
    /// Whether it is what happens when no other rule applies.
    default: Option<bool>,
    /// The host names it is for, which may hold wildcards or be regular expressions.
    host_headers: Vec<String>,
    /// The paths it is for, which may hold wildcards or be regular expressions.
    path_patterns: Vec<String>,
    /// By which parts of a request it decides, such as `host-header` or `source-ip`.
    condition_fields: Vec<String>,
    /// What it does: `forward`, `redirect`, `fixed-response` or a way to authenticate, in order.
    action_types: Vec<String>,
    /// The target groups that it forwards to.
    target_group_arns: Vec<String>,
}

impl Entity for Rule {
    const TYPE: EntityType = AWS_LB_LISTENER_RULE;
}

pub(super) async fn rules(
    cx: &Cx,
    out: &mut Batch,
    elb: &Client,
    found: Vec<(String, Listed)>,
) -> Result<(), CollectError> {
    let arns = found.iter().filter_map(|(_, it)| it.rule_arn.clone()).collect();
    let tags = tags_by_arn(cx, elb, arns).await?;
    for (listener_arn, listed) in found {
        let tags = tags.of(listed.rule_arn.as_deref().unwrap_or_default());
        rule(cx, out, listener_arn, listed, &tags);
    }
    Ok(())
}

fn rule(cx: &Cx, out: &mut Batch, listener_arn: String, listed: Listed, tags: &Detail<Pairs>) {
    let Some(arn) = listed.rule_arn else {
        return out.skip(None, "a listener rule without an ARN");
    };
    let conditions = listed.conditions.unwrap_or_default();
    let actions = actions(listed.actions.as_deref().unwrap_or_default());
    let priority = listed.priority.unwrap_or_default();
    let link =
        cx.console(format_args!("ec2/home?region={}#ELBListenerV2:listenerArn={listener_arn}", cx.region()));
    out.link(AWS_LB_LISTENER.at(&listener_arn), Has, AWS_LB_LISTENER_RULE.at(&arn));
    out.add(
        &arn,
        format!("rule {priority}").trim_end(),
        &Rule {
            id: last_segment(&arn).to_owned(),
            category: "routing",
            listener_arn,
            priority: priority.parse().ok(),
            default: listed.is_default,
            host_headers: sorted(conditions.iter().flat_map(host_headers)),
            path_patterns: sorted(conditions.iter().flat_map(path_patterns)),
            condition_fields: sorted(conditions.into_iter().filter_map(|it| it.field)),
            action_types: actions.types,
            target_group_arns: actions.target_group_arns,
        },
    )
    .tags(tags.known().cloned().unwrap_or_default())
    .web_link(link)
    .unknown(tags, &["tags"]);
}

/// AWS gives the values twice, below the condition and below its configuration, or only at one of the places.
fn host_headers(condition: &RuleCondition) -> Vec<String> {
    if condition.field() != Some("host-header") {
        return Vec::new();
    }
    let config = condition.host_header_config();
    let configured = config.map(|it| [it.values(), it.regex_values()].concat()).unwrap_or_default();
    [condition.values(), condition.regex_values(), &configured].concat()
}

fn path_patterns(condition: &RuleCondition) -> Vec<String> {
    if condition.field() != Some("path-pattern") {
        return Vec::new();
    }
    let config = condition.path_pattern_config();
    let configured = config.map(|it| [it.values(), it.regex_values()].concat()).unwrap_or_default();
    [condition.values(), condition.regex_values(), &configured].concat()
}
