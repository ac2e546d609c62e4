#include "pipeline/task_objects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "fake_destination.h"
#include "fakes.h"
#include "histories.h"

namespace godwit::pipeline {
namespace {

using connector::CatalogObject;
using connector::ObjectKind;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

CatalogObject Object(ObjectKind kind, const std::string& name, bool before_tables = false) {
  CatalogObject object{.kind = kind, .schema = "shop", .name = name, .statement = "CREATE " + name};
  object.before_tables = before_tables;
  return object;
}

// With objects of each kind; of routines one that is made of a table.
class ObjectSource : public testing::FakeSource {
 public:
  ObjectSource(const testing::Log& log, bool functions_first)
      : FakeSource(log, 1, 0), functions_first_(functions_first) {}

  std::vector<ObjectKind> table_objects() const override {
    if (!functions_first_) return {};
    return {ObjectKind::kType, ObjectKind::kTableRoutine, ObjectKind::kStatistics,
            ObjectKind::kTableSequence};
  }

  base::StatusOr<connector::Catalog> ReadCatalog(const connector::TableFilter&,
                                                 const std::vector<ObjectKind>& kinds) override {
    connector::Catalog catalog;
    asked_for_rights = std::ranges::count(kinds, ObjectKind::kRights) > 0;
    for (const CatalogObject& object :
         {Object(ObjectKind::kType, "type", true),
          Object(ObjectKind::kTableRoutine, "needed", true),
          Object(ObjectKind::kTableRoutine, "needed of view"),
          Object(ObjectKind::kRoutine, "routine", functions_first_),
          Object(ObjectKind::kRoutine, "routine of table"),
          Object(ObjectKind::kSequence, "sequence"), Object(ObjectKind::kView, "view"),
          Object(ObjectKind::kStatistics, "statistics"), Object(ObjectKind::kEvent, "event"),
          Object(ObjectKind::kTrigger, "trigger"),
          Object(ObjectKind::kTrigger, "pt_osc_shop_t_ins"),
          Object(ObjectKind::kTableSequence, "value"), Object(ObjectKind::kRights, "role")}) {
      if (std::ranges::count(kinds, object.kind) > 0) catalog.objects.push_back(object);
    }
    return catalog;
  }

  bool asked_for_rights = false;  // the last time

 private:
  const bool functions_first_;
};

class ObjectTarget : public testing::FakeDestination {
 public:
  using FakeDestination::FakeDestination;

  base::Status CreateObjects(const std::vector<CatalogObject>& objects,
                             connector::IfExists) override {
    for (const CatalogObject& object : objects) made.push_back(object.name);
    return base::OkStatus();
  }
  std::vector<std::string> Made() { return std::exchange(made, {}); }

  std::vector<std::string> made;
};

class TaskObjectsTest : public ::testing::Test {
 protected:
  TaskObjectsTest() : task_(testing::ShopTask(1000)) {
    task_.objects = {.triggers = true, .routines = true, .events = true, .sequences = true};
  }

  config::Task task_;
  testing::Log log_;
  ObjectTarget target_{log_};
};

TEST_F(TaskObjectsTest, MakesEachOnceWhenItsTurnComes) {
  ObjectSource source(log_, /*functions_first=*/true);
  task_.objects.events = false;
  task_.objects.rights = true;
  ASSERT_TRUE(CreateObjectsBeforeTables(task_, source, target_).ok());
  EXPECT_THAT(target_.Made(), ElementsAre("type", "needed", "routine", "sequence"));
  auto tables = TaskTables::Make(source, {});
  ASSERT_TRUE(tables.ok());
  ASSERT_TRUE(CreateObjectsAfterTables(task_, source, target_, *tables).ok());
  EXPECT_THAT(target_.Made(),
              ElementsAre("needed of view", "routine of table", "view", "statistics"));
  ASSERT_TRUE(CreateLastObjects(task_, source, target_).ok());
  EXPECT_THAT(target_.Made(), ElementsAre("sequence", "trigger", "value", "role"));
}

TEST_F(TaskObjectsTest, MakesRoutinesAfterTheTablesWhereNoTableNeedsThem) {
  ObjectSource source(log_, /*functions_first=*/false);
  ASSERT_TRUE(CreateObjectsBeforeTables(task_, source, target_).ok());
  EXPECT_THAT(target_.Made(), ElementsAre("sequence"));
  auto tables = TaskTables::Make(source, {});
  ASSERT_TRUE(tables.ok());
  ASSERT_TRUE(CreateObjectsAfterTables(task_, source, target_, *tables).ok());
  EXPECT_THAT(target_.Made(), ElementsAre("routine", "routine of table", "view", "event"));
  ASSERT_TRUE(CreateLastObjects(task_, source, target_).ok());
  EXPECT_THAT(target_.Made(), ElementsAre("sequence", "trigger"));
}

TEST_F(TaskObjectsTest, MakesUnaskedOnlyWhatIsNeeded) {
  ObjectSource source(log_, /*functions_first=*/true);
  task_.objects = {};
  ASSERT_TRUE(CreateObjectsBeforeTables(task_, source, target_).ok());
  EXPECT_THAT(target_.Made(), ElementsAre("type", "needed"));
  ASSERT_TRUE(CreateLastObjects(task_, source, target_).ok());
  EXPECT_THAT(target_.Made(), ElementsAre("value"));
  EXPECT_THAT(ObjectKindsOf(task_, source),
              UnorderedElementsAre(ObjectKind::kView, ObjectKind::kType, ObjectKind::kTableRoutine,
                                   ObjectKind::kStatistics));
}

TEST_F(TaskObjectsTest, KnowsWhatIsMadeOfTablesAndComesBack) {
  ObjectSource source(log_, /*functions_first=*/true);
  const auto found = ObjectsOfTables(task_, source);
  ASSERT_TRUE(found.ok());
  EXPECT_THAT(*found, ElementsAre(Field(&CatalogObject::name, "needed of view"),
                                  Field(&CatalogObject::name, "routine of table"),
                                  Field(&CatalogObject::name, "view")));
  ObjectSource other(log_, /*functions_first=*/false);
  EXPECT_THAT(*ObjectsOfTables(task_, other), IsEmpty());
}

TEST_F(TaskObjectsTest, SaysOfEachWhetherRightsAreToFollow) {
  ObjectSource source(log_, /*functions_first=*/true);
  ASSERT_TRUE(CreateObjectsBeforeTables(task_, source, target_).ok());
  EXPECT_FALSE(source.asked_for_rights);
  task_.objects.rights = true;
  ASSERT_TRUE(CreateObjectsBeforeTables(task_, source, target_).ok());
  EXPECT_TRUE(source.asked_for_rights);
}

}  // namespace
}  // namespace godwit::pipeline
