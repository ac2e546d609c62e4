#include "places.h"

#include <unistd.h>

#include <atomic>
#include <filesystem>

#include "store/memory_store.h"
#include "store/sqlite_store.h"

namespace godwit::store {
namespace {

// Stands still unless it is told.
class Hand {
 public:
  base::Clock clock() const {
    return [this] { return std::chrono::steady_clock::time_point(time_.load()); };
  }
  void Pass(std::chrono::nanoseconds time) { time_ = time_.load() + time; }

 private:
  std::atomic<std::chrono::nanoseconds> time_{std::chrono::hours(1)};
};

class MemoryPlace : public Place {
 public:
  Store& store() override { return store_; }
  Store& other() override { return store_; }
  void Pass(std::chrono::milliseconds time) override { hand_.Pass(time); }
  void Forget() override { store_.Compact(store_.Range("")->revision); }

 private:
  Hand hand_;
  MemoryStore store_{hand_.clock()};
};

class SqlitePlace : public Place {
 public:
  Store& store() override { return *store_; }
  Store& other() override { return *other_; }
  void Pass(std::chrono::milliseconds time) override { hand_.Pass(time); }
  // It forgets by itself what follows upon a mebibyte.
  void Forget() override {
    for (int i = 0; i < 2; ++i) {
      EXPECT_TRUE(store_->Put("large", std::string((1 << 20) + 1, 'x')).ok());
    }
  }

 private:
  Hand hand_;
  Folder folder_;
  std::unique_ptr<Store> store_ = *SqliteStore::Open(folder_.File(), hand_.clock());
  std::unique_ptr<Store> other_ = *SqliteStore::Open(folder_.File(), hand_.clock());
};

}  // namespace

Folder::Folder() {
  path_ = testing::TempDir() + "godwit-store-XXXXXX";
  EXPECT_NE(mkdtemp(path_.data()), nullptr);
}

Folder::~Folder() { std::filesystem::remove_all(path_); }

std::unique_ptr<Place> MakeMemoryPlace() { return std::make_unique<MemoryPlace>(); }
std::unique_ptr<Place> MakeSqlitePlace() { return std::make_unique<SqlitePlace>(); }

}  // namespace godwit::store
