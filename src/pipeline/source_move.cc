#include "pipeline/source_move.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/failpoint.h"
#include "pipeline/task_tables.h"

namespace godwit::pipeline {
namespace {

using connector::TableStage;
using connector::TableState;
using connector::TaskPhase;
using connector::TaskState;

// Stages of a table that is followed, or has gone.
bool IsFollowed(const TableState& table) {
  switch (table.stage) {
    case TableStage::kStreaming:
    case TableStage::kShadow:
    case TableStage::kSetAside:
    case TableStage::kDropHeld:
    case TableStage::kDropped:
      return true;
    default:
      return false;
  }
}

bool HasCopied(const TaskState& state) {
  return state.phase == TaskPhase::kStreaming ||
         std::ranges::any_of(state.tables, [](const TableState& table) {
           return table.stage == TableStage::kStreaming;
         });
}

// It is read again, as it is there.
TableState ToBeCopied(const TableState& table) {
  TableState anew;
  anew.name = table.name;
  anew.stage = MadeByUs(table) ? TableStage::kCreating : TableStage::kPending;
  anew.kept = table.kept;
  return anew;
}

// Places of the earlier server's log that stand for more than how far the target is.
base::Status ExpectNothingUnderWay(const connector::SettledServer& server, const TaskState& state) {
  std::string what;
  if (state.open_group) what = "parts of a group of its changes are on the target";
  if (const auto& ddl = state.pending_ddl) {
    // One that waits, and of which nothing was executed, is met again.
    const bool begun = ddl->waits_for.empty() || ddl->replaced > 0 || ddl->step_begun;
    if (begun) what = "a DDL of its log was begun on the target: " + ddl->statement.substr(0, 200);
  }
  if (what.empty()) return base::OkStatus();
  return base::FailedPrecondition(
      "the source is another server now ({} at {}; it was {}), and {}. Only the earlier server's "
      "log tells what is missing of it: let the source's url lead there for one more run, or copy "
      "anew with `godwit run --restart`",
      server.identity, server.address, state.server, what);
}

}  // namespace

connector::LogNeed NeedOf(const TaskState& state) {
  // It has yet to begin, or has ended.
  if (state.phase == TaskPhase::kPreparing || state.phase == TaskPhase::kFinished) return {};
  return {state.server, state.applied, HasCopied(state)};
}

base::StatusOr<std::string> GoOnAt(const connector::SettledServer& server,
                                   connector::Destination& destination, TaskState& state) {
  if (state.phase == TaskPhase::kFinished) return std::string();
  if (state.phase == TaskPhase::kPreparing) {
    state.server = server.identity;
    return std::string();
  }
  if (!server.moved) {
    if (state.server == server.identity || server.identity.empty()) return std::string();
    // Begun by a version that did not ask for it.
    state.server = server.identity;
    TaskState head = state;
    head.tables.clear();
    GODWIT_RETURN_IF_ERROR(destination.SaveServer(head));
    return std::string();
  }
  const std::string moved = fmt::format("the source is another server now: {} ({}); it was {}",
                                        server.address, server.identity, state.server);
  base::Failpoint("task.before_move");
  if (!HasCopied(state)) {
    TaskState anew{.restarted = state.restarted};
    anew.server = server.identity;
    anew.epoch = state.epoch;
    GODWIT_RETURN_IF_ERROR(destination.SaveHead(anew));
    anew.tables = std::move(state.tables);
    state = std::move(anew);
    return moved + ". What was copied from that one is copied again";
  }
  if (!server.places_hold) GODWIT_RETURN_IF_ERROR(ExpectNothingUnderWay(server, state));
  size_t again = 0;
  for (TableState& table : state.tables) {
    if (!IsFollowed(table)) {
      table = ToBeCopied(table);
      ++again;
    } else if (!server.places_hold) {
      table.low = table.high = {};  // the log has gone past them
    }
  }
  state.server = server.identity;
  state.applied = server.from;
  state.copy_end = {};
  if (!server.places_hold) {
    state.t0 = server.from;
    state.catalog_read = {};
    state.pending_ddl.reset();
  }
  GODWIT_RETURN_IF_ERROR(destination.SaveServer(state));
  return fmt::format("{}. Its log goes on from where the target stands{}", moved,
                     again == 0 ? std::string()
                                : fmt::format("; {} tables whose copy was not through with are "
                                              "copied again",
                                              again));
}

}  // namespace godwit::pipeline
