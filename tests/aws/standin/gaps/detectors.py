"""GuardDuty findings: moto knows the detectors."""

from moto.guardduty.models import guardduty_backends

from ..answer import Answer
from .asked import Asked, Handler, fits

GET_LIMIT = 50


def finding_ids(asked: Asked) -> Answer:
    if not has_detector(asked):
        return no_detector(asked)
    criteria = asked.request.get("findingCriteria", {}).get("criterion", {})
    wanted = {path: criterion.get("eq") or criterion.get("equals") for path, criterion in criteria.items()}
    wanted = {path: values for path, values in wanted.items() if values}
    found = [it["id"] for it in findings_of_detector(asked) if fits(it, wanted)]
    return asked.page("findingIds", found, default=50)


def findings(asked: Asked) -> Answer:
    if not has_detector(asked):
        return no_detector(asked)
    ids = asked.request["findingIds"]
    if len(ids) > GET_LIMIT:
        return asked.refuse("BadRequestException", "The request was rejected because it asks for more than 50 findings.")
    return asked.success({"findings": [it for it in findings_of_detector(asked) if it["id"] in ids]})


def findings_of_detector(asked: Asked) -> list[dict]:
    detector_id = detector_of(asked)
    return [it for it in asked.records("guardduty:finding") if it["service"]["detectorId"] == detector_id]


def detector_of(asked: Asked) -> str:
    return asked.call.path.split("/")[2]


def has_detector(asked: Asked) -> bool:
    return detector_of(asked) in guardduty_backends[asked.call.account][asked.call.region].detectors


def no_detector(asked: Asked) -> Answer:
    message = "The request is rejected because the input detectorId is not owned by the current account."
    return asked.refuse("BadRequestException", message)


HANDLERS: dict[str, Handler] = {"guardduty:ListFindings": finding_ids, "guardduty:GetFindings": findings}
