#include "connector/task_state.h"

namespace godwit::connector {

const char* ToString(TaskPhase phase) {
  switch (phase) {
    case TaskPhase::kPreparing:
      return "preparing";
    case TaskPhase::kSchema:
      return "schema";
    case TaskPhase::kCopying:
      return "copying";
    case TaskPhase::kCatchingUp:
      return "catching-up";
    case TaskPhase::kStreaming:
      return "streaming";
    case TaskPhase::kFinished:
      return "finished";
  }
  return "?";
}

const char* ToString(TableStage stage) {
  switch (stage) {
    case TableStage::kPending:
      return "pending";
    case TableStage::kCreating:
      return "creating";
    case TableStage::kCopying:
      return "copying";
    case TableStage::kCopied:
      return "copied";
    case TableStage::kStreaming:
      return "streaming";
    case TableStage::kDropped:
      return "dropped";
    case TableStage::kRemoved:
      return "removed";
  }
  return "?";
}

}  // namespace godwit::connector
