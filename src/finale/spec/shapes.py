"""What may stand where: the generated structs as small shapes, each looked up once and only when somebody asks.

msgspec stops at the first error and takes null for absent only where a type says so; the walks that name every error
(`finale.spec.walk`) and drop nulls as Go does read these shapes instead.
"""

import types
import typing
from functools import cache
from typing import Any, Literal, NamedTuple

import msgspec

__all__ = ["Shape", "fields_of", "shape_of"]


class Shape(NamedTuple):
    """One type. `inner` is the shape of items or values; `struct` the class; `scalars` the types allowed here."""

    kind: Literal["any", "scalar", "list", "map", "struct"]
    scalars: tuple[type, ...] = ()
    inner: Any = None
    struct: type[msgspec.Struct] | None = None


@cache
def fields_of(struct: type[msgspec.Struct]) -> dict[str, Shape]:
    """JSON name → shape of each field of a struct."""
    return {field.encode_name: shape_of(field.type) for field in msgspec.structs.fields(struct)}


@cache
def shape_of(annotation: Any) -> Shape:
    """The shape of an annotation of the generated file; ``| None`` is dropped, for absence is not a value."""
    if annotation is Any:
        return Shape("any")
    origin = typing.get_origin(annotation)
    if origin in (types.UnionType, typing.Union):
        parts = [part for part in typing.get_args(annotation) if part is not types.NoneType]
        if len(parts) == 1:
            return shape_of(parts[0])
        return Shape("any") if Any in parts else Shape("scalar", scalars=tuple(parts))
    if origin is list:
        return Shape("list", inner=shape_of(typing.get_args(annotation)[0]))
    if origin is dict:
        return Shape("map", inner=shape_of(typing.get_args(annotation)[1]))
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return Shape("struct", struct=annotation)
    return Shape("scalar", scalars=(annotation,))
