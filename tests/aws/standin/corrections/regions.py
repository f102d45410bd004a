"""The regions that accounts have enabled."""

from moto.core.responses import ActionResult
from moto.ec2.responses.availability_zones_and_regions import AvailabilityZonesAndRegions

from ..knobs import Control


def correct(control: Control) -> None:
    def describe_regions(response: AvailabilityZonesAndRegions) -> ActionResult:
        """Only enabled regions, unless the caller asks for all."""
        enabled = control.knobs.regions
        wants_all = str(response._get_param("AllRegions", False)).lower() == "true"
        names = response._get_param("RegionNames", [])
        regions = [
            {
                "RegionName": region.name,
                "Endpoint": region.endpoint,
                "OptInStatus": "opt-in-not-required" if region.name in enabled else "not-opted-in",
            }
            for region in response.ec2_backend.describe_regions(names)
            if wants_all or region.name in enabled
        ]
        return ActionResult({"Regions": regions})

    AvailabilityZonesAndRegions.describe_regions = describe_regions
