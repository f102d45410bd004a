"""Queues, topics and event rules of one account in one region."""

import json

from .accounts import policy_document
from .aws import tags
from .place import Place

OWNER = {"Owner": "platform-team"}


def create_messaging(place: Place) -> None:
    create_queues(place)
    create_topics(place)
    create_rules(place)


def create_queues(place: Place) -> None:
    """A queue under the key with another one for what fails, and one that everybody may write to."""
    sqs = place.client("sqs")

    def arn(url: str) -> str:
        return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    dead = arn(sqs.create_queue(QueueName="orders-dead")["QueueUrl"])
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 5})
    url = sqs.create_queue(
        QueueName="orders", Attributes={"KmsMasterKeyId": place.built["key"], "RedrivePolicy": redrive}, tags=OWNER
    )["QueueUrl"]
    place.built["queue"] = arn(url)
    sqs.send_message(QueueUrl=url, MessageBody=place.secrets.plant("queue message"))
    name = f"arn:aws:sqs:{place.region}:{place.account}:inbox.fifo"
    everybody = {"Sid": "Send", "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": name}
    sqs.create_queue(QueueName="inbox.fifo", Attributes={"FifoQueue": "true", "Policy": policy_document(everybody)})


def create_topics(place: Place) -> None:
    """A topic under the key with three kinds of subscribers, and one that everybody may publish to."""
    sns = place.client("sns")
    topic = sns.create_topic(Name="alerts", Attributes={"KmsMasterKeyId": place.built["key"]}, Tags=tags(**OWNER))["TopicArn"]
    place.built["topic"] = topic
    for protocol, endpoint, attributes in (
        ("sqs", place.built["queue"], {"RawMessageDelivery": "true", "FilterPolicy": json.dumps({"severity": ["high"]})}),
        ("lambda", place.built["function"], {}),
        ("email", "on-call@example.com", {}),
    ):
        sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint, Attributes=attributes, ReturnSubscriptionArn=True)
    public = sns.create_topic(Name="announcements")["TopicArn"]
    place.built["public_topic"] = public
    everybody = {"Sid": "Publish", "Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": public}
    sns.set_topic_attributes(TopicArn=public, AttributeName="Policy", AttributeValue=policy_document(everybody))


def create_rules(place: Place) -> None:
    """A schedule and a pattern on the default bus, and a rule on a bus of its own."""
    events = place.client("events")
    events.create_event_bus(Name="shop")
    for name, bus, when in (
        ("nightly", "default", {"ScheduleExpression": "rate(1 day)"}),
        ("findings", "default", {"EventPattern": json.dumps({"source": ["aws.guardduty"]})}),
        ("orders", "shop", {"EventPattern": json.dumps({"source": ["shop.orders"]}), "State": "DISABLED"}),
    ):
        events.put_rule(Name=name, EventBusName=bus, Description=f"Sample: {name}", Tags=tags(**OWNER), **when)
    token = json.dumps({"token": place.secrets.plant("event input")})
    function = {"Id": "function", "Arn": place.built["function"], "Input": token}
    events.put_targets(Rule="nightly", Targets=[function])
    events.put_targets(Rule="findings", Targets=[{"Id": "topic", "Arn": place.built["topic"]}, {**function, "Input": "{}"}])
    queue = {"Id": "queue", "Arn": place.built["queue"]}
    events.put_targets(Rule="orders", EventBusName="shop", Targets=[queue])
