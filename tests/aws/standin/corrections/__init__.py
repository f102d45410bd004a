"""Where moto answers, but not as AWS would.

`apply` changes moto's models and is called once; `corrected` repairs single answers on their way out.
"""

from ..knobs import Control
from . import caches, edge, models, placement, regions, trust
from .answers import corrected

__all__ = ["apply", "corrected"]


def apply(control: Control) -> None:
    """Corrects moto's models in this process."""
    for module in (models, placement, caches, edge):
        module.correct()
    regions.correct(control)
    trust.correct(control)
