"""Changes that go on beside a test."""

import threading
import time


class Background:
    """Calls change(cursor) in a thread of its own, on one connection to `server` on which `session` has been executed, again and
    again until the end of the block. What that raises fails the test."""

    def __init__(self, server, session, pause):
        self._server, self._session, self._pause = server, session, pause
        self._stop, self._thread = threading.Event(), threading.Thread(target=self._run)
        self.fault = None

    def change(self, cursor):
        raise NotImplementedError

    def _run(self):
        try:
            with self._server.connect() as connection, connection.cursor() as cursor:
                cursor.execute(self._session)
                while not self._stop.is_set():
                    self.change(cursor)
                    time.sleep(self._pause)
        except Exception as fault:
            self.fault = fault

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        assert self.fault is None, self.fault
