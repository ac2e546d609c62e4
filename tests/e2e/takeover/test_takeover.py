"""A worker that is frozen anywhere is superseded by the next one at once, and writes nothing when it is thawed."""

import random
import signal
import time

import pytest
from harness import compare, postgres_compare, postgres_shop, postgres_writer, shop, writer
from harness.godwit import DONE, FAILED, INTERRUPTED, KILLED, is_stopped
from harness.statement_log import statement_log

# In the order in which a task comes by them; None: at a random moment. Who is past the copy's by then is frozen where it is.
OF_THE_COPY = ["schema.before_create_table:3", None, "copy.before_chunk_commit:3", "schema.before_add_keys:2", "schema.before_add_foreign_keys"]
OF_CHANGES = [None, "apply.before_statement:30", "apply.before_part_commit:4", "apply.after_part_commit:3", "ddl.after_execute", None]
MYSQL = [*OF_THE_COPY, *OF_CHANGES, "ddl.after_pending"]
POSTGRES = ["postgres.after_publication", "postgres.after_slot", *OF_THE_COPY, *OF_CHANGES, "ddl.before_execute"]
# On a machine that does nothing else it takes less than two seconds, most of them for the checks. Locks are waited for much longer.
PATIENCE = 20
DDL = "ALTER TABLE {}note ADD more{} INT"


class MySql:
    places = MYSQL
    task = {}
    writer = writer.Writer
    compare = staticmethod(compare.assert_equal)
    qualified = "shop."

    @staticmethod
    def load(source):
        shop.load(source, 0.1)
        source.execute("CREATE TABLE shop.note (id INT PRIMARY KEY)", "INSERT INTO shop.note VALUES (1), (2)")


class OfPostgres:
    places = POSTGRES
    task = {"ddl": {"capture": "trigger"}}
    writer = postgres_writer.PostgresWriter
    compare = staticmethod(postgres_compare.assert_equal)
    qualified = ""

    @staticmethod
    def load(source):
        postgres_shop.load(source, 0.1)
        source.execute("CREATE TABLE note (id int PRIMARY KEY)", "INSERT INTO note VALUES (1), (2)")


@pytest.fixture(params=["mariadb", "mysql", "postgres"])
def kinds(request):
    return request.param, request.param


@pytest.fixture
def family(kinds):
    return OfPostgres if kinds[0] == "postgres" else MySql


@pytest.fixture
def worker(source, target, godwit, family):
    """worker(generation, ...): starts a run that has this generation, in a state folder of its own."""

    def start(generation, *arguments, failpoints=None):
        one = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 3}, stream={"consistency": "row", "lanes": 3}, **family.task)
        return one.start("--generation", str(generation), *arguments, failpoints=failpoints)

    return start


def is_streaming(run):
    return '"phase":"streaming"' in run.result().out


def claimed(target):
    """The generation that the target keeps; 0: no worker has been there."""
    try:
        return target.value("SELECT generation FROM godwit.task")
    except Exception:  # of two drivers: there is no such table yet
        return 0


def wait_for_claim(run, target, generation):
    began = time.monotonic()
    run.wait_until(lambda: claimed(target) == generation, PATIENCE)
    print(f"generation {generation} had the task after {time.monotonic() - began:.2f} s")


def assert_superseded(run):
    said = run.wait(60).expect(FAILED).text
    assert "a later worker has taken it over" in said or "another process has taken it over" in said, said[-3000:]


def thaw(run):
    run.process.send_signal(signal.SIGCONT)


def test_frozen_at_any_place(source, target, family, worker):
    """Every worker is frozen, at a place of the code or at some moment, and the next one takes its task over from there. Half of them are
    thawed as soon as the next one is at work, the others all at once in the end."""
    family.load(source)
    log = statement_log(target)
    rng = random.Random(7)
    frozen, generation, missed = [], 5, []
    sessions, taken = {}, {}  # of each that is frozen, and from where in the log on they must not write
    with family.writer(source, rate=60) as clients:
        for place in family.places:
            if place and place.startswith("ddl."):
                source.execute(DDL.format(family.qualified, generation))
            run = worker(generation, failpoints=place and place + "/stop")
            wait_for_claim(run, target, generation)
            if frozen:
                taken[frozen[-1]] = log.now()
            if frozen and generation % 2 == 0:
                previous = frozen.pop()
                thaw(previous)
                assert_superseded(previous)
            if place:
                run.wait_until(lambda: is_stopped(run) or (place in OF_THE_COPY and is_streaming(run)))
            else:
                time.sleep(rng.uniform(0, 0.3))
            if not is_stopped(run):
                missed.append(place)
                run.process.send_signal(signal.SIGSTOP)
            assert claimed(target) == generation
            frozen.append(run)
            sessions[run] = log.sessions()
            generation += 1
        assert len(missed) <= missed.count(None) + 4, missed  # on a busy machine the copy is over before the next one begins
        last = worker(generation)
        wait_for_claim(last, target, generation)
        taken[frozen[-1]] = log.now()
        for run in frozen:
            thaw(run)
        for run in frozen:
            assert_superseded(run)
        clients.wait_for(30)
        for run, since in taken.items():
            assert log.said(sessions[run], since) == []
        assert log.said(log.sessions(), min(taken.values())), "what the last one has written is not in the log"
        assert not last.ended, last.result().text[-3000:]
    # Like a signal, kill -9 is the end of a life: the next one, of the same generation, finds what it has left behind.
    assert last.kill().code == KILLED
    assert worker(generation, "--until", "caught-up").wait().expect(DONE).progress()[-1]["drifted_rows"] == 0
    family.compare(source, target)


def test_generations(source, target, family, worker, godwit):
    """A lesser one is refused for good; the same one takes over from an earlier run, which ends; runs outside of a cluster leave it alone."""
    family.load(source)
    first = worker(5, failpoints="copy.before_chunk_commit:3/stop")
    first.wait_until(lambda: is_stopped(first))
    result = worker(4).wait(20).expect(FAILED)
    assert "its generation on the target is 5, and this one's 4" in result.text
    assert "running already" in godwit(source, target, **family.task).run().expect(FAILED).text
    again = worker(5)
    wait_for_claim(again, target, 5)
    again.wait_until(lambda: is_streaming(again))
    thaw(first)
    assert_superseded(first)
    again.interrupt()
    again.wait().expect(INTERRUPTED)
    epoch = target.value("SELECT epoch FROM godwit.task")
    godwit(source, target, **family.task).run().expect(DONE)
    assert target.value("SELECT generation FROM godwit.task") == 5 and target.value("SELECT epoch FROM godwit.task") == epoch + 1
    family.compare(source, target)
