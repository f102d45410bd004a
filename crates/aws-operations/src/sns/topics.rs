//! Topics.

use orgraph_collect::prelude::*;
use serde_json::Value;

use super::Attributes;

pub(crate) static TOPICS: Collector = Collector {
    name: "sns_topics",
    service: Service::SNS,
    scope: Scope::Region,
    calls: &[call("ListTopics"), call("GetTopicAttributes"), call("ListTagsForResource")],
    entities: &[entity::<Topic>()],
    relationships: &[rel(AWS_SNS, Has, AWS_SNS_TOPIC)],
    collect: |cx, out| Box::pin(topics(cx, out)),
};

/// A topic: its settings, never its messages.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Topic {
    /// The topic's name.
    id: String,
    /// Whether messages are encrypted at rest by a key of KMS.
    encrypted: Option<bool>,
    /// The key that encrypts messages, as it was configured: an ARN, an ID or an alias; `null` without one.
    kms_master_key_id: Option<String>,
    /// Whether its policy allows everybody something without a condition.
    public: Option<bool>,
    /// How many subscriptions are confirmed.
    subscriptions_confirmed: Option<i64>,
    /// How many subscriptions wait to be confirmed.
    subscriptions_pending: Option<i64>,
    /// Whether messages are delivered in order, exactly once.
    fifo: bool,
    /// Its resource policy as it was written; `null` without one.
    policy: Option<Value>,
    /// The account that owns it.
    owner_id: Option<String>,
}

impl Entity for Topic {
    const TYPE: EntityType = AWS_SNS_TOPIC;
}

/// The properties that `GetTopicAttributes` feeds.
const OF_ATTRIBUTES: [&str; 8] = [
    "encrypted",
    "kmsMasterKeyId",
    "public",
    "subscriptionsConfirmed",
    "subscriptionsPending",
    "policy",
    "ownerId",
    "displayName",
];

/// What is asked about each topic.
struct Details {
    /// `None` when the topic is gone by now.
    attributes: Detail<Option<Attributes>>,
    tags: Detail<Vec<(String, String)>>,
}

async fn topics(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let sns = client!(aws_sdk_sns, SNS, cx);
    let mut pages = pages!(cx, sns.list_topics(), next_token);
    while let Some(page) = pages.next().await? {
        let arns = page.topics.unwrap_or_default().into_iter().filter_map(|it| it.topic_arn).collect();
        let details = |arn: String| async {
            let attributes = detail(sns.get_topic_attributes().topic_arn(&arn).send().await)?;
            let tags = detail(sns.list_tags_for_resource().resource_arn(&arn).send().await)?;
            let tags = tags.map(|it| it.and_then(|it| it.tags).unwrap_or_default());
            let details = Details {
                attributes: attributes.map(|it| it.map(|it| it.attributes.unwrap_or_default())),
                tags: tags.map(|it| it.into_iter().map(|it| (it.key, it.value)).collect()),
            };
            Ok::<_, CollectError>((arn, details))
        };
        for detailed in cx.concurrently(arns, details).await {
            let (arn, details) = detailed?;
            topic(cx, out, &arn, &details);
        }
    }
    Ok(())
}

fn topic(cx: &Cx, out: &mut Batch, arn: &str, details: &Details) {
    if let Detail::Known(None) = details.attributes {
        return;
    }
    let name = arn.rsplit(':').next().unwrap_or(arn);
    let attributes = details.attributes.known().and_then(Option::as_ref);
    let text = |name: &str| attributes.and_then(|it| it.get(name)).filter(|it| !it.is_empty());
    let number = |name: &str| text(name).and_then(|it| it.parse::<i64>().ok());
    let key = text("KmsMasterKeyId");
    let policy = text("Policy");

    let added = out
        .add(
            arn,
            name,
            &Topic {
                id: name.to_owned(),
                encrypted: Some(key.is_some()),
                kms_master_key_id: key.cloned(),
                public: policy.map_or(Some(false), |it| allows_anybody(it)),
                subscriptions_confirmed: number("SubscriptionsConfirmed"),
                subscriptions_pending: number("SubscriptionsPending"),
                // AWS accepts no other name for such a topic, and this one for no other topic.
                fifo: name.ends_with(".fifo"),
                policy: policy.and_then(|it| serde_json::from_str(it).ok()),
                owner_id: text("Owner").cloned(),
            },
        )
        .tags(details.tags.known().cloned().unwrap_or_default())
        .web_link(cx.console(format_args!("sns/v3/home?region={}#/topic/{arn}", cx.region())))
        .unknown(&details.attributes, &OF_ATTRIBUTES)
        .unknown(&details.tags, &["tags"]);
    if let Some(display_name) = text("DisplayName") {
        added.display_name(display_name);
    }
}
