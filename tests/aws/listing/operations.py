"""Logs, alarms, trails, recorded configuration and stacks."""

from .inventory import Inventory


def add_operations(inventory: Inventory, region: str) -> None:
    stacks = inventory.pages("cloudformation", region, "describe_stacks", "Stacks")
    inventory.add("aws_cloudformation_stack", region, [it["StackId"] for it in stacks])
    alarms = inventory.pages("cloudwatch", region, "describe_alarms", "MetricAlarms", AlarmTypes=["MetricAlarm"])
    inventory.add("aws_cloudwatch_metric_alarm", region, [it["AlarmArn"] for it in alarms])
    groups = inventory.pages("logs", region, "describe_log_groups", "logGroups")
    inventory.add("aws_cloudwatch_log_group", region, [it["logGroupArn"] for it in groups])
    add_flow_logs(inventory, region)
    add_trails(inventory, region)
    add_configuration(inventory, region)


def add_flow_logs(inventory: Inventory, region: str) -> None:
    for flow_log in inventory.pages("ec2", region, "describe_flow_logs", "FlowLogs"):
        if not flow_log["ResourceId"].startswith("vpc-"):
            continue
        vpc = inventory.ec2(region, "vpc", flow_log["ResourceId"])
        if flow_log["LogDestinationType"] == "s3":
            bucket = flow_log["LogDestination"].split("/")[0]
            inventory.link("aws_vpc", vpc, "LOGS", "aws_s3_bucket", bucket)
        else:
            group = f"arn:aws:logs:{region}:{inventory.account}:log-group:{flow_log['LogGroupName']}"
            inventory.link("aws_vpc", vpc, "LOGS", "aws_cloudwatch_log_group", group)


def add_trails(inventory: Inventory, region: str) -> None:
    answer = inventory.one("cloudtrail", region, "describe_trails", includeShadowTrails=False)
    for trail in answer["trailList"]:
        arn = trail["TrailARN"]
        owner = arn.split(":")[4]
        if owner != inventory.account:
            continue
        inventory.add("aws_cloudtrail", region, [arn])
        inventory.link("aws_account", f"arn:aws:iam::{owner}:root", "HAS", "aws_cloudtrail", arn)
        inventory.link("aws_cloudtrail", arn, "LOGS", "aws_s3_bucket", f"arn:aws:s3:::{trail['S3BucketName']}")
        roots = inventory.keys("aws_account") if trail["IsOrganizationTrail"] else [f"arn:aws:iam::{owner}:root"]
        inventory.link("aws_cloudtrail", arn, "LOGS", "aws_account", roots)
        group = trail.get("CloudWatchLogsLogGroupArn", "").removesuffix(":*")
        inventory.link("aws_cloudtrail", arn, "LOGS", "aws_cloudwatch_log_group", group)


def add_configuration(inventory: Inventory, region: str) -> None:
    account = inventory.account
    for recorder in inventory.one("config", region, "describe_configuration_recorders")["ConfigurationRecorders"]:
        key = f"arn:aws:config:{region}:{account}:configuration-recorder/{recorder['name']}"
        inventory.add("aws_config_recorder", region, [key])
    for rule in inventory.pages("config", region, "describe_config_rules", "ConfigRules"):
        arn, name = rule["ConfigRuleArn"], {"ConfigRuleName": rule["ConfigRuleName"]}
        inventory.add("aws_config_rule", region, [arn])
        root = f"arn:aws:iam::{account}:root"
        if "Scope" not in rule:
            inventory.link("aws_config_rule", arn, "EVALUATES", "aws_account", root)
        results = inventory.pages("config", region, "get_compliance_details_by_config_rule", "EvaluationResults", **name)
        for result in results:
            about = result["EvaluationResultIdentifier"]["EvaluationResultQualifier"]
            if about["ResourceType"] == "AWS::EC2::Instance":
                instance = inventory.ec2(region, "instance", about["ResourceId"])
                inventory.link("aws_config_rule", arn, "EVALUATES", "aws_instance", instance)
            elif about["ResourceType"] == "AWS::::Account":
                inventory.link("aws_config_rule", arn, "EVALUATES", "aws_account", root)
