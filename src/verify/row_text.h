#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "model/table.h"

namespace godwit::verify {

// What a user sees of a row that differs: `id=17, name='x'`, its key's columns or, in a table
// without a key, all. Text that is not printable UTF-8 is shown as 0x and digits; long values are
// cut off with "...". `values` are canonical forms (connector::ComparedRow).
std::string RowText(const model::Table& table,
                    std::span<const std::optional<std::string_view>> values);

}  // namespace godwit::verify
