"""A process that writes is killed: whatever it was told is kept is kept, and can be undone."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from pipeline.settings import ROOT
from tests.store.helpers import SERVER, environment_in, finished, store_in

TYPE = """
import sys
from dataclasses import replace
from pipeline.settings import read_settings
from pipeline.store import open_store
store, document_id = open_store(read_settings()), sys.argv[1]
number = 0
while True:
    for line in store.get_page(document_id, 0).lines:
        number += 1
        store.correct_line(line.id, f"text {number}")
        print(line.id, f"text {number}", flush=True)
    store.change_pages(
        document_id, {0}, "order", lambda page: replace(page, lines=page.lines[::-1]), author="user"
    )
"""


def test_nothing_confirmed_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    document_id = finished(store, 2)
    environment = {**os.environ, **environment_in(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-c", TYPE, document_id], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    confirmed = [process.stdout.readline() for _ in range(60)]
    os.kill(process.pid, signal.SIGKILL)
    confirmed += process.stdout.read().splitlines(keepends=True)
    process.wait()
    ids = [line.id for line in store.get_page(document_id, 0).lines]
    kept = {(line_id, version.text) for line_id in ids for version in store.history(line_id)}
    whole = [row.rstrip("\n").split(" ", 1) for row in confirmed if row.endswith("\n")]
    assert len(whole) >= 60
    assert {(line_id, text) for line_id, text in whole} <= kept
    if not SERVER:
        with store.reading() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    steps = 0
    while store.undo(document_id, author="user"):
        steps += 1
    assert steps >= 60
    assert [line.text for line in store.get_page(document_id, 0).lines] == ["first line", "second line"]
