"""Throw-away MySQL 9.7 servers, as the MariaDB ones of server.py."""

import functools
import os
import subprocess
from pathlib import Path

from harness.server import Server, as_root, template_folder, without_zeros

# Small and quick to start; durability is not what these servers are for.
OPTIONS = {
    "bind_address": "127.0.0.1",
    "mysqlx": "OFF",
    "innodb_buffer_pool_size": "128M",
    "innodb_redo_log_capacity": "64M",
    "innodb_log_buffer_size": "1M",
    "innodb_doublewrite": "OFF",
    "innodb_flush_method": "nosync",
    "innodb_flush_log_at_trx_commit": 2,
    "sync_binlog": 0,
    "performance_schema": "OFF",
    "skip_name_resolve": True,
    "max_connections": 100,
    "log_bin": None,
}
SOURCE_OPTIONS = {"log_bin": "binlog", "gtid_mode": "ON", "enforce_gtid_consistency": "ON"}


@functools.cache
def _folder():
    script = Path(__file__).resolve().parents[3] / "scripts" / "mysql-server"
    return Path(subprocess.run([script], check=True, stdout=subprocess.PIPE, text=True).stdout.strip())


def _program():
    return _folder() / "usr/sbin/mysqld"


def _plugins():
    return _folder() / "usr/lib/mysql/plugin"


def _command(program, plugins):
    """The server with the libraries of its own system, loaded by that system's loader."""
    system = _folder()
    return [system / "lib64/ld-linux-x86-64.so.2", "--library-path", system / "usr/lib/x86_64-linux-gnu",
            program, "--no-defaults", f"--basedir={system}/usr",
            f"--lc-messages-dir={system}/usr/share/mysql", f"--character-sets-dir={system}/usr/share/mysql/charsets",
            f"--plugin-dir={plugins}", *as_root()]


@functools.cache
def _empty_data_folder():
    folder = template_folder()
    made = subprocess.run([*_command(_program(), _plugins()), "--initialize-insecure", f"--datadir={folder}/data",
                           f"--secure-file-priv={folder}", "--innodb-redo-log-capacity=8M", "--innodb-doublewrite=OFF"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env={**os.environ, "TMPDIR": str(folder)})
    if made.returncode != 0:
        raise RuntimeError(made.stdout)
    (folder / "data/auto.cnf").unlink()  # each server is one of its own, by a UUID that it makes up
    return without_zeros(folder / "data")


class MySql(Server):
    """A MySQL server; without a binlog unless `log_bin` is given."""

    defaults = OPTIONS
    is_mysql = True

    def _empty_data_folder(self):
        return _empty_data_folder()

    def _command(self):
        log = [] if self.options.get("log_bin") else ["--skip-log-bin"]
        return [*_command(*self._places()), f"--secure-file-priv={self.folder}", *log]

    def _places(self):
        """The program and the folder of its plugins."""
        return _program(), _plugins()


class MySqlWithKeyring(MySql):
    """One that can encrypt: it looks for its keyring beside its program and its plugins, hence its own folders of these."""

    def __init__(self, folder, **options):
        super().__init__(folder, **options)
        (self.folder / "mysqld").symlink_to(_program())
        (self.folder / "mysqld.my").write_text('{"components": "file://component_keyring_file"}')
        plugins = self.folder / "plugins"
        plugins.mkdir()
        for plugin in _plugins().iterdir():
            (plugins / plugin.name).symlink_to(plugin)
        (plugins / "component_keyring_file.cnf").write_text(f'{{"path": "{self.folder}/keys", "read_only": false}}')

    def _places(self):
        return self.folder / "mysqld", self.folder / "plugins"
