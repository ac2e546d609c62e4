#include "connectors/postgres/from_mysql/json_zero.h"

#include <algorithm>
#include <utility>

#include "connectors/postgres/row_columns.h"
#include "connectors/postgres/sql_text.h"
#include "wire/postgres/copy_text.h"

namespace godwit::connectors::postgres {
namespace {

using connector::Unfit;
using connector::UnfitAction;

constexpr std::string_view kJsonZero = "\\u0000";
constexpr std::string_view kCopiedZero = "\\\\u0000";  // the same in a field of COPY

}  // namespace

size_t FindJsonZero(std::string_view json, size_t from) {
  for (size_t at = json.find(kJsonZero, from); at != std::string_view::npos;
       at = json.find(kJsonZero, at + 1)) {
    size_t backslashes = 0;
    while (backslashes < at && json[at - backslashes - 1] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return at;  // none before it escapes its own
  }
  return std::string_view::npos;
}

std::string WithoutJsonZeros(std::string json) {
  for (size_t at = FindJsonZero(json); at != std::string::npos; at = FindJsonZero(json, at))
    json.replace(at, kJsonZero.size(), "\\ufffd");
  return json;
}

CopiedDocuments::CopiedDocuments(model::TablePtr source, const model::Table& here,
                                 std::shared_ptr<connector::ValueRules> rules)
    : source_(std::move(source)), rules_(std::move(rules)), written_(WrittenColumns(*source_)) {
  for (const int column : written_)
    is_jsonb_.push_back(CastType(here.columns[static_cast<size_t>(column)].type_text) == "jsonb");
}

base::Status CopiedDocuments::Fit(connector::RowBlock& block) {
  if (std::ranges::find(is_jsonb_, true) == is_jsonb_.end()) return base::OkStatus();
  if (block.bytes.find(kCopiedZero) == std::string::npos) return base::OkStatus();
  std::string fitted;
  fitted.reserve(block.bytes.size());
  for (std::string_view rest = block.bytes; !rest.empty();) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view row = rest.substr(0, end);
    if (row.find(kCopiedZero) == std::string_view::npos) {
      fitted += row;
    } else {
      GODWIT_RETURN_IF_ERROR(FitRow(fitted, row));
    }
    fitted += '\n';
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  block.bytes = std::move(fitted);
  return base::OkStatus();
}

base::Status CopiedDocuments::FitRow(std::string& out, std::string_view row) {
  wire::postgres::CopyTextRow parsed;
  const auto& values = parsed.Parse(row);
  if (values.size() != written_.size())
    return base::DataLoss("a malformed row of {} in the copy", source_->name.ToString());
  const auto value_of = [&](size_t column) -> std::optional<std::string_view> {
    const auto at = std::ranges::find(written_, static_cast<int>(column));
    if (at == written_.end()) return std::nullopt;
    return values[static_cast<size_t>(at - written_.begin())];
  };
  const auto name_of_row = [&] { return connector::NameOfRow(*source_, value_of); };
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += '\t';
    const bool says_zero =
        values[i] && is_jsonb_[i] && FindJsonZero(*values[i]) != std::string_view::npos;
    UnfitAction action = UnfitAction::kError;
    if (says_zero) {
      GODWIT_ASSIGN_OR_RETURN(action,
                              rules_->Meet(*source_, written_[i], Unfit::kZeroByte, name_of_row));
    }
    if (!values[i] || action == UnfitAction::kNull) {
      out += "\\N";
    } else if (action == UnfitAction::kReplace) {
      wire::postgres::AppendCopyField(out, WithoutJsonZeros(std::string(*values[i])));
    } else {
      wire::postgres::AppendCopyField(out, *values[i]);
    }
  }
  return base::OkStatus();
}

}  // namespace godwit::connectors::postgres
