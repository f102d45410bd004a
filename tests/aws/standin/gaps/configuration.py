"""What the rules of AWS Config found: moto knows the rules."""

from collections import Counter

from moto.config.models import config_backends

from ..answer import Answer
from .asked import Asked, Handler

EVALUATED_AT = 1_767_593_228.0
COUNT_LIMIT = 25


def compliance(asked: Asked) -> Answer:
    names = asked.request.get("ConfigRuleNames") or sorted(rule_names(asked))
    unknown = set(names) - rule_names(asked)
    if unknown:
        return no_rule(asked, unknown.pop())
    rules = [{"ConfigRuleName": name, "Compliance": compliance_of(asked, name)} for name in names]
    return asked.page("ComplianceByConfigRules", rules, "Limit", "NextToken")


def compliance_of(asked: Asked, rule: str) -> dict:
    counts = Counter(it["compliance"] for it in evaluations(asked, rule))
    for kind in ("NON_COMPLIANT", "COMPLIANT"):
        if counts[kind]:
            counted = {"CappedCount": min(counts[kind], COUNT_LIMIT), "CapExceeded": counts[kind] > COUNT_LIMIT}
            return {"ComplianceType": kind, **({"ComplianceContributorCount": counted} if kind == "NON_COMPLIANT" else {})}
    return {"ComplianceType": "INSUFFICIENT_DATA"}


def details(asked: Asked) -> Answer:
    rule, kinds = asked.request["ConfigRuleName"], asked.request.get("ComplianceTypes")
    if rule not in rule_names(asked):
        return no_rule(asked, rule)
    results = [result(rule, it) for it in evaluations(asked, rule) if not kinds or it["compliance"] in kinds]
    return asked.page("EvaluationResults", results, "Limit", "NextToken", 10)


def result(rule: str, evaluation: dict) -> dict:
    qualifier = {"ConfigRuleName": rule, "ResourceType": evaluation["type"], "ResourceId": evaluation["id"]}
    return {
        "EvaluationResultIdentifier": {"EvaluationResultQualifier": qualifier, "OrderingTimestamp": EVALUATED_AT},
        "ComplianceType": evaluation["compliance"],
        "ResultRecordedTime": EVALUATED_AT,
        "ConfigRuleInvokedTime": EVALUATED_AT,
    }


def evaluations(asked: Asked, rule: str) -> list[dict]:
    return [it for it in asked.records("config:evaluation") if it["rule"] == rule]


def rule_names(asked: Asked) -> set[str]:
    return set(config_backends[asked.call.account][asked.call.region].config_rules)


def no_rule(asked: Asked, name: str) -> Answer:
    return asked.refuse("NoSuchConfigRuleException", f"The ConfigRule '{name}' provided in the request is invalid.")


HANDLERS: dict[str, Handler] = {
    "config:DescribeComplianceByConfigRule": compliance,
    "config:GetComplianceDetailsByConfigRule": details,
}
