#include "connectors/mysql/log/other_readers.h"

#include <gmock/gmock.h>

#include <string>

namespace godwit::connectors::mysql {
namespace {

using ::testing::HasSubstr;

const base::Status kEnded = base::Unavailable(
    "source: reading the binlog: A slave with the same server_uuid/server_id as this slave has "
    "connected to the master");

TEST(OtherReaders, AFewAreOfARunThatWasTakenOver) {
  OtherReaders readers;
  const OtherReaders::Time begin;
  for (int i = 0; i < 10; ++i)
    EXPECT_TRUE(absl::IsUnavailable(readers.Judge(kEnded, begin + std::chrono::seconds(i))));
  // Long ago.
  EXPECT_TRUE(absl::IsUnavailable(readers.Judge(kEnded, begin + std::chrono::minutes(6))));
}

TEST(OtherReaders, ManyAreAnotherTaskOfTheName) {
  OtherReaders readers;
  const OtherReaders::Time begin;
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(absl::IsUnavailable(readers.Judge(kEnded, begin + std::chrono::seconds(i))));
    EXPECT_TRUE(absl::IsUnavailable(readers.Judge(base::Unavailable("lost"), begin)));
  }
  const base::Status judged = readers.Judge(kEnded, begin + std::chrono::seconds(11));
  EXPECT_TRUE(absl::IsFailedPrecondition(judged)) << judged;
  EXPECT_THAT(std::string(judged.message()), HasSubstr("Give one of them another `name`"));
  EXPECT_TRUE(absl::IsUnavailable(readers.Judge(kEnded, begin + std::chrono::seconds(12))))
      << "a new run begins to count anew";
}

}  // namespace
}  // namespace godwit::connectors::mysql
