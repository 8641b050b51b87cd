"""What the automations and their states are called. Nothing of Prefect is imported here: the rescuer and
`make up` use these names, and with Prefect would come a second and 40 MB.
"""

from __future__ import annotations

from typing import Final

PREFIX: Final = "wine"
ZOMBIE: Final = "Zombie"
"""State of a run whose process went silent."""
