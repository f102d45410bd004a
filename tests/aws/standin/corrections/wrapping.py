"""How moto's methods are changed."""

from collections.abc import Callable
from typing import Any


def after(owner: type, name: str, correction: Callable[[Any, Any], None]) -> None:
    """Runs `correction` on the object and the result after each call of a method."""
    original = getattr(owner, name)

    def corrected(itself: Any, *arguments: Any, **more: Any) -> Any:
        result = original(itself, *arguments, **more)
        correction(itself, result)
        return result

    setattr(owner, name, corrected)
