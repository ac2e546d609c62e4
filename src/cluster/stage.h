#pragma once

#include <optional>
#include <string_view>

#include "base/status.h"

// In what state a subtask or a relay is, and what becomes of it when the operator expects another.
namespace godwit::cluster {

// Expected ones are kRunning and kPaused only: none is expected of what has to stop.
enum class Stage { kNew, kRunning, kPaused, kStopped, kFinished };

std::string_view ToText(Stage stage);
base::StatusOr<Stage> StageFromText(std::string_view text);

enum class StageOrder { kNone, kStart, kResume, kPause, kStop };

// What has to be done with one that is in `current`, if anything.
StageOrder NextOrder(Stage current, std::optional<Stage> expected);

// Whether one may pass from a stage to another in one step.
bool IsValidTransition(Stage from, Stage to);

}  // namespace godwit::cluster
