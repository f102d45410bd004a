"""Instances, disks, images and functions of one account in one region."""

import io
import zipfile
from typing import Any

from .aws import Aws, tagged
from .network import Network
from .secrets import Secrets


def create_compute(aws: Aws, secrets: Secrets, account_id: str, region: str, network: Network) -> dict:
    instance_ids = create_instances(aws, secrets, region, network)
    create_function(aws, secrets, account_id, region, network)
    return {"instance_ids": instance_ids}


def create_instances(aws: Aws, secrets: Secrets, region: str, network: Network) -> list[str]:
    """A web server with all the trimmings, a worker, and an instance that is terminated already."""
    ec2 = aws.client("ec2", region)
    key = ec2.create_key_pair(KeyName="ops", **tagged("key-pair", "ops"))
    secrets.add(key["KeyMaterial"].splitlines()[1])
    image_id = ec2.register_image(Name="base", Architecture="x86_64", RootDeviceName="/dev/sda1", VirtualizationType="hvm")[
        "ImageId"
    ]

    common = {"ImageId": image_id, "MinCount": 1, "MaxCount": 1}
    web_id = ec2.run_instances(
        **common,
        InstanceType="t3.micro",
        SubnetId=network.public_subnet_id,
        SecurityGroupIds=[network.web_group_id],
        KeyName="ops",
        IamInstanceProfile={"Name": "app"},
        UserData=f"#!/bin/sh\nexport TOKEN={secrets.plant('user data')}\n",
        MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 2, "HttpEndpoint": "enabled"},
        Monitoring={"Enabled": True},
        **tagged("instance", "web-1", Classification="confidential"),
    )["Instances"][0]["InstanceId"]
    worker_id, gone_id = (
        ec2.run_instances(
            **common,
            InstanceType="m5.large",
            SubnetId=network.private_subnet_id,
            SecurityGroupIds=[network.web_group_id, network.database_group_id],
            **tagged("instance", name),
        )["Instances"][0]["InstanceId"]
        for name in ("worker-1", "gone")
    )
    ec2.terminate_instances(InstanceIds=[gone_id])

    address_id = ec2.allocate_address(Domain="vpc", **tagged("elastic-ip", "web-1"))["AllocationId"]
    ec2.associate_address(AllocationId=address_id, InstanceId=web_id)
    ec2.allocate_address(Domain="vpc", **tagged("elastic-ip", "idle"))
    ec2.create_network_interface(
        SubnetId=network.private_subnet_id,
        Groups=[network.database_group_id],
        Description="spare",
        **tagged("network-interface", "spare"),
    )
    create_disks(ec2, region, web_id)
    return [web_id, worker_id]


def create_disks(ec2: Any, region: str, instance_id: str) -> None:
    """An attached and an unattached volume, a private and a public snapshot, and an image of the instance."""
    data_id = ec2.create_volume(
        AvailabilityZone=f"{region}a", Size=20, VolumeType="gp3", Encrypted=True, **tagged("volume", "data")
    )["VolumeId"]
    ec2.attach_volume(VolumeId=data_id, InstanceId=instance_id, Device="/dev/sdf")
    ec2.create_volume(AvailabilityZone=f"{region}a", Size=8, VolumeType="gp2", **tagged("volume", "idle"))
    ec2.create_snapshot(VolumeId=data_id, Description="private", **tagged("snapshot", "private"))
    shared_id = ec2.create_snapshot(VolumeId=data_id, Description="shared", **tagged("snapshot", "shared"))["SnapshotId"]
    ec2.modify_snapshot_attribute(
        SnapshotId=shared_id, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"]
    )
    ec2.create_image(InstanceId=instance_id, Name="web-image", Description="Image of web-1", **tagged("image", "web-image"))


def create_function(aws: Aws, secrets: Secrets, account_id: str, region: str, network: Network) -> None:
    """A function in the VPC that anybody may call, with secrets in its environment."""
    lambdas = aws.client("lambda", region)
    function = lambdas.create_function(
        FunctionName="thumbnails",
        Runtime="python3.12",
        Role=f"arn:aws:iam::{account_id}:role/function",
        Handler="main.handler",
        Code={"ZipFile": code()},
        Description="Makes thumbnails",
        Timeout=30,
        MemorySize=256,
        VpcConfig={"SubnetIds": [network.private_subnet_id], "SecurityGroupIds": [network.web_group_id]},
        Environment={"Variables": {"STAGE": "live", "API_TOKEN": secrets.plant("function environment")}},
        Tags={"Owner": "platform-team", "Classification": "internal"},
        TracingConfig={"Mode": "Active"},
    )
    lambdas.add_permission(
        FunctionName=function["FunctionName"], StatementId="anybody", Action="lambda:InvokeFunction", Principal="*"
    )
    lambdas.add_permission(
        FunctionName=function["FunctionName"],
        StatementId="buckets",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceAccount=account_id,
    )


def code() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr(zipfile.ZipInfo("main.py"), "def handler(event, context):\n    return event\n")
    return archive.getvalue()
