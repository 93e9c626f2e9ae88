"""What one replication says, as arrays by name: so a run keeps it, whatever was simulated."""

from dataclasses import fields

import numpy as np


class Arrays:
    """Base of frozen dataclasses all of whose fields are arrays."""

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays by name, as they are stored."""
        return {f.name: getattr(self, f.name) for f in fields(self)}  # type: ignore[arg-type]
