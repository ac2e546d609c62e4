#include "portal/etcd/peers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::portal {
namespace {

using testing::HasSubstr;

TEST(EtcdPeersTest, HasThePortsOfEtcdWhereNoneAreSaid) {
  const auto peers = ParseEtcdPeers("m1=10.0.0.1,m2=db.example.net:3380,m3=[fe80::1]:1:2,m4=[::1]");
  ASSERT_TRUE(peers.ok()) << peers.status();
  const std::vector<EtcdPeer> expected = {{"m1", "10.0.0.1", 2380, 2379},
                                          {"m2", "db.example.net", 3380, 2379},
                                          {"m3", "fe80::1", 1, 2},
                                          {"m4", "::1", 2380, 2379}};
  EXPECT_EQ(*peers, expected);
}

TEST(EtcdPeersTest, TheTextIsTheSameInWhateverOrder) {
  EXPECT_EQ(EtcdPeersText(*ParseEtcdPeers("b=[::1],a=h:1:2")), "a=h:1:2,b=[::1]:2380:2379");
}

TEST(EtcdPeersTest, WhatIsNoneIsRefused) {
  for (const char* wrong : {"", "m1", "=h", "m1=", "m1=h:", "m1=h:0", "m1=h:70000", "m1=h:1:2:3",
                            "m1=http://h:1", "m1=[::1", "m1=[h]", "m1=[::1]1", "m1=a,", "m1=::1"}) {
    const auto peers = ParseEtcdPeers(wrong);
    EXPECT_EQ(peers.status().code(), base::StatusCode::kInvalidArgument) << wrong;
  }
}

TEST(EtcdPeersTest, WhatStandsThereTwiceIsRefused) {
  EXPECT_THAT(ParseEtcdPeers("a=h,a=i").status().message(), HasSubstr("the name a twice"));
  EXPECT_THAT(ParseEtcdPeers("a=h,b=h").status().message(), HasSubstr("h:2380 twice"));
  EXPECT_THAT(ParseEtcdPeers("a=h:7:7").status().message(), HasSubstr("h:7 twice"));
  EXPECT_TRUE(ParseEtcdPeers("a=h:1:2,b=h:3:4").ok());
}

TEST(EtcdPeersTest, ItListensAtItsAddressOrWithANameAtAll) {
  EXPECT_EQ(ListenHost({"a", "10.0.0.1"}), "10.0.0.1");
  EXPECT_EQ(ListenHost({"a", "fe80::1"}), "[fe80::1]");
  EXPECT_EQ(ListenHost({"a", "localhost"}), "127.0.0.1");
  EXPECT_EQ(ListenHost({"a", "m1.example.net"}), "0.0.0.0");
  EXPECT_EQ(PeerUrl({"a", "::1"}, true), "https://[::1]:2380");
  EXPECT_EQ(ClientUrl({"a", "h"}, false), "http://h:2379");
}

}  // namespace
}  // namespace godwit::portal
