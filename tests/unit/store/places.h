#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "store/store.h"

namespace godwit::store {

// A folder that goes with the test.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string File() const { return path_ + "/godwit.db"; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A store of some kind that is a test's own, and what the test can do to it from outside.
class Place {
 public:
  virtual ~Place() = default;
  virtual Store& store() = 0;
  // The same store as another process has it open, where the kind can be opened twice.
  virtual Store& other() = 0;
  // Lets the store's time pass.
  virtual void Pass(std::chrono::milliseconds time) = 0;
  // Makes it forget what was changed before now.
  virtual void Forget() = 0;
};

std::unique_ptr<Place> MakeMemoryPlace();
std::unique_ptr<Place> MakeSqlitePlace();

}  // namespace godwit::store
