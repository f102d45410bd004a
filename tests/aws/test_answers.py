"""The stand-in's answers are ones that AWS could have sent."""

from typing import Any

import pytest

from fixture_check.documents import problems_in_answer
from organization.aws import Aws
from reads.contract import missing_operations
from reads.table import MANAGEMENT, READS, Read
from reads.walk import Outcome, Walk, raw_answer, walk

EMPTY_ACCOUNT = "210987654321"
# What an account without anything answers with an error, beside what says so itself.
NOT_IN_EMPTY_ACCOUNT = {"iam:GetCredentialReport"}
LISTINGS = [it for it in READS if not it.each and it.scope != MANAGEMENT and it.name not in NOT_IN_EMPTY_ACCOUNT]


@pytest.fixture(scope="session")
def outcomes(endpoint: str, seeded: dict) -> dict[str, list[Outcome]]:
    """Every operation, called in the accounts with and without everything."""
    accounts = [seeded["members"][0]["id"], seeded["management"]["id"]]
    found: dict[str, list[Outcome]] = {}
    for outcome in walk(Aws(endpoint), accounts, seeded["management"]["id"], seeded["regions"][:1]):
        found.setdefault(outcome.read.name, []).append(outcome)
    return found


@pytest.mark.parametrize("read", READS, ids=lambda it: it.name)
def test_an_answer_is_one_that_aws_could_send(outcomes: dict[str, list[Outcome]], read: Read) -> None:
    called = outcomes[read.name]

    assert [str(outcome) for outcome in called if outcome.problems] == []
    assert any(not outcome.none for outcome in called), "it never answered anything"


@pytest.mark.parametrize("read", LISTINGS, ids=lambda it: it.name)
def test_an_empty_listing_is_one_that_aws_could_send(aws: Aws, read: Read) -> None:
    aws.account = EMPTY_ACCOUNT

    outcomes = list(Walk(aws, "us-east-1").outcomes([read]))

    assert [str(outcome) for outcome in outcomes if outcome.problems] == []


def test_every_operation_of_the_data_model_is_called() -> None:
    assert missing_operations() == []


def test_a_shared_snapshot_says_with_whom(aws: Aws, seeded: dict) -> None:
    aws.account = seeded["members"][0]["id"]
    ec2 = aws.client("ec2")
    snapshots = ec2.describe_snapshots(OwnerIds=["self"], Filters=[{"Name": "description", "Values": ["shared"]}])["Snapshots"]
    shared: dict[str, Any] = {"SnapshotId": snapshots[0]["SnapshotId"], "Attribute": "createVolumePermission"}

    raw, answer = raw_answer(ec2, "DescribeSnapshotAttribute", shared)

    assert problems_in_answer("ec2", "DescribeSnapshotAttribute", raw["body"]) == []
    assert answer["CreateVolumePermissions"] == [{"Group": "all"}]
