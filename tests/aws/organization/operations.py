"""Logs, alarms, trails, recorded configuration and stacks of one account in one region."""

import json
from typing import Any

from .aws import tags
from .place import Place

OWNER = {"Owner": "platform-team"}
TEMPLATE = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Description": "Sample",
    "Parameters": {"Token": {"Type": "String", "NoEcho": True}},
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "stack-events"}}},
    "Outputs": {"TopicArn": {"Value": {"Ref": "Topic"}}},
}


def create_logs(place: Place) -> None:
    """A log group under the key that alarms count in, one for a function, and a flow log that writes to the first."""
    logs = place.client("logs")
    logs.create_log_group(logGroupName="/audit/trail", kmsKeyId=place.built["key"], tags=OWNER)
    logs.put_retention_policy(logGroupName="/audit/trail", retentionInDays=365)
    logs.create_log_group(logGroupName="/aws/lambda/thumbnails")
    logs.put_metric_filter(
        logGroupName="/audit/trail",
        filterName="root-use",
        filterPattern='{ $.userIdentity.type = "Root" }',
        metricTransformations=[{"metricName": "RootUse", "metricNamespace": "Audit", "metricValue": "1"}],
    )
    place.built["log_group"] = f"arn:aws:logs:{place.region}:{place.account}:log-group:/audit/trail"
    logs.create_log_stream(logGroupName="/aws/lambda/thumbnails", logStreamName="one")
    event = {"timestamp": 1_760_000_000_000, "message": place.secrets.plant("log event")}
    logs.put_log_events(logGroupName="/aws/lambda/thumbnails", logStreamName="one", logEvents=[event])
    place.client("ec2").create_flow_logs(
        ResourceIds=[place.network.vpc_id],
        ResourceType="VPC",
        TrafficType="REJECT",
        LogGroupName="/audit/trail",
        DeliverLogsPermissionArn=place.role("platform"),
    )


def create_operations(place: Place) -> None:
    create_alarm(place)
    create_trail(place)
    create_recorder(place)
    create_stack(place)


def create_alarm(place: Place) -> None:
    cloudwatch = place.client("cloudwatch")
    common = {
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1,
        "Period": 300,
        "Statistic": "Sum",
        "Threshold": 0.0,
    }
    cloudwatch.put_metric_alarm(
        AlarmName="root-use",
        AlarmDescription="The root user did something",
        MetricName="RootUse",
        Namespace="Audit",
        ActionsEnabled=True,
        AlarmActions=[place.built["topic"]],
        Tags=tags(**OWNER),
        **common,
    )
    cloudwatch.put_metric_alarm(
        AlarmName="silent", MetricName="CPUUtilization", Namespace="AWS/EC2", ActionsEnabled=False, **common
    )


def create_trail(place: Place) -> None:
    """A trail of all regions in the home region, one of its own region elsewhere."""
    cloudtrail = place.client("cloudtrail")
    name = f"all-regions-{place.name}" if place.is_home else f"one-region-{place.name}"
    cloudtrail.create_trail(
        Name=name,
        S3BucketName=place.buckets[0],
        IncludeGlobalServiceEvents=place.is_home,
        IsMultiRegionTrail=place.is_home,
        EnableLogFileValidation=True,
        CloudWatchLogsLogGroupArn=f"{place.built['log_group']}:*",
        CloudWatchLogsRoleArn=place.role("platform"),
        KmsKeyId=place.built["key"],
        TagsList=tags(**OWNER),
    )
    cloudtrail.start_logging(Name=name)
    objects = {"Type": "AWS::S3::Object", "Values": [f"arn:aws:s3:::{place.buckets[1]}/"]}
    selector = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [objects]}
    cloudtrail.put_event_selectors(TrailName=name, EventSelectors=[selector])


def create_organization_trail(aws: Any, account: str, log_bucket: str) -> None:
    """One trail for every account of the organization."""
    cloudtrail = aws.client("cloudtrail")
    cloudtrail.create_trail(Name="organization", S3BucketName=log_bucket, IsMultiRegionTrail=True, IsOrganizationTrail=True)
    cloudtrail.start_logging(Name=f"arn:aws:cloudtrail:us-east-1:{account}:trail/organization")


def create_recorder(place: Place) -> None:
    """A recorder, rules of three kinds, and what they found."""
    config = place.client("config")
    config.put_configuration_recorder(
        ConfigurationRecorder={
            "name": "default",
            "roleARN": place.role("platform"),
            "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": place.is_home},
        }
    )
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": place.buckets[0]})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    for rule in (
        {
            "ConfigRuleName": "instances-in-vpc",
            "Description": "Instances are in a VPC",
            "Scope": {"ComplianceResourceTypes": ["AWS::EC2::Instance"]},
            "Source": {"Owner": "AWS", "SourceIdentifier": "INSTANCES_IN_VPC"},
        },
        {
            "ConfigRuleName": "passwords",
            "Source": {"Owner": "AWS", "SourceIdentifier": "IAM_PASSWORD_POLICY"},
            "InputParameters": json.dumps({"MinimumPasswordLength": "14"}),
            "MaximumExecutionFrequency": "TwentyFour_Hours",
        },
        {
            "ConfigRuleName": "unused",
            "Source": {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_VERSIONING_ENABLED"},
            "Scope": {"ComplianceResourceTypes": ["AWS::S3::Bucket"]},
        },
    ):
        config.put_config_rule(ConfigRule=rule, Tags=tags(**OWNER))
    for rule, resource_type, resource_id, compliance in (
        ("instances-in-vpc", "AWS::EC2::Instance", place.built["instance"], "COMPLIANT"),
        ("instances-in-vpc", "AWS::EC2::Instance", "i-0aaaaaaaaaaaaaaaa", "COMPLIANT"),
        ("passwords", "AWS::::Account", place.account, "NON_COMPLIANT"),
    ):
        evaluation = {"rule": rule, "type": resource_type, "id": resource_id, "compliance": compliance}
        place.put("config:evaluation", evaluation)


def create_stack(place: Place) -> None:
    place.client("cloudformation").create_stack(
        StackName="sample",
        TemplateBody=json.dumps(TEMPLATE),
        Parameters=[{"ParameterKey": "Token", "ParameterValue": place.secrets.plant("stack parameter")}],
        Capabilities=["CAPABILITY_IAM"],
        RoleARN=place.role("platform"),
        NotificationARNs=[place.built["public_topic"]],
        EnableTerminationProtection=True,
        Tags=tags(**OWNER),
    )
