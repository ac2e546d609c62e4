#pragma once

#include <span>
#include <string>
#include <string_view>

#include "model/table.h"
#include "sql/postgres/type_name.h"

// Pieces of SQL as PostgreSQL reads it under standard_conforming_strings.
namespace godwit::connectors::postgres {

using sql::postgres::CastType;

// "name", with each " doubled.
std::string QuoteName(std::string_view name);
// "schema"."table".
std::string QuoteName(const model::TableName& name);
// 'text', with each ' doubled; as E'...' where it has backslashes.
std::string QuoteText(std::string_view text);
// "a", "b", "c".
std::string QuoteNames(std::span<const std::string> names);

}  // namespace godwit::connectors::postgres
