#include "store/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "store/memory_store.h"
#include "store/sqlite_store.h"

namespace godwit::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    path_ = testing::TempDir() + "godwit-store-XXXXXX";
    EXPECT_NE(mkdtemp(path_.data()), nullptr);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string File() const { return path_ + "/godwit.db"; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void KeepsTheContract(Store& store) {
  EXPECT_EQ(*store.Get("task/shop"), std::nullopt);
  ASSERT_TRUE(store.Put("task/shop", "one").ok());
  ASSERT_TRUE(store.Put("task/shop", "two").ok());
  EXPECT_EQ(*store.Get("task/shop"), "two");

  const std::string bytes("a\0b\xff", 4);
  ASSERT_TRUE(store.Put("task/bytes", bytes).ok());
  EXPECT_EQ(*store.Get("task/bytes"), bytes);
  ASSERT_TRUE(store.Put("task/empty", "").ok());
  EXPECT_EQ(*store.Get("task/empty"), "");

  ASSERT_TRUE(store.Put("tasks", "not below task/").ok());
  ASSERT_TRUE(store.Put("task", "not below task/").ok());
  EXPECT_THAT(*store.List("task/"), ElementsAre(Pair("task/bytes", bytes), Pair("task/empty", ""),
                                                Pair("task/shop", "two")));
  EXPECT_THAT(*store.List("no"), IsEmpty());
  EXPECT_EQ(store.List("")->size(), 5u);

  ASSERT_TRUE(store.Delete("task/shop").ok());
  ASSERT_TRUE(store.Delete("task/shop").ok());
  EXPECT_EQ(*store.Get("task/shop"), std::nullopt);
}

TEST(MemoryStore, KeepsTheContract) {
  MemoryStore store;
  KeepsTheContract(store);
}

TEST(SqliteStore, KeepsTheContract) {
  Folder folder;
  auto store = SqliteStore::Open(folder.File());
  ASSERT_TRUE(store.ok()) << store.status();
  KeepsTheContract(**store);
}

TEST(SqliteStore, KeepsValuesOverReopening) {
  Folder folder;
  ASSERT_TRUE((*SqliteStore::Open(folder.File()))->Put("k", "v").ok());
  EXPECT_EQ(*(*SqliteStore::Open(folder.File()))->Get("k"), "v");
}

TEST(SqliteStore, AReaderSeesWhatAnotherConnectionWrites) {
  Folder folder;
  auto writer = *SqliteStore::Open(folder.File());
  auto reader = *SqliteStore::Open(folder.File());
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(writer->Put("k", std::to_string(i)).ok());
    EXPECT_EQ(*reader->Get("k"), std::to_string(i));
  }
}

TEST(SqliteStore, WritersFromSeveralThreadsAndConnectionsAllArrive) {
  Folder folder;
  auto shared = *SqliteStore::Open(folder.File());
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        auto own = *SqliteStore::Open(folder.File());
        for (int i = 0; i < 10; ++i) {
          Store& store = i % 2 == 0 ? *shared : *own;
          EXPECT_TRUE(store.Put("k/" + std::to_string(t * 10 + i), "v").ok());
        }
      });
    }
  }
  EXPECT_EQ(shared->List("k/")->size(), 40u);
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
