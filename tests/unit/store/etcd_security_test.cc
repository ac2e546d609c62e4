// Whom etcd lets in, and whom we take for etcd.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "etcd_server.h"

namespace godwit::store {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Expects that the operator is needed, and told.
void ExpectRefused(const EtcdOptions& options, const std::string& told) {
  const auto store = *EtcdStore::Open(options);
  base::Status status = store->Put("k", "v");
  for (int i = 0; i < 20 && absl::IsUnavailable(status); ++i) status = store->Put("k", "v");
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(status.ToString(), AllOf(HasSubstr(told), Not(HasSubstr("hush"))));
}

TEST(EtcdSecurity, WhoeverIsNotTrustedIsToldWhy) {
  const Certificates certificates, others;
  EtcdServer server({1, {}, &certificates});
  server.MakeUser();
  const EtcdOptions good{server.secure_endpoints(), "/test/", milliseconds(200),
                         certificates.client(),     "godwit", "hush"};
  base::Status reached;
  for (int i = 0; i < 20 && (i == 0 || absl::IsUnavailable(reached)); ++i) {
    reached = (*EtcdStore::Open(good))->Put("k", "v");
  }
  ASSERT_TRUE(reached.ok()) << reached;

  EtcdOptions bad = good;
  bad.tls.ca = others.client().ca;
  ExpectRefused(bad, "its certificate is not trusted");
  bad.tls.ca.clear();
  ExpectRefused(bad, "its certificate is not trusted");
  bad = good;
  bad.endpoints = server.secure_endpoints("localhost");
  ExpectRefused(bad, "mismatch");
  bad = good;
  bad.tls.cert = others.client().cert;
  bad.tls.key = others.client().key;
  ExpectRefused(bad, "does not take " + bad.tls.cert);
  bad.tls.cert.clear();
  bad.tls.key.clear();
  ExpectRefused(bad, "without a certificate");
  bad = good;
  bad.endpoints = {"https" + server.endpoints()[0].substr(4)};
  ExpectRefused(bad, "write http://");
  bad.endpoints = {"http" + server.secure_endpoints()[0].substr(5)};
  bad.tls = {};
  ExpectRefused(bad, "write https://");

  bad = good;
  bad.password = "hushed";
  ExpectRefused(bad, "password");
  bad = good;
  bad.root = "/godwit/v1/";
  ExpectRefused(bad, "grant-permission");
  const base::Status watch = (*EtcdStore::Open(bad))->WatchFrom("k", 1).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(watch)) << watch;
  bad = good;
  bad.endpoints = server.endpoints();
  bad.tls = {};
  bad.user.clear();
  ExpectRefused(bad, "asks for a user");
}

TEST(EtcdSecurity, ATokenThatIsGoneIsGotAnew) {
  EtcdServer server;
  server.MakeUser();
  EtcdOptions options{server.endpoints(), "/test/"};
  options.user = "godwit";
  options.password = "hush";
  const auto store = *EtcdStore::Open(options);
  const Revision begin = *store->Commit({{}, {{"k", "0"}}});
  const LeaseId lease = *store->Grant(std::chrono::seconds(100));
  // A member that is started again knows of no tokens.
  const auto forget = [&] {
    server.Kill(0);
    server.Start(0);
    base::Status status;
    do {  // until there is a leader, without a token
      status = store->KeepAlive(lease);
    } while (absl::IsUnavailable(status));
    EXPECT_TRUE(status.ok()) << status;
  };
  forget();
  EXPECT_TRUE(store->Commit({{{"k", begin}}, {{"k", "1"}}}).ok());
  forget();
  const auto watch = *store->WatchFrom("", begin);
  EXPECT_EQ((*watch->Next(std::chrono::seconds(5)))[0].entry.value, "1");
}

}  // namespace
}  // namespace godwit::store
