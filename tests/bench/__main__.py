"""Measure, print a table of ratios, and exit with 1 when a bar is missed. Load goes to loopback only and stops by itself."""

import gzip
import re
import sys
import tempfile
import threading
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from catalogue.search.shelf import POINTER, home
from tests.bench.load import Measure, ask, memory, middle, stamps_of
from tests.bench.rows import SECONDS, Row, rows
from tests.bench.signins import demand_account, rush
from tests.bench.sites import Site, databases, prepare, running
from tests.data.serving import Served, command, served, until

ROUNDS = 3
CROWD_BAR = 2.0
MOST_QUERIES = 10
BUILD_BAR = 15.0  # seconds
MEMORY_BAR = 170.0  # MiB a worker
WEIGHT_BAR = 200 * 1024  # bytes, compressed, first load of a page

Found = dict[tuple[str, str], Measure]  # by site and row


@dataclass
class Bar:
    """What was asked, what was found."""

    what: str
    found: float
    most: float

    def __str__(self) -> str:
        return f"{'ok    ' if self.found <= self.most else 'MISSED'}  {self.what}: {self.found:.2f} (at most {self.most:g})"


def measure(sites: list[Site], servers: list[Served], folder: Path) -> Found:
    """Interleaved: each round asks every row of every site once."""
    held = {site.name: _held(site, server) for site, server in zip(sites, servers, strict=True)}
    found: dict[tuple[str, str], list[Measure]] = {}
    for number in range(ROUNDS + 1):
        for site, server in zip(sites, servers, strict=True):
            for name, row in rows(site).items():
                cookie = site.cookie if row.signed_in else ""
                one = ask(server.port, row.paths, folder, seconds=row.seconds, stamps=held[site.name].get(name, ()), cookie=cookie)
                if number:  # the first round warms both workers
                    found.setdefault((site.name, name), []).append(one)
    for site, server in zip(sites, servers, strict=True):
        demand_account(server, site.cookie)
    return {key: middle(measures) for key, measures in found.items()}


def _held(site: Site, server: Served) -> dict[str, list[str]]:
    """What readers hold of each page before the rounds, during which nothing changes."""
    return {name: stamps_of(server.port, row.paths) for name, row in rows(site).items() if row.held}


def first_load(server: Served) -> float:
    """Bytes of the catalogue and of all it needs, compressed as a browser asks."""
    address = f"http://127.0.0.1:{server.port}"

    def fetch(path: str) -> tuple[bytes, str]:
        request = urllib.request.Request(address + path, headers={"Accept-Encoding": "gzip"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            body = answer.read()
            packed = answer.headers.get("Content-Encoding") == "gzip"
            return body, gzip.decompress(body).decode() if packed else body.decode(errors="ignore")

    page, html = fetch("/catalogue")
    assets = set(re.findall(r'"(/static/[^"]+)"', html))
    total = len(page)
    for asset in assets:
        body, text = fetch(asset)
        total += len(body)
        if asset.endswith(".css"):
            base = asset.rpartition("/")[0]
            for inner in set(re.findall(r"url\(\"?'?([^)\"']+\.woff2)", text)):
                total += len(fetch(f"{base}/{inner}")[0])
    return total


def rebuild(site: Site, server: Served, folder: Path) -> tuple[float, int, float]:
    """Change one title of a hundred thousand while answers go on: seconds until it is found, failed answers, the p99.

    One connection that asks without a pause takes one of the two cores: hundreds of answers a second.
    """
    listed = rows(site)["catalogue"].paths
    results: list[Measure] = []
    pointer = home(site.settings.var) / POINTER
    before = pointer.readlink()
    asking = threading.Thread(target=lambda: results.append(ask(server.port, listed, folder, seconds=25, connections=1)))
    asking.start()
    time.sleep(1)
    command(site.settings, "catalogue", "edit", site.slugs[0], "licence", "MIT", "--source", "mesure", "--reason", "mesure")
    took = until(lambda: pointer.readlink() != before, 60)
    asking.join()
    return took, results[0].errors, results[0].p99


def come_in(site: Site, server: Served) -> list[Bar]:
    """Fifty at once, on a portal with the real titles."""
    came = rush(site.settings, server)
    print(f"{site.name}: {came.browsers} sign-ins at once in {came.seconds:.1f} s", *came.lost, *came.mixed_up, sep="\n    ")
    return [
        Bar(f"lost of {came.browsers} sign-ins at once, {site.name}", len(came.lost), 0),
        Bar(f"sessions mixed up, {site.name}", len(came.mixed_up), 0),
    ]


def main() -> int:
    bars: list[Bar] = []
    with tempfile.TemporaryDirectory(prefix="logitheque-bench-") as name, databases(Path(name)) as addresses:
        folder = Path(name)
        sites = [
            prepare(each, url, folder / f"var{number}", crowded="100 000" in each)
            for number, (each, url) in enumerate(addresses.items())
        ]
        print(f"{'site':<21}{'page':<21}{'ratio':>7}{'req/s':>8}{'p50 ms':>8}{'p99 ms':>8}{'queries':>8}")
        for pair in (sites[:2], sites[2:]):
            with running(pair) as servers:
                found = measure(pair, servers, folder)
                show(pair, found)
                bars += judge(pair, found)
                weight = first_load(servers[0])
                bars.append(Bar(f"first load of /catalogue, KiB compressed, {pair[0].name}", weight / 1024, WEIGHT_BAR / 1024))
                bars += come_in(pair[0], servers[0])
                took, errors, p99 = rebuild(pair[1], servers[1], folder)
                print(f"{pair[1].name}: index rebuilt in {took:.1f} s while asked (p99 {p99:.0f} ms, {errors} failed)")
                bars += [
                    Bar(f"index of 100 000, seconds, {pair[1].name}", took, BUILD_BAR),
                    Bar(f"failed answers meanwhile, {pair[1].name}", errors, 0),
                ]
        bars.append(Bar("memory of a worker at 1 307 titles, MiB", plain_memory(sites[0], folder), MEMORY_BAR))
    print("\n".join(map(str, bars)))
    return int(any(bar.found > bar.most for bar in bars))


def ratio(site: Site, name: str, row: Row, sites: list[Site], found: Found) -> float | None:
    """What one answer costs, in answers of the row that it is compared with."""
    if not row.against:
        return None
    base = found.get((site.name, row.against)) or found[sites[0].name, row.against]
    return base.rate / found[site.name, name].rate


def show(sites: list[Site], found: Found) -> None:
    for site in sites:
        for name, row in rows(site).items():
            one, cost = found[site.name, name], ratio(site, name, row, sites, found)
            said = f"{cost:.2f}" if cost else "–"
            queries = site.queries.get(name, 0)
            print(f"{site.name:<21}{name:<21}{said:>7}{one.rate:>8.0f}{one.p50:>8.1f}{one.p99:>8.1f}{queries:>8}")


def judge(sites: list[Site], found: Found) -> list[Bar]:
    bars = []
    for site in sites:
        for name, row in rows(site).items():
            cost = ratio(site, name, row, sites, found)
            if cost and row.most:
                bars.append(Bar(f"{name} against {row.against}, {site.name}", cost, row.most))
        bars += [
            Bar(f"queries of an anonymous catalogue, {site.name}", site.queries["catalogue"], 0),
            Bar(f"queries of an anonymous list, {site.name}", site.queries["list"], 0),
            Bar(f"failed answers, {site.name}", sum(found[site.name, name].errors for name in rows(site)), 0),
        ]
    small, large = sites
    for page in small.personal:
        bars += [
            Bar(f"queries of {page}, {large.name}", large.queries[page], MOST_QUERIES),
            Bar(f"queries of {page} more than with few requests, {large.name}", large.queries[page] - small.queries[page], 0),
        ]
    signed_in = [f"{page}, signed in" for page in ("catalogue", "sheet")]
    bars += [Bar(f"queries of a {page}, {small.name}", small.queries[page], 1) for page in signed_in]
    cost = found[small.name, "catalogue"].rate / found[large.name, "catalogue"].rate
    bars.append(Bar(f"100 000 titles against 1 307, {small.name.partition(',')[0]}", cost, CROWD_BAR))
    return bars


def plain_memory(site: Site, folder: Path) -> float:
    """Of the production application, without our references, after it answered for a while."""
    with served(site.settings) as server:
        ask(server.port, rows(site)["catalogue"].paths, folder, seconds=SECONDS)
        return max(memory(pid) for pid in server.workers())


if __name__ == "__main__":
    sys.exit(main())
