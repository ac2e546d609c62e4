"""Passwords that stand encrypted in the task file."""

import os
import pty
import signal
import subprocess
import termios
from pathlib import Path

from harness import shop
from harness.compare import assert_equal
from harness.godwit import BAD_USAGE, BINARY, DONE, INTERRUPTED
from harness.server import PASSWORD


def encrypt(key_files, secret=PASSWORD):
    options = [word for file in key_files for word in ("--key-file", str(file))]
    done = subprocess.run([str(BINARY), "encrypt", *options], input=secret + "\n", text=True, capture_output=True)
    assert done.returncode == DONE and done.stderr == "" and PASSWORD not in done.stdout, done
    return done.stdout.strip()


def test_a_run_and_a_new_key(source, target, godwit, tmp_path):
    shop.load(source, 0.05)
    old, new = tmp_path / "old.key", tmp_path / "new.key"
    for key in old, new:
        subprocess.run([str(BINARY), "encrypt", "--new-key", str(key)], check=True)
    task = godwit(source, target)
    text = encrypt([old])
    task.task["source"] = {"url": source.url, "password_encrypted": text}
    task.configure()
    del task.environment["SRC_PASSWORD"]
    for arguments, told in ((), "--key-file"), (("--key-file", str(new)), "the key " + text.split(":")[2]):
        result = task.run(*arguments)
        assert result.code == BAD_USAGE and told in result.err, result.text
    # The password is typed in no more: who changes the key need not know it.
    task.configure(source={"password_encrypted": encrypt([new, old], text)})
    old.unlink()
    task.environment["GODWIT_KEY_FILE"] = str(new)
    run = task.start()
    run.wait_until(lambda: any(line["phase"] == "streaming" for line in run.result().progress()))
    for file, times in ("cmdline", 0), ("environ", 1):  # the target's
        shown = Path(f"/proc/{run.process.pid}/{file}").read_bytes()
        assert shown.count(PASSWORD.encode()) == times
    run.interrupt()
    run.wait().expect(INTERRUPTED)
    task.status().expect(DONE)
    assert_equal(source, target)


def ask(key, *typed):
    """What `godwit encrypt` says to what is typed on a terminal: its exit code, its output and what the terminal shows."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([str(BINARY), "encrypt", "--key-file", str(key)], stdin=theirs, stderr=theirs,
                               stdout=subprocess.PIPE, text=True)
    shown = b""
    for line in typed:
        while not shown.endswith(b": "):
            shown += os.read(ours, 4096)
        if line is None:
            process.send_signal(signal.SIGINT)
        else:
            os.write(ours, line.encode() + b"\n")
            shown += os.read(ours, 1)
    out, _ = process.communicate(timeout=30)
    shown += os.read(ours, 4096)
    shows_again = termios.tcgetattr(theirs)[3] & termios.ECHO
    os.close(theirs)
    os.close(ours)
    assert shows_again
    return process.returncode, out, shown.decode()


def test_asked_on_a_terminal(tmp_path):
    key = tmp_path / "key"
    subprocess.run([str(BINARY), "encrypt", "--new-key", str(key)], check=True)
    code, out, shown = ask(key, PASSWORD, PASSWORD)
    assert code == DONE and out.startswith("enc:v1:") and PASSWORD not in shown, shown
    code, out, shown = ask(key, PASSWORD, PASSWORD + "x")
    assert code == BAD_USAGE and out == "" and "not the same" in shown and PASSWORD not in shown, shown
    code, out, shown = ask(key, PASSWORD, None)
    assert code == INTERRUPTED and out == "" and PASSWORD not in shown, shown
