#include "fake_reader.h"

#include "base/text.h"

namespace godwit::verify {
namespace {

using connector::ComparedRow;
using connector::RowDetail;

void Visit(const std::optional<int64_t>& key, const Values& rest, RowDetail detail,
           connector::RowVisitor& visitor) {
  Values values;
  const std::string key_text = key ? std::to_string(*key) : "";
  if (key) values.emplace_back(key_text);
  values.insert(values.end(), rest.begin(), rest.end());
  std::string bytes;
  std::vector<std::optional<std::string_view>> views;
  for (const auto& value : values) {
    views.emplace_back(value);
    bytes += value ? static_cast<char>(value->size()) : '\xfb';
    bytes += value.value_or("");
  }
  ComparedRow row{bytes, {}, {}};
  if (detail == RowDetail::kKeyAndValues) row = {bytes, key_text, views};
  visitor.Visit(row);
}

}  // namespace

model::TablePtr FakeTable(bool with_key) {
  auto table = std::make_shared<model::Table>();
  table->name = {"shop", "t"};
  if (with_key) {
    table->columns.push_back(
        {.name = "id", .kind = model::TypeKind::kInt, .type_text = "bigint(20)"});
    table->primary_key = {0};
  }
  table->columns.push_back(
      {.name = "name", .kind = model::TypeKind::kText, .type_text = "text", .charset = "utf8mb4"});
  table->columns.push_back(
      {.name = "note", .kind = model::TypeKind::kText, .type_text = "text", .charset = "utf8mb4"});
  return table;
}

base::StatusOr<connector::RowsEnd> FakeReader::Read(const model::Table& table,
                                                    const connector::KeyRange& range,
                                                    uint64_t row_limit, RowDetail detail,
                                                    connector::RowVisitor& visitor) {
  const base::Status status = side_->before_read(side_->reads++);
  connector::RowsEnd end;
  auto visit = [&](const std::optional<int64_t>& key, const Values& values, size_t of) {
    if (!status.ok() && end.rows >= of / 2) return false;
    Visit(key, values, detail, visitor);
    ++end.rows;
    end.bytes += 10;
    return true;
  };
  if (table.primary_key.empty()) {
    for (const Values& values : side_->loose) {
      if (!visit({}, values, side_->loose.size())) break;
    }
  } else {
    auto row = range.after.empty()
                   ? side_->rows.begin()
                   : side_->rows.upper_bound(*base::ParseInteger<int64_t>(range.after));
    const auto last = range.upto.empty()
                          ? side_->rows.end()
                          : side_->rows.upper_bound(*base::ParseInteger<int64_t>(range.upto));
    for (; row != last && visit(row->first, row->second, side_->rows.size()); ++row) {
      if (end.rows < row_limit) continue;
      end.range_done = false;
      end.cursor = std::to_string(row->first);
      break;
    }
  }
  if (!status.ok()) return status;
  return end;
}

base::Status FakeReader::ReadKeys(const model::Table&, std::span<const std::string> keys,
                                  connector::RowVisitor& visitor) {
  GODWIT_RETURN_IF_ERROR(side_->before_read(side_->reads++));
  for (const std::string& key : keys) {
    const auto row = side_->rows.find(*base::ParseInteger<int64_t>(key));
    if (row != side_->rows.end()) Visit(row->first, row->second, RowDetail::kKeyAndValues, visitor);
  }
  return base::OkStatus();
}

}  // namespace godwit::verify
