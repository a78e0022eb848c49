"""Each server worker watches that somebody on its host keeps the index: whoever sees nobody starts the indexer.

The lock is the only truth. A killed indexer frees it, and a worker starts another within a second; a killed worker
takes the indexer it started with it, and the other worker starts one.
"""

import logging
import os
import subprocess
import sys
import threading
import time

from catalogue.search.building import Builder
from portal.settings import ROOT

log = logging.getLogger("logitheque.index")
PAUSE = 0.5  # seconds


class Supervisor(threading.Thread):
    """Sleeps nearly always: two system calls per pause, no query."""

    def __init__(self, builder: Builder) -> None:
        super().__init__(name="index-supervisor", daemon=True)
        self._builder = builder
        self._indexer: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        while True:
            try:
                self._look()
            except Exception:
                log.exception("the supervisor goes on")
            time.sleep(PAUSE)

    def _look(self) -> None:
        if self._indexer is not None and self._indexer.poll() is None:
            return
        with self._builder.alone(wait=False) as free:
            if not free:
                return
        # The lock is given back before the indexer takes it: two may be started, one of them then leaves.
        self._indexer = subprocess.Popen(  # noqa: S603 – our own command
            [sys.executable, "-m", "flask", "--app", "app:serve", "index", "keep", "--parent", str(os.getpid())], cwd=ROOT
        )
