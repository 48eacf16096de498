"""Options that are fields of a model: their name, type, help and default are told there, once."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import wraps
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal, TypeAlias, get_args, get_origin

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from schemas import FileParameters, ParameterError, SourceNotFoundError, at_home

Body: TypeAlias = Callable[..., None]

ARGUMENTS = {"data": "DATA", "more": "MORE", "inbox": "DIR"}
"""Fields that a command takes by their place, and what they are called there."""

DATA_FOLDER = Path("data")
"""Where candidates are looked for and kept."""

NOT_TYPED = ("chosen_by", "origin")
"""Fields that a program says: a sweep in its best.json, a pass over an inbox of its copies."""

_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*:"
"""How an address begins; the second stroke behind it is gone once it is a `Path`."""

_BY_NAME = inspect.Parameter.KEYWORD_ONLY
_SIGNS = {"ge": "x>={}", "gt": "x>{}", "le": "x<={}", "lt": "x<{}"}
_NO_BOUND = 2**31  # what is larger keeps a machine from harm, and tells a person nothing


def expanded(path: Path | None) -> Path | None:
    """Take the ~ of an option as a shell would have."""
    return path and at_home(path)


def a_folder(typed: str | Path | None) -> Path | None:
    """Take an artifact root as it was typed, which is on this machine.

    Of nothing a `Path` would be the current folder, and of an address a local one.
    """
    if typed == "":
        raise ParameterError("--out is empty, as an unset variable leaves it; name a folder")
    first, more, _ = str(path := Path(typed or "")).partition("/")
    if more and re.fullmatch(_SCHEME, first) and not Path(first).exists():
        raise ParameterError(
            f"--out {path}: is an address; name a folder of this machine (`score` and `inbox` copy "
            f"what they publish to a store with --copy-to)"
        )
    return None if typed is None else at_home(typed)


def names_in(folder: str) -> Callable[[typer.Context, str], list[str]]:
    """Give what completes a name in that folder of the artifact root, newest first."""

    def names(context: typer.Context, incomplete: str) -> list[str]:
        root = at_home(context.params.get("out") or OUT)
        found = (path.name for path in (root / folder).glob("*") if path.is_dir())
        return sorted((name for name in found if name.startswith(incomplete)), reverse=True)

    return names


_A_FOLDER: dict[str, Any] = {"parser": str, "callback": a_folder, "metavar": "<path>"}
Out = Annotated[
    Path,
    typer.Option(**_A_FOLDER, help=FileParameters.model_fields["out"].description),
]
OUT = Path(FileParameters.model_fields["out"].default)
"""The artifact root of a command that has no other parameter in common with a flow."""


def require_root(out: Path, *, also_default: bool = False) -> None:
    """Refuse an artifact root that is not there: there is nothing to look at.

    The default one need not be there yet, for no command has been run, unless that is said.

    Raises
    ------
    ParameterError
    """
    if (also_default or out != OUT) and not out.is_dir():
        where = f"{out}: there is no such folder{'' if out.is_absolute() else f' in {Path.cwd()}'}"
        raise ParameterError(f"--out {where}, so that nothing was looked at")


def require_labels(path: str | Path) -> None:
    """Refuse a file of what people said that is not there."""
    if not at_home(path).exists():
        raise SourceNotFoundError(
            f"--labels {path}: there is no such file; `pulsar review` writes it"
        )


AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, for machines.")]
ParametersFile = Annotated[
    Path | None,
    typer.Option(
        callback=expanded,
        help="JSON object of parameters, such as the best.json of a sweep; options here win.",
        metavar="FILE",
    ),
]


def takes(
    model: type[BaseModel], *, only: Collection[str] = (), but: Collection[str] = NOT_TYPED
) -> Callable[[Body], Body]:
    """Give a command the fields of a model as arguments and options.

    Parameters
    ----------
    model : type
        A pydantic model.
    only, but : collection of str, optional
        Its fields that are taken, or left out.

    Returns
    -------
    callable
        A decorator. The command's first argument is then a dictionary of what was given, and of
        nothing else; defaults and bounds are left to the model.
    """
    return with_options(
        {
            name: parameter_of(name, field, is_argument=name in ARGUMENTS)
            for name, field in model.model_fields.items()
            if name not in but and (not only or name in only)
        }
    )


def with_options(made: Mapping[str, inspect.Parameter]) -> Callable[[Body], Body]:
    """Give a command parameters, and as its first argument what was given of them."""

    def decorate(body: Body) -> Body:
        _, *rest = inspect.signature(body, eval_str=True).parameters.values()
        own = [one.replace(kind=_BY_NAME) for one in rest]

        @wraps(body)
        def run(**values: Any) -> None:
            asked = {name: values.pop(name) for name in made}
            body({k: _plain(v) for k, v in asked.items() if v is not None and v != []}, **values)

        run.__signature__ = inspect.Signature([*made.values(), *own])  # type: ignore[attr-defined]
        return run

    return decorate


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return str(value) if isinstance(value, Path) else value


def parameter_of(
    name: str, field: FieldInfo, *, is_argument: bool = False, about: str = "", default: str = ""
) -> inspect.Parameter:
    """Describe a field as Typer reads it.

    Parameters
    ----------
    name : str
        What it is called.
    field : FieldInfo
        Of the model.
    is_argument : bool, optional
        Whether it is known by its place.
    about : str, optional
        What it holds for, where a command does more than one thing.
    default : str, optional
        What happens without it, where that is not the field's default.
    """
    kind: Any = Path if name == "out" else _typed(field.annotation)
    told: dict[str, Any] = {"help": field.description}
    if kind is Path:
        told |= _A_FOLDER
    if is_argument:
        many = get_origin(field.annotation) is tuple
        told["help"] += "  [repeatable]" * many
        typed: Any = Annotated[
            kind | None if many else kind, typer.Argument(metavar=ARGUMENTS[name], **told)
        ]
        default_value: Any = None if many else inspect.Parameter.empty
        return inspect.Parameter(name, _BY_NAME, default=default_value, annotation=typed)
    repeatable = "repeatable" if get_origin(field.annotation) is tuple else ""
    facts = (about, repeatable, default or _default(name, field), *_bounds(field))
    if any(facts):
        told["help"] += f"  [{'; '.join(filter(None, facts))}]"
    choices = _choices(field.annotation)
    if choices:
        told |= {"metavar": f"<{'|'.join(choices)}>", "autocompletion": _beginning(choices)}
    spelled = [f"--{name.replace('_', '-')}"] if field.default is False else []
    typed = Annotated[kind | None, typer.Option(*spelled, **told)]
    return inspect.Parameter(name, _BY_NAME, default=None, annotation=typed)


def _typed(annotation: Any) -> Any:
    """Give what a terminal can say of a type: one of a union, a list for a tuple, a word."""
    origin, inner = get_origin(annotation), [a for a in get_args(annotation) if a is not NoneType]
    if origin is Literal:
        return str
    if origin is tuple:
        return list[_typed(inner[0])]  # type: ignore[misc]
    return _typed(inner[0]) if inner else annotation


def _choices(annotation: Any) -> list[str]:
    """Give the words of a Literal, wherever in a type it stands."""
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    return [word for inner in get_args(annotation) for word in _choices(inner)]


def _beginning(choices: Collection[str]) -> Callable[[str], list[str]]:
    """Give what a shell asks for the words that begin like what is typed."""

    def matching(incomplete: str) -> list[str]:
        return [word for word in choices if word.startswith(incomplete)]

    return matching


def _default(name: str, field: FieldInfo) -> str:
    value = field.default
    if field.is_required() or value is None or value is False or value == ():
        return ""
    if value is True:
        return f"default: {name.replace('_', '-')}"
    return f"default: {' '.join(map(_written, value if isinstance(value, tuple) else (value,)))}"


def _bounds(field: FieldInfo) -> Iterator[str]:
    for known in field.metadata:
        for sign, written in _SIGNS.items():
            bound = getattr(known, sign, None)
            if bound is not None and bound < _NO_BOUND:
                yield written.format(_written(bound))


def _written(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
