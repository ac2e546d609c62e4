#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/cell.h"
#include "model/table.h"

namespace godwit::connectors::mysql {

// Values of rows to be sent apart from their statement, all rows of it at once
// (COM_STMT_BULK_EXECUTE): the server parses one row's placeholders in place of every row's text.
struct BoundRows {
  enum class Form : uint8_t { kInt, kUint, kDouble, kDecimal, kBytes };
  struct Column {
    Form form = Form::kBytes;
    std::vector<uint64_t> words;         // of kInt, kUint and kDouble; else
    std::vector<const char*> texts;      // these, which point into the rows
    std::vector<unsigned long> lengths;  // NOLINT(google-runtime-int): as the library has it
    std::vector<char> indicators;        // whether it is NULL
  };
  std::vector<Column> columns;  // those that are written, in their order
  uint64_t rows = 0;
  size_t bytes = 0;

  void Add(const model::Table& table, model::Row row);
};

// Columns for rows that are like all of these; nothing where a value has to be told in SQL. The
// columns hold no rows yet.
std::optional<BoundRows> BindingFor(const model::Table& table, const std::vector<model::Row>& rows);

}  // namespace godwit::connectors::mysql
