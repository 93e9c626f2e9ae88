"""Write a design out whole."""

from collections.abc import Mapping

from params.files.toml_text import toml_value
from params.studies.design import Design


def resolved_design(design: Design) -> str:
    """Write every value of a design as TOML; what was left out stands with its default.

    The text is a design itself where its bases are ready scenarios; others are named as the design did.
    """
    lines, tables = [], []
    for key, value in design.model_dump().items():
        if value is None:
            continue
        if isinstance(value, Mapping):
            inner = {k: v for k, v in value.items() if v is not None and not _rows(v)}
            tables += ["", f"[{key}]", *_lines(inner)]
            for k, rows in value.items():
                if _rows(rows):
                    tables += _listed(f"{key}.{k}", rows)
        elif _rows(value):
            tables += _listed(key, value)
        else:
            lines.append(f"{key} = {toml_value(value)}")
    return "\n".join([*lines, *tables]) + "\n"


def _rows(value: object) -> bool:
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], Mapping)


def _listed(key: str, rows: tuple[Mapping[str, object], ...]) -> list[str]:
    lines = []
    for row in rows:
        said = {k: v for k, v in row.items() if v is not None and v not in ((), "")}
        lines += ["", f"[[{key}]]", *_lines(said)]
    return lines


def _lines(table: Mapping[str, object]) -> list[str]:
    return [f"{key} = {toml_value(value)}" for key, value in table.items()]
