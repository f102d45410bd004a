"""File transfer servers and desktops."""

from .inventory import Inventory


def add_workplaces(inventory: Inventory, region: str) -> None:
    for listed in inventory.pages("transfer", region, "list_servers", "Servers"):
        add_server(inventory, region, listed["ServerId"])
    add_desktops(inventory, region)


def add_server(inventory: Inventory, region: str, server_id: str) -> None:
    server = inventory.one("transfer", region, "describe_server", ServerId=server_id)["Server"]
    arn = server["Arn"]
    inventory.add("aws_transfer_server", region, [arn])
    groups = server.get("EndpointDetails", {}).get("SecurityGroupIds", [])
    inventory.protect(region, "aws_transfer_server", arn, groups, has=False)
    if role := server.get("LoggingRole"):
        inventory.link("aws_iam_role", role, "ASSIGNED", "aws_transfer_server", arn)
    for listed in inventory.pages("transfer", region, "list_users", "Users", ServerId=server_id):
        asked = {"ServerId": server_id, "UserName": listed["UserName"]}
        user = inventory.one("transfer", region, "describe_user", **asked)["User"]
        inventory.add("aws_transfer_user", region, [user["Arn"]])
        inventory.link("aws_transfer_server", arn, "HAS", "aws_transfer_user", user["Arn"])
        inventory.link("aws_iam_role", user["Role"], "ASSIGNED", "aws_transfer_user", user["Arn"])
        folders = [user.get("HomeDirectory"), *(it["Target"] for it in user.get("HomeDirectoryMappings", []))]
        buckets = {folder.strip("/").split("/")[0] for folder in folders if folder} if server["Domain"] == "S3" else set()
        arns = [f"arn:aws:s3:::{bucket}" for bucket in buckets]
        inventory.link_from("aws_s3_bucket", arns, "ALLOWS", "aws_transfer_user", user["Arn"])


def add_desktops(inventory: Inventory, region: str) -> None:
    prefix = f"arn:aws:workspaces:{region}:{inventory.account}"
    own = inventory.pages("workspaces", region, "describe_workspace_bundles", "Bundles")
    inventory.add("aws_workspaces_bundle", region, [f"{prefix}:workspacebundle/{it['BundleId']}" for it in own])
    directories = inventory.pages("workspaces", region, "describe_workspace_directories", "Directories")
    groups = {it["DirectoryId"]: it.get("WorkspaceSecurityGroupId") for it in directories}
    for workspace in inventory.pages("workspaces", region, "describe_workspaces", "Workspaces"):
        key = f"{prefix}:workspace/{workspace['WorkspaceId']}"
        bundle = f"{prefix}:workspacebundle/{workspace['BundleId']}"
        inventory.add("aws_workspace", region, [key])
        inventory.add("aws_workspaces_bundle", region, [bundle])
        subnet = inventory.ec2(region, "subnet", workspace["SubnetId"])
        inventory.link("aws_subnet", subnet, "HAS", "aws_workspace", key)
        inventory.link("aws_workspace", key, "USES", "aws_workspaces_bundle", bundle)
        inventory.protect(region, "aws_workspace", key, [groups.get(workspace["DirectoryId"])], has=False)
