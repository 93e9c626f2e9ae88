"""Tell the compiler what Python cannot say: no owner, no sign, needed soon."""

from typing import Any

import numba
import numpy as np
from numba.core import cgutils, types
from numba.extending import intrinsic
from numpy.typing import NDArray

if numba.config.DISABLE_JIT:

    def borrowed(array: Any) -> Any:
        """Return an array as it is."""
        return array

    def prefetch(array: NDArray[np.generic], row: int) -> None:
        """Do nothing: only compiled code has time to gain."""

    def natural(number: int) -> int:
        """Return a number as it is."""
        return number

else:

    @intrinsic  # type: ignore[misc]
    def borrowed(typing_context: Any, array: Any) -> Any:
        """Return an array without its owner, so that passing it on counts no references.

        Only for the arguments of the outermost kernel, whose caller keeps them alive.
        """

        def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            view = context.make_array(array)(context, builder, value=args[0])
            view.meminfo = view.meminfo.type(None)
            return view._getvalue()

        return array(array), build

    @intrinsic  # type: ignore[misc]
    def prefetch(typing_context: Any, array: Any, row: Any) -> Any:
        """Ask for the cache line in which a row of an array begins; it is needed soon."""

        def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            byte, word = cgutils.ir.IntType(8), cgutils.ir.IntType(32)
            view = context.make_array(signature.args[0])(context, builder, args[0])
            strides = cgutils.unpack_tuple(builder, view.strides)
            start = builder.bitcast(view.data, byte.as_pointer())
            place = builder.gep(start, [builder.mul(args[1], strides[0])], source_etype=byte)
            kind = cgutils.ir.FunctionType(
                cgutils.ir.VoidType(), [byte.as_pointer(), word, word, word]
            )
            ask = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
            builder.call(ask, [place, word(1), word(3), word(1)])
            return context.get_dummy_value()

        return types.void(array, types.int64), build

    @intrinsic  # type: ignore[misc]
    def natural(typing_context: Any, number: Any) -> Any:
        """Return a number that is known not to be negative.

        As an index it then need not be told from one that counts from the end.
        """

        def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            kind = cgutils.ir.FunctionType(cgutils.ir.VoidType(), [cgutils.ir.IntType(1)])
            assume = cgutils.get_or_insert_function(builder.module, kind, "llvm.assume")
            zero = cgutils.ir.Constant(args[0].type, 0)
            builder.call(assume, [builder.icmp_signed(">=", args[0], zero)])
            return args[0]

        return number(number), build
