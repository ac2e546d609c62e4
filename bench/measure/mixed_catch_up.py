"""A backlog of changes on a source of one kind, and godwit's ways to apply it to a target of another, which was filled before it.
There is no other tool to compare with."""

import shutil

from measure import mixed, postgres, report, servers
from measure.data import SYSBENCH_TABLES, TRANSACTIONS, load_sysbench, write_backlog
from measure.engines import Postgres
from measure.processes import measure
from measure.servers import certificate

SLOT, KEPT = "godwit_bench", "godwit_bench_kept"


class OfPostgres:
    """pgbench's transactions on its tables."""

    figures = {"pgbench_accounts": ("aid", "bid", "abalance"), "pgbench_branches": ("bid", "bbalance"),
               "pgbench_history": ("tid", "bid", "aid", "delta"), "pgbench_tellers": ("tid", "bid", "tbalance")}

    def __init__(self, source, options):
        self._source = source
        self._scale = max(1, int(postgres.SCALE * options.scale))
        self.transactions = int(postgres.TRANSACTIONS * options.scale)
        self.tables = f"pgbench's at scale {self._scale}"
        postgres.load_pgbench(source, self._scale)
        postgres.settle(source)

    def write(self):
        return postgres.write_backlog(self._source, self.transactions)

    def hold(self):
        """The log from here on, as often as it is needed."""
        postgres.wait_until_free(self._source, SLOT)
        postgres.copy_slot(self._source, SLOT, KEPT)

    def rewind(self):
        postgres.drop_slot(self._source, SLOT)
        postgres.copy_slot(self._source, KEPT, SLOT)


class OfOthers:
    """Sysbench's `oltp_write_only` on its tables. The log is kept anyhow."""

    def __init__(self, source, options):
        self._source, self._rows = source, options.rows
        self.figures = {f"sbtest{number}": ("id", "k") for number in range(1, SYSBENCH_TABLES + 1)}
        self.transactions = int(TRANSACTIONS * options.scale)
        self.tables = f"{SYSBENCH_TABLES} of {self._rows:,} rows"
        load_sysbench(source, self._rows)

    def write(self):
        before = servers.log_bytes(self._source)
        write_backlog(self._source, self._rows, self.transactions)
        return servers.log_bytes(self._source) - before

    def hold(self):
        pass

    def rewind(self):
        pass


class CatchUp:
    """The source with its backlog, a target from before it, and the ways to bring that up to date."""

    def __init__(self, pair, folder, source, work, cleanup):
        self._pair, self._source, self._work = pair, source, work
        self._tasks = mixed.Tasks(folder, source)
        (folder / "filled").mkdir()
        target = mixed.new_target(pair, folder / "filled", cleanup)
        task = self._tasks.new(target, mode="migrate")
        mixed.run_godwit(task)
        self._state = task.state
        work.hold()
        if pair.target is Postgres:
            postgres.settle(target)
            self._twin = postgres.Twin(folder, target)
        else:
            self._twin = servers.Twin(pair.target, folder, target, **certificate(folder))
            cleanup.callback(self._twin.server.remove)
            target.stop()
        self.target_version = self._twin.renew().value("SELECT version()")
        self.bytes = work.write()
        mixed.of(pair.source).warm(source)
        self._facts = mixed.facts(pair.source, source, self._figures)

    def _figures(self, table):
        return [mixed.number(column) for column in self._work.figures[table]]

    def godwit(self, ssl="disabled", **stream):
        return lambda: self._measured(ssl, stream)

    def _measured(self, ssl, stream):
        target = self._twin.renew()
        self._work.rewind()
        task = self._tasks.new(target, mode="migrate", ssl=ssl, stream=stream)
        shutil.copytree(self._state, task.state)
        taken = measure(lambda: mixed.run_godwit(task), self._source, target)
        mixed.compare(self._facts, mixed.facts(self._pair.target, target, self._figures))
        return taken


def compare(options):
    """A whole benchmark."""
    pair = options.engine
    with postgres.work_folder(options) as (folder, cleanup):
        source = mixed.new_source(pair, folder, cleanup)
        work = (OfPostgres if pair.source is Postgres else OfOthers)(source, options)
        catch_up = CatchUp(pair, folder, source, work, cleanup)
        medians = report.rounds(options, {
            "godwit": catch_up.godwit(),
            "godwit, consistency row": catch_up.godwit(consistency="row", lanes=2),
            "godwit, encrypted": catch_up.godwit(ssl="required"),
        })
        report.table(medians)
        for name, taken in medians.items():
            print(f"{name}: {work.transactions / taken.seconds:,.0f} transactions/s, "
                  f"{catch_up.bytes / 1e6 / taken.seconds:.0f} MB/s of log")
        report.memory_goal(medians)
        report.settings(pair.source, source, godwit=report.version(), rounds=options.rounds, tables=work.tables,
                        backlog=f"{work.transactions:,} transactions, {catch_up.bytes / 1e6:.0f} MB of log",
                        target=catch_up.target_version, **pair.target.options)
