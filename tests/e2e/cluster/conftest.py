"""The fixtures of the cluster's scenarios."""

import pytest
from harness.cluster import Cluster, Etcd


@pytest.fixture(scope="session")
def shared_etcd(tmp_path_factory):
    etcd = Etcd(tmp_path_factory.mktemp("etcd") / "m")
    yield etcd
    etcd.stop()


@pytest.fixture
def cluster(shared_etcd, tmp_path):
    """A cluster without processes yet, on an etcd that all tests use in turn."""
    shared_etcd.wipe()
    one = Cluster(tmp_path / "cluster", shared_etcd)
    yield one
    one.close()
