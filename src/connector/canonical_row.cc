#include "connector/canonical_row.h"

#include <absl/strings/escaping.h>

#include <algorithm>

#include "base/text.h"
#include "connector/canonical_text.h"

namespace godwit::connector {
namespace {

using model::TypeKind;

int IndexOf(const model::Column& column, std::string_view label) {
  const auto found = std::ranges::find(column.labels, label);
  return found == column.labels.end() ? -1 : static_cast<int>(found - column.labels.begin());
}

// The number of an ENUM or a SET; where '' is a label, of what else is '' as well that label's.
std::string OfLabels(const model::Column& column, std::string_view number) {
  const int empty = IndexOf(column, "");
  const auto value = base::ParseInteger<uint64_t>(number);
  if (empty >= 0 && value) {
    if (column.kind == TypeKind::kEnum && *value == 0) return fmt::format("{}", empty + 1);
    if (column.kind == TypeKind::kSet && *value == uint64_t{1} << empty) return "0";
  }
  return std::string(number);
}

void AppendForm(std::string& out, const model::Column& column, std::string_view value) {
  switch (column.kind) {
    case TypeKind::kInt:
    case TypeKind::kUint:
    case TypeKind::kDecimal:
    case TypeKind::kYear:
      return AppendCanonicalNumber(out, value);
    case TypeKind::kFloat:
      return AppendCanonicalFloat(out, value);
    case TypeKind::kDouble:
      return AppendCanonicalDouble(out, value);
    case TypeKind::kTime:
    case TypeKind::kDateTime:
    case TypeKind::kTimestamp:
      return AppendCanonicalTime(out, value);
    case TypeKind::kText:
      // CHAR: the trailing pad is not data.
      if (column.fixed_length) value = value.substr(0, value.find_last_not_of(' ') + 1);
      out += value;
      return;
    case TypeKind::kEnum:
    case TypeKind::kSet:
      out += OfLabels(column, value);
      return;
    case TypeKind::kJson:
      return AppendCanonicalJson(out, value);
    case TypeKind::kInet4:
    case TypeKind::kInet6:
      return AppendCanonicalAddress(out, value);
    case TypeKind::kUuid:
      for (const char c : value) out += base::ToLowerAscii(c);
      return;
    case TypeKind::kBit:
    case TypeKind::kDate:
    case TypeKind::kBinary:
    case TypeKind::kGeometry:
      out += value;
      return;
  }
}

void AppendKeyLiteral(std::string& key, TypeKind kind, std::string_view form) {
  switch (kind) {
    case TypeKind::kText:
      key += "_utf8mb4 ";
      [[fallthrough]];
    case TypeKind::kBinary:
      key += form.empty() ? "''" : "0x" + absl::BytesToHexString({form.data(), form.size()});
      return;
    case TypeKind::kDate:
    case TypeKind::kDateTime:
    case TypeKind::kTimestamp:
      key.append("'").append(form).append("'");
      return;
    default:
      key += form;
  }
}

// Whether a column with kinds and the one of another family that has the same values, as text,
// order them alike.
bool OrdersAlike(const model::Column& column, const model::Column& as_text, bool text_is_source) {
  switch (column.kind) {
    case TypeKind::kInt:
    case TypeKind::kUint:
      return as_text.kind == TypeKind::kInt || as_text.kind == TypeKind::kUint ||
             as_text.kind == TypeKind::kDecimal;
    case TypeKind::kDecimal:
    case TypeKind::kDate:
    case TypeKind::kBinary:
      return as_text.kind == column.kind;
    case TypeKind::kDateTime:
    case TypeKind::kTimestamp:  // in UTC
      return as_text.kind == TypeKind::kDateTime || as_text.kind == TypeKind::kTimestamp;
    case TypeKind::kText:
      // By its digits. What was given as text may be in capitals there.
      return as_text.kind == TypeKind::kUuid && text_is_source &&
             (column.charset == "ascii" || column.collation.ends_with("_bin"));
    default:
      return false;
  }
}

}  // namespace

bool SortsAlike(const model::Table& source, const model::Table& here) {
  const std::vector<int> identity = source.RowIdentity();
  if (identity != here.RowIdentity()) return false;
  return std::ranges::all_of(identity, [&](int c) {
    const model::Column& ours = source.columns[static_cast<size_t>(c)];
    const model::Column& theirs = here.columns[static_cast<size_t>(c)];
    if (source.cells_are_text == here.cells_are_text)
      return ours.kind == theirs.kind && ours.collation == theirs.collation;
    return source.cells_are_text ? OrdersAlike(theirs, ours, true)
                                 : OrdersAlike(ours, theirs, false);
  });
}

void CanonicalRow::Begin() {
  forms_.clear();
  ends_.clear();
}

void CanonicalRow::Add(std::string_view value) {
  AppendForm(forms_, table_.columns[ends_.size()], value);
  ends_.emplace_back(forms_.size());
}

ComparedRow CanonicalRow::Finish() {
  values_.clear();
  bytes_.clear();
  key_.clear();
  size_t begin = 0;
  for (const std::optional<size_t>& end : ends_) {
    values_.emplace_back();
    if (end) values_.back() = std::string_view(forms_).substr(begin, *end - begin);
    begin = end.value_or(begin);
    AppendComparedValue(bytes_, values_.back());
  }
  for (const int c : table_.RowIdentity()) {
    const auto column = static_cast<size_t>(c);
    if (!key_.empty()) key_ += ',';
    AppendKeyLiteral(key_, table_.columns[column].kind, values_[column].value_or(""));
  }
  return {bytes_, key_, values_};
}

void AppendComparedValue(std::string& bytes, const std::optional<std::string_view>& value) {
  constexpr char kNull = '\xfb', kTwoBytes = '\xfc', kThreeBytes = '\xfd', kEightBytes = '\xfe';
  if (!value) {
    bytes += kNull;
    return;
  }
  const uint64_t size = value->size();
  int width = 0;
  if (size < 0xfb) {
    bytes += static_cast<char>(size);
  } else if (size <= 0xffff) {
    bytes += kTwoBytes;
    width = 2;
  } else if (size <= 0xffffff) {
    bytes += kThreeBytes;
    width = 3;
  } else {
    bytes += kEightBytes;
    width = 8;
  }
  for (int i = 0; i < width; ++i) bytes += static_cast<char>(size >> (8 * i));
  bytes += *value;
}

std::string NumberOfLabel(const model::Column& column, std::string_view label) {
  const int index = IndexOf(column, label);
  if (index >= 0) return fmt::format("{}", index + 1);
  return label.empty() ? "0" : fmt::format("?{}", label);
}

std::string MaskOfLabels(const model::Column& column, std::string_view labels) {
  if (labels.empty()) return "0";
  uint64_t mask = 0;
  for (std::string_view rest = labels;;) {
    const size_t comma = rest.find(',');
    const int index = IndexOf(column, rest.substr(0, comma));
    if (index < 0) return fmt::format("?{}", labels);
    mask |= uint64_t{1} << index;
    if (comma == std::string_view::npos) return fmt::format("{}", mask);
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace godwit::connector
