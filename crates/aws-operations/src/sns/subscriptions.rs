//! Subscriptions. They belong to who subscribed: the owner of a topic does not see what others subscribed to it.

use aws_sdk_sns::types::Subscription as Listed;
use orgraph_collect::prelude::*;

use super::Attributes;

pub(crate) static SUBSCRIPTIONS: Collector = Collector {
    name: "sns_subscriptions",
    service: Service::SNS,
    scope: Scope::Region,
    calls: &[call("ListSubscriptions"), call("GetSubscriptionAttributes")],
    entities: &[entity::<Subscription>()],
    relationships: &[rel(AWS_SNS_TOPIC, Has, AWS_SNS_SUBSCRIPTION)],
    collect: |cx, out| Box::pin(subscriptions(cx, out)),
};

/// What AWS gives in place of the ARN of a subscription that nobody confirmed yet.
const PENDING: &str = "PendingConfirmation";

/// Who gets the messages of a topic.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Subscription {
    /// The subscription's ID; `PendingConfirmation` before it is confirmed.
    id: String,
    /// How messages are delivered, such as `email`, `https`, `lambda` or `sqs`.
    protocol: Option<String>,
    /// Where messages are delivered: an e-mail address, a phone number, a URL or an ARN.
    endpoint: Option<String>,
    /// The ARN of the topic, which may be another account's.
    topic_arn: String,
    /// The account that subscribed.
    owner_id: Option<String>,
    /// Whether it waits to be confirmed.
    pending: bool,
    /// Whether the one who confirmed it had signed in to AWS, so that nobody else can delete it.
    #[serde(skip_serializing_if = "Option::is_none")]
    authenticated: Option<bool>,
    /// Whether messages are delivered without the wrapping of SNS.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_message_delivery: Option<bool>,
    /// Whether a policy picks the messages that are delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    has_filter_policy: Option<bool>,
    /// Whether a queue takes the messages that could not be delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    has_dead_letter_queue: Option<bool>,
}

impl Entity for Subscription {
    const TYPE: EntityType = AWS_SNS_SUBSCRIPTION;
    const ARN_NAMES_OWNER: bool = false;
}

async fn subscriptions(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let sns = client!(aws_sdk_sns, SNS, cx);
    let mut pages = pages!(cx, sns.list_subscriptions(), next_token);
    while let Some(page) = pages.next().await? {
        let attributes = |listed: Listed| async {
            let arn = listed.subscription_arn.clone().filter(|it| it.starts_with("arn:"));
            let attributes = match arn {
                Some(arn) => {
                    let asked = sns.get_subscription_attributes().subscription_arn(arn);
                    detail(asked.send().await)?.map(|it| it.map(|it| it.attributes.unwrap_or_default()))
                }
                // There is nothing to ask with before it is confirmed.
                None => Detail::Known(Some(Attributes::new())),
            };
            Ok::<_, CollectError>((listed, attributes))
        };
        for detailed in cx.concurrently(page.subscriptions.unwrap_or_default(), attributes).await {
            let (listed, attributes) = detailed?;
            subscription(cx, out, listed, &attributes);
        }
    }
    Ok(())
}

fn subscription(cx: &Cx, out: &mut Batch, listed: Listed, attributes: &Detail<Option<Attributes>>) {
    let (Some(arn), Some(topic_arn)) = (listed.subscription_arn, listed.topic_arn) else {
        return out.skip(None, "a subscription without an ARN or a topic");
    };
    let is_gone = arn == "Deleted" || matches!(attributes, Detail::Known(None));
    if is_gone || !cx.owns(listed.owner.as_deref()) {
        return;
    }
    let pending = !arn.starts_with("arn:");
    let protocol = listed.protocol.unwrap_or_default();
    let endpoint = listed.endpoint.unwrap_or_default();
    let key = if pending {
        format!("{AWS_SNS_SUBSCRIPTION}:{topic_arn}:{protocol}:{endpoint}")
    } else {
        arn.clone()
    };
    let id = if pending { PENDING } else { arn.rsplit(':').next().unwrap_or(&arn) };
    let confirmed = attributes.known().and_then(Option::as_ref).filter(|_| !pending);
    let says = |name: &str| confirmed.and_then(|it| it.get(name)).map(|it| it == "true");
    let has = |name: &str| confirmed.map(|it| it.contains_key(name));
    let name = if endpoint.is_empty() { id } else { &endpoint };

    out.add(
        &key,
        name,
        &Subscription {
            id: id.to_owned(),
            protocol: Some(protocol).filter(|it| !it.is_empty()),
            endpoint: Some(endpoint.clone()).filter(|it| !it.is_empty()),
            topic_arn: topic_arn.clone(),
            owner_id: listed.owner,
            pending,
            authenticated: says("ConfirmationWasAuthenticated"),
            raw_message_delivery: says("RawMessageDelivery"),
            has_filter_policy: has("FilterPolicy"),
            has_dead_letter_queue: has("RedrivePolicy"),
        },
    )
    .web_link(cx.console(format_args!("sns/v3/home?region={}#/subscription/{arn}", cx.region())))
    .unknown(attributes, &["authenticated", "rawMessageDelivery", "hasFilterPolicy", "hasDeadLetterQueue"]);
    out.link(AWS_SNS_TOPIC.at(topic_arn), Has, AWS_SNS_SUBSCRIPTION.at(key));
}
