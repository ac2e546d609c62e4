#include "connectors/postgres/from_mysql/binary_rows.h"

#include <algorithm>

#include "base/text.h"
#include "connectors/postgres/row_columns.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using wire::postgres::BinaryForm;
using wire::postgres::BinaryType;

struct NamedForm {
  std::string_view type;  // as CastType gives it
  BinaryForm form;
};
// Those that columns of MariaDB and MySQL become (docs/mysql-to-postgres.md), but for rare ones.
constexpr NamedForm kForms[] = {
    {"boolean", BinaryForm::kBool},
    {"smallint", BinaryForm::kInt2},
    {"integer", BinaryForm::kInt4},
    {"bigint", BinaryForm::kInt8},
    {"real", BinaryForm::kFloat4},
    {"double precision", BinaryForm::kFloat8},
    {"numeric", BinaryForm::kNumeric},
    {"text", BinaryForm::kText},
    {"character varying", BinaryForm::kText},
    {"json", BinaryForm::kText},
    {"jsonb", BinaryForm::kJsonb},
    {"bytea", BinaryForm::kBytea},
    {"bit varying", BinaryForm::kBits},  // bit as well
    {"uuid", BinaryForm::kUuid},
    {"date", BinaryForm::kDate},
    {"time without time zone", BinaryForm::kTime},
    {"timestamp without time zone", BinaryForm::kTimestamp},
    {"timestamp with time zone", BinaryForm::kTimestamp},
};

// The numbers in parentheses of "numeric(10,2)": as text, and nothing where there is none.
std::string_view TakeModifier(std::string_view& modifiers) {
  const size_t end = std::min(modifiers.find(','), modifiers.size());
  const std::string_view modifier = modifiers.substr(0, end);
  modifiers.remove_prefix(std::min(end + 1, modifiers.size()));
  return modifier;
}

std::optional<BinaryType> TypeOf(std::string_view type) {
  const auto* const named = std::ranges::find(kForms, CastType(type), &NamedForm::type);
  if (named == std::end(kForms)) return std::nullopt;
  BinaryType binary{named->form};
  const size_t open = type.find('('), close = type.find(')');
  if (open == std::string_view::npos || close == std::string_view::npos) return binary;
  std::string_view modifiers = type.substr(open + 1, close - open - 1);
  const auto first = base::ParseInteger<uint32_t>(TakeModifier(modifiers));
  switch (binary.form) {
    case BinaryForm::kText:
    case BinaryForm::kBits:
      if (!first) return std::nullopt;
      binary.most = *first;
      return binary;
    case BinaryForm::kNumeric: {
      const auto decimals = base::ParseInteger<uint32_t>(modifiers);
      if (!first || !decimals || *decimals > *first) return std::nullopt;
      binary.most = *first - *decimals;
      binary.decimals = *decimals;
      return binary;
    }
    default:
      return binary;  // digits of a fraction of a second, to which the server rounds
  }
}

}  // namespace

std::optional<BinaryRows> BinaryRows::Make(const model::Table& here) {
  std::vector<BinaryType> types;
  for (const int column : WrittenColumns(here)) {
    const auto type = TypeOf(here.columns[static_cast<size_t>(column)].type_text);
    if (!type) return std::nullopt;
    types.push_back(*type);
  }
  // A row without values is an empty line.
  return types.empty() ? std::nullopt : std::optional(BinaryRows(std::move(types)));
}

std::optional<std::string_view> BinaryRows::Convert(std::string_view rows) {
  // With more, these are a few large rows, of which there is to be no second copy in memory.
  constexpr size_t kMost = 4 << 20;
  if (rows.size() > kMost) return std::nullopt;
  binary_.clear();
  binary_.reserve(rows.size() + rows.size() / 2);
  while (!rows.empty()) {
    const size_t end = std::min(rows.find('\n'), rows.size());
    if (!AppendRow(rows.substr(0, end))) return std::nullopt;
    rows.remove_prefix(std::min(end + 1, rows.size()));
  }
  return binary_;
}

bool BinaryRows::AppendRow(std::string_view row) {
  const auto& values = text_.Parse(row);
  if (values.size() != types_.size()) return false;
  wire::postgres::AppendBinaryRowHead(binary_, types_.size());
  for (size_t i = 0; i < types_.size(); ++i) {
    if (!values[i]) {
      wire::postgres::AppendBinaryNull(binary_);
    } else if (!wire::postgres::AppendBinaryField(binary_, types_[i], *values[i])) {
      return false;
    }
  }
  return true;
}

}  // namespace godwit::connectors::postgres
