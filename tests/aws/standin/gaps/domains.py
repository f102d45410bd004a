"""Tags of registered domains."""

from moto.route53domains.exceptions import InvalidInputException
from moto.route53domains.models import Route53Domain, route53domains_backends

from ..answer import Answer
from .asked import Asked, Handler


def update_tags(asked: Asked) -> Answer:
    domain = domain_of(asked)
    if domain is None:
        return no_domain(asked)
    updated = {it["Key"]: it.get("Value", "") for it in asked.request.get("TagsToUpdate", [])}
    domain.orgraph_tags = {**tags_of(domain), **updated}
    return asked.success({})


def tags(asked: Asked) -> Answer:
    domain = domain_of(asked)
    if domain is None:
        return no_domain(asked)
    return asked.success({"TagList": [{"Key": key, "Value": value} for key, value in tags_of(domain).items()]})


def tags_of(domain: Route53Domain) -> dict[str, str]:
    return getattr(domain, "orgraph_tags", {})


def domain_of(asked: Asked) -> Route53Domain | None:
    try:
        return route53domains_backends[asked.call.account]["aws"].get_domain(asked.request["DomainName"])
    except InvalidInputException:
        return None


def no_domain(asked: Asked) -> Answer:
    return asked.refuse("InvalidInput", f"Domain {asked.request['DomainName']} not found in this account")


HANDLERS: dict[str, Handler] = {
    "route53domains:ListTagsForDomain": tags,
    "route53domains:UpdateTagsForDomain": update_tags,
}
