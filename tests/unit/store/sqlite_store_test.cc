#include "store/sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "places.h"

namespace godwit::store {
namespace {

using testing::HasSubstr;

TEST(SqliteStore, KeepsValuesOverReopening) {
  Folder folder;
  const Revision revision = *(*SqliteStore::Open(folder.File()))->Commit({{}, {{"k", "v"}}});
  auto store = *SqliteStore::Open(folder.File());
  EXPECT_EQ(**store->Get("k"), (Entry{"k", "v", revision, kNoLease}));
  auto watch = *store->WatchFrom("", revision - 1);
  EXPECT_EQ(watch->Next(std::chrono::seconds(0))->size(), 1u);
}

TEST(SqliteStore, ReadsAFileOfTheFirstRelease) {
  Folder folder;
  {
    auto old = *SqliteDatabase::Open(folder.File());
    ASSERT_TRUE(old->Run("CREATE TABLE IF NOT EXISTS entry (key BLOB PRIMARY KEY, value BLOB NOT "
                         "NULL) WITHOUT ROWID")
                    .ok());
    ASSERT_TRUE(old->Run("INSERT INTO entry VALUES (?, ?)", {"status/subtask/shop", "{}"}).ok());
  }
  {
    std::vector<std::jthread> openers;  // at once
    openers.reserve(4);
    for (int i = 0; i < 4; ++i) {
      openers.emplace_back([&] {
        auto store = SqliteStore::Open(folder.File());
        ASSERT_TRUE(store.ok()) << store.status();
        EXPECT_EQ((**(*store)->Get("status/subtask/shop")).value, "{}");
      });
    }
  }
  auto store = *SqliteStore::Open(folder.File());
  const Revision changed = (*store->Get("status/subtask/shop"))->changed;
  EXPECT_GT(changed, 0);
  // The changes that have made it are not known.
  EXPECT_TRUE(
      absl::IsOutOfRange((*store->WatchFrom("", 0))->Next(std::chrono::seconds(0)).status()));
  EXPECT_TRUE(
      store->Commit({{{"status/subtask/shop", changed}}, {{"status/subtask/shop", "{1}"}}}).ok());
  EXPECT_EQ((*store->Get("status/subtask/shop"))->value, "{1}");
}

TEST(SqliteStore, RefusesAFileOfALaterGodwit) {
  Folder folder;
  ASSERT_TRUE(SqliteStore::Open(folder.File()).ok());
  ASSERT_TRUE((*SqliteDatabase::Open(folder.File()))->Run("PRAGMA user_version = 7").ok());
  auto store = SqliteStore::Open(folder.File());
  EXPECT_TRUE(absl::IsFailedPrecondition(store.status()));
  EXPECT_THAT(store.status().ToString(), HasSubstr(folder.File()));
  EXPECT_THAT(store.status().ToString(), HasSubstr("version 7"));
}

TEST(SqliteStore, LeasesEndWithTheMachine) {
  Folder folder;
  auto store = *SqliteStore::Open(folder.File());
  ASSERT_TRUE(store->Commit({{}, {{"k", "v", *store->Grant(std::chrono::seconds(1000))}}}).ok());
  EXPECT_TRUE((*store->Get("k")).has_value());
  // As after a restart, which a test cannot make.
  ASSERT_TRUE((*SqliteDatabase::Open(folder.File()))->Run("UPDATE lease SET boot = x'00'").ok());
  EXPECT_FALSE((*store->Get("k")).has_value());
}

// A run writes its status every two seconds, of a megabyte where there are many tables.
TEST(SqliteStore, TheFileStaysSmall) {
  Folder folder;
  auto store = *SqliteStore::Open(folder.File());
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(store->Put("k", std::string(1 << 20, static_cast<char>('a' + i))).ok());
  }
  store.reset();
  struct stat info;
  ASSERT_EQ(stat(folder.File().c_str(), &info), 0);
  EXPECT_LT(info.st_size, 5 << 20);
}

TEST(SqliteStore, TheFileIsItsOwnersAlone) {
  Folder folder;
  ASSERT_TRUE(SqliteStore::Open(folder.File()).ok());
  struct stat info;
  ASSERT_EQ(stat(folder.File().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777u, 0600u);
}

TEST(SqliteStore, ErrorsNameTheFile) {
  Folder folder;
  auto nowhere = SqliteStore::Open(folder.path() + "/none/godwit.db");
  EXPECT_TRUE(absl::IsFailedPrecondition(nowhere.status()));
  EXPECT_THAT(nowhere.status().ToString(), HasSubstr("/none/godwit.db"));

  std::ofstream(folder.File()) << std::string(4096, 'x');
  auto garbage = SqliteStore::Open(folder.File());
  EXPECT_TRUE(absl::IsFailedPrecondition(garbage.status()));
  EXPECT_THAT(garbage.status().ToString(), HasSubstr(folder.File()));
}

}  // namespace
}  // namespace godwit::store
