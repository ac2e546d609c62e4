"""Two tasks of one name on one source: the server takes them for one reader, and ends each for the other."""

from harness import shop
from harness.godwit import FAILED
from harness.writer import Writer


def test_one_of_them_says_so_and_the_other_goes_on(source, target, server, godwit):
    shop.load(source, 0.01)
    with Writer(source) as writer:
        runs = [godwit(source, one).start() for one in (target, server("other"))]
        while not any(run.ended for run in runs):
            writer.wait_for(5)
    ended = next(run for run in runs if run.ended)
    assert "Give one of them another `name`" in ended.wait().expect(FAILED).text
    assert sum(run.ended for run in runs) == 1
