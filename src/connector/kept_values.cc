#include "connector/kept_values.h"

#include <algorithm>

namespace godwit::connector {

bool KeepsValues(const model::Column& before, const model::Column& now) {
  using model::TypeKind;
  const bool same_charset = before.charset == now.charset || now.charset == "utf8mb4";
  if (before.type_text == now.type_text && same_charset) return true;
  if (before.kind != now.kind) return false;
  switch (now.kind) {
    case TypeKind::kInt:
    case TypeKind::kUint:
      return now.length >= before.length;
    case TypeKind::kText:
      // Blanks at the end are no part of a CHAR.
      return same_charset && now.length >= before.length &&
             (!now.fixed_length || before.fixed_length);
    case TypeKind::kBinary:
      return now.length >= before.length && !now.fixed_length && !before.fixed_length;
    case TypeKind::kDecimal:
      return now.scale >= before.scale &&
             now.precision - now.scale >= before.precision - before.scale;
    case TypeKind::kTime:
    case TypeKind::kDateTime:
    case TypeKind::kTimestamp:
      return now.scale >= before.scale;
    case TypeKind::kEnum:
    case TypeKind::kSet:
      return now.labels.size() >= before.labels.size() &&
             std::equal(before.labels.begin(), before.labels.end(), now.labels.begin());
    default:
      return false;
  }
}

}  // namespace godwit::connector
