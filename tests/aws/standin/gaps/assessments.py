"""Inspector Classic, and the findings of Inspector."""

import json

from ..answer import Answer
from .asked import Asked, Handler, constant, fits, member


def run_arns(asked: Asked) -> Answer:
    return asked.page("assessmentRunArns", [it["arn"] for it in asked.records("inspector:run")], default=10)


def runs(asked: Asked) -> Answer:
    return described(asked, "inspector:run", "assessmentRuns", asked.request["assessmentRunArns"])


def finding_arns(asked: Asked) -> Answer:
    wanted = asked.request.get("assessmentRunArns")
    found = [
        it["arn"]
        for it in asked.records("inspector:finding")
        if not wanted or member(it, "serviceAttributes.assessmentRunArn") in wanted
    ]
    return asked.page("findingArns", found, default=10)


def findings(asked: Asked) -> Answer:
    return described(asked, "inspector:finding", "findings", asked.request["findingArns"])


def described(asked: Asked, kind: str, name: str, arns: list[str]) -> Answer:
    known = {it["arn"]: it for it in asked.records(kind)}
    failed = {arn: {"failureCode": "ITEM_DOES_NOT_EXIST", "retryable": False} for arn in arns if arn not in known}
    return asked.success({name: [known[arn] for arn in arns if arn in known], "failedItems": failed})


# The names of Inspector's filters that are the names of a finding's members, or are spelled otherwise.
FILTERS = {"findingStatus": "status", "findingArn": "findingArn", "awsAccountId": "awsAccountId", "severity": "severity"}


def current_findings(asked: Asked) -> Answer:
    criteria = asked.request.get("filterCriteria", {})
    wanted = {
        FILTERS[name]: [it["value"] for it in filters if it["comparison"] == "EQUALS"]
        for name, filters in criteria.items()
        if name in FILTERS
    }
    return asked.page("findings", [it for it in asked.records("inspector2:finding") if fits(it, wanted)])


def account_status(asked: Asked) -> Answer:
    """Without IDs the caller asks about itself, and an account that never enabled anything has it disabled."""
    ids = asked.request.get("accountIds") or [asked.call.account]
    known = json.loads(asked.ask_otherwise(json.dumps({"accountIds": ids}).encode()).body)["accounts"]
    disabled = {"status": "DISABLED"}
    unknown = [
        {"accountId": it, "state": disabled, "resourceState": dict.fromkeys(("ec2", "ecr", "lambda"), disabled)}
        for it in ids
        if it not in {account["accountId"] for account in known}
    ]
    return asked.success({"accounts": known + unknown, "failedAccounts": []})


HANDLERS: dict[str, Handler] = {
    "inspector:DescribeAssessmentRuns": runs,
    "inspector:DescribeFindings": findings,
    "inspector:ListAssessmentRuns": run_arns,
    "inspector:ListAssessmentTargets": constant({"assessmentTargetArns": []}),
    "inspector:ListAssessmentTemplates": constant({"assessmentTemplateArns": []}),
    "inspector:ListFindings": finding_arns,
    "inspector2:BatchGetAccountStatus": account_status,
    "inspector2:ListFindings": current_findings,
}
