"""IAM and account settings of one account."""

import datetime
import functools

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from .accounts import policy_document
from .aws import MANAGEMENT_ID, Aws, tags
from .secrets import Secrets

SECURITY_AUDIT = "arn:aws:iam::aws:policy/SecurityAudit"
ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"
ALLOW_LOGS = {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}
#: An account that is not of the organization.
VENDOR = "999988887777"


def service_trust(service: str) -> str:
    return policy_document({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})


def create_identity(aws: Aws, secrets: Secrets, account_id: str, name: str, number: int) -> dict:
    """Users, groups, roles, policies and providers. Odd accounts have a password policy and a security contact."""
    aws.account = account_id
    iam = aws.client("iam")
    iam.create_account_alias(AccountAlias=f"orgraph-{name}")
    create_settings(aws, account_id, number)
    policy_arn = create_policies(aws)
    create_users(aws, secrets, policy_arn)
    create_roles(aws, account_id, name, policy_arn)
    create_providers(aws, secrets, name)
    return {"policy_arn": policy_arn}


def create_settings(aws: Aws, account_id: str, number: int) -> None:
    is_strict = number % 2 == 1
    if is_strict:
        aws.client("iam").update_account_password_policy(
            MinimumPasswordLength=14, RequireSymbols=True, RequireNumbers=True, MaxPasswordAge=90, PasswordReusePrevention=24
        )
        aws.client("account").put_alternate_contact(
            AlternateContactType="SECURITY",
            EmailAddress="security@example.com",
            Name="Security",
            PhoneNumber="+15555550199",
            Title="Desk",
        )
    aws.client("s3control").put_public_access_block(
        AccountId=account_id,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": is_strict,
            "IgnorePublicAcls": is_strict,
            "BlockPublicPolicy": is_strict,
            "RestrictPublicBuckets": False,
        },
    )


def create_policies(aws: Aws) -> str:
    """Two customer managed policies, one of them attached to nothing; the ARN of the other."""
    iam = aws.client("iam")
    read = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}
    created = iam.create_policy(
        PolicyName="read-data", Path="/app/", PolicyDocument=policy_document(read), Tags=tags(Classification="internal")
    )
    policy_arn = created["Policy"]["Arn"]
    write = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}
    iam.create_policy_version(PolicyArn=policy_arn, PolicyDocument=policy_document(read, write), SetAsDefault=True)
    iam.create_policy(PolicyName="unused", PolicyDocument=policy_document({"Effect": "Allow", "Action": "*", "Resource": "*"}))
    return policy_arn


def create_users(aws: Aws, secrets: Secrets, policy_arn: str) -> None:
    iam = aws.client("iam")
    iam.create_group(GroupName="admins", Path="/people/")
    iam.attach_group_policy(GroupName="admins", PolicyArn=SECURITY_AUDIT)
    iam.put_group_policy(GroupName="admins", PolicyName="inline-admin", PolicyDocument=policy_document(ALLOW_LOGS))
    iam.create_group(GroupName="empty")

    iam.create_user(UserName="alice", Path="/people/", Tags=tags(Owner="alice", Department="finance"))
    iam.create_login_profile(UserName="alice", Password=secrets.plant("console password"), PasswordResetRequired=False)
    iam.add_user_to_group(GroupName="admins", UserName="alice")
    secrets.add(iam.create_access_key(UserName="alice")["AccessKey"]["SecretAccessKey"])
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="alice-phone")["VirtualMFADevice"]
    secrets.add(device["Base32StringSeed"].decode())
    iam.enable_mfa_device(
        UserName="alice", SerialNumber=device["SerialNumber"], AuthenticationCode1="123456", AuthenticationCode2="654321"
    )
    spare = iam.create_virtual_mfa_device(VirtualMFADeviceName="spare")["VirtualMFADevice"]
    secrets.add(spare["Base32StringSeed"].decode())

    # Somebody with a password and nothing else.
    iam.create_user(UserName="bob", Path="/people/")
    iam.create_login_profile(UserName="bob", Password=secrets.plant("other console password"), PasswordResetRequired=True)

    iam.create_user(UserName="deploy", Tags=tags(Owner="platform-team"))
    iam.put_user_policy(UserName="deploy", PolicyName="inline-deploy", PolicyDocument=policy_document(ALLOW_LOGS))
    iam.attach_user_policy(UserName="deploy", PolicyArn=policy_arn)
    for status in ("Active", "Inactive"):
        key = iam.create_access_key(UserName="deploy")["AccessKey"]
        secrets.add(key["SecretAccessKey"])
        iam.update_access_key(UserName="deploy", AccessKeyId=key["AccessKeyId"], Status=status)


def create_roles(aws: Aws, account_id: str, name: str, policy_arn: str) -> None:
    iam = aws.client("iam")
    iam.create_role(
        RoleName="app",
        Path="/app/",
        AssumeRolePolicyDocument=service_trust("ec2.amazonaws.com"),
        Tags=tags(Owner="platform-team"),
    )
    iam.attach_role_policy(RoleName="app", PolicyArn=policy_arn)
    iam.put_role_policy(RoleName="app", PolicyName="inline-app", PolicyDocument=policy_document(ALLOW_LOGS))
    iam.put_role_policy(RoleName="app", PolicyName="customers", PolicyDocument=policy_document(use_of_data(name)))
    iam.create_instance_profile(InstanceProfileName="app")
    iam.add_role_to_instance_profile(InstanceProfileName="app", RoleName="app")

    iam.create_role(
        RoleName="function", AssumeRolePolicyDocument=service_trust("lambda.amazonaws.com"), PermissionsBoundary=policy_arn
    )
    iam.attach_role_policy(RoleName="function", PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole")

    saml = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{account_id}:saml-provider/corporate"},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
    }
    web = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{account_id}:oidc-provider/token.actions.example.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringLike": {"token.actions.example.com:sub": "repo:example/*"}},
    }
    other = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT_ID}:root"}, "Action": "sts:AssumeRole"}
    vendor = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{VENDOR}:root"}, "Action": "sts:AssumeRole"}
    for role, statement in (("federated", saml), ("pipeline", web), ("break-glass", other), ("vendor", vendor)):
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=policy_document(statement))
    iam.attach_role_policy(RoleName="break-glass", PolicyArn=ADMINISTRATOR_ACCESS)
    iam.attach_role_policy(RoleName="vendor", PolicyArn=SECURITY_AUDIT)
    iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")


def use_of_data(name: str) -> dict:
    """What the bucket of an account's data is there for."""
    bucket = f"arn:aws:s3:::orgraph-{name}-data"
    return {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"{bucket}/*"}


def create_role_chain(aws: Aws, accounts: list[tuple[str, str]]) -> None:
    """A role in each account that the role of the account before may assume; the last one may use the data there."""
    arns = [f"arn:aws:iam::{account_id}:role/release-{step}" for step, (account_id, _) in enumerate(accounts)]
    for step, (account_id, name) in enumerate(accounts):
        aws.account = account_id
        iam = aws.client("iam")
        trusted = {"AWS": arns[step - 1]} if step else {"Service": "codebuild.amazonaws.com"}
        trust = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
        iam.create_role(RoleName=f"release-{step}", AssumeRolePolicyDocument=policy_document(trust))
        allowed = use_of_data(name)
        if step + 1 < len(arns):
            allowed = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arns[step + 1]}
        iam.put_role_policy(RoleName=f"release-{step}", PolicyName="onwards", PolicyDocument=policy_document(allowed))


def create_service_roles(aws: Aws) -> None:
    """The role that workloads act as, and the one that services use around them."""
    iam = aws.client("iam")
    for name, services in (
        ("workload", ["ecs-tasks", "batch", "transfer"]),
        ("platform", ["eks", "batch", "ecs-tasks", "config", "vpc-flow-logs", "cloudtrail", "transfer", "cloudformation"]),
    ):
        principals = [f"{service}.amazonaws.com" for service in services]
        trust = {"Effect": "Allow", "Principal": {"Service": principals}, "Action": "sts:AssumeRole"}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy_document(trust))


def create_providers(aws: Aws, secrets: Secrets, name: str) -> None:
    iam = aws.client("iam")
    metadata = (
        '<?xml version="1.0"?><md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" '
        f'entityID="https://idp.example.com/{name}"><md:IDPSSODescriptor protocolSupportEnumeration='
        '"urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing">'
        f"{secrets.plant('SAML certificate')}</md:KeyDescriptor></md:IDPSSODescriptor></md:EntityDescriptor>"
    )
    iam.create_saml_provider(Name="corporate", SAMLMetadataDocument=metadata.ljust(1000))
    iam.create_open_id_connect_provider(
        Url="https://token.actions.example.com", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40]
    )
    certificate, private_key = self_signed()
    iam.upload_server_certificate(
        ServerCertificateName="legacy", Path="/edge/", CertificateBody=certificate, PrivateKey=private_key
    )


@functools.cache
def self_signed() -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "legacy.example.com")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    builder = builder.not_valid_before(datetime.datetime(2026, 1, 1)).not_valid_after(datetime.datetime(2036, 1, 1))
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    private_key = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return certificate.decode(), private_key.decode()
