"""Tags of many resources at once."""

import pytest
from botocore.exceptions import ClientError

from fixture_check.documents import problems_in_answer
from organization.aws import Aws
from reads.walk import raw_answer

ACCOUNT = "210987654322"
GROUPS = 90
EVERY = 3


def test_resources_named_by_arn_answer_on_one_page(aws: Aws) -> None:
    aws.account = ACCOUNT
    logs, tagging = aws.client("logs"), aws.client("resourcegroupstaggingapi")
    for index in range(GROUPS):
        tags = {f"Key{number}": "value" for number in range(10)} if index % EVERY else {}
        logs.create_log_group(logGroupName=f"/g/{index}", tags=tags)
    aws.client("cloudwatch").put_metric_alarm(
        AlarmName="full",
        MetricName="Used",
        Namespace="Disk",
        Statistic="Average",
        Period=60,
        EvaluationPeriods=1,
        Threshold=90,
        ComparisonOperator="GreaterThanThreshold",
        Tags=[{"Key": "Team", "Value": "data"}],
    )
    arns = [f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/g/{index}" for index in range(GROUPS + 1)]
    alarm = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:full"

    raw, answer = raw_answer(tagging, "GetResources", {"ResourceARNList": [*arns, alarm]})

    assert problems_in_answer("resourcegroupstaggingapi", "GetResources", raw["body"]) == []
    found = {it["ResourceARN"]: it["Tags"] for it in answer["ResourceTagMappingList"]}
    assert sorted(found) == sorted([*(arn for index, arn in enumerate(arns[:-1]) if index % EVERY), alarm])
    assert found[alarm] == [{"Key": "Team", "Value": "data"}]
    assert not answer["PaginationToken"]


def test_resources_named_by_arn_have_no_pages(aws: Aws) -> None:
    aws.account = ACCOUNT
    tagging = aws.client("resourcegroupstaggingapi")

    with pytest.raises(ClientError) as refused:
        tagging.get_resources(ResourceARNList=[f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:a"], ResourcesPerPage=50)

    assert refused.value.response["Error"]["Code"] == "InvalidParameterException"
