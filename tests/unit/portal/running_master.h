#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include "portal/control.h"
#include "store/memory_store.h"

namespace godwit::portal {

// A master at work over a store in memory.
class RunningMaster {
 public:
  RunningMaster(store::Store& store, const std::string& name, const std::string& address,
                cluster::Master::OnChange on_change = {})
      : master_(store, {.name = name, .address = address}, "1", std::chrono::seconds(5),
                std::move(on_change)),
        control_(master_),
        thread_([this] { master_.Run(); }) {}
  ~RunningMaster() { master_.Leave(); }

  Control& control() { return control_; }
  // Waits until it sees that somebody leads.
  void Await() {
    for (int i = 0; i < 1000; ++i) {
      const auto leadership = control_.Leader();
      if (leadership.ok() && leadership->leader) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    FAIL() << "nobody leads";
  }

 private:
  cluster::Master master_;
  Control control_;
  std::jthread thread_;
};

}  // namespace godwit::portal
