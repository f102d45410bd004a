"""Queues, topics, subscriptions and event rules."""

from .inventory import Inventory


def add_messaging(inventory: Inventory, region: str) -> None:
    for url in inventory.pages("sqs", region, "list_queues", "QueueUrls"):
        answer = inventory.one("sqs", region, "get_queue_attributes", QueueUrl=url, AttributeNames=["QueueArn"])
        inventory.add("aws_sqs_queue", region, [answer["Attributes"]["QueueArn"]])
    topics = inventory.pages("sns", region, "list_topics", "Topics")
    inventory.add("aws_sns_topic", region, [topic["TopicArn"] for topic in topics])
    for subscription in inventory.pages("sns", region, "list_subscriptions", "Subscriptions"):
        key, topic = subscription["SubscriptionArn"], subscription["TopicArn"]
        if key == "Deleted":
            continue
        if key == "PendingConfirmation":
            key = f"aws_sns_subscription:{topic}:{subscription['Protocol']}:{subscription['Endpoint']}"
        inventory.add("aws_sns_subscription", region, [key])
        inventory.link("aws_sns_topic", topic, "HAS", "aws_sns_subscription", key)
    for bus in inventory.pages("events", region, "list_event_buses", "EventBuses"):
        add_rules(inventory, region, bus["Name"])


def add_rules(inventory: Inventory, region: str, bus: str) -> None:
    for rule in inventory.pages("events", region, "list_rules", "Rules", EventBusName=bus):
        inventory.add("aws_cloudwatch_event_rule", region, [rule["Arn"]])
        name = {"Rule": rule["Name"], "EventBusName": bus}
        for target in inventory.pages("events", region, "list_targets_by_rule", "Targets", **name):
            if ":lambda:" in target["Arn"]:
                inventory.link("aws_cloudwatch_event_rule", rule["Arn"], "TRIGGERS", "aws_lambda_function", target["Arn"])
