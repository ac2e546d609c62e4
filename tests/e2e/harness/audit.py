"""Who writes a task's state to a target, as that itself has it: triggers note each commit of changes and of a part of the copy, from which
session and client. By them no two epochs write: once one has written, none that is less does, and each is one client's."""

MYSQL = """
CREATE DATABASE IF NOT EXISTS audit;
CREATE TABLE IF NOT EXISTS audit.writes (n BIGINT AUTO_INCREMENT PRIMARY KEY, task VARCHAR(64), epoch BIGINT UNSIGNED, session BIGINT, client TEXT);
CREATE OR REPLACE TRIGGER godwit.audit_task AFTER UPDATE ON godwit.task FOR EACH ROW
  INSERT INTO audit.writes (task, epoch, session, client) VALUES (NEW.task, NEW.epoch, CONNECTION_ID(), SUBSTRING_INDEX(USER(), '@', -1));
CREATE OR REPLACE TRIGGER godwit.audit_range AFTER UPDATE ON godwit.task_range FOR EACH ROW
  INSERT INTO audit.writes (task, session, client) VALUES (NEW.task, CONNECTION_ID(), SUBSTRING_INDEX(USER(), '@', -1))
"""
# Triggers that fire for the changes of a replica, too.
POSTGRES = """
CREATE SCHEMA IF NOT EXISTS audit;
CREATE TABLE IF NOT EXISTS audit.writes (n bigserial PRIMARY KEY, task text, epoch bigint, session bigint, client text);
CREATE OR REPLACE FUNCTION audit.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO audit.writes (task, epoch, session, client)
    VALUES (NEW.task, (to_jsonb(NEW) ->> 'epoch')::bigint, pg_backend_pid(), host(inet_client_addr()));
  RETURN NULL; END $$;
CREATE OR REPLACE TRIGGER audit AFTER UPDATE ON godwit.task FOR EACH ROW EXECUTE FUNCTION audit.note();
CREATE OR REPLACE TRIGGER audit AFTER UPDATE ON godwit.task_range FOR EACH ROW EXECUTE FUNCTION audit.note();
ALTER TABLE godwit.task ENABLE ALWAYS TRIGGER audit;
ALTER TABLE godwit.task_range ENABLE ALWAYS TRIGGER audit
"""


def begin(target):
    """From now on. A task's state has to be there."""
    target.execute(*([POSTGRES] if target.url.startswith("postgres") else MYSQL.split(";\n")))


def writes(target, task, after=0):
    """Of the task, in their order: (number, epoch or None, session, client)."""
    return target.execute(f"SELECT n, epoch, session, client FROM audit.writes WHERE task = '{task}' AND n > {after} ORDER BY n")


def check(target, task):
    """Asserts it of all that was noted; gives how many commits there were, of how many epochs."""
    found = writes(target, task)
    epoch, client = 0, None
    for number, now, session, by in found:
        if now is not None and now > epoch:
            epoch, client = now, by
        about = f"commit {number} of {len(found)} is of session {session} from {by}"
        assert now is None or now == epoch, f"{about} under epoch {now}, after epoch {epoch} had written"
        assert client in (None, by), f"{about}, while epoch {epoch} was {client}'s"
    return len(found), len({now for _, now, _, _ in found if now is not None})
