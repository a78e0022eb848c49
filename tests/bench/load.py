"""Asking a server many times, and reading what it cost."""

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

CONNECTIONS = 8
SECONDS = 3.0
SCRIPT = """
local paths = {}
for line in io.lines("%s") do paths[#paths + 1] = line end
local at = 0
request = function() at = at %% #paths + 1; return wrk.format("GET", paths[at]) end
done = function(summary, latency)
  io.write(string.format("RESULT %%d %%d %%d %%d %%d\\n", summary.requests, summary.duration,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
"""


@dataclass(frozen=True)
class Measure:
    """Requests a second, and milliseconds."""

    rate: float
    p50: float
    p99: float
    errors: int


def ask(address: str, paths: Sequence[str], folder: Path, *, seconds: float = SECONDS, connections: int = CONNECTIONS) -> Measure:
    """One bounded round of `wrk` over these addresses, in order, again and again."""
    listed, script = folder / "paths.txt", folder / "ask.lua"
    listed.write_text("\n".join(paths), encoding="utf-8")
    script.write_text(SCRIPT % listed, encoding="ascii")
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "10s", "-s", str(script), address]
    output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60).stdout
    found = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+)", output)
    assert found, output
    requests, duration, errors, p50, p99 = map(int, found.groups())
    return Measure(requests / duration * 1e6, p50 / 1000, p99 / 1000, errors)


def middle(measures: Sequence[Measure]) -> Measure:
    """Medians of interleaved rounds: the machine's moods fall on all alike."""
    return Measure(
        median(one.rate for one in measures),
        median(one.p50 for one in measures),
        median(one.p99 for one in measures),
        sum(one.errors for one in measures),
    )


def memory(pid: int) -> float:
    """Resident MiB of a process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1024
