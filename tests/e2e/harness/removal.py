"""What a task has left in its state directory."""

import contextlib
import sqlite3


def kept_here(task, name="shop"):
    """The names of what is there of the task: "lock", "record"."""
    kept = {"lock"} if (task.state / f"{name}.lock").exists() else set()
    store = task.state / "godwit.db"
    if store.exists():
        with contextlib.closing(sqlite3.connect(store)) as connection:
            keys = {bytes(key).decode() for (key,) in connection.execute("SELECT CAST(key AS BLOB) FROM entry")}
        if f"status/subtask/{name}" in keys:
            kept.add("record")
    return kept
