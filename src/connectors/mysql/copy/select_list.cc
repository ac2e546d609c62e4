#include "connectors/mysql/copy/select_list.h"

#include <absl/strings/escaping.h>
#include <fmt/format.h>

#include "connectors/mysql/copy/json_types.h"
#include "connectors/mysql/literal.h"

namespace godwit::connectors::mysql {
namespace {

using model::TypeKind;

// The hint that makes rows be read by the index that orders them as their key does; empty without a
// key.
std::string IndexHint(const model::Table& table) {
  if (!table.primary_key.empty()) return " FORCE INDEX (PRIMARY)";
  const std::vector<int> identity = table.RowIdentity();
  for (const model::Key& key : table.unique_keys) {
    if (!identity.empty() && key.columns == identity)
      return fmt::format(" FORCE INDEX ({})", QuoteName(key.name));
  }
  return "";
}

// Text of these holds digits, signs, colons and letters only.
bool NeedsEscaping(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBit:
    case TypeKind::kText:
    case TypeKind::kBinary:
    case TypeKind::kEnum:
    case TypeKind::kSet:
    case TypeKind::kJson:
    case TypeKind::kGeometry:
      return true;
    default:
      return false;
  }
}

// Of such a column the text '' may mean the label, or an ENUM's error value, or an empty SET: the
// number tells them apart.
bool HasEmptyLabel(const model::Column& column) {
  return (column.kind == TypeKind::kEnum || column.kind == TypeKind::kSet) &&
         std::find(column.labels.begin(), column.labels.end(), "") != column.labels.end();
}

// The number of an ENUM, a SET or a BIT. MySQL would make a double of a SET in a sum.
std::string Number(const model::Column& column) {
  const std::string name = QuoteName(column.name);
  return column.kind == TypeKind::kSet ? fmt::format("CAST({} AS UNSIGNED)", name) : name + "+0";
}

// FLOAT is printed with six digits: as a DOUBLE it keeps all that it has.
std::string Expression(const model::Column& column) {
  std::string name = QuoteName(column.name);
  if (HasEmptyLabel(column)) return Number(column);
  return column.kind == TypeKind::kFloat ? fmt::format("CAST({} AS DOUBLE)", name) : name;
}

// ENUM, SET and BIT are not text where they are a key, and ENUM and SET nowhere that rows are
// compared.
bool KeyIsNumber(TypeKind kind) {
  return kind == TypeKind::kEnum || kind == TypeKind::kSet || kind == TypeKind::kBit;
}

bool HasSignedZero(TypeKind kind) { return kind == TypeKind::kFloat || kind == TypeKind::kDouble; }

bool HasDisplayPadding(const model::Column& column) {
  switch (column.kind) {
    case TypeKind::kInt:
    case TypeKind::kUint:
    case TypeKind::kDouble:
    case TypeKind::kDecimal:
      return column.type_text.find("zerofill") != std::string::npos;
    default:
      return false;
  }
}

std::string ComparedExpression(const model::Column& column) {
  if (column.kind == TypeKind::kEnum || column.kind == TypeKind::kSet ||
      HasDisplayPadding(column)) {
    return Number(column);
  }
  return Expression(column);
}

std::string PlainExpression(const model::Column& column) {
  if (HasDisplayPadding(column)) return Number(column);
  return column.kind == TypeKind::kFloat ? Expression(column) : QuoteName(column.name);
}

std::string ExpressionFor(SelectList::Columns columns, const model::Column& column) {
  switch (columns) {
    case SelectList::Columns::kCompared:
      return ComparedExpression(column);
    case SelectList::Columns::kForPostgres:
      return PlainExpression(column);
    case SelectList::Columns::kWritten:
      break;
  }
  return Expression(column);
}

}  // namespace

SelectList::SelectList(const model::Table& table, Columns columns, Detail detail) {
  std::vector<int> value_of_column(table.columns.size(), -1);
  auto add = [&](std::string_view expression) {
    if (!text_.empty()) text_ += ", ";
    text_ += expression;
  };
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const model::Column& column = table.columns[i];
    if (columns != Columns::kCompared && !IsWritten(column)) continue;
    std::string expression = ExpressionFor(columns, column);
    // MariaDB has no zero with a sign.
    if (columns == Columns::kCompared && detail == Detail::kHeldByBoth &&
        HasSignedZero(column.kind))
      expression += "+0e0";
    // A key is made of the value that was read, unless that is not what the key takes.
    if (!KeyIsNumber(column.kind) || expression == Number(column))
      value_of_column[i] = static_cast<int>(fields_.size());
    fields_.push_back(
        {static_cast<int>(i), std::move(expression), NeedsEscaping(column.kind), std::nullopt});
    if (column.kind == TypeKind::kEnum) fields_.back().warns = HasEmptyLabel(column) ? "0" : "";
    add(fields_.back().expression);
    if (!column_names_.empty()) column_names_ += ", ";
    AppendName(column_names_, column.name);
    if (!load_columns_.empty()) load_columns_ += ", ";
    if (const std::string_view charset = TextCharset(column.kind); !charset.empty()) {
      load_columns_ += fmt::format("@c{}", i);
      load_assignments_ +=
          fmt::format("{}{} = CONVERT(@c{} USING {})", load_assignments_.empty() ? " SET " : ", ",
                      QuoteName(column.name), i, charset);
    } else if (HasEmptyLabel(column)) {
      load_columns_ += fmt::format("@c{}", i);
      load_assignments_ +=
          fmt::format("{}{} = CAST(@c{} AS UNSIGNED)", load_assignments_.empty() ? " SET " : ", ",
                      QuoteName(column.name), i);
    } else {
      AppendName(load_columns_, column.name);
    }
  }
  size_t values = fields_.size();
  const auto types = columns == Columns::kWritten ? JsonTypeDetail::kWhole : JsonTypeDetail::kNamed;
  for (Field& field : fields_) {
    const model::Column& column = table.columns[static_cast<size_t>(field.column)];
    if (detail != Detail::kTyped || column.kind != TypeKind::kJson) continue;
    const std::string name = QuoteName(table.name) + "." + QuoteName(column.name);
    add(JsonMemberTypes(name, types));
    add(JsonElementTypes(name, types));
    field.json_types = values;
    values += 2;
  }
  compared_values_ = values;
  for (int c : table.RowIdentity()) {
    const model::Column& column = table.columns[static_cast<size_t>(c)];
    std::string name = QuoteName(column.name);
    int value = value_of_column[static_cast<size_t>(c)];
    if (value < 0) {
      add(KeyIsNumber(column.kind) ? Number(column) : Expression(column));
      value = static_cast<int>(values++);
    }
    key_.push_back({name, static_cast<size_t>(value), column.kind, column.charset});
    order_by_ += (order_by_.empty() ? "" : ", ") + name;
  }
  // Where the server computes all columns, a row is that it is there: an empty line.
  if (text_.empty()) text_ = "1";
  if (load_columns_.empty()) load_columns_ = "@nothing";
}

std::string SelectList::KeyOf(const std::vector<std::string_view>& values) const {
  std::string key;
  for (const KeyPart& part : key_) {
    if (!key.empty()) key.push_back(',');
    std::string_view value = values[part.value_index];
    switch (part.kind) {
      case TypeKind::kText:
      case TypeKind::kBinary:
      case TypeKind::kJson:
      case TypeKind::kGeometry:
        if (part.kind == TypeKind::kText) key += fmt::format("_{} ", part.charset);
        key += value.empty() ? "''" : "0x" + absl::BytesToHexString({value.data(), value.size()});
        break;
      case TypeKind::kDate:
      case TypeKind::kTime:
      case TypeKind::kDateTime:
      case TypeKind::kTimestamp:
        key += QuoteText(value);
        break;
      case TypeKind::kUuid:
      case TypeKind::kInet4:
      case TypeKind::kInet6:
        key += "_latin1 " + QuoteText(value);
        break;
      default:
        key += value;
    }
  }
  return key;
}

// (a, b) > (x, y) is written a > x OR (a = x AND b > y): the server's range optimiser understands
// that.
std::string SelectList::Compare(std::string_view key, std::string_view before_last,
                                std::string_view last) const {
  std::vector<std::string_view> values = SplitKey(key);
  std::string condition = "(", prefix;
  for (size_t i = 0; i < key_.size() && i < values.size(); ++i) {
    if (i > 0) condition += " OR ";
    const bool is_last = i + 1 == key_.size();
    condition +=
        fmt::format("({}{} {} {})", prefix, key_[i].name, is_last ? last : before_last, values[i]);
    prefix += fmt::format("{} = {} AND ", key_[i].name, values[i]);
  }
  return condition + ")";
}

std::string SelectList::EqualTo(std::string_view key) const {
  const std::vector<std::string_view> values = SplitKey(key);
  std::string condition;
  for (size_t i = 0; i < key_.size() && i < values.size(); ++i) {
    condition += fmt::format("{}{} = {}", i == 0 ? "(" : " AND ", key_[i].name, values[i]);
  }
  return condition + ")";
}

std::string SelectList::Where(const connector::KeyRange& range) const {
  std::string condition;
  if (!range.after.empty()) condition = " WHERE " + After(range.after);
  if (!range.upto.empty())
    condition += (condition.empty() ? " WHERE " : " AND ") + UpTo(range.upto);
  return condition;
}

std::string FromClause(const model::Table& table) {
  return QuoteName(table.name) + (table.system_versioned ? " FOR SYSTEM_TIME ALL" : "") +
         IndexHint(table);
}

std::vector<std::string_view> SplitKey(std::string_view key) {
  std::vector<std::string_view> values;
  while (true) {
    const size_t comma = key.find(',');
    values.push_back(key.substr(0, comma));
    if (comma == std::string_view::npos) return values;
    key.remove_prefix(comma + 1);
  }
}

}  // namespace godwit::connectors::mysql
