#include "model/ddl_kind.h"

#include <array>
#include <cstddef>

namespace godwit::model {
namespace {

constexpr std::array<std::string_view, 19> kNames = {
    "create_database",    "alter_database", "drop_database",  "create_table",  "alter_table",
    "drop_table",         "rename_table",   "truncate_table", "add_column",    "modify_column",
    "drop_column",        "create_index",   "drop_index",     "add_partition", "drop_partition",
    "truncate_partition", "create_view",    "alter_view",     "drop_view"};
static_assert(kNames.size() == static_cast<size_t>(DdlKind::kDropView) + 1);

}  // namespace

std::span<const std::string_view> DdlKindNames() { return kNames; }

std::string_view ToString(DdlKind kind) { return kNames[static_cast<size_t>(kind)]; }

}  // namespace godwit::model
