"""Which machine follows which type of trigger."""

from collections.abc import Mapping
from typing import Any, Final

from engine.definitions.triggers import BaseTrigger, CartAbandoned, CustomEvent
from engine.triggers import carts, custom
from engine.triggers.machines import Machine

MACHINES: Final[Mapping[type[BaseTrigger], Machine[Any]]] = {
    CartAbandoned: carts.MACHINE,
    CustomEvent: custom.MACHINE,
}
