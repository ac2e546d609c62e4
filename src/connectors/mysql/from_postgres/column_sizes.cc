#include "connectors/mysql/from_postgres/column_sizes.h"

#include <algorithm>

#include "sql/charset.h"
#include "sql/data_type.h"

namespace godwit::connectors::mysql {
namespace {

using sql::DataType;
using sql::Flavour;

constexpr uint64_t kLongestVarchar = 65535;  // bytes; less where other columns are there

DataType Plain(std::string_view name) {
  DataType type;
  type.name = name;
  return type;
}

}  // namespace

sql::CharsetChoice UsualCharset(Flavour to) {
  return {"utf8mb4", to == Flavour::kMySql ? "utf8mb4_0900_bin" : "utf8mb4_nopad_bin"};
}

DataType TextOfLength(uint64_t characters, const sql::CharsetChoice& charset) {
  DataType type = Plain("varchar");
  type.charset = charset;
  const auto each = static_cast<uint64_t>(sql::MaxBytesPerCharacter(charset.charset));
  // A row has two bytes of the length too, and one of what is NULL.
  if (characters > 0 && characters * each + 3 <= kLongestVarchar) {
    type.length = static_cast<uint32_t>(characters);
  } else {
    type.name = characters > 0 && characters * each <= 0xFFFF     ? "text"
                : characters > 0 && characters * each <= 0xFFFFFF ? "mediumtext"
                                                                  : "longtext";
  }
  return type;
}

DataType BytesOfLength(uint64_t bytes) {
  DataType type = Plain("varbinary");
  if (bytes > 0 && bytes + 3 <= kLongestVarchar) {
    type.length = static_cast<uint32_t>(bytes);
  } else {
    type.name = "longblob";
  }
  return type;
}

uint64_t MostBytes(const DataType& type) {
  const sql::TypeTraits* traits = sql::FindType(type.name);
  if (traits == nullptr) return UINT64_MAX;
  switch (traits->kind) {
    case model::TypeKind::kInt:
    case model::TypeKind::kUint:
      return traits->bytes;
    case model::TypeKind::kFloat:
      return 4;
    case model::TypeKind::kDouble:
    case model::TypeKind::kBit:
    case model::TypeKind::kDateTime:
    case model::TypeKind::kTimestamp:
      return 8;
    case model::TypeKind::kDate:
      return 3;
    case model::TypeKind::kTime:
      return 6;
    case model::TypeKind::kYear:
      return 1;
    case model::TypeKind::kEnum:
      return 2;
    case model::TypeKind::kSet:
      return 8;
    case model::TypeKind::kDecimal:
      return (uint64_t{type.length.value_or(10)} / 9 + 2) * 4;
    case model::TypeKind::kUuid:
    case model::TypeKind::kInet4:
    case model::TypeKind::kInet6:
      return 16;
    case model::TypeKind::kText:
    case model::TypeKind::kBinary:
      if (!type.length) return UINT64_MAX;
      return uint64_t{*type.length} *
             static_cast<uint64_t>(std::max(sql::MaxBytesPerCharacter(type.charset.charset), 1));
    default:
      return UINT64_MAX;
  }
}

bool IsTooLongForExpression(const DataType& type) {
  const sql::TypeTraits* traits = sql::FindType(type.name);
  const bool string = traits != nullptr && (traits->kind == model::TypeKind::kText ||
                                            traits->kind == model::TypeKind::kBinary);
  return type.name == "json" || (string && type.length.value_or(UINT32_MAX) > kLongestInExpression);
}

}  // namespace godwit::connectors::mysql
