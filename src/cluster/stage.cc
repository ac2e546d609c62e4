#include "cluster/stage.h"

#include <algorithm>
#include <array>

namespace godwit::cluster {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"New", "Running", "Paused", "Stopped",
                                                    "Finished"};

struct Orders {
  StageOrder to_run, to_pause, to_stop;  // by what is expected
};
// By the current stage. What has never been started is not started in order to be paused, and what
// has finished stays so until it is taken away.
constexpr std::array<Orders, 5> kOrders = {{
    /* New */ {StageOrder::kStart, StageOrder::kNone, StageOrder::kNone},
    /* Running */ {StageOrder::kNone, StageOrder::kPause, StageOrder::kStop},
    /* Paused */ {StageOrder::kResume, StageOrder::kNone, StageOrder::kStop},
    /* Stopped */ {StageOrder::kStart, StageOrder::kNone, StageOrder::kNone},
    /* Finished */ {StageOrder::kNone, StageOrder::kNone, StageOrder::kStop},
}};

// kValid[from][to], in the order New, Running, Paused, Stopped, Finished. A running one pauses by
// itself upon an error.
constexpr bool kValid[5][5] = {
    /* New */ {false, true, true, true, true},
    /* Running */ {false, false, true, true, true},
    /* Paused */ {false, true, false, true, false},
    /* Stopped */ {false, true, true, false, true},
    /* Finished */ {false, false, false, true, false},
};

}  // namespace

std::string_view ToText(Stage stage) { return kNames[static_cast<size_t>(stage)]; }

base::StatusOr<Stage> StageFromText(std::string_view text) {
  const auto name = std::find(kNames.begin(), kNames.end(), text);
  if (name == kNames.end()) return base::InvalidArgument("there is no stage \"{}\"", text);
  return static_cast<Stage>(name - kNames.begin());
}

StageOrder NextOrder(Stage current, std::optional<Stage> expected) {
  const Orders& orders = kOrders[static_cast<size_t>(current)];
  if (!expected) return orders.to_stop;
  return *expected == Stage::kRunning ? orders.to_run : orders.to_pause;
}

bool IsValidTransition(Stage from, Stage to) {
  return kValid[static_cast<size_t>(from)][static_cast<size_t>(to)];
}

}  // namespace godwit::cluster
