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
from tests.bench.load import Measure, ask, memory, middle
from tests.bench.questions import questions
from tests.bench.sites import Site, databases, prepare, running
from tests.data.serving import Served, command, served, until

ROUNDS = 3
CATALOGUE_BAR, SHEET_BAR, CROWD_BAR = 1.3, 2.0, 2.0
BUILD_BAR = 15.0  # seconds
MEMORY_BAR = 170.0  # MiB a worker
WEIGHT_BAR = 200 * 1024  # bytes, compressed, first load of a page


@dataclass
class Bar:
    """What was asked, what was found."""

    what: str
    found: float
    most: float

    def __str__(self) -> str:
        return f"{'ok    ' if self.found <= self.most else 'MISSED'}  {self.what}: {self.found:.2f} (at most {self.most:g})"


def paths(site: Site) -> dict[str, list[str]]:
    asked = [question.url().partition("?")[2] for question in questions()]
    pages = {
        "catalogue": [f"/catalogue?{query}" for query in asked],
        "sheet": [f"/catalogue/{slug}" for slug in site.slugs],
        "api": [f"/api/v1/titles?{query}" for query in asked],
    }
    if site.crowded:  # its pages are compared with those of the real titles
        return pages
    references = {
        "reference": [f"/bench/catalogue?{query}" for query in asked],
        "sheet reference": [f"/bench/sheet/{slug}" for slug in site.slugs],
    }
    return references | pages


def measure(sites: list[Site], servers: list[Served], folder: Path) -> dict[tuple[str, str], Measure]:
    """Interleaved: each round asks every page of every site once."""
    found: dict[tuple[str, str], list[Measure]] = {}
    for number in range(ROUNDS + 1):
        for site, server in zip(sites, servers, strict=True):
            for page, listed in paths(site).items():
                one = ask(f"http://127.0.0.1:{server.port}", listed, folder)
                if number:  # the first round warms both workers
                    found.setdefault((site.name, page), []).append(one)
    return {key: middle(measures) for key, measures in found.items()}


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
    listed = paths(site)["catalogue"]
    results: list[Measure] = []
    pointer = home(site.settings.var) / POINTER
    before = pointer.readlink()
    asking = threading.Thread(
        target=lambda: results.append(ask(f"http://127.0.0.1:{server.port}", listed, folder, seconds=25, connections=1))
    )
    asking.start()
    time.sleep(1)
    command(site.settings, "catalogue", "edit", site.slugs[0], "licence", "MIT", "--source", "mesure", "--reason", "mesure")
    took = until(lambda: pointer.readlink() != before, 60)
    asking.join()
    return took, results[0].errors, results[0].p99


def main() -> int:
    bars: list[Bar] = []
    with tempfile.TemporaryDirectory(prefix="logitheque-bench-") as name, databases(Path(name)) as addresses:
        folder = Path(name)
        sites = [
            prepare(each, url, folder / f"var{number}", crowded="100 000" in each)
            for number, (each, url) in enumerate(addresses.items())
        ]
        print(f"{'site':<21}{'page':<17}{'ratio':>7}{'req/s':>8}{'p50 ms':>8}{'p99 ms':>8}{'queries':>8}")
        for pair in (sites[:2], sites[2:]):
            with running(pair) as servers:
                found = measure(pair, servers, folder)
                show(pair, found)
                bars += judge(pair, found)
                weight = first_load(servers[0])
                bars.append(Bar(f"first load of /catalogue, KiB compressed, {pair[0].name}", weight / 1024, WEIGHT_BAR / 1024))
                took, errors, p99 = rebuild(pair[1], servers[1], folder)
                print(f"{pair[1].name}: index rebuilt in {took:.1f} s while asked (p99 {p99:.0f} ms, {errors} failed)")
                bars += [
                    Bar(f"index of 100 000, seconds, {pair[1].name}", took, BUILD_BAR),
                    Bar(f"failed answers meanwhile, {pair[1].name}", errors, 0),
                ]
        bars.append(Bar("memory of a worker at 1 307 titles, MiB", plain_memory(sites[0], folder), MEMORY_BAR))
    print("\n".join(map(str, bars)))
    return int(any(bar.found > bar.most for bar in bars))


def show(sites: list[Site], found: dict[tuple[str, str], Measure]) -> None:
    small = sites[0].name
    for site in sites:
        for page in paths(site):
            one, base = found[site.name, page], found[small, "sheet reference" if page.startswith("sheet") else "reference"]
            queries = site.queries.get(page, 0)
            print(
                f"{site.name:<21}{page:<17}{base.rate / one.rate:>7.2f}{one.rate:>8.0f}{one.p50:>8.1f}{one.p99:>8.1f}{queries:>8}"
            )


def judge(sites: list[Site], found: dict[tuple[str, str], Measure]) -> list[Bar]:
    small, large = sites
    rate = {page: found[small.name, page].rate for page in paths(small)}
    bars = [
        Bar(f"catalogue against its template, {small.name}", rate["reference"] / rate["catalogue"], CATALOGUE_BAR),
        Bar(f"sheet against its template, {small.name}", rate["sheet reference"] / rate["sheet"], SHEET_BAR),
    ]
    for site in sites:
        failed = sum(found[site.name, page].errors for page in paths(site))
        bars += [
            Bar(f"queries of an anonymous catalogue, {site.name}", site.queries["catalogue"], 0),
            Bar(f"failed answers, {site.name}", failed, 0),
        ]
    cost = found[small.name, "catalogue"].rate / found[large.name, "catalogue"].rate
    bars.append(Bar(f"100 000 titles against 1 307, {small.name.partition(',')[0]}", cost, CROWD_BAR))
    return bars


def plain_memory(site: Site, folder: Path) -> float:
    """Of the production application, without our references, after it answered for a while."""
    with served(site.settings) as server:
        ask(f"http://127.0.0.1:{server.port}", paths(site)["catalogue"], folder)
        return max(memory(pid) for pid in server.workers())


if __name__ == "__main__":
    sys.exit(main())
