"""Which accounts and regions each scenario has."""

from dataclasses import dataclass, field

PRODUCTION = ("Workloads", "Production")
PAYMENTS = ("Workloads", "Production", "Payments")
STAGING = ("Workloads", "Staging")

COMPLETE = frozenset({"production-web", "payments", "staging"})
COMPLETE_REGIONS = 2


@dataclass
class Member:
    """A member account: `state` is live, skipped (tag), suspended (closed) or untrusting (another external ID)."""

    name: str
    ou: tuple[str, ...]
    state: str = "live"
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class Scenario:
    members: list[Member]
    regions: list[str]
    #: The members that have resources of every type, in the first two regions.
    complete: frozenset[str] = COMPLETE


MEMBERS = [
    Member("production-web", PRODUCTION, tags={"Production": "true", "AccountName": "Web (production)"}),
    Member("payments", PAYMENTS, tags={"Production": "true"}),
    Member("staging", STAGING),
    Member("network", ("Infrastructure",)),
    Member("log-archive", ("Infrastructure",)),
    Member("sandbox", ("Sandbox",), state="skipped", tags={"j1-integration": "SKIP"}),
    Member("closed", ("Sandbox",), state="suspended"),
    Member("partner", ("Workloads",), state="untrusting"),
]
REGIONS = ["us-east-1", "eu-west-1", "ap-southeast-2"]


def scenario(name: str, members: int | None, regions: list[str] | None) -> Scenario:
    """A scenario by name; a number of members or a list of regions replaces its own."""
    chosen = {
        "full": Scenario(list(MEMBERS), REGIONS),
        "demo": Scenario(list(MEMBERS), REGIONS[:2]),
        "small": Scenario([MEMBERS[0], MEMBERS[2]], REGIONS[:1], frozenset({"production-web"})),
    }[name]
    if members is not None:
        more = [Member(f"workload-{number:03}", STAGING) for number in range(len(MEMBERS) + 1, members + 1)]
        chosen.members = (MEMBERS + more)[:members]
    return Scenario(chosen.members, regions or chosen.regions, chosen.complete)
