"""The sample organization holds what it promises, and changes as told."""

from collections.abc import Callable
from functools import partial

import pytest

import harness
from inventory import take
from organization.aws import Aws
from reads.contract import rows

# Load balancers of other kinds have no security groups.
NOT_THERE = {"aws_lb HAS aws_security_group", "aws_security_group PROTECTS aws_lb"}


@pytest.fixture
def mutate(aws: Aws) -> Callable[..., dict]:
    return partial(harness.run_script, "mutate.py", aws.endpoint)


def count(inventory: dict, entity_type: str, account: str, region: str) -> int:
    return inventory["counts"][entity_type].get(account, {}).get(region, 0)


def test_every_type_is_there(aws: Aws, seeded: dict) -> None:
    inventory = take(aws, seeded)

    collected = [row["type"] for row in rows("entities.csv") if row["operations"]]
    assert [entity_type for entity_type in collected if not inventory["keys"].get(entity_type)] == []
    unconnected = {kind for kind, ends in inventory["relationships"].items() if not ends}
    assert unconnected <= NOT_THERE
    assert count(inventory, "aws_instance", seeded["members"][1]["id"], "us-east-1") == 2


def test_one_change_at_a_time(aws: Aws, seeded: dict, mutate: Callable[..., dict]) -> None:
    member = seeded["members"][1]
    place = ["--account", member["id"], "--region", "eu-west-1"]
    here = member["regions"]["eu-west-1"]
    before = take(aws, seeded)

    mutate("terminate-instance", *place, "--id", here["instance_ids"][0])
    mutate("delete-bucket", "--account", member["id"], "--name", member["buckets"][1])
    mutate("remove-security-group-rule", *place, "--id", here["database_group_id"])
    mutate("create-user", "--account", member["id"], "--name", "newcomer")
    after = take(aws, seeded)

    changed = {name for name in before["keys"] if before["keys"][name] != after["keys"][name]}
    assert changed == {"aws_instance", "aws_s3_bucket", "aws_s3_bucket_policy", "aws_iam_user", "aws_ebs_volume"}
    assert count(after, "aws_instance", member["id"], "eu-west-1") == 1
    assert mutate("terminate-all-instances", *place)["terminated"] == here["instance_ids"][1:]
    assert mutate("terminate-all-instances", *place)["terminated"] == []


def test_an_account_comes_and_goes(aws: Aws, seeded: dict, mutate: Callable[..., dict]) -> None:
    trust = ["--trust-caller", seeded["caller"]["arn"], "--trust-external-id", seeded["external_id"]]
    unit = ["--ou-id", seeded["members"][0]["ou_id"], "--role-name", seeded["role_name"]]

    account = mutate("add-account", "--name", "late", *unit, *trust)["id"]
    present = take(aws, seeded)["counts"]
    mutate("close-account", "--account", account)
    closed = take(aws, seeded)["counts"]

    assert account in present["aws_vpc"]
    assert account not in closed["aws_vpc"]
    assert present["aws_account"] == closed["aws_account"]


def test_the_same_seed_builds_the_same_organization(seeded: dict) -> None:
    with harness.stand_in() as other:
        again = harness.seed(other)

    random = {"endpoint", "secrets"}
    assert {name: again[name] for name in again.keys() - random} == {name: seeded[name] for name in seeded.keys() - random}
