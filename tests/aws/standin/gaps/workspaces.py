"""Bundles of desktops: one that AWS offers to everybody, and the account's own."""

from ..answer import Answer
from .asked import Asked, Handler

OFFERED = {
    "BundleId": "wsb-bh8rsxt14",
    "Name": "Value with Windows 10",
    "Owner": "AMAZON",
    "Description": "Value with Windows 10",
    "ImageId": "wsi-00000001",
    "RootStorage": {"Capacity": "80"},
    "UserStorage": {"Capacity": "10"},
    "ComputeType": {"Name": "VALUE"},
}


def bundles(asked: Asked) -> Answer:
    """Named ones of anybody, else those of AWS or the account's own."""
    own, ids = asked.records("workspaces:bundle"), asked.request.get("BundleIds")
    if ids:
        found = [it for it in [OFFERED, *own] if it["BundleId"] in ids]
    else:
        found = [OFFERED] if asked.request.get("Owner") == "AMAZON" else own
    return asked.page("Bundles", found, token="NextToken")


HANDLERS: dict[str, Handler] = {"workspaces:DescribeWorkspaceBundles": bundles}
