#pragma once

#include <memory>
#include <string>
#include <utility>

#include "connectors/mysql/from_postgres/postgres_rows.h"
#include "model/table.h"

namespace godwit::connectors::mysql {

// A table of PostgreSQL, as sql::postgres::ToTable gives it, and as a target has it.
class PostgresTable {
 public:
  PostgresTable() {
    source_.name = {"shop", "t"};
    source_.cells_are_text = true;
    Add("id", "bigint", Here(model::TypeKind::kInt, "bigint", 8));
    source_.primary_key = {0};
  }

  static model::Column Here(model::TypeKind kind, std::string type, uint32_t length = 0) {
    model::Column column;
    column.kind = kind;
    column.type_text = std::move(type);
    column.length = length;
    column.fixed_length =
        column.type_text.starts_with("char(") || column.type_text.starts_with("binary(");
    if (kind == model::TypeKind::kText) column.charset = "utf8mb4";
    return column;
  }
  static model::Column Decimal(uint8_t precision, uint8_t scale) {
    model::Column column = Here(model::TypeKind::kDecimal, "decimal");
    column.precision = precision;
    column.scale = scale;
    return column;
  }
  static model::Column Seconds(model::TypeKind kind, std::string type, uint8_t scale) {
    model::Column column = Here(kind, std::move(type));
    column.scale = scale;
    return column;
  }

  model::Column& Add(std::string name, std::string type, model::Column here) {
    model::Column& column = source_.columns.emplace_back();
    column.name = here.name = std::move(name);
    column.type_text = std::move(type);
    target_.columns.push_back(std::move(here));
    return column;
  }

  base::StatusOr<PostgresRows> Rows(sql::Flavour flavour = sql::Flavour::kMariaDb) {
    GODWIT_ASSIGN_OR_RETURN(model::TablePtr here, WithColumnsHere(source_, target_));
    return PostgresRows::Make(std::make_shared<const model::Table>(source_), std::move(here),
                              flavour, rules_);
  }

  model::Table source_, target_;
  std::shared_ptr<connector::ValueRules> rules_ = std::make_shared<connector::ValueRules>();
};

}  // namespace godwit::connectors::mysql
