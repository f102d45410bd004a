"""File transfer servers and desktops of one account in one region."""

from .aws import tags
from .place import Place

OWNER = {"Owner": "office-team"}
SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJz0Sc0b1n2q7cVhCvQk1c0pT5zjXrK0wYqVJ1yq0aZb sample"


def create_workplaces(place: Place) -> None:
    create_transfer(place)
    create_desktops(place)


def create_transfer(place: Place) -> None:
    """A public server with users on a bucket, and one in the VPC."""
    transfer = place.client("transfer")
    server_id = transfer.create_server(
        EndpointType="PUBLIC",
        Protocols=["SFTP"],
        IdentityProviderType="SERVICE_MANAGED",
        Domain="S3",
        LoggingRole=place.role("platform"),
        Tags=tags(**OWNER),
    )["ServerId"]
    transfer.create_user(
        ServerId=server_id,
        UserName="supplier",
        Role=place.role("workload"),
        HomeDirectory=f"/{place.buckets[1]}/inbox",
        SshPublicKeyBody=SSH_KEY,
        Tags=tags(**OWNER),
    )
    transfer.create_user(
        ServerId=server_id,
        UserName="auditor",
        Role=place.role("workload"),
        HomeDirectoryType="LOGICAL",
        HomeDirectoryMappings=[{"Entry": "/", "Target": f"/{place.buckets[0]}/audit"}],
    )
    transfer.create_server(
        EndpointType="VPC",
        EndpointDetails={
            "VpcId": place.network.vpc_id,
            "SubnetIds": [place.network.private_subnet_id],
            "SecurityGroupIds": [place.network.web_group_id],
        },
        Protocols=["SFTP"],
        IdentityProviderType="SERVICE_MANAGED",
        Domain="EFS",
    )


def create_desktops(place: Place) -> None:
    """A directory, a desktop in it, and a bundle that nobody uses yet."""
    bundle = {
        "BundleId": f"wsb-{place.unique_id('bundle')[:9].replace('-', '0')}",
        "Name": "developers",
        "Owner": place.account,
        "Description": "Developers",
        "ImageId": "wsi-0abcdefgh",
        "RootStorage": {"Capacity": "80"},
        "UserStorage": {"Capacity": "100"},
        "ComputeType": {"Name": "POWER"},
        "LastUpdatedTime": 1_767_593_228.0,
        "CreationTime": 1_767_593_228.0,
    }
    place.put("workspaces:bundle", bundle)
    directory_id = place.client("ds").create_directory(
        Name="corp.example.com",
        Password=place.secrets.plant("directory password"),
        Size="Small",
        VpcSettings={"VpcId": place.network.vpc_id, "SubnetIds": place.subnet_ids},
    )["DirectoryId"]
    workspaces = place.client("workspaces")
    workspaces.register_workspace_directory(DirectoryId=directory_id)
    workspaces.create_workspaces(
        Workspaces=[
            {
                "DirectoryId": directory_id,
                "UserName": "alice",
                "BundleId": "wsb-bh8rsxt14",
                "UserVolumeEncryptionEnabled": True,
                "RootVolumeEncryptionEnabled": True,
                "VolumeEncryptionKey": place.built["key"],
                "WorkspaceProperties": {"RunningMode": "AUTO_STOP", "RunningModeAutoStopTimeoutInMinutes": 60},
                "Tags": tags(**OWNER),
            }
        ]
    )
