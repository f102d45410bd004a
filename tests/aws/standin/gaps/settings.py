"""What EC2 does by default in a region."""

from .asked import Handler, constant, ec2_document

SETTINGS = {
    "GetEbsDefaultKmsKeyId": "<kmsKeyId>alias/aws/ebs</kmsKeyId>",
    "GetSnapshotBlockPublicAccessState": "<state>unblocked</state><managedBy>account</managedBy>",
    "GetInstanceMetadataDefaults": (
        "<accountLevel><httpTokens>required</httpTokens><managedBy>account</managedBy></accountLevel>"
    ),
}
HANDLERS: dict[str, Handler] = {
    f"ec2:{operation}": constant(ec2_document(operation, members)) for operation, members in SETTINGS.items()
}
