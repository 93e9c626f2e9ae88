"""Write values as TOML."""

import json
from collections.abc import Mapping
from datetime import date, time


def toml_value(value: object) -> str:
    """Write a value as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # JSON's escapes are TOML's, but for DEL, which TOML does not take bare.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return f"[{', '.join(toml_value(item) for item in value)}]"
    if isinstance(value, Mapping):
        cells = (f"{_key(k)} = {toml_value(v)}" for k, v in value.items() if not is_left_out(v))
        return f"{{ {', '.join(cells)} }}"
    return repr(value)


def is_left_out(value: object) -> bool:
    """Say whether a value is what leaving the key out means."""
    return value is None or value in ((), "", {})


def _key(name: str) -> str:
    """Write a key, in quotes where it is not plain."""
    return name if name.isascii() and name.replace("_", "").isalnum() else toml_value(name)
