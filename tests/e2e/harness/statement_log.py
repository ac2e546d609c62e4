"""What a target's server itself has noted of its sessions: which there are, which transactions they have open, what they have said."""

import re
import time

from harness.server import USER

# What changes nothing, or ends a transaction without a change.
HARMLESS = re.compile(r"\s*(SELECT|SHOW|SET|USE|ROLLBACK|KILL|DO)\b(?!.*\b(nextval|setval)\b)|\s*$", re.I | re.S)

LIST_IS_KEPT = 0.12  # seconds: InnoDB lists its transactions anew only where nobody has asked for 0.1 s


class MySqlLog:
    """From here on the server notes each statement, with its session."""

    def __init__(self, server):
        self._server = server
        server.execute("SET GLOBAL log_output = 'TABLE'", "TRUNCATE mysql.general_log", "SET GLOBAL general_log = ON")

    def sessions(self):
        return {number for (number,) in self._server.execute(f"SELECT id FROM information_schema.processlist WHERE user = '{USER}'")}

    def transactions(self):
        return self._server.execute("SELECT trx_id, trx_mysql_thread_id FROM information_schema.innodb_trx "
                                    f"JOIN information_schema.processlist ON id = trx_mysql_thread_id WHERE user = '{USER}' ORDER BY 1")

    def now(self):
        """A place in the log."""
        return self._server.value("SELECT CAST(NOW(6) AS CHAR)")

    def said(self, sessions, since):
        """The statements of the sessions that began after a place in the log and may change something."""
        those = ", ".join(map(str, sessions)) or "NULL"
        rows = self._server.execute("SELECT LEFT(CAST(argument AS BINARY), 500) FROM mysql.general_log WHERE command_type NOT IN ('Quit', 'Prepare', 'Close stmt') "
                                    f"AND event_time > '{since}' AND thread_id IN ({those})")
        return [text for text in (row[0].decode(errors="replace") for row in rows) if not HARMLESS.match(text)]


class PostgresLog:
    """The same of PostgreSQL."""

    def __init__(self, server):
        self._server = server
        server.execute("ALTER SYSTEM SET log_statement = 'all'")
        server.execute("SELECT pg_reload_conf()")
        while server.value("SHOW log_statement") != "all":
            time.sleep(0.01)

    def sessions(self):
        return {number for (number,) in self._server.execute(f"SELECT pid FROM pg_stat_activity WHERE usename = '{USER}'")}

    def transactions(self):
        return self._server.execute(f"SELECT pid, xact_start FROM pg_stat_activity WHERE usename = '{USER}' AND xact_start IS NOT NULL "
                                    "AND backend_xid IS NOT NULL ORDER BY 1")

    def now(self):
        return len(self._server.log())

    def said(self, sessions, since):
        found = re.findall(r"\[(\d+)\] .*?LOG:  (?:statement|execute [^:]*): (.*)", self._server.log()[since:])
        return [text for session, text in found if int(session) in sessions and not HARMLESS.match(text)]


def statement_log(server):
    return (PostgresLog if server.url.startswith("postgres") else MySqlLog)(server)


def is_in_transaction(log):
    """Whether who has the server's transactions open has come to rest in the midst of one."""
    time.sleep(LIST_IS_KEPT)
    before = log.transactions()
    time.sleep(LIST_IS_KEPT)
    return bool(before) and log.transactions() == before
