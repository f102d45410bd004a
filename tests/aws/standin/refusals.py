"""Calls that never reach the service: bad credentials, denials, throttling."""

import random

from moto.organizations.models import organizations_backends
from moto.s3.models import s3_backends

from .answer import Answer, bad_key, denied, error, expired, throttled
from .call import Call
from .knobs import Control, patterns

# What AWS Organizations lets a member account ask.
MEMBERS_MAY = {"DescribeOrganization", "LeaveOrganization", "ListHandshakesForAccount", "AcceptHandshake", "DeclineHandshake"}
# S3 operations that a bucket answers from any region.
S3_ANYWHERE = {"ListBuckets", "CreateBucket", "GetBucketLocation"}


def refusal(control: Control, call: Call) -> Answer | None:
    """The refusal of a call, if there is one. AWS checks in this order too: who, then whether, then how often."""
    knobs = control.knobs
    if call.account is None and knobs.check_keys:
        return bad_key(call)
    if call.key in control.expired_keys and not call.environ.get("HTTP_X_MOTO_ACCOUNT_ID"):
        return expired(call)
    if call.region not in knobs.regions:
        return bad_key(call)
    if any(call.matches(pattern) for pattern in patterns(knobs.deny_scp)):
        return denied(call, "with an explicit deny in a service control policy")
    if any(call.matches(pattern) for pattern in patterns(knobs.deny)):
        return denied(call, f"because no identity-based policy allows the {call.name} action")
    if is_throttled(control, call):
        return throttled(call)
    if call.service == "organizations":
        return refusal_by_organizations(call)
    if call.service == "s3":
        return refusal_by_s3(call)
    return None


def is_throttled(control: Control, call: Call) -> bool:
    knobs = control.knobs
    if not (knobs.throttle or knobs.throttle_rps) or not (knobs.throttle_only == "*" or call.matches(knobs.throttle_only)):
        return False
    return random.random() < knobs.throttle or (knobs.throttle_rps > 0 and control.is_over_rate(call))


def refusal_by_organizations(call: Call) -> Answer | None:
    """Only the management account and delegated administrators may look at the organization."""
    own = organizations_backends[call.account]["aws"]
    if own.org or call.action in MEMBERS_MAY or call.action == "CreateOrganization":
        return None
    membership = organizations_backends.master_accounts.get(call.account)
    if membership is None:
        return error(
            call, "400 Bad Request", "AWSOrganizationsNotInUseException", "Your account is not a member of an organization."
        )
    management, partition = membership
    if any(admin.account.id == call.account for admin in organizations_backends[management][partition].admins):
        return None
    return error(call, "400 Bad Request", "AccessDeniedException", "You don't have permissions to access this resource.")


def refusal_by_s3(call: Call) -> Answer | None:
    """A bucket is answered for in its own region only; elsewhere S3 says where it is."""
    name = call.path.strip("/").split("/")[0]
    owner = s3_backends.bucket_accounts.get(name)
    if not name or call.action in S3_ANYWHERE or owner is None:
        return None
    partition, account = owner
    bucket = s3_backends[account][partition].buckets.get(name)
    if bucket is None or bucket.region_name == call.region:
        return None
    moved = error(
        call,
        "301 Moved Permanently",
        "PermanentRedirect",
        "The bucket you are attempting to access must be addressed using the specified endpoint. "
        "Please send all future requests to this endpoint.",
    )
    place = f"<Endpoint>s3.{bucket.region_name}.amazonaws.com</Endpoint><Bucket>{name}</Bucket></Error>"
    moved.body = b"" if call.environ["REQUEST_METHOD"] == "HEAD" else moved.body.replace(b"</Error>", place.encode())
    moved.set_header("x-amz-bucket-region", bucket.region_name)
    return moved
