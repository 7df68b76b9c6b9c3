"""Play all faults with many seeds and write the table of docs/reliability.md: `make faults`."""

import os
import subprocess
import sys

from scripts import programs, setup, steps
from scripts.services.process import die_with_parent
from scripts.test import Stage, run


def main() -> None:
    """Set up, and play what SEEDS, SEED and ONLY ask for."""
    steps.end_on_sigterm()
    die_with_parent()
    setup.for_tests()
    programs.require(nginx=True, faketime=True)
    stages = [Stage("faults", [sys.executable, "-m", "tests.faults"])]
    if not os.environ.get("ONLY"):
        # Servers with a planted defect, which these tests must see.
        command = [sys.executable, "-m", "pytest", "-q", "tests/faults/test_mutants.py"]
        stages.append(Stage("planted defects", command, env={"FAULTS": "full"}))
    sys.exit(run(stages))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except subprocess.SubprocessError as error:
        sys.exit(f"maru: {error}")
