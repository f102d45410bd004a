//! Amazon SQS.

use std::collections::HashMap;

use aws_sdk_sqs::types::QueueAttributeName as Attribute;
use orgraph_collect::prelude::*;
use serde_json::Value;

/// How many queues one page has at most. AWS gives a token only to who asks for pages.
const PAGE: i32 = 1000;

pub(crate) static QUEUES: Collector = Collector {
    name: "sqs_queues",
    service: Service::SQS,
    scope: Scope::Region,
    calls: &[
        // Without queues AWS answers `{}`, so an empty listing rests on the removal guard alone.
        call("ListQueues"),
        call("GetQueueAttributes").lists("Attributes"),
        // A queue without tags is answered by `{}` too.
        call("ListQueueTags"),
    ],
    entities: &[entity::<Queue>()],
    relationships: &[rel(AWS_SQS, Has, AWS_SQS_QUEUE)],
    collect: |cx, out| Box::pin(queues(cx, out)),
};

/// A message queue: its settings, never its messages.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Queue {
    /// The queue's name.
    id: String,
    /// The URL that producers and consumers call.
    url: String,
    /// Whether messages are encrypted at rest, by a key of KMS or of SQS.
    encrypted: Option<bool>,
    /// The key of KMS that encrypts messages, as it was configured: an ARN, an ID or an alias; `null` without one.
    kms_master_key_id: Option<String>,
    /// Whether its policy allows everybody something without a condition.
    public: Option<bool>,
    /// Whether messages are delivered in order, exactly once.
    fifo: bool,
    /// How long a message that was received stays hidden from others, in seconds.
    visibility_timeout: Option<i64>,
    /// How long a message is kept, in seconds.
    retention_period_seconds: Option<i64>,
    /// The ARN of the queue that takes messages which could not be processed; `null` without one.
    dead_letter_target_arn: Option<String>,
    /// About how many messages wait.
    approximate_number_of_messages: Option<i64>,
    /// Its resource policy as it was written; `null` without one.
    policy: Option<Value>,
    /// When it was created, in milliseconds since the epoch.
    created_on: Option<i64>,
    /// When its settings last changed, in milliseconds since the epoch.
    updated_on: Option<i64>,
}

impl Entity for Queue {
    const TYPE: EntityType = AWS_SQS_QUEUE;
    const VOLATILE: &'static [&'static str] = &["approximateNumberOfMessages"];
}

/// The properties that `GetQueueAttributes` feeds.
const OF_ATTRIBUTES: [&str; 10] = [
    "encrypted",
    "kmsMasterKeyId",
    "public",
    "visibilityTimeout",
    "retentionPeriodSeconds",
    "deadLetterTargetArn",
    "approximateNumberOfMessages",
    "policy",
    "createdOn",
    "updatedOn",
];

/// What is asked about each queue.
struct Details {
    /// `None` when the queue is gone by now.
    attributes: Detail<Option<HashMap<Attribute, String>>>,
    tags: Detail<HashMap<String, String>>,
}

async fn queues(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let sqs = client!(aws_sdk_sqs, SQS, cx);
    let mut pages = pages!(cx, sqs.list_queues().max_results(PAGE), next_token);
    while let Some(page) = pages.next().await? {
        let details = |url: String| async {
            let attributes = sqs.get_queue_attributes().queue_url(&url).attribute_names(Attribute::All);
            let attributes = detail(attributes.send().await)?;
            let tags = detail(sqs.list_queue_tags().queue_url(&url).send().await)?;
            let details = Details {
                attributes: attributes.map(|it| it.map(|it| it.attributes.unwrap_or_default())),
                tags: tags.map(|it| it.and_then(|it| it.tags).unwrap_or_default()),
            };
            Ok::<_, CollectError>((url, details))
        };
        for detailed in cx.concurrently(page.queue_urls.unwrap_or_default(), details).await {
            let (url, details) = detailed?;
            queue(cx, out, &url, &details);
        }
    }
    Ok(())
}

fn queue(cx: &Cx, out: &mut Batch, url: &str, details: &Details) {
    if let Detail::Known(None) = details.attributes {
        // SQS lists a queue for up to a minute after it was deleted.
        return;
    }
    let name = last_segment(url).to_owned();
    if name.is_empty() {
        return out.skip(None, "a queue without a name in its URL");
    }
    let attributes = details.attributes.known().and_then(Option::as_ref);
    let text = |name: Attribute| attributes.and_then(|it| it.get(&name));
    let number = |name: Attribute| text(name).and_then(|it| it.parse::<i64>().ok());
    let by_sqs = text(Attribute::SqsManagedSseEnabled).is_some_and(|it| it == "true");
    let by_kms = text(Attribute::KmsMasterKeyId);
    let policy = text(Attribute::Policy);

    out.add(
        cx.arn("sqs", &name),
        &name,
        &Queue {
            id: name.clone(),
            encrypted: Some(by_sqs || by_kms.is_some()),
            kms_master_key_id: by_kms.cloned(),
            public: policy.map_or(Some(false), |it| allows_anybody(it)),
            // AWS accepts no other name for such a queue, and this one for no other queue.
            fifo: name.ends_with(".fifo"),
            visibility_timeout: number(Attribute::VisibilityTimeout),
            retention_period_seconds: number(Attribute::MessageRetentionPeriod),
            dead_letter_target_arn: text(Attribute::RedrivePolicy).and_then(|it| dead_letter_target(it)),
            approximate_number_of_messages: number(Attribute::ApproximateNumberOfMessages),
            policy: policy.and_then(|it| serde_json::from_str(it).ok()),
            created_on: number(Attribute::CreatedTimestamp).map(|it| it * 1000),
            updated_on: number(Attribute::LastModifiedTimestamp).map(|it| it * 1000),
            url: url.to_owned(),
        },
    )
    .tags(details.tags.known().cloned().unwrap_or_default())
    .web_link(cx.console(format_args!(
        "sqs/v3/home?region={}#/queues/{}",
        cx.region(),
        url.replace(':', "%3A").replace('/', "%2F")
    )))
    .unknown(&details.attributes, &OF_ATTRIBUTES)
    .unknown(&details.tags, &["tags"]);
}

fn dead_letter_target(redrive_policy: &str) -> Option<String> {
    let policy: Value = serde_json::from_str(redrive_policy).ok()?;
    policy.get("deadLetterTargetArn")?.as_str().map(str::to_owned)
}
