"""Does a value fit a type of an SDK, to the letter? Unlike the SDKs, which pass on what they do not know."""

import collections.abc
import dataclasses
import inspect
import types
import typing

import pydantic
import typing_extensions

WRAPPERS = {
    typing_extensions.Required,
    typing_extensions.NotRequired,
    typing.Annotated,
    typing_extensions.Annotated,
    typing.Required,
    typing.NotRequired,
}
ALIAS = (typing_extensions.TypeAliasType, getattr(typing, "TypeAliasType", typing_extensions.TypeAliasType))
LISTS = (list, tuple, set, collections.abc.Iterable, collections.abc.Sequence, collections.abc.Set)


def bare(hint):
    """The type without what is said about it, and whether it must be there; `None` = not said."""
    needed = None
    while True:
        origin = typing.get_origin(hint)
        if isinstance(hint, ALIAS):
            hint = hint.__value__
        elif isinstance(origin, ALIAS):
            hint = origin.__value__[typing.get_args(hint)]
        elif origin in WRAPPERS:
            if "Required" in str(origin):
                needed = "NotRequired" not in str(origin)
            hint = typing.get_args(hint)[0]
        else:
            return hint, needed


def fields(hint):
    """The fields of a class of any of the kinds that SDKs make theirs of: name on the wire, type, whether needed."""
    if typing_extensions.is_typeddict(hint):
        out = {}
        for name, kind in typing_extensions.get_type_hints(hint, include_extras=True).items():
            kind, needed = bare(kind)
            out[name] = (kind, name in hint.__required_keys__ if needed is None else needed)
        return out
    if dataclasses.is_dataclass(hint):
        kinds = typing.get_type_hints(hint)
        none = dataclasses.MISSING
        return {f.name: (kinds[f.name], f.default is none and f.default_factory is none) for f in dataclasses.fields(hint)}
    if inspect.isclass(hint) and issubclass(hint, pydantic.BaseModel):
        return {f.alias or name: (f.annotation, f.is_required()) for name, f in hint.model_fields.items()}
    return None


def fits(value, hint, place="", lenient=()):
    """What does not fit, one line each. `lenient` names places of whose absence nothing is said."""
    hint, _ = bare(hint)
    if isinstance(hint, str):
        raise TypeError(f"{place}: the type {hint!r} was not resolved")
    if hint in (typing.Any, object) or isinstance(hint, typing.TypeVar):
        return []
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    wrong = [f"{place or 'it'}: {str(value)[:60]!r} is no {getattr(hint, '__name__', hint)}"]
    if origin is typing.Literal or origin is typing_extensions.Literal:
        return [] if value in inner else wrong
    if origin in (typing.Union, types.UnionType):
        tries = [fits(value, one, place, lenient) for one in inner]
        return min(tries, key=len) if [] not in tries else []
    if hint in (None, type(None)):
        return [] if value is None else wrong
    if hint is bool:
        return [] if isinstance(value, bool) else wrong
    if hint in (int, float):
        number = isinstance(value, (int, float) if hint is float else int) and not isinstance(value, bool)
        return [] if number else wrong
    if hint is str:
        return [] if isinstance(value, str) else wrong
    if origin in LISTS or (origin is None and hint in LISTS) or "SequenceNotStr" in str(hint):
        if not isinstance(value, list):
            return wrong
        kind = inner[0] if inner else typing.Any
        return [line for n, one in enumerate(value) for line in fits(one, kind, f"{place}[{n}]", lenient)]
    if origin in (dict, collections.abc.Mapping) or hint is dict:
        if not isinstance(value, dict):
            return wrong
        kind = inner[1] if inner else typing.Any
        return [line for name, one in value.items() for line in fits(one, kind, f"{place}.{name}", lenient)]
    known = fields(hint)
    if known is None:
        # A class of the SDK's own that no JSON can be, for example one that stands for "not set".
        return wrong
    if not isinstance(value, dict):
        return wrong
    out = [f"{place}.{name}: not known" for name in value if name not in known]
    for name, (kind, needed) in known.items():
        if name in value:
            out += fits(value[name], kind, f"{place}.{name}", lenient)
        elif needed and name not in lenient:
            out.append(f"{place}.{name}: missing")
    return out


def takes(call):
    """The names and types that a function takes, as one type."""
    hints = typing.get_type_hints(call, include_extras=True)
    return {name: hints.get(name, typing.Any) for name in inspect.signature(call).parameters}
