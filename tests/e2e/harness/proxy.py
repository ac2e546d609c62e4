"""A network that can be bad: passes bytes between Godwit and one server, and cuts or stalls on demand."""

import socket
import threading
import time

from harness.server import USER

# A client's packet: length, number, COM_QUERY, the statement.
COMMIT = b"\x07\x00\x00\x00\x03COMMIT"


class Proxy:
    """Stands in front of `server`; give it to Godwit in the server's place. Use as a context manager."""

    def __init__(self, server):
        self.server = server
        self.commits_to_lose = 0  # COMMITs still to be passed on with their answers withheld
        self.commits_lost = 0
        self.sent = bytearray()  # by Godwit, while `records`
        self.records = False
        self.before = {}  # by a piece of a statement: what is done once before that is passed on
        self.cuts = []  # after how many more bytes from the server a connection is cut, one by one
        self.hangs_after = None  # so many bytes from the server on a connection that is made from now on, no more come; None: they do
        self.hung = threading.Event()  # one does
        self.with_tls = None  # how many more connections learn that the server encrypts; None: all
        self._flowing = threading.Event()
        self._flowing.set()
        self._lock = threading.Lock()
        self._sockets = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self):
        return self._listener.getsockname()[1]

    @property
    def url(self):
        return f"mysql://{USER}@127.0.0.1:{self.port}"

    def stall(self, seconds):
        """No byte passes for so long; the connections stay open."""
        self.hold()
        time.sleep(seconds)
        self.release()

    def hold(self):
        """No byte passes until release()."""
        self._flowing.clear()

    def release(self):
        self._flowing.set()

    def close(self):
        self._flowing.set()
        self._listener.close()
        with self._lock:
            ends = list(self._sockets)
        for end in ends:
            _cut(end)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                upstream = socket.create_connection(("127.0.0.1", self.server.port))
            except OSError:
                _cut(client)
                continue
            with self._lock:
                self._sockets |= {client, upstream}
            muted = threading.Event()
            most = self.hangs_after
            plain = self.with_tls is not None and self.with_tls <= 0
            if self.with_tls is not None:
                self.with_tls -= 1
            threading.Thread(target=self._to_server, args=(client, upstream, muted), daemon=True).start()
            threading.Thread(target=self._to_client, args=(client, upstream, muted, most, plain), daemon=True).start()

    def _to_server(self, client, upstream, muted):
        tail = b""
        for data in self._chunks(client):
            lose = False
            if self.records:
                self.sent += data
            self._act_before(data)
            if COMMIT in tail + data:
                with self._lock:
                    lose = self.commits_to_lose > 0
                    self.commits_to_lose -= lose
            if lose:
                muted.set()
            if not _send(upstream, data):
                break
            if lose:
                time.sleep(0.5)  # the server commits meanwhile
                self.commits_lost += 1
                break
            tail = data[-len(COMMIT) + 1:]
        self._end(client, upstream)

    def _act_before(self, data):
        for text in [text for text in list(self.before) if text in data]:
            with self._lock:
                action = self.before.pop(text, None)
            if action:
                action()

    def _to_client(self, client, upstream, muted, most, plain):
        left = None
        for data in self._chunks(upstream):
            if plain:
                data, plain = _without_tls(data), False
            if most is not None:
                most -= len(data)
                if most < 0:
                    self.hung.set()
                    muted.set()
            with self._lock:
                if left is None and self.cuts:
                    left = self.cuts.pop(0)
            if muted.is_set():
                continue
            if left is not None and len(data) >= left:
                _send(client, data[:left])
                break
            left = None if left is None else left - len(data)
            if not _send(client, data):
                break
        self._end(client, upstream)

    def _chunks(self, end):
        while True:
            try:
                data = end.recv(1 << 16)
            except OSError:
                return
            self._flowing.wait()
            if not data:
                return
            yield data

    def _end(self, *ends):
        for end in ends:
            _cut(end)
            with self._lock:
                self._sockets.discard(end)


def _send(end, data):
    try:
        end.sendall(data)
        return True
    except OSError:
        return False


def _cut(end):
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    end.close()


def _without_tls(greeting):
    """A server's first packet, with CLIENT_SSL taken out of the capabilities: header, version of the protocol, that of the
    server, thread, 8 bytes of nonce and a zero come before them."""
    at = greeting.index(b"\0", 5) + 1 + 4 + 8 + 1
    return greeting[:at + 1] + bytes([greeting[at + 1] & ~0x08]) + greeting[at + 2:]
