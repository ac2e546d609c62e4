"""How much memory a run takes."""

import time

from harness.godwit import DONE


def memory_peak(process):
    """The largest resident set of a process up to now, in bytes; 0 once it has ended."""
    text = open(f"/proc/{process.pid}/status").read()
    return int(text.split("VmHWM:")[1].split()[0]) * 1024 if "VmHWM" in text else 0


def peak_of_catching_up(task, timeout=900):
    """Lets the task catch up; gives the most memory that it had, in MiB."""
    run = task.start("--until", "caught-up")
    peak, deadline = 0, time.monotonic() + timeout
    while not run.ended and time.monotonic() < deadline:
        peak = max(peak, memory_peak(run.process))
        time.sleep(0.02)
    run.wait(1).expect(DONE)
    return peak >> 20
