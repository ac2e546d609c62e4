"""A backlog of changes, and the ways to apply it to a target from before it."""

import sys

from measure import report
from measure.data import SYSBENCH_TABLES, WRITE_ONLY, load_sysbench, write_backlog
from measure.processes import measure, run
from measure.servers import SCHEMA, Twin, certificate, checksums, connections, log_bytes, new_source, warm
from harness.godwit import Godwit


class CatchUp:
    """The source with its backlog, a target from before it, and the ways to bring that up to date."""

    def __init__(self, engine, folder, source, rows, transactions, workload=WRITE_ONLY):
        self._engine, self._folder, self._source = engine, folder, source
        self.rows, self.transactions = rows, transactions
        load_sysbench(source, rows)
        self._twin = Twin(engine, folder, source, **certificate(folder))
        warm(source)
        self._start = engine.position(source)
        offset = log_bytes(source)
        write_backlog(source, rows, transactions, workload)
        self.bytes = log_bytes(source) - offset
        self._end = engine.position(source)
        self._checksums = checksums(source)
        self._task = 0

    def godwit(self, ssl="disabled"):
        return self._measured(lambda target: self._run_godwit(target, ssl))

    def replication(self, threads):
        return lambda: self._measured(lambda target: self._replicate(target, threads))

    def close(self):
        self._twin.server.remove()

    def _measured(self, work):
        target = self._twin.renew()
        taken = measure(lambda: work(target), self._source, target)
        if checksums(target) != self._checksums:
            sys.exit("the target is not equal to the source")
        return taken

    def _run_godwit(self, target, ssl):
        self._task += 1
        task = Godwit(self._folder / f"task-{self._task}", self._source, target, name="bench",
                      mode="stream", tables={"include": [f"{SCHEMA}.*"]},
                      stream={"start": {"gtid": self._start}}, **connections(ssl))
        return run([report.GODWIT, "run", task.task_file, "--state-dir", task.state,
                    "--until", "caught-up"], environment=task.environment)

    def _replicate(self, target, threads):
        self._engine.replicate(self._source, target, self._start, threads)
        if not self._engine.reached(target, self._end):
            sys.exit("replication did not reach the end of the backlog")


def compare(options, transactions, at_least, workload=WRITE_ONLY):
    """A whole benchmark: its rounds, what they took, and whether the best replication takes `at_least`
    times as long as godwit."""
    with report.work_folder(options.folder) as (folder, cleanup):
        engine = options.engine
        source = new_source(engine, folder, **certificate(folder))
        cleanup.callback(source.remove)
        work = CatchUp(engine, folder, source, options.rows, int(transactions * options.scale), workload)
        cleanup.callback(work.close)
        contenders = {"godwit": work.godwit, "godwit, encrypted": lambda: work.godwit("required")}
        for threads in engine.worker_counts:
            contenders[f"replication, {engine.workers} {threads}"] = work.replication(threads)
        medians = report.rounds(options, contenders)
        report.table(medians)
        ours = medians["godwit"]
        print(f"godwit: {work.transactions / ours.seconds:,.0f} transactions/s, "
              f"{work.bytes / 1e6 / ours.seconds:.0f} MB/s of log")
        theirs = [taken.seconds for name, taken in medians.items() if "replication" in name]
        if theirs:
            print(f"best replication: {work.transactions / min(theirs):,.0f} transactions/s")
            report.goal("best replication, times ours", min(theirs) / ours.seconds, at_least=at_least)
        report.memory_goal(medians)
        report.settings(engine, source, godwit=report.version(), rounds=options.rounds,
                        tables=f"{SYSBENCH_TABLES} of {work.rows:,} rows",
                        backlog=f"{work.transactions:,} transactions, {work.bytes / 1e6:.0f} MB of log")
