#include "pipeline/large_objects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_destination.h"
#include "fakes.h"
#include "histories.h"

namespace godwit::pipeline {
namespace {

using connector::LargeObjectCounts;
using connector::LargeObjectOrder;
using connector::LargeObjectReader;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Reader : public LargeObjectReader {
 public:
  base::Status NewSnapshot() override { return base::OkStatus(); }
  base::StatusOr<std::vector<connector::LargeObject>> List(uint64_t, size_t) override {
    return std::vector<connector::LargeObject>();
  }
  base::StatusOr<std::vector<std::string>> Digests(connector::LargeObjectPart, size_t) override {
    return std::vector<std::string>();
  }
  base::StatusOr<std::vector<std::string>> Read(
      std::span<const connector::LargeObjectPart>) override {
    return std::vector<std::string>();
  }
  base::StatusOr<std::vector<connector::CatalogObject>> Rights(
      const std::vector<connector::LargeObject>&) override {
    return std::vector<connector::CatalogObject>();
  }
  void Cancel() override {}
};

class LargeSource : public testing::FakeSource {
 public:
  explicit LargeSource(const testing::Log& log) : FakeSource(log, 1, 0) {}
  base::StatusOr<std::unique_ptr<LargeObjectReader>> OpenLargeObjectReader() override {
    if (!has_any) return std::unique_ptr<LargeObjectReader>();
    return std::unique_ptr<LargeObjectReader>(std::make_unique<Reader>());
  }
  bool has_any = true;
};

class LargeTarget : public testing::FakeDestination {
 public:
  using FakeDestination::FakeDestination;
  base::StatusOr<LargeObjectCounts> TakeLargeObjects(LargeObjectReader&,
                                                     const LargeObjectOrder& order) override {
    orders.push_back(order);
    return counts;
  }
  LargeObjectCounts counts;
  std::vector<LargeObjectOrder> orders;
};

class LargeObjectsTest : public ::testing::Test {
 protected:
  base::Status Copy() {
    return CopyLargeObjects(task_, source_, target_, progress_, std::stop_token());
  }

  config::Task task_ = testing::ShopTask(1000);
  testing::Log log_;
  LargeSource source_{log_};
  LargeTarget target_{log_};
  Progress progress_;
};

TEST_F(LargeObjectsTest, AreTakenOnlyWhereTheyAreAskedFor) {
  for (const auto choice : {config::LargeObjects::kUndecided, config::LargeObjects::kIgnore}) {
    task_.large_objects = choice;
    ASSERT_TRUE(Copy().ok());
  }
  task_.large_objects = config::LargeObjects::kCopy;
  source_.has_any = false;
  ASSERT_TRUE(Copy().ok());
  EXPECT_THAT(target_.orders, IsEmpty());
  source_.has_any = true;
  task_.if_exists = config::IfExists::kReplace;
  task_.objects.rights = true;
  ASSERT_TRUE(Copy().ok());
  ASSERT_EQ(target_.orders.size(), 1U);
  EXPECT_EQ(target_.orders[0].if_exists, connector::IfExists::kReplace);
  EXPECT_TRUE(target_.orders[0].rights);
}

TEST_F(LargeObjectsTest, AreToldOfWhereTheyWereWritten) {
  task_.large_objects = config::LargeObjects::kCopy;
  target_.counts = {.seen = 9};
  ASSERT_TRUE(Copy().ok());
  EXPECT_THAT(progress_.NotesAfter(0).second, IsEmpty());
  target_.counts = {.seen = 9, .written = 2, .removed = 1, .bytes = 4096};
  ASSERT_TRUE(Copy().ok());
  EXPECT_THAT(progress_.NotesAfter(0).second,
              ElementsAre("large objects: 2 written (4 KiB) and 1 removed, of 9"));
}

}  // namespace
}  // namespace godwit::pipeline
