"""Load balancers and distributions."""

from contextvars import ContextVar
from typing import Any

from moto.cloudfront import models as cloudfront_models
from moto.elbv2 import models as elbv2_models

KINDS = {"network": "net", "gateway": "gwy"}
KIND: ContextVar[str] = ContextVar("the kind of load balancer that is being made", default="app")


def correct() -> None:
    _name_balancers_by_kind()
    _keep_functions()
    _leave_out_empty_certificates()


def _name_balancers_by_kind() -> None:
    """The ARN of a load balancer says its kind, where moto calls all of them `app`. Its host name is its own."""
    make_arn = elbv2_models.make_arn_for_load_balancer
    create = elbv2_models.ELBv2Backend.create_load_balancer

    def make_arn_of_kind(*arguments: Any, **more: Any) -> str:
        return make_arn(*arguments, **more).replace(":loadbalancer/app/", f":loadbalancer/{KIND.get()}/")

    def create_of_kind(backend: elbv2_models.ELBv2Backend, *arguments: Any, **more: Any) -> elbv2_models.FakeLoadBalancer:
        token = KIND.set(KINDS.get(more.get("loadbalancer_type"), "app"))
        try:
            balancer = create(backend, *arguments, **more)
        finally:
            KIND.reset(token)
        balancer.dns_name = dns_name(balancer)
        return balancer

    def dns_name(balancer: elbv2_models.FakeLoadBalancer) -> str:
        """A name of its own, where moto gives the same to the same in every account."""
        *_, region, _account, resource = balancer.arn.split(":")
        _, kind, name, balancer_id = resource.split("/")
        if kind == "app":
            return f"{name}-{int(balancer_id, 16) % 10**10}.{region}.elb.amazonaws.com"
        return f"{name}-{balancer_id}.elb.{region}.amazonaws.com"

    elbv2_models.make_arn_for_load_balancer = make_arn_of_kind
    elbv2_models.ELBv2Backend.create_load_balancer = create_of_kind


def _keep_functions() -> None:
    """Distributions keep the functions that they call, which moto forgets."""
    original = cloudfront_models.DefaultCacheBehaviour.__init__

    def create(behaviour: cloudfront_models.DefaultCacheBehaviour, config: dict) -> None:
        original(behaviour, config)
        behaviour.lambda_function_associations = config.get("LambdaFunctionAssociations") or {"Quantity": 0}

    cloudfront_models.DefaultCacheBehaviour.__init__ = create


def _leave_out_empty_certificates() -> None:
    original = cloudfront_models.ViewerCertificate.__init__

    def create(certificate: cloudfront_models.ViewerCertificate, config: dict) -> None:
        original(certificate, config)
        certificate.acm_certificate_arn = certificate.acm_certificate_arn or None
        certificate.iam_certificate_id = certificate.iam_certificate_id or None

    cloudfront_models.ViewerCertificate.__init__ = create
