"""The benchmarks run as a person starts them; what they measure is nobody's assertion."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]


def test_a_benchmark_prints_its_ratio_to_a_baseline_of_the_same_run(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "engine", "--quick", "--into", str(tmp_path)]

    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert re.search(r"10 campaigns .* 1 campaign .* [\d.]+x ", printed), printed
