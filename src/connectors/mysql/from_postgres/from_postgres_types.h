#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/casts.h"
#include "connectors/mysql/from_postgres/column_sizes.h"
#include "connectors/mysql/from_postgres/expression_type.h"
#include "sql/definition.h"
#include "sql/postgres/definition.h"
#include "sql/translate_column.h"

namespace godwit::connectors::mysql {

// What the values of a type of PostgreSQL are.
enum class PostgresKind : uint8_t {
  kInteger,
  kOid,
  kBoolean,
  kReal,
  kDouble,
  kNumeric,
  kMoney,
  kText,
  kPaddedText,  // character(n)
  kBytes,
  kDate,
  kTime,
  kZonedTime,
  kInterval,
  kDateTime,
  kInstant,  // timestamp with time zone
  kJson,     // json, which keeps its text
  kJsonb,
  kUuid,
  kAddress,  // inet, cidr, macaddr
  kBits,
  kVarBits,
  kEnum,
  kArray,
  kOther,  // known by its text alone
};

// A column of PostgreSQL and what it is to be.
struct PlannedColumn {
  const sql::postgres::ColumnDefinition* source = nullptr;
  std::string place;    // for notes: "column `a`"
  std::string written;  // its type as format_type writes it, of a domain what is below it
  PostgresType from;    // likewise
  PostgresKind kind = PostgresKind::kOther;
  sql::DataType type;
  std::string check;        // of a document in MariaDB; else empty
  bool is_cast = false;     // by a rule of the task file
  bool may_differ = false;  // the target computes it, and may come to another value

  bool IsString() const;    // text and bytes of all lengths
  bool IsLong() const;      // of which a key takes no more than a beginning
  bool IsDocument() const;  // JSON, of which no key is
  bool IsInteger() const;
  int Digits() const { return from.Modifier(6); }  // of seconds
};

// Of a type that is built in; kOther: of all others.
PostgresKind KindOf(const PostgresType& type);

// The columns with their types by `casts` and else by the rules, as if there were no keys.
std::vector<PlannedColumn> PlanColumns(const sql::postgres::Definition& table,
                                       const config::Casts& casts, sql::Flavour to,
                                       sql::NoteTaker& notes);

// A document as servers of that kind have it.
void MakeDocument(PlannedColumn& column, sql::Flavour to);

}  // namespace godwit::connectors::mysql
