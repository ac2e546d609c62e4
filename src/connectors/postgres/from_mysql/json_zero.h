#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "connector/chunk.h"
#include "connector/value_rules.h"
#include "model/table.h"

// \u0000, which documents of MariaDB and MySQL may say, and which jsonb does not hold.
namespace godwit::connectors::postgres {

// Where a document says it first; npos: nowhere.
size_t FindJsonZero(std::string_view json, size_t from = 0);

// With U+FFFD in its place.
std::string WithoutJsonZeros(std::string json);

// Rows of a copy on their way to a table with columns of jsonb, of which the source does not know:
// where a document says \u0000, the rules are asked, as they are for changes (foreign_rows.h).
class CopiedDocuments {
 public:
  // `here`: the table with the types of this server (WithTypesHere).
  CopiedDocuments(model::TablePtr source, const model::Table& here,
                  std::shared_ptr<connector::ValueRules> rules);

  // Of whole rows in kPostgresCopyText. kFailedPrecondition: the rules say that this is an error.
  base::Status Fit(connector::RowBlock& block);

 private:
  // Without its newline.
  base::Status FitRow(std::string& out, std::string_view row);

  const model::TablePtr source_;
  const std::shared_ptr<connector::ValueRules> rules_;
  std::vector<int> written_;    // columns, as rows of the copy have them
  std::vector<bool> is_jsonb_;  // of each of these
};

}  // namespace godwit::connectors::postgres
