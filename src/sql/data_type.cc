#include "sql/data_type.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>

#include <algorithm>

#include "sql/writer.h"

namespace godwit::sql {
namespace {

using model::TypeKind;

constexpr TypeTraits kTypes[] = {
    {"tinyint", TypeKind::kInt, 1, 4, 3},
    {"smallint", TypeKind::kInt, 2, 6, 5},
    {"mediumint", TypeKind::kInt, 3, 9, 8},
    {"int", TypeKind::kInt, 4, 11, 10},
    {"bigint", TypeKind::kInt, 8, 20, 20},
    {"float", TypeKind::kFloat},
    {"double", TypeKind::kDouble},
    {"decimal", TypeKind::kDecimal, 0, 10, 10},
    {"bit", TypeKind::kBit, 0, 1, 1},
    {"year", TypeKind::kYear, 0, 4, 4},
    {"date", TypeKind::kDate},
    {"time", TypeKind::kTime},
    {"datetime", TypeKind::kDateTime},
    {"timestamp", TypeKind::kTimestamp},
    {"char", TypeKind::kText, 0, 1, 1},
    {"varchar", TypeKind::kText},
    {"tinytext", TypeKind::kText},
    {"text", TypeKind::kText},
    {"mediumtext", TypeKind::kText},
    {"longtext", TypeKind::kText},
    {"binary", TypeKind::kBinary, 0, 1, 1},
    {"varbinary", TypeKind::kBinary},
    {"tinyblob", TypeKind::kBinary},
    {"blob", TypeKind::kBinary},
    {"mediumblob", TypeKind::kBinary},
    {"longblob", TypeKind::kBinary},
    {"enum", TypeKind::kEnum},
    {"set", TypeKind::kSet},
    {"geometry", TypeKind::kGeometry},
    {"point", TypeKind::kGeometry},
    {"linestring", TypeKind::kGeometry},
    {"polygon", TypeKind::kGeometry},
    {"multipoint", TypeKind::kGeometry},
    {"multilinestring", TypeKind::kGeometry},
    {"multipolygon", TypeKind::kGeometry},
    {"geometrycollection", TypeKind::kGeometry},
    {"geomcollection", TypeKind::kGeometry},
    {"json", TypeKind::kJson},
    {"vector", TypeKind::kBinary},
    {"uuid", TypeKind::kUuid},
    {"inet4", TypeKind::kInet4},
    {"inet6", TypeKind::kInet6},
};

struct Synonym {
  std::string_view word;
  std::string_view name;
};
constexpr Synonym kSynonyms[] = {
    {"integer", "int"},          {"int1", "tinyint"},        {"int2", "smallint"},
    {"int3", "mediumint"},       {"middleint", "mediumint"}, {"int4", "int"},
    {"int8", "bigint"},          {"float4", "float"},        {"float8", "double"},
    {"real", "double"},          {"dec", "decimal"},         {"numeric", "decimal"},
    {"fixed", "decimal"},        {"character", "char"},      {"nchar", "char"},
    {"varcharacter", "varchar"}, {"nvarchar", "varchar"},
};

// What a type's name stands for under sql_mode ORACLE (MariaDB KB "sql_mode=ORACLE").
constexpr Synonym kOracleSynonyms[] = {
    {"varchar2", "varchar"}, {"number", "decimal"}, {"raw", "varbinary"},
    {"clob", "longtext"},    {"date", "datetime"},  {"blob", "longblob"},
};

std::string CanonicalName(std::string_view word, const ParseOptions& options) {
  const Flavour flavour = options.flavour;
  std::string lower = absl::AsciiStrToLower(std::string(word));
  if (options.oracle_types) {
    for (const Synonym& synonym : kOracleSynonyms) {
      if (synonym.word == lower) return std::string(synonym.name);
    }
  }
  if (options.timestamp_is_datetime && lower == "timestamp") return "datetime";
  for (const Synonym& synonym : kSynonyms) {
    if (synonym.word == lower) return std::string(synonym.name);
  }
  if (flavour == Flavour::kMySql && lower == "geometrycollection") return "geomcollection";
  if (flavour == Flavour::kMariaDb && lower == "geomcollection") return "geometrycollection";
  return lower;
}

bool AcceptCharVarying(TokenCursor& cursor) {
  return cursor.Accept("CHAR", "VARYING") || cursor.Accept("CHARACTER", "VARYING");
}

// The types of more than one word; an empty name where there is none of them.
base::StatusOr<DataType> ParseLongName(TokenCursor& cursor) {
  DataType type;
  if (cursor.Accept("NATIONAL")) {
    type.charset.charset = "utf8mb3";
    if (AcceptCharVarying(cursor) || cursor.AcceptAny("VARCHAR", "VARCHARACTER")) {
      type.name = "varchar";
    } else if (cursor.AcceptAny("CHAR", "CHARACTER")) {
      type.name = "char";
    } else {
      return cursor.Error("CHAR or VARCHAR");
    }
  } else if (cursor.Accept("NCHAR", "VARCHAR") || cursor.Accept("NCHAR", "VARYING") ||
             cursor.Accept("NCHAR", "VARCHARACTER")) {
    type.name = "varchar";
    type.charset.charset = "utf8mb3";
  } else if (AcceptCharVarying(cursor)) {
    type.name = "varchar";
  } else if (cursor.Accept("CHAR", "BYTE")) {
    type.name = "binary";
  } else if (cursor.Accept("LONG")) {
    if (cursor.Accept("VARBINARY")) {
      type.name = "mediumblob";
    } else {
      if (!AcceptCharVarying(cursor)) cursor.AcceptAny("VARCHAR", "VARCHARACTER");
      type.name = "mediumtext";
    }
  } else if (cursor.Accept("DOUBLE", "PRECISION")) {
    type.name = "double";
  }
  return type;
}

// A string, or its bytes as a hexadecimal number: of these only ASCII reads the same in every
// charset.
base::StatusOr<std::string> ParseLabel(TokenCursor& cursor) {
  const Token& token = cursor.Peek();
  if (token.kind != TokenKind::kNumber) return cursor.ExpectString("a label");
  std::string_view digits = token.raw;
  if (digits.starts_with("0x")) {
    digits.remove_prefix(2);
  } else if ((digits[0] == 'x' || digits[0] == 'X') && digits.ends_with('\'') &&
             digits.size() >= 3) {
    digits = digits.substr(2, digits.size() - 3);
  } else {
    return cursor.Error("a label");
  }
  const std::string padded = (digits.size() % 2 != 0 ? "0" : "") + std::string(digits);
  if (!std::ranges::all_of(padded, absl::ascii_isxdigit)) return cursor.Error("a label");
  std::string label = absl::HexStringToBytes(padded);
  if (std::ranges::any_of(label, [](char c) { return (c & 0x80) != 0; }))
    return cursor.Error("a label as text, not as bytes beyond ASCII,");
  cursor.Skip();
  return label;
}

base::Status ParseLabels(TokenCursor& cursor, DataType& type) {
  GODWIT_RETURN_IF_ERROR(cursor.ExpectSymbol('('));
  do {
    GODWIT_ASSIGN_OR_RETURN(std::string label, ParseLabel(cursor));
    type.labels.push_back(std::move(label));
  } while (cursor.AcceptSymbol(','));
  return cursor.ExpectSymbol(')');
}

// The server reads a length up to the first character that is no digit.
base::StatusOr<uint32_t> ExpectLength(TokenCursor& cursor) {
  const Token& token = cursor.Peek();
  if (token.kind != TokenKind::kNumber) return cursor.Error("a length");
  uint64_t length = 0;
  for (char c : token.raw) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) break;
    length = std::min<uint64_t>(length * 10 + static_cast<uint64_t>(c - '0'), UINT32_MAX);
  }
  cursor.Skip();
  return static_cast<uint32_t>(length);
}

base::Status ParseLength(TokenCursor& cursor, DataType& type) {
  if (!cursor.AcceptSymbol('(')) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(type.length, ExpectLength(cursor));
  if (cursor.AcceptSymbol(',')) {
    GODWIT_ASSIGN_OR_RETURN(type.decimals, cursor.ExpectNumber("a number of decimals"));
  }
  return cursor.ExpectSymbol(')');
}

bool IsTemporal(std::string_view name) {
  return name == "time" || name == "datetime" || name == "timestamp";
}

}  // namespace

const TypeTraits* FindType(std::string_view name) {
  for (const TypeTraits& traits : kTypes) {
    if (traits.name == name) return &traits;
  }
  return nullptr;
}

bool IsCharacterType(const DataType& type) {
  const TypeTraits* traits = FindType(type.name);
  return traits != nullptr && (traits->kind == TypeKind::kText || traits->kind == TypeKind::kEnum ||
                               traits->kind == TypeKind::kSet);
}

bool HasLength(const DataType& type, Flavour flavour) {
  if (flavour == Flavour::kMariaDb) return true;
  const TypeTraits* traits = FindType(type.name);
  if (traits == nullptr) return true;
  if (traits->kind == TypeKind::kYear) return false;
  if (traits->kind != TypeKind::kInt || type.zerofill) return true;
  return type.name == "tinyint" && type.length == 1 && !type.is_unsigned;
}

base::StatusOr<ParsedType> ParseType(TokenCursor& cursor) {
  ParsedType parsed;
  ParseOptions options = cursor.options();
  if (cursor.IsName() && cursor.IsSymbol('.', 1)) {  // whose type is meant: mariadb_schema.DATE
    options.oracle_types = cursor.Is("oracle_schema");
    options.timestamp_is_datetime = cursor.Is("maxdb_schema");
    if (!cursor.Is("mariadb_schema") && !options.oracle_types && !options.timestamp_is_datetime)
      return cursor.Error("a data type");
    cursor.Skip();
    cursor.Skip();
  }
  const Token start = cursor.Peek();
  bool number = false;
  GODWIT_ASSIGN_OR_RETURN(DataType type, ParseLongName(cursor));
  if (type.name.empty()) {
    if (start.kind != TokenKind::kWord) return cursor.Error("a data type");
    type.name = CanonicalName(start.raw, options);
    if (cursor.AcceptAny("BOOL", "BOOLEAN")) {
      type.name = "tinyint";
      type.length = 1;
    } else if (cursor.Accept("SERIAL")) {
      parsed.serial = true;
      type.name = "bigint";
      type.is_unsigned = true;
    } else if (cursor.options().flavour == Flavour::kMariaDb && cursor.Accept("JSON")) {
      parsed.json = true;
      type.name = "longtext";
      type.charset = {"utf8mb4", "utf8mb4_bin"};
    } else if (FindType(type.name) == nullptr) {
      return cursor.Error("a data type");
    } else {
      number = options.oracle_types && cursor.Is("NUMBER");
      if (cursor.Is("REAL") && cursor.options().real_as_float) type.name = "float";
      if (cursor.Is("NCHAR") || cursor.Is("NVARCHAR")) type.charset.charset = "utf8mb3";
      cursor.Skip();
    }
  }
  if (type.name == "enum" || type.name == "set") {
    GODWIT_RETURN_IF_ERROR(ParseLabels(cursor, type));
  } else {
    GODWIT_RETURN_IF_ERROR(ParseLength(cursor, type));
  }
  const TypeTraits& traits = *FindType(type.name);
  if (type.length == 0 && (IsTemporal(type.name) || traits.kind == TypeKind::kInt))
    type.length.reset();
  if (type.name == "float" && type.length && !type.decimals) {  // FLOAT(p) chooses a size
    if (*type.length > 24) type.name = "double";
    type.length.reset();
  }
  if (number && !type.length) type.name = "double";
  if (type.name == "longblob" && type.length) type.name = "blob";  // Oracle's BLOB(n)
  if (type.name == "decimal") {
    if (type.length.value_or(0) == 0) type.length = 10;
    type.decimals = type.decimals.value_or(0);
  }
  if (type.name == "bit" && type.length == 0) type.length = 1;
  if (type.name == "vector" && !type.length) type.length = 2048;
  if (type.name == "year" && type.length != 2) type.length = 4;
  if (traits.kind == TypeKind::kGeometry || traits.kind == TypeKind::kUuid ||
      traits.kind == TypeKind::kInet4 || traits.kind == TypeKind::kInet6) {
    type.length.reset();
    type.decimals.reset();
  }
  parsed.type = std::move(type);
  return parsed;
}

std::string TypeText(const DataType& type, Flavour flavour) {
  std::string out = type.name;
  const TypeTraits* traits = FindType(type.name);
  if (!type.labels.empty()) {
    out += "(";
    for (const std::string& label : type.labels) {
      if (out.back() != '(') out += ",";
      out += QuoteString(label);
    }
    out += ")";
  } else if (!HasLength(type, flavour)) {
    // none is written
  } else if (type.length) {
    out += fmt::format("({}", *type.length);
    if (type.decimals) out += fmt::format(",{}", *type.decimals);
    out += ")";
  } else if (traits != nullptr && traits->default_length != 0) {
    out += fmt::format("({})",
                       type.is_unsigned ? traits->default_unsigned_length : traits->default_length);
  }
  if (type.is_unsigned) out += " unsigned";
  if (type.zerofill) out += " zerofill";
  return out;
}

}  // namespace godwit::sql
