//! EventBridge: the rules of each event bus.

use std::collections::BTreeMap;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::{Rule as Listed, RuleState, Tag};
use orgraph_collect::prelude::*;

pub(crate) static RULES: Collector = Collector {
    name: "events_rules",
    service: Service::EVENTS,
    scope: Scope::Region,
    calls: &[
        call("ListEventBuses").lists("EventBuses"),
        call("ListRules").lists("Rules"),
        call("ListTargetsByRule").lists("Targets"),
        call("ListTagsForResource").lists("Tags"),
    ],
    entities: &[entity::<Rule>()],
    relationships: &[
        rel(AWS_CLOUDWATCH_EVENT, Has, AWS_CLOUDWATCH_EVENT_RULE),
        rel(AWS_CLOUDWATCH_EVENT_RULE, Triggers, AWS_LAMBDA_FUNCTION),
    ],
    collect: |cx, out| Box::pin(rules(cx, out)),
};

/// A rule that sends events of a bus, or the ticks of a schedule, to targets. What a target is given is never stored.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Rule {
    /// The rule's name.
    id: String,
    /// `ENABLED`, `DISABLED` or `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`.
    state: Option<String>,
    /// Whether it is enabled.
    active: Option<bool>,
    /// The bus whose events it looks at.
    event_bus_name: String,
    /// When it fires, such as `rate(5 minutes)`; `null` for a rule that looks at events.
    schedule_expression: Option<String>,
    /// Which events it takes, as JSON; `null` for a schedule.
    event_pattern: Option<String>,
    /// The ARN of the role that it calls its targets as.
    role_arn: Option<String>,
    /// The AWS service that created it.
    managed_by: Option<String>,
    /// What its owner says about it.
    description: Option<String>,
    /// The ARNs of its targets.
    target_arns: Vec<String>,
    /// How many targets it has.
    target_count: usize,
}

impl Entity for Rule {
    const TYPE: EntityType = AWS_CLOUDWATCH_EVENT_RULE;
}

/// What is asked about each rule.
struct Details {
    targets: Detail<Vec<String>>,
    tags: Detail<Vec<Tag>>,
}

async fn rules(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let events = client!(aws_sdk_eventbridge, EVENTS, cx);
    let mut pages = pages!(cx, events.list_event_buses(), next_token => set_next_token);
    while let Some(page) = pages.next().await? {
        for bus in page.event_buses.unwrap_or_default() {
            let Some(name) = bus.name else {
                out.skip(None, "an event bus without a name");
                continue;
            };
            let read = rules_of(cx, out, &events, &name).await;
            if let Detail::Unknown(error) = detail_pages(read)? {
                out.incomplete(&error);
            }
        }
    }
    Ok(())
}

async fn rules_of(cx: &Cx, out: &mut Batch, events: &Client, bus: &str) -> Result<(), CollectError> {
    let mut pages = pages!(cx, events.list_rules().event_bus_name(bus), next_token => set_next_token);
    while let Some(page) = pages.next().await? {
        let details = |listed: Listed| async {
            let arn = listed.arn().unwrap_or_default();
            let request = events.list_targets_by_rule().event_bus_name(bus).set_rule(listed.name.clone());
            let targets = pages!(cx, request, next_token => set_next_token).all(|it| it.targets).await;
            let targets = detail_pages(targets)?.map(|it| it.unwrap_or_default().into_iter());
            // By their IDs, because several may lead to one place.
            let targets = targets.map(|it| it.map(|it| (it.id, it.arn)).collect::<BTreeMap<_, _>>());
            let tags = detail(events.list_tags_for_resource().resource_arn(arn).send().await)?;
            let details = Details {
                targets: targets.map(|it| it.into_values().collect()),
                tags: tags.map(|it| it.and_then(|it| it.tags).unwrap_or_default()),
            };
            Ok::<_, CollectError>((listed, details))
        };
        for detailed in cx.concurrently(page.rules.unwrap_or_default(), details).await {
            let (listed, details) = detailed?;
            rule(cx, out, bus, listed, &details);
        }
    }
    Ok(())
}

fn rule(cx: &Cx, out: &mut Batch, bus: &str, listed: Listed, details: &Details) {
    let (Some(arn), Some(name)) = (listed.arn, listed.name) else {
        return out.skip(None, "a rule without an ARN or a name");
    };
    let mut target_arns = details.targets.known().cloned().unwrap_or_default();
    target_arns.sort_unstable();
    let pairs = details.tags.known().into_iter().flatten();
    let pairs = pairs.map(|it| (Some(it.key.clone()), Some(it.value.clone())));
    let page = format!("events/home?region={}#/eventbus", cx.region());

    for function in target_arns.iter().filter_map(|it| function_arn(it)) {
        let rule = AWS_CLOUDWATCH_EVENT_RULE.at(&arn);
        out.link(rule, Triggers, AWS_LAMBDA_FUNCTION.at(function));
    }
    out.add(
        &arn,
        &name,
        &Rule {
            id: name.clone(),
            active: listed.state.as_ref().map(|it| *it != RuleState::Disabled),
            state: listed.state.map(|it| it.as_str().to_owned()),
            event_bus_name: listed.event_bus_name.unwrap_or_else(|| bus.to_owned()),
            schedule_expression: listed.schedule_expression,
            event_pattern: listed.event_pattern,
            role_arn: listed.role_arn,
            managed_by: listed.managed_by,
            description: listed.description,
            target_count: target_arns.len(),
            target_arns,
        },
    )
    .tags(tags(pairs))
    .web_link(cx.console(format_args!("{page}/{}/rules/{}", url_encoded(bus), url_encoded(&name))))
    .unknown(&details.targets, &["targetArns", "targetCount"])
    .unknown(&details.tags, &["tags"]);
}

/// The function behind a target, without the version or alias that the target may name.
fn function_arn(target: &str) -> Option<String> {
    let parts: Vec<&str> = target.split(':').collect();
    let is_function = parts.len() >= 7 && parts[2] == "lambda" && parts[5] == "function";
    is_function.then(|| parts[..7].join(":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_names_a_function_or_one_of_its_versions() {
        let check = |target: &str, expected: Option<&str>| {
            assert_eq!(function_arn(target).as_deref(), expected, "{target}");
        };

        let function = "arn:aws:lambda:us-east-1:123456789012:function:orders";
        check(function, Some(function));
        check(&format!("{function}:live"), Some(function));
        check("arn:aws:sqs:us-east-1:123456789012:orders", None);
        check("arn:aws:lambda:us-east-1:123456789012:layer:shared:3", None);
    }
}
