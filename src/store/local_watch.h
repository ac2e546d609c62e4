#pragma once

#include <condition_variable>
#include <mutex>
#include <string>

#include "store/store.h"

namespace godwit::store {

// A watch of a store that is asked: whenever it says that it has been changed by this process, and
// every 20 ms, as another process or the end of a lease may have changed it.
class LocalWatch : public Watch {
 public:
  base::StatusOr<std::vector<Change>> Next(std::chrono::milliseconds timeout) override;
  Revision revision() const override { return revision_; }
  void Cancel() override;

 protected:
  // The mutex and the signal are the store's, which outlives this.
  LocalWatch(std::mutex& mutex, std::condition_variable& changed, std::string_view prefix,
             Revision after)
      : prefix_(prefix), revision_(after), mutex_(mutex), changed_(changed) {}

  // The changes after `revision_`, which then is the store's. With the mutex held.
  virtual base::StatusOr<std::vector<Change>> TakeChanges() = 0;
  static base::Status AreForgotten(Revision after, Revision forgotten);

  const std::string prefix_;
  Revision revision_;

 private:
  std::mutex& mutex_;
  std::condition_variable& changed_;
  bool is_cancelled_ = false;
};

}  // namespace godwit::store
