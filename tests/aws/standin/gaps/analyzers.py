"""IAM Access Analyzer."""

from ..answer import Answer
from .asked import Asked, Handler, fits

EXTERNAL = {"ACCOUNT", "ORGANIZATION"}


def analyzers(asked: Asked) -> Answer:
    kind = asked.request.get("type")
    return asked.page("analyzers", [it for it in asked.records("accessanalyzer:analyzer") if kind in (None, it["type"])])


def findings(asked: Asked) -> Answer:
    """The old listing, which knows external access only."""
    analyzer = analyzer_of(asked)
    if analyzer is None:
        return no_analyzer(asked)
    if analyzer["type"] not in EXTERNAL:
        return asked.refuse("ValidationException", "ListFindings does not support analyzers of this type")
    return asked.page("findings", found(asked, "accessanalyzer:finding"))


def findings_of_all_kinds(asked: Asked) -> Answer:
    if analyzer_of(asked) is None:
        return no_analyzer(asked)
    external = found(asked, "accessanalyzer:finding")
    summaries = [{**{name: it[name] for name in SUMMARY if name in it}, "findingType": "ExternalAccess"} for it in external]
    return asked.page("findings", summaries + found(asked, "accessanalyzer:finding-v2"))


SUMMARY = ("id", "resource", "resourceType", "resourceOwnerAccount", "status", "createdAt", "analyzedAt", "updatedAt")


def analyzer_of(asked: Asked) -> dict | None:
    arn = asked.request.get("analyzerArn")
    return next((it for it in asked.records("accessanalyzer:analyzer") if it["arn"] == arn), None)


def no_analyzer(asked: Asked) -> Answer:
    return asked.refuse("ResourceNotFoundException", "The analyzer does not exist.", "404 Not Found")


def found(asked: Asked, kind: str) -> list[dict]:
    """The findings of the analyzer asked for that fit the filter, without what only the record knows."""
    wanted = {name: criterion["eq"] for name, criterion in asked.request.get("filter", {}).items() if "eq" in criterion}
    wanted["analyzer"] = [asked.request["analyzerArn"]]
    return [
        {name: value for name, value in record.items() if name != "analyzer"}
        for record in asked.records(kind)
        if fits(record, wanted)
    ]


HANDLERS: dict[str, Handler] = {
    "accessanalyzer:ListAnalyzers": analyzers,
    "accessanalyzer:ListFindings": findings,
    "accessanalyzer:ListFindingsV2": findings_of_all_kinds,
}
