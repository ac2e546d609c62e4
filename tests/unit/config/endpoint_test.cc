#include "config/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace godwit::config {
namespace {

TEST(Endpoint, ReadsHostsAndPorts) {
  absl::StatusOr<Endpoint> endpoint = ParseEndpointUrl("mysql://god%40wit@db.example:3307");
  ASSERT_TRUE(endpoint.ok()) << endpoint.status();
  EXPECT_EQ(endpoint->scheme, "mysql");
  EXPECT_EQ(endpoint->user, "god@wit");
  EXPECT_EQ(endpoint->host, "db.example");
  EXPECT_EQ(endpoint->port, 3307);
  EXPECT_EQ(endpoint->socket, "");
  EXPECT_EQ(endpoint->password, Secret());

  EXPECT_EQ(ParseEndpointUrl("mariadb://u@h")->port, 3306);
  EXPECT_EQ(ParseEndpointUrl("mysql://u@h:65535/")->port, 65535);
  EXPECT_EQ(ParseEndpointUrl("mysql://u@[fe80::1]")->host, "fe80::1");
  EXPECT_EQ(ParseEndpointUrl("mysql://u@[::1]:9")->port, 9);
}

TEST(Endpoint, ReadsSeveralHosts) {
  absl::StatusOr<Endpoint> endpoint = ParseEndpointUrl("mysql://u@a:3307,[::1],c.example");
  ASSERT_TRUE(endpoint.ok()) << endpoint.status();
  EXPECT_EQ(endpoint->host, "a");
  EXPECT_EQ(endpoint->port, 3307);
  EXPECT_THAT(endpoint->others, testing::ElementsAre(Host{"::1", 3306}, Host{"c.example", 3306}));
  EXPECT_EQ(endpoint->Address(), "a:3307,[::1]:3306,c.example:3306");
  endpoint->password = Secret::Inline("hush");

  const std::vector<Endpoint> each = endpoint->Each();
  ASSERT_EQ(each.size(), 3u);
  EXPECT_EQ(each[0].ToString(), "mysql://u@a:3307");
  EXPECT_EQ(each[1].ToString(), "mysql://u@[::1]:3306");
  EXPECT_EQ(each[2].Address(), "c.example:3306");
  EXPECT_EQ(each[2].password, endpoint->password);

  endpoint = ParseEndpointUrl("postgres://u@a,b:5433/shop");
  ASSERT_TRUE(endpoint.ok()) << endpoint.status();
  EXPECT_EQ(endpoint->ToString(), "postgres://u@a:5432,b:5433/shop");
  EXPECT_EQ(endpoint->Each().at(1).ToString(), "postgres://u@b:5433/shop");
}

TEST(Endpoint, ReadsSockets) {
  for (const char* url : {"mysql://u@?socket=/a%20b", "mysql://u@/?socket=/a b"}) {
    absl::StatusOr<Endpoint> endpoint = ParseEndpointUrl(url);
    ASSERT_TRUE(endpoint.ok()) << endpoint.status();
    EXPECT_EQ(endpoint->socket, "/a b");
    EXPECT_EQ(endpoint->host, "");
    EXPECT_EQ(endpoint->port, 0);
  }
}

TEST(Endpoint, ReadsTheDatabaseOfPostgres) {
  absl::StatusOr<Endpoint> endpoint = ParseEndpointUrl("postgresql://u@h/my%2Fshop");
  ASSERT_TRUE(endpoint.ok()) << endpoint.status();
  EXPECT_EQ(endpoint->scheme, "postgres");
  EXPECT_EQ(endpoint->host, "h");
  EXPECT_EQ(endpoint->port, 5432);
  EXPECT_EQ(endpoint->database, "my/shop");

  endpoint = ParseEndpointUrl("postgres://u@/shop?socket=/run/.s.PGSQL.5433");
  ASSERT_TRUE(endpoint.ok()) << endpoint.status();
  EXPECT_EQ(endpoint->database, "shop");
  EXPECT_EQ(endpoint->socket, "/run/.s.PGSQL.5433");
  EXPECT_EQ(endpoint->host, "");
}

TEST(Endpoint, WritesItselfAsAUrlThatReadsTheSame) {
  for (const char* url :
       {"mysql://u%40x@h:1", "mariadb://u@[::1]:3306", "mysql://u@?socket=/a%20b@c",
        "postgres://u@h:5432/a%2Fb", "postgres://u@/d?socket=/a%20b@c", "mysql://u@a:1,b:2"}) {
    absl::StatusOr<Endpoint> endpoint = ParseEndpointUrl(url);
    ASSERT_TRUE(endpoint.ok()) << endpoint.status();
    EXPECT_EQ(endpoint->ToString(), url);
    EXPECT_EQ(*ParseEndpointUrl(endpoint->ToString()), *endpoint);
  }
}

TEST(Endpoint, DoesNotWriteItsPassword) {
  Endpoint endpoint = *ParseEndpointUrl("mysql://u@h");
  endpoint.password = Secret::Inline("hush");
  EXPECT_EQ(endpoint.ToString(), "mysql://u@h:3306");
  EXPECT_EQ(endpoint.password.Describe(), "task file");
}

TEST(Endpoint, SaysWhatIsWrongWithAUrl) {
  const struct {
    const char* url;
    const char* message;
  } kCases[] = {
      {"", "begin with mysql://, mariadb:// or postgres://"},
      {"mysql", "begin with mysql://, mariadb:// or postgres://"},
      {"oracle://u@h", "begin with mysql://, mariadb:// or postgres://"},
      {"postgres://u@h", "the database is missing"},
      {"postgres://u@h/", "the database is missing"},
      {"postgres://u@?socket=/a", "the database is missing"},
      {"postgres://u@/d", "the host is missing"},
      {"postgres://u@h/%4", "the database is missing"},
      {"postgres://h/d", "the user is missing"},
      {"mysql://h", "the user is missing"},
      {"mysql://@h", "the user is missing"},
      {"mysql://u:p@h", "a password must not stand in the url"},
      {"mysql://u:@h", "a password must not stand in the url"},
      {"mysql://u:a@b@h", "a password must not stand in the url"},
      {"mysql://u%4@h", "of the user as"},
      {"mysql://u%00@h", "of the user as"},
      {"mysql://u/v@h", "of the user as"},
      {"mysql://u@", "the host is missing"},
      {"mysql://u@:3306", "the host is missing"},
      {"mysql://u@h:", "the port has to be"},
      {"mysql://u@h:0", "the port has to be"},
      {"mysql://u@h:65536", "the port has to be"},
      {"mysql://u@h:-1", "the port has to be"},
      {"mysql://u@::1", "in brackets"},
      {"mysql://u@[::1", "has no ]"},
      {"mysql://u@[::1]3306", "only :port"},
      {"mysql://u@[]", "the host is missing"},
      {"mysql://u@a b", "a character that no host has"},
      {"mysql://u@h/shop", "names a database"},
      {"mysql://u@?socket=a", "only socket=/path"},
      {"mysql://u@?socket=/a&b=c", "only socket=/path"},
      {"mysql://u@h?charset=utf8", "only socket=/path"},
      {"mysql://u@h?socket=/a", "both a host and a socket"},
      {"mysql://u@a,", "the host is missing"},
      {"mysql://u@,a", "the host is missing"},
      {"mysql://u@a,b:0", "the port has to be"},
      {"mysql://u@a,b,a:3306", "the host a stands in the url twice"},
  };
  for (const auto& c : kCases) {
    absl::Status status = ParseEndpointUrl(c.url).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.url;
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr(c.message)) << c.url;
  }
}

}  // namespace
}  // namespace godwit::config
