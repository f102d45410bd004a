//! Elastic Load Balancing: application, network and gateway load balancers.

pub(crate) mod load_balancers;
pub(crate) mod target_groups;

mod listeners;
mod rules;

use std::collections::{BTreeSet, HashMap};

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, ForwardActionConfig, RedirectActionConfig,
};
use orgraph_collect::prelude::*;

use crate::load_balancing::{Pairs, TagsByName, tags_of};

/// The tags of load balancers, target groups, listeners and rules, by ARN.
async fn tags_by_arn(cx: &Cx, elb: &Client, arns: Vec<String>) -> Result<TagsByName, CollectError> {
    tags_of(cx, arns, |arns| async {
        let answer = detail(elb.describe_tags().set_resource_arns(Some(arns)).send().await)?;
        Ok(answer.map(|it| {
            let described = it?.tag_descriptions.unwrap_or_default().into_iter();
            let by_arn = described.filter_map(|it| {
                let pairs = it.tags.unwrap_or_default().into_iter().map(|it| (it.key, it.value));
                Some((it.resource_arn?, tags(pairs)))
            });
            Some(by_arn.collect::<HashMap<String, Pairs>>())
        }))
    })
    .await
}

/// The load balancer that an ARN names, whose kind is the second word of the resource.
fn load_balancer(arn: &str) -> Ref {
    let kind = arn.split_once(":loadbalancer/").and_then(|(_, it)| it.split('/').next());
    match kind {
        Some("app") => AWS_ALB.at(arn),
        Some("net") => AWS_NLB.at(arn),
        _ => AWS_LB.at(arn),
    }
}

/// What a listener or a rule does with a request, as far as it is not secret: authentication carries a client secret.
struct Actions {
    types: Vec<String>,
    target_group_arns: Vec<String>,
    redirects_to_https: bool,
}

fn actions(listed: &[Action]) -> Actions {
    let mut target_group_arns = BTreeSet::new();
    for action in listed {
        target_group_arns.extend(action.target_group_arn.clone());
        let forward = action.forward_config().map(ForwardActionConfig::target_groups).unwrap_or_default();
        target_group_arns.extend(forward.iter().filter_map(|it| it.target_group_arn.clone()));
    }
    Actions {
        types: listed.iter().filter_map(Action::r#type).map(|it| it.as_str().to_owned()).collect(),
        target_group_arns: target_group_arns.into_iter().collect(),
        redirects_to_https: listed.iter().any(redirects_to_https),
    }
}

fn redirects_to_https(action: &Action) -> bool {
    let protocol = action.redirect_config().and_then(RedirectActionConfig::protocol);
    action.r#type() == Some(&ActionTypeEnum::Redirect) && protocol == Some("HTTPS")
}
