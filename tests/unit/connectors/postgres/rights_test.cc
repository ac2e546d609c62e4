#include "connectors/postgres/schema/rights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::connectors::postgres {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr const char* kText =
    "GRANT SELECT ON TABLE shop.\"odd;\nGRANT \"\"x\" TO \"a;b\";\n"
    "GRANT MAINTAIN ON TABLE shop.t TO reader WITH GRANT OPTION;\n"
    "GRANT SELECT (\"MAINTAIN\") ON TABLE shop.t TO reader";

TEST(Rights, AreGivenOneByOne) {
  std::vector<std::string> left_out;
  EXPECT_THAT(RightsFor(170002, kText, left_out),
              ElementsAre("GRANT SELECT ON TABLE shop.\"odd;\nGRANT \"\"x\" TO \"a;b\"",
                          "GRANT MAINTAIN ON TABLE shop.t TO reader WITH GRANT OPTION",
                          "GRANT SELECT (\"MAINTAIN\") ON TABLE shop.t TO reader"));
  EXPECT_THAT(left_out, IsEmpty());
  EXPECT_THAT(RightsFor(150000, "", left_out), IsEmpty());
}

TEST(Rights, AreLeftOutAndToldWhereTheServerHasThemNot) {
  std::vector<std::string> left_out;
  EXPECT_THAT(RightsFor(160004, kText, left_out),
              ElementsAre(StartsWith("GRANT SELECT ON"), StartsWith("GRANT SELECT (")));
  EXPECT_THAT(left_out, ElementsAre("GRANT MAINTAIN ON TABLE shop.t TO reader WITH GRANT OPTION "
                                    "(the target has no such right)"));
}

}  // namespace
}  // namespace godwit::connectors::postgres
