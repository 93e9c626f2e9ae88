"""Hand a whole world to kernels as one pointer, and let them read its fields by name.

Passed by value, a tuple of so many arrays costs more than most work done with it.
"""

from typing import Any

import numba
import numpy as np
from numba.core import cgutils, types
from numba.core.imputils import lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, models, register_model
from numpy.typing import NDArray

from simulate.engine.world import World


class WorldType(types.Type):  # type: ignore[misc]
    """The type of a world inside the kernels: a pointer to its arrays."""

    def __init__(self, names: tuple[str, ...], arrays: Any) -> None:
        self.names = names
        self.arrays = arrays
        super().__init__(name="World")

    @property
    def key(self) -> object:
        """Tell worlds with other fields or other kinds of arrays apart."""
        return self.names, self.arrays

    def at(self, name: str) -> tuple[int, Any]:
        """Return the place of a field and the type of its array."""
        k = self.names.index(name)
        return k, self.arrays.types[k]


@register_model(WorldType)
class _WorldModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, world: Any) -> None:
        pointer = manager.lookup(world.arrays).get_value_type().as_pointer()
        super().__init__(manager, world, pointer)


@infer_getattr
class _WorldField(AttributeTemplate):  # type: ignore[misc]
    key = WorldType

    def generic_resolve(self, world: Any, name: str) -> Any:
        """Return the type of a field; an array without axes stands for the one record that it holds."""
        if name not in world.names:
            return None
        kind = world.at(name)[1]
        return kind.dtype if kind.ndim == 0 else kind


@lower_getattr_generic(WorldType)  # type: ignore[misc]
def _load_field(context: Any, builder: Any, world: Any, pointer: Any, name: str) -> Any:
    """Load a field without its owner, so that no look at it counts references up and down.

    The caller of the outermost kernel keeps the arrays alive.
    """
    k, kind = world.at(name)
    field = builder.load(cgutils.gep_inbounds(builder, pointer, 0, k))
    view = cgutils.create_struct_proxy(kind)(context, builder, value=field)
    if kind.ndim == 0:
        return context.unpack_value(builder, kind.dtype, view.data)
    view.meminfo = view.meminfo.type(None)
    return view._getvalue()


def reference_to(world: type[World]) -> Any:
    """Return the function by which a kernel turns a tuple of arrays into a world of a type."""
    names = world.names()
    if numba.config.DISABLE_JIT:

        def rebuild(arrays: tuple[NDArray[np.generic], ...]) -> World:
            """Return the world of these arrays."""
            return world(**dict(zip(names, arrays, strict=True)))  # type: ignore[arg-type]

        return rebuild

    @intrinsic  # type: ignore[misc]
    def by_reference(typing_context: Any, arrays: Any) -> Any:
        """Point to a tuple of arrays; the pointer is good until the kernel that asks returns."""

        def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            place = cgutils.alloca_once(builder, args[0].type)
            builder.store(args[0], place)
            return place

        return WorldType(names, arrays)(arrays), build

    return by_reference
