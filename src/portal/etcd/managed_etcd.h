#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "portal/etcd/child_process.h"
#include "portal/etcd/command_line.h"
#include "portal/etcd/data_folder.h"

namespace godwit::portal {

// An etcd beside this master, from Start to the end of this: started again when it ends, with
// growing waits, and ended in good order with it. It dies with this process, however that ends.
// Thread-safe.
class ManagedEtcd {
 public:
  // Does not wait until it answers, which takes most of the others. `on_failure` is called, once
  // and from another thread, when it has failed several times in a row and never answered: then the
  // operator is needed, and Failure() says why. kInvalidArgument, kFailedPrecondition: it cannot be
  // tried at all.
  static base::StatusOr<std::unique_ptr<ManagedEtcd>> Start(ManagedEtcdOptions options,
                                                            std::function<void()> on_failure);
  // Waits until it has ended.
  ~ManagedEtcd() = default;

  base::Status Failure() const;

 private:
  ManagedEtcd(ManagedEtcdOptions options, std::string program, DataFolder folder,
              std::unique_ptr<store::EtcdStore> own, std::unique_ptr<store::EtcdOperator> operated,
              std::function<void()> on_failure);

  void Run(const std::stop_token& stop);
  // One life of it: OK when it was asked to stop; else how it has ended.
  base::Status Live(const std::stop_token& stop);
  base::StatusOr<ChildProcess> StartProcess(const EtcdBeginning& beginning);
  void Watch();    // while it runs, again and again
  bool Answers();  // with a majority of the members
  void TellWhatIsMissing();
  void CompareMembers();  // with those of `--peers`
  void LookAtAlarms();

  const ManagedEtcdOptions options_;
  const std::string program_;
  DataFolder folder_;
  const std::unique_ptr<store::EtcdStore> own_;          // of this member alone
  const std::unique_ptr<store::EtcdOperator> operator_;  // likewise
  const std::function<void()> on_failure_;
  ProgressLine progress_;
  bool answers_ = false;       // it has, in this life
  bool has_answered_ = false;  // or in an earlier one
  std::chrono::steady_clock::time_point next_look_, next_alarm_;
  mutable std::mutex mutex_;
  base::Status failure_;
  std::jthread thread_;  // the last to be made: it starts what ends with it
};

}  // namespace godwit::portal
