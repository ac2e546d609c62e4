#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace godwit::model {

// What a statement of the log does to definitions, as rules name it. One ALTER TABLE may be of
// several kinds.
enum class DdlKind : uint8_t {
  kCreateDatabase,
  kAlterDatabase,
  kDropDatabase,
  kCreateTable,
  kAlterTable,  // an action of ALTER TABLE that has no kind of its own
  kDropTable,
  kRenameTable,
  kTruncateTable,
  kAddColumn,
  kModifyColumn,
  kDropColumn,
  kCreateIndex,
  kDropIndex,
  kAddPartition,
  kDropPartition,
  kTruncatePartition,
  kCreateView,
  kAlterView,
  kDropView,
};

// "create_database", ...; all of them, in the order of the enum.
std::span<const std::string_view> DdlKindNames();
std::string_view ToString(DdlKind kind);

}  // namespace godwit::model
