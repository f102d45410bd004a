"""Operations that moto cannot answer: canned documents, or documents made from moto's state.

`Control.static` comes first: a test registers `{"service", "action", "body"}` and optionally `account`, `region`,
`contains` (a part of the request body) and `status`.
"""

import io
import json
import uuid
from collections.abc import Callable
from xml.sax.saxutils import escape

from moto.apigatewayv2.models import apigatewayv2_backends
from moto.organizations.models import organizations_backends
from moto.s3.models import s3_backends
from moto.transfer.models import transfer_backends
from moto.wafv2.models import wafv2_backends

from . import cbor, tagged
from .answer import Answer, error, success
from .call import Call
from .knobs import Control

AskMoto = Callable[[Call], Answer]


def answer(control: Control, call: Call, ask_moto: AskMoto) -> Answer | None:
    """The answer to an operation that moto lacks."""
    for canned in control.static:
        if is_for(canned, call):
            return Answer(canned.get("status", "200 OK"), success(call, canned["body"]).body, [])
    if call.name in CONSTANTS:
        return success(call, CONSTANTS[call.name])
    if call.name in FROM_STATE:
        return FROM_STATE[call.name](control, call)
    if call.protocol == "smithy-rpc-v2-cbor":
        return cloudwatch(call, ask_moto)
    if call.name == "apigatewayv2:GetAuthorizers":
        return api_authorizers(call, ask_moto)
    if call.name == "resourcegroupstaggingapi:GetResources":
        return tagged.resources(call, ask_moto)
    return None


def is_for(canned: dict, call: Call) -> bool:
    return (
        (canned["service"], canned["action"]) == (call.service, call.action)
        and canned.get("account", "*") in ("*", call.account)
        and canned.get("region", "*") in ("*", call.region)
        and canned.get("contains", "").encode() in call.body
    )


def ec2_document(operation: str, members: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
        f"<requestId>{uuid.uuid4()}</requestId>{members}</{operation}Response>"
    )


def iam_document(operation: str, members: str) -> str:
    return (
        f'<{operation}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><{operation}Result>{members}</{operation}Result>'
        f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata></{operation}Response>"
    )


CONSTANTS: dict[str, dict | str] = {
    "account:GetContactInformation": {
        "ContactInformation": {
            "FullName": "Org Graph",
            "AddressLine1": "1 Main St",
            "City": "Seattle",
            "CountryCode": "US",
            "PostalCode": "98101",
            "PhoneNumber": "+15555550100",
        }
    },
    "ec2:GetEbsDefaultKmsKeyId": ec2_document("GetEbsDefaultKmsKeyId", "<kmsKeyId>alias/aws/ebs</kmsKeyId>"),
    "ec2:GetSnapshotBlockPublicAccessState": ec2_document(
        "GetSnapshotBlockPublicAccessState", "<state>unblocked</state><managedBy>account</managedBy>"
    ),
    "ec2:GetInstanceMetadataDefaults": ec2_document(
        "GetInstanceMetadataDefaults",
        "<accountLevel><httpTokens>required</httpTokens><managedBy>account</managedBy></accountLevel>",
    ),
    "accessanalyzer:ListAnalyzers": {"analyzers": []},
    "accessanalyzer:ListFindings": {"findings": []},
    "accessanalyzer:ListFindingsV2": {"findings": []},
    "guardduty:ListFindings": {"findingIds": []},
    "guardduty:GetFindings": {"findings": []},
    "inspector:ListAssessmentRuns": {"assessmentRunArns": []},
    "inspector:DescribeAssessmentRuns": {"assessmentRuns": [], "failedItems": {}},
    "inspector:ListFindings": {"findingArns": []},
    "inspector:DescribeFindings": {"findings": [], "failedItems": {}},
    "inspector:ListAssessmentTemplates": {"assessmentTemplateArns": []},
    "inspector:ListAssessmentTargets": {"assessmentTargetArns": []},
    "waf:ListWebACLs": {"WebACLs": []},
    "waf-regional:ListWebACLs": {"WebACLs": []},
    "waf-regional:ListResourcesForWebACL": {"ResourceArns": []},
    "workspaces:DescribeWorkspaceBundles": {
        "Bundles": [
            {
                "BundleId": "wsb-bh8rsxt14",
                "Name": "Value with Windows 10",
                "Owner": "AMAZON",
                "Description": "Value",
                "ImageId": "wsi-00000001",
                "RootStorage": {"Capacity": "80"},
                "UserStorage": {"Capacity": "10"},
                "ComputeType": {"Name": "VALUE"},
            }
        ]
    },
}


def account_regions(control: Control, call: Call) -> Answer:
    regions = [{"RegionName": name, "RegionOptStatus": "ENABLED_BY_DEFAULT"} for name in control.knobs.regions]
    return success(call, {"Regions": regions})


def organizations_features(_control: Control, call: Call) -> Answer:
    organization = organizations_backends[call.account]["aws"].org
    if organization is None:
        return error(
            call,
            "400 Bad Request",
            "AccountNotManagementOrDelegatedAdministratorException",
            "The request was rejected because the account making the request is not the management account "
            "or delegated administrator account for centralized root access.",
        )
    features = "<EnabledFeatures><member>RootCredentialsManagement</member></EnabledFeatures>"
    members = f"<OrganizationId>{organization.id}</OrganizationId>{features}"
    return success(call, iam_document("ListOrganizationsFeatures", members))


def buckets(_control: Control, call: Call) -> Answer:
    """ListBuckets with regions and continuation tokens."""
    owned = sorted(s3_backends[call.account]["aws"].buckets.values(), key=lambda bucket: bucket.name)
    query = call.query
    prefix, region, after = query.get("prefix", ""), query.get("bucket-region"), query.get("continuation-token", "")
    wanted = [it for it in owned if it.name.startswith(prefix) and region in (None, it.region_name) and it.name > after]
    limit = int(query.get("max-buckets", 10_000))
    rows = "".join(
        f"<Bucket><Name>{escape(it.name)}</Name><CreationDate>{it.creation_date_ISO8601}</CreationDate>"
        f"<BucketRegion>{it.region_name}</BucketRegion><BucketArn>arn:aws:s3:::{escape(it.name)}</BucketArn></Bucket>"
        for it in wanted[:limit]
    )
    token = f"<ContinuationToken>{escape(wanted[limit - 1].name)}</ContinuationToken>" if len(wanted) > limit else ""
    owner = "<Owner><ID>bcaf1ffd86f41161ca5fb16fd081034f</ID></Owner>"
    return success(
        call,
        '<?xml version="1.0" encoding="UTF-8"?>\n<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"{owner}<Buckets>{rows}</Buckets>{token}</ListAllMyBucketsResult>",
    )


def transfer_users(_control: Control, call: Call) -> Answer:
    server_id = json.loads(call.body)["ServerId"]
    server = transfer_backends[call.account][call.region].servers.get(server_id)
    if server is None:
        return error(call, "400 Bad Request", "ResourceNotFoundException", "Unknown server")
    users = []
    for user in server._users:
        described = {
            "Arn": user.arn,
            "HomeDirectory": user.home_directory,
            "HomeDirectoryType": user.home_directory_type,
            "Role": user.role,
            "SshPublicKeyCount": len(user.ssh_public_keys or []),
            "UserName": user.user_name,
        }
        users.append({name: value for name, value in described.items() if value is not None})
    return success(call, {"ServerId": server_id, "Users": users})


def web_acl_resources(_control: Control, call: Call) -> Answer:
    request = json.loads(call.body)
    acl = wafv2_backends[call.account][call.region].wacls.get(request["WebACLArn"])
    if acl is None:
        return error(call, "400 Bad Request", "WAFNonexistentItemException", "AWS WAF couldn't find the web ACL")
    kind = request.get("ResourceType", "APPLICATION_LOAD_BALANCER")
    part = {"APPLICATION_LOAD_BALANCER": ":loadbalancer/app/", "API_GATEWAY": "/restapis/"}.get(kind)
    return success(call, {"ResourceArns": [arn for arn in acl.associated_resources if part and part in arn]})


FROM_STATE: dict[str, Callable[[Control, Call], Answer]] = {
    "account:ListRegions": account_regions,
    "iam:ListOrganizationsFeatures": organizations_features,
    "s3:ListBuckets": buckets,
    "transfer:ListUsers": transfer_users,
    "wafv2:ListResourcesForWebACL": web_acl_resources,
}


def api_authorizers(call: Call, ask_moto: AskMoto) -> Answer:
    """moto knows each authorizer, but not their list."""
    api_id = call.path.split("/")[3]
    api = apigatewayv2_backends[call.account][call.region].apis.get(api_id)
    if api is None:
        return error(call, "404 Not Found", "NotFoundException", "Invalid API identifier specified")
    items = []
    for authorizer_id in list(api.authorizers):
        path = f"/v2/apis/{api_id}/authorizers/{authorizer_id}"
        one = asked_otherwise(call, b"", PATH_INFO=path, RAW_URI=path, REQUEST_URI=path)
        items.append(json.loads(ask_moto(one).body))
    return success(call, {"items": items})


def cloudwatch(call: Call, ask_moto: AskMoto) -> Answer:
    """The SDK speaks RPC v2 CBOR only, moto the older JSON protocol: translate both ways."""
    request = json.dumps(cbor.decode(call.body)).encode()
    json_call = asked_otherwise(
        call,
        request,
        PATH_INFO="/",
        RAW_URI="/",
        REQUEST_URI="/",
        CONTENT_TYPE="application/x-amz-json-1.0",
        HTTP_CONTENT_TYPE="application/x-amz-json-1.0",
        HTTP_X_AMZ_TARGET=f"GraniteServiceVersion20100801.{call.action}",
    )
    reply = ask_moto(json_call)
    try:
        document = json.loads(reply.body or b"{}")
    except ValueError:
        document = {"__type": "InternalFailure", "message": reply.body[:200].decode("utf8", "replace")}
    return Answer(reply.status, cbor.encode(document), [("smithy-protocol", "rpc-v2-cbor")])


def asked_otherwise(call: Call, body: bytes, **environ: str) -> Call:
    """The same caller with another request."""
    changed = {**call.environ, **environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
    return Call(changed, call.key, call.region, call.service, call.action, body, call.account)
