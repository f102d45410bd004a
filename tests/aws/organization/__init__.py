"""A sample AWS Organization, built through the ordinary AWS APIs of the stand-in."""
