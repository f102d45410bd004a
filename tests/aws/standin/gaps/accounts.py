"""What an account and an organization say about themselves."""

from moto.organizations.models import organizations_backends

from ..answer import Answer
from .asked import Asked, Handler, constant, iam_document

CONTACT = {
    "FullName": "Org Graph",
    "AddressLine1": "1 Main St",
    "City": "Seattle",
    "CountryCode": "US",
    "PostalCode": "98101",
    "PhoneNumber": "+15555550100",
}


def regions(asked: Asked) -> Answer:
    enabled = [{"RegionName": name, "RegionOptStatus": "ENABLED_BY_DEFAULT"} for name in asked.control.knobs.regions]
    return asked.success({"Regions": enabled})


def organizations_features(asked: Asked) -> Answer:
    organization = organizations_backends[asked.call.account]["aws"].org
    if organization is None:
        return asked.refuse(
            "AccountNotManagementOrDelegatedAdministratorException",
            "The request was rejected because the account making the request is not the management account "
            "or delegated administrator account for centralized root access.",
        )
    features = "<EnabledFeatures><member>RootCredentialsManagement</member></EnabledFeatures>"
    members = f"<OrganizationId>{organization.id}</OrganizationId>{features}"
    return asked.success(iam_document("ListOrganizationsFeatures", members))


HANDLERS: dict[str, Handler] = {
    "account:GetContactInformation": constant({"ContactInformation": CONTACT}),
    "account:ListRegions": regions,
    "iam:ListOrganizationsFeatures": organizations_features,
}
