"""Repairs of single answers on their way out."""

import re
from collections.abc import Callable
from urllib.parse import quote
from xml.sax.saxutils import unescape

from ..answer import Answer
from ..call import Call
from ..shapes import shaped


def corrected(call: Call, answer: Answer) -> Answer:
    """The answer as AWS would have sent it."""
    if answer.is_success and (correction := ANSWERS.get(call.name) or ANSWERS.get(call.service)):
        answer.body = correction(answer.body)
    if answer.is_success and call.protocol in ("json", "rest-json"):
        answer.body = shaped(call, answer.body)
    if call.name == "s3:GetBucketEncryption" and b"ServerSideEncryptionConfigurationNotFoundError" in answer.body:
        return Answer("200 OK", ENCRYPTED_BY_S3.encode(), [])
    return answer


# Every bucket has been encrypted by S3 since January 2023.
ENCRYPTED_BY_S3 = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<ServerSideEncryptionConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule>'
    "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault>"
    "<BucketKeyEnabled>false</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>"
)


def _bucket_versioning(body: bytes) -> bytes:
    return body.replace(b"GetBucketVersioningResponse", b"VersioningConfiguration")


def _encoded_policies(body: bytes) -> bytes:
    """IAM sends policies percent-encoded; moto sends most of them as they are."""

    def encoded(match: re.Match) -> str:
        policy = unescape(match[2], {"&quot;": '"', "&apos;": "'"})
        return f"<{match[1]}>{quote(policy, safe='') if policy.startswith('{') else match[2]}</{match[1]}>"

    return re.sub(r"<(AssumeRolePolicyDocument|PolicyDocument|Document)>([^<]*)</\1>", encoded, body.decode()).encode()


def _root_devices(body: bytes) -> bytes:
    return body.replace(b"<rootDeviceType>standard<", b"<rootDeviceType>ebs<")


def _no_empty_choices(body: bytes) -> bytes:
    """moto sends empty elements for choices that were not made."""
    return re.sub(rb"<(Protocol|LogDestinationType)(></\1|\s*/)>", b"", body)


def _distributions(body: bytes) -> bytes:
    return body.replace(b"</DistributionSummary>", b"<Staging>false</Staging></DistributionSummary>")


def _recorder_status(body: bytes) -> bytes:
    return body.replace(b'"PENDING"', b'"Success"')


def _domain_detail(body: bytes) -> bytes:
    return body.replace(b'"UpdateDate"', b'"UpdatedDate"')


ANSWERS: dict[str, Callable[[bytes], bytes]] = {
    "cloudfront:ListDistributions": _distributions,
    "config:DescribeConfigurationRecorderStatus": _recorder_status,
    "elbv2:DescribeListeners": _no_empty_choices,
    "redshift:DescribeLoggingStatus": _no_empty_choices,
    "route53domains:GetDomainDetail": _domain_detail,
    "iam": _encoded_policies,
    "ec2:DescribeImages": _root_devices,
    "s3:GetBucketVersioning": _bucket_versioning,
}
