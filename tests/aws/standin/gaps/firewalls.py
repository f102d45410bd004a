"""Web ACLs of WAF Classic, and the resources behind a web ACL of WAF."""

from moto.wafv2.models import wafv2_backends

from ..answer import Answer
from .asked import Asked, Handler

# The kinds of resources that moto associates, by a part of their ARN.
PARTS = {"APPLICATION_LOAD_BALANCER": ":loadbalancer/app/", "API_GATEWAY": "/restapis/"}


def resources(asked: Asked) -> Answer:
    acl = wafv2_backends[asked.call.account][asked.call.region].wacls.get(asked.request["WebACLArn"])
    if acl is None:
        return no_web_acl(asked)
    part = PARTS.get(asked.request.get("ResourceType", "APPLICATION_LOAD_BALANCER"))
    return asked.success({"ResourceArns": [arn for arn in acl.associated_resources if part and part in arn]})


def no_web_acl(asked: Asked) -> Answer:
    return asked.refuse("WAFNonexistentItemException", "The referenced item does not exist.")


def classic_web_acls(asked: Asked) -> Answer:
    summaries = [{name: it[name] for name in ("WebACLId", "Name")} for it in classic_records(asked)]
    return asked.page("WebACLs", summaries, "Limit", "NextMarker")


def classic_web_acl(asked: Asked) -> Answer:
    acl = next((it for it in classic_records(asked) if it["WebACLId"] == asked.request["WebACLId"]), None)
    return asked.success({"WebACL": acl}) if acl else no_web_acl(asked)


def classic_resources(asked: Asked) -> Answer:
    acl = next((it for it in classic_records(asked) if it["WebACLId"] == asked.request["WebACLId"]), None)
    return asked.success({"ResourceArns": []}) if acl else no_web_acl(asked)


def classic_records(asked: Asked) -> list[dict]:
    return asked.records(f"{asked.call.service}:web-acl")


HANDLERS: dict[str, Handler] = {
    "waf:GetWebACL": classic_web_acl,
    "waf:ListWebACLs": classic_web_acls,
    "waf-regional:GetWebACL": classic_web_acl,
    "waf-regional:ListResourcesForWebACL": classic_resources,
    "waf-regional:ListWebACLs": classic_web_acls,
    "wafv2:ListResourcesForWebACL": resources,
}
