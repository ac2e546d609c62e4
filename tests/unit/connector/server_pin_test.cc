#include "connector/server_pin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>

namespace godwit::connector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Who answers at each host; those that are not there do not.
class Hosts {
 public:
  base::StatusOr<std::string> Connect(ServerPin& pin) {
    const auto connection = OpenPinned(
        pin, 3,
        [&](size_t host) -> base::StatusOr<std::unique_ptr<std::string>> {
          tried.push_back(host);
          const auto there = servers.find(host);
          if (there == servers.end()) return base::Unavailable("h{}: refused", host);
          return std::make_unique<std::string>(there->second);
        },
        [](const std::string& server) -> base::StatusOr<std::string> { return server; },
        [](size_t host) { return "h" + std::to_string(host); });
    if (!connection.ok()) return connection.status();
    return **connection;
  }

  std::map<size_t, std::string> servers;
  std::vector<size_t> tried;
};

TEST(ServerPin, TheFirstThatAnswersIsTheOneForAll) {
  ServerPin pin;
  Hosts hosts;
  hosts.servers = {{1, "b"}, {2, "c"}};
  EXPECT_EQ(hosts.Connect(pin).value(), "b");
  EXPECT_THAT(hosts.tried, ElementsAre(0, 1));
  hosts.servers[0] = "a";
  hosts.tried.clear();
  EXPECT_EQ(hosts.Connect(pin).value(), "b");
  EXPECT_THAT(hosts.tried, ElementsAre(1));

  hosts.servers.erase(1);
  EXPECT_TRUE(absl::IsUnavailable(hosts.Connect(pin).status()))
      << "others are none of its business";
  pin.Release();
  hosts.tried.clear();
  EXPECT_EQ(hosts.Connect(pin).value(), "a");
  EXPECT_THAT(hosts.tried, ElementsAre(1, 0)) << "the last one first";
}

TEST(ServerPin, AnotherServerAtTheSameAddressIsRefused) {
  ServerPin pin;
  Hosts hosts;
  hosts.servers = {{0, "a"}};
  ASSERT_TRUE(hosts.Connect(pin).ok());
  const uint64_t generation = pin.generation();
  hosts.servers = {{0, "x"}};
  const base::Status refused = hosts.Connect(pin).status();
  EXPECT_TRUE(absl::IsUnavailable(refused));
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("h0 leads to another server now (x; it was a)"));
  pin.Choose({0, "a"});
  EXPECT_EQ(pin.generation(), generation);
  pin.Choose({0, "x"});
  EXPECT_GT(pin.generation(), generation);
  EXPECT_TRUE(hosts.Connect(pin).ok());
}

TEST(ServerPin, EachHostsErrorIsTold) {
  ServerPin pin;
  Hosts hosts;
  EXPECT_EQ(hosts.Connect(pin).status(),
            base::Unavailable("h0: refused; h1: refused; h2: refused"));
}

TEST(HostErrors, WhatMayPassIsWaitedFor) {
  HostErrors errors;
  errors.Add(base::FailedPrecondition("a"));
  EXPECT_EQ(errors.Status(), base::FailedPrecondition("a"));
  errors.Add(base::Unavailable("b"));
  errors.Add(base::FailedPrecondition("c"));
  EXPECT_EQ(errors.Status(), base::Unavailable("a; b; c"));
}

}  // namespace
}  // namespace godwit::connector
