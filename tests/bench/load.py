"""Asking a server many times, and reading what it cost."""

import http.client
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

CONNECTIONS = 8
# Each line of the file is a path, followed by the stamp of what the reader holds: then only a 304 is right.
SCRIPT = """
local held, requests, at = %s, {}, 0
wrong = 0
init = function()
  for line in io.lines("%s") do
    local path, stamp = line:match("^(%%S+)%%s?(.*)$")
    local headers = {["Host"] = wrk.headers["Host"], ["Cookie"] = wrk.headers["Cookie"]}
    if held then headers["If-None-Match"] = stamp end
    requests[#requests + 1] = wrk.format("GET", path, headers)
  end
end
request = function() at = at %% #requests + 1; return requests[at] end
if held then response = function(status) if status ~= 304 then wrong = wrong + 1 end end end
local asking
setup = function(thread) asking = thread end
done = function(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("RESULT %%d %%d %%d %%d %%d\\n", summary.requests, summary.duration,
    failed + (held and asking:get("wrong") or errors.status), latency:percentile(50), latency:percentile(99)))
end
"""


@dataclass(frozen=True)
class Measure:
    """Requests a second, and milliseconds."""

    rate: float
    p50: float
    p99: float
    errors: int


def ask(
    port: int,
    paths: Sequence[str],
    folder: Path,
    *,
    seconds: int,
    connections: int = CONNECTIONS,
    stamps: Sequence[str] = (),
    cookie: str = "",
) -> Measure:
    """One bounded round of `wrk` over these addresses, in order, again and again. With `stamps`, what is no 304 is an error."""
    listed, script = folder / "paths.txt", folder / "ask.lua"
    lines = map(" ".join, zip(paths, stamps, strict=True)) if stamps else paths
    listed.write_text("\n".join(lines), encoding="utf-8")
    script.write_text(SCRIPT % ("true" if stamps else "false", listed), encoding="ascii")
    address = f"http://127.0.0.1:{port}"
    signed_in = ["-H", f"Cookie: {cookie}"] if cookie else []
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", *signed_in, "-s", str(script), address]
    output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60).stdout
    found = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+)", output)
    assert found, output
    requests, duration, errors, p50, p99 = map(int, found.groups())
    return Measure(requests / duration * 1e6, p50 / 1000, p99 / 1000, errors)


def stamps_of(port: int, paths: Sequence[str]) -> list[str]:
    """The ETag of each page, asked with the one header that `wrk` sends: another compression is another stamp."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    found = []
    for path in paths:
        connection.putrequest("GET", path, skip_accept_encoding=True)
        connection.endheaders()
        answer = connection.getresponse()
        answer.read()
        stamp = answer.getheader("ETag")
        if answer.status != http.HTTPStatus.OK or not stamp:
            raise RuntimeError(f"{path} answers {answer.status} with the stamp {stamp}: nothing to hold.")
        found.append(stamp)
    connection.close()
    return found


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
