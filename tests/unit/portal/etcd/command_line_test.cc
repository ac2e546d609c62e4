#include "portal/etcd/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::portal {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

ManagedEtcdOptions Options(const std::string& peers) {
  return {.name = "m1", .peers = *ParseEtcdPeers(peers), .data_dir = "/data"};
}

ManagedEtcdOptions Secure(const std::string& peers) {
  ManagedEtcdOptions options = Options(peers);
  options.tls = {.ca = "ca.pem", .cert = "m.pem", .key = "m.key"};
  return options;
}

TEST(EtcdFlagsTest, ANewClusterIsOfThePeers) {
  const ManagedEtcdOptions options = Options("m1=127.0.0.1,m2=10.0.0.2:1:2");
  const std::vector<std::string> flags = EtcdFlags(options, "/data/etcd", NewCluster(options));
  EXPECT_THAT(flags,
              AllOf(Contains("--name=m1"), Contains("--data-dir=/data/etcd"),
                    Contains("--initial-cluster=m1=http://127.0.0.1:2380,m2=http://10.0.0.2:1"),
                    Contains("--initial-cluster-state=new"),
                    Contains("--listen-client-urls=http://127.0.0.1:2379"),
                    Contains("--auto-compaction-mode=periodic"), Not(Contains(HasSubstr("cert")))));
}

TEST(EtcdFlagsTest, CertificatesAreForClientsAndMembersAlike) {
  const ManagedEtcdOptions options = Secure("m1=m1.example.net");
  const std::vector<std::string> flags =
      EtcdFlags(options, "/data/etcd", {"m1=https://m1.example.net:2380", false});
  EXPECT_THAT(flags,
              AllOf(Contains("--cert-file=m.pem"), Contains("--peer-cert-file=m.pem"),
                    Contains("--trusted-ca-file=ca.pem"), Contains("--peer-key-file=m.key"),
                    Contains("--client-cert-auth=true"), Contains("--peer-client-cert-auth=true"),
                    Contains("--listen-peer-urls=https://0.0.0.0:2380"),
                    Contains("--advertise-client-urls=https://m1.example.net:2379"),
                    Contains("--initial-cluster-state=existing")));
}

TEST(EtcdEnvironmentTest, GetsItsOwnVariablesAndNoneOfOurs) {
  std::vector<std::string> all = {
      "PATH=/bin",       "ETCD_NAME=other",     "ETCD_INITIAL_CLUSTER_STATE=x",
      "ETCD_WAL_DIR=/w", "ETCD_CONFIG_FILE=/c", "ETCD_DISCOVERY_SRV=d",
      "ETCD_DEBUG=true", "SRC_PASSWORD=hush",   "GODWIT_ETCD=http://h:1",
      "GOGC=50"};
  std::vector<char*> pointers;
  for (std::string& one : all) pointers.push_back(one.data());
  pointers.push_back(nullptr);
  EXPECT_THAT(EtcdEnvironment(pointers.data(), {"--name=m1", "--initial-cluster-state=new"}),
              ElementsAre("PATH=/bin", "ETCD_DEBUG=true", "GOGC=50"));
}

TEST(CheckManagedEtcdTest, OtherMachinesReachItByTlsAloneUnlessToldSo) {
  EXPECT_TRUE(CheckManagedEtcd(Options("m1=localhost,m2=10.0.0.2")).ok());
  EXPECT_THAT(CheckManagedEtcd(Options("m1=10.0.0.1")).message(), HasSubstr("--insecure"));
  EXPECT_TRUE(CheckManagedEtcd(Secure("m1=10.0.0.1")).ok());
  ManagedEtcdOptions insecure = Options("m1=10.0.0.1");
  insecure.is_insecure = true;
  EXPECT_TRUE(CheckManagedEtcd(insecure).ok());
  ManagedEtcdOptions without_ca = Secure("m1=10.0.0.1");
  without_ca.tls.ca.clear();
  EXPECT_THAT(CheckManagedEtcd(without_ca).message(), HasSubstr("--etcd-ca"));
  EXPECT_THAT(CheckManagedEtcd(Options("m2=127.0.0.1")).message(), HasSubstr("has no m1"));
}

TEST(EndpointsOfTest, TheMemberBesideItIsAskedFirst) {
  EXPECT_THAT(EndpointsOf(Options("m0=10.0.0.1,m1=127.0.0.1")).endpoints,
              ElementsAre("http://127.0.0.1:2379", "http://10.0.0.1:2379"));
}

TEST(FindEtcdTest, SaysWhichPackageHasIt) {
  EXPECT_THAT(FindEtcd("/nowhere/etcd").status().message(),
              AllOf(HasSubstr("/nowhere/etcd cannot be executed"), HasSubstr("etcd-server")));
  EXPECT_THAT(*FindEtcd("sh"), StartsWith("/"));
}

}  // namespace
}  // namespace godwit::portal
