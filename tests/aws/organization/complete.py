"""Resources of every type in one account and region, in the order in which they need each other."""

from .balancers import create_balancers, create_certificates
from .containers import create_containers
from .gateways import create_gateways, create_global_edge
from .messaging import create_messaging
from .operations import create_logs, create_operations
from .place import Place
from .security import create_security
from .stores import create_keys, create_stores
from .workplaces import create_workplaces


def create_everything(place: Place) -> None:
    place.built["function"] = f"arn:aws:lambda:{place.region}:{place.account}:function:thumbnails"
    create_keys(place)
    create_logs(place)
    create_stores(place)
    create_containers(place)
    create_messaging(place)
    create_certificates(place)
    create_balancers(place)
    create_gateways(place)
    if place.is_home:
        create_global_edge(place)
    create_operations(place)
    create_security(place)
    create_workplaces(place)
