#include "connectors/mysql/from_postgres/postgres_value.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/text.h"
#include "connectors/mysql/copy/load_text.h"
#include "connectors/mysql/from_postgres/number_text.h"
#include "sql/postgres/type_name.h"

namespace godwit::connectors::mysql {
namespace {

using model::Cell;
using model::TypeKind;

constexpr std::string_view kArray = "[]";

bool IsOneOf(std::string_view type, std::initializer_list<std::string_view> types) {
  return std::ranges::find(types, type) != types.end();
}

uint64_t BytesOfInteger(std::string_view type) {
  if (type == "smallint") return 2;
  return type == "bigint" ? 8 : 4;
}

}  // namespace

std::optional<PostgresValue::Form> PostgresValue::FormOf(std::string_view type,
                                                         const model::Column& here) {
  const bool is_integer = IsOneOf(type, {"smallint", "integer", "bigint", "oid"});
  const bool is_float = IsOneOf(type, {"real", "double precision"});
  const bool is_characters =
      IsOneOf(type, {"text", "character varying", "bpchar", "name"}) || type.ends_with("citext");
  const bool is_number = is_integer || is_float || type == "numeric" || is_characters ||
                         IsOneOf(type, {"xid", "xid8", "cid"});
  switch (here.kind) {
    case TypeKind::kInt:
    case TypeKind::kUint:
    case TypeKind::kYear: {
      if (type == "boolean") return Form::kBoolean;
      if (!is_number) return std::nullopt;
      if (!is_integer || here.kind == TypeKind::kYear) return Form::kInteger;
      const bool was_unsigned = type == "oid", is_unsigned = here.kind == TypeKind::kUint;
      const bool reaches = was_unsigned == is_unsigned ? here.length >= BytesOfInteger(type)
                                                       : was_unsigned && here.length > 4;
      return reaches ? Form::kPlain : Form::kInteger;
    }
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      if (here.precision > 0 && here.type_text.find(',') != std::string::npos) return std::nullopt;
      if (type == "real") return Form::kReal;
      return is_number ? std::optional(Form::kDouble) : std::nullopt;
    case TypeKind::kDecimal:
      if (type == "boolean") return Form::kBoolean;
      return is_number ? std::optional(Form::kDecimal) : std::nullopt;
    case TypeKind::kBit:
      if (type == "boolean") return Form::kBoolean;
      return type == "bit varying" ? std::optional(Form::kBits) : std::nullopt;
    case TypeKind::kDate:
    case TypeKind::kDateTime:
    case TypeKind::kTimestamp:
      return is_characters || IsOneOf(type, {"date", "timestamp without time zone",
                                             "timestamp with time zone"})
                 ? std::optional(Form::kDay)
                 : std::nullopt;
    case TypeKind::kTime:
      return is_characters || IsOneOf(type, {"time without time zone", "interval"})
                 ? std::optional(Form::kTime)
                 : std::nullopt;
    case TypeKind::kText:
      if (type.ends_with(kArray)) return Form::kArray;
      return Form::kText;
    case TypeKind::kBinary:
      if (type.ends_with(kArray)) return Form::kArray;
      return type == "bytea" ? Form::kBytes : Form::kText;
    case TypeKind::kEnum:
      return Form::kLabel;
    case TypeKind::kJson:
      if (type.ends_with(kArray)) return Form::kArray;
      return is_characters || IsOneOf(type, {"json", "jsonb"}) ? std::optional(Form::kDocument)
                                                               : std::nullopt;
    case TypeKind::kUuid:
      if (type == "uuid") return Form::kPlain;
      return is_characters ? std::optional(Form::kText) : std::nullopt;
    case TypeKind::kInet4:
    case TypeKind::kInet6:
      return is_characters || IsOneOf(type, {"inet", "cidr"}) ? std::optional(Form::kText)
                                                              : std::nullopt;
    case TypeKind::kSet:
    case TypeKind::kGeometry:
      return std::nullopt;
  }
  return std::nullopt;
}

void PostgresValue::SetLimits(std::string_view type) {
  is_unsigned_ = here_->type_text.find("unsigned") != std::string::npos;
  switch (here_->kind) {
    case TypeKind::kInt:
      least_ = std::numeric_limits<int64_t>::min() >> (64 - here_->length * 8);
      most_ = static_cast<uint64_t>(-(least_ + 1));
      return;
    case TypeKind::kUint:
      most_ = std::numeric_limits<uint64_t>::max() >> (64 - here_->length * 8);
      return;
    case TypeKind::kYear:
      least_ = 1901;
      most_ = 2155;
      return;
    case TypeKind::kText:
    case TypeKind::kBinary:
      size_ = here_->length;
      in_bytes_ =
          here_->kind == TypeKind::kBinary || here_->type_text.find("char") == std::string::npos;
      padded_ = type == "bpchar";
      return;
    case TypeKind::kDate:
    case TypeKind::kDateTime:
    case TypeKind::kTimestamp:
      in_utc_ = type == "timestamp with time zone";
      return;
    case TypeKind::kEnum:
      for (size_t i = 0; i < here_->labels.size(); ++i) labels_.emplace(here_->labels[i], i + 1);
      label_by_number_ = labels_.contains("");
      return;
    default:
      size_ = std::numeric_limits<uint64_t>::max();
  }
}

base::StatusOr<PostgresValue> PostgresValue::Make(const model::Column& source,
                                                  const model::Column& here, sql::Flavour flavour) {
  const std::string& declared = source.base_type.empty() ? source.type_text : source.base_type;
  const std::string type = sql::postgres::CastType(declared);
  const std::optional<Form> form = FormOf(type, here);
  if (!form) {
    return base::FailedPrecondition(
        "values of {} are none of the target's {}: give the column another type there (`casts`)",
        source.type_text, here.type_text);
  }
  // Bytes are stored as they come: in another charset they would be other characters.
  if (here.kind == TypeKind::kText &&
      !IsOneOf(here.charset, {"utf8mb4", "utf8mb3", "utf8", "ascii", ""})) {
    return base::FailedPrecondition(
        "on the target it is in charset {}, and text of PostgreSQL is written in utf8mb4: make the "
        "column on the target one of utf8mb4",
        here.charset);
  }
  PostgresValue value;
  value.here_ = &here;
  value.form_ = *form;
  value.exact_ = type == "double precision";
  value.is_mysql_ = flavour == sql::Flavour::kMySql;
  value.SetLimits(type);
  value.padded_ = value.padded_ && declared.find('(') != std::string::npos;
  if (*form == Form::kArray) {
    value.elements_ =
        wire::postgres::ElementsOf(std::string_view(type).substr(0, type.size() - kArray.size()));
  }
  return value;
}

Cell PostgresValue::ToCell(const FittedValue& fitted) const {
  switch (here_->kind) {
    case TypeKind::kInt:
      return Cell::Int(base::ParseInteger<int64_t>(fitted.text).value_or(0));
    case TypeKind::kUint:
    case TypeKind::kYear:
      return Cell::Uint(base::ParseInteger<uint64_t>(fitted.text).value_or(0));
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      return Cell::Double(ReadDouble(fitted.text).value_or(0));
    case TypeKind::kDecimal:
      return Cell::Number(fitted.text);
    case TypeKind::kBit:
    case TypeKind::kEnum:
      return Cell::Uint(fitted.number);
    case TypeKind::kText:
    case TypeKind::kBinary:
    case TypeKind::kJson:
      return Cell::Bytes(fitted.text);
    default:
      return Cell::Text(fitted.text);
  }
}

void PostgresValue::AppendField(std::string& out, const FittedValue& fitted) const {
  if (here_->kind == TypeKind::kBit) {
    std::array<char, 8> bytes;
    const size_t size = (here_->length + 7) / 8;
    for (size_t i = 0; i < size; ++i)
      bytes[i] = static_cast<char>(fitted.number >> (size - 1 - i) * 8);
    AppendEscapedField(out, {bytes.data(), size});
  } else if (form_ == Form::kLabel && label_by_number_) {
    out += std::to_string(fitted.number);
  } else if (form_ == Form::kLabel || form_ == Form::kText || form_ == Form::kBytes ||
             form_ == Form::kDocument || form_ == Form::kArray) {
    AppendEscapedField(out, fitted.text);
  } else {
    out.append(fitted.text);
  }
}

}  // namespace godwit::connectors::mysql
