#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "connectors/postgres/connection/connection.h"
#include "model/table.h"

// Keys of rows as connector::KeyRange has them: the values of the row identity as COPY writes a
// row, between tabs and with backslash escapes.
namespace godwit::connectors::postgres {

std::string EncodeKey(const std::vector<std::string_view>& values);
std::string EncodeKey(const ResultRow& row);  // the key's columns and no others
// kDataLoss: it is no key of that many values.
base::StatusOr<std::vector<std::string>> DecodeKey(std::string_view key, size_t values);

// "k1, k2", quoted: the columns of the row identity.
std::string KeyColumns(const model::Table& table);
// "('17'::integer, 'abc'::text)".
base::StatusOr<std::string> KeyLiteral(const model::Table& table, std::string_view key);

// " WHERE (k1, k2) > (...) AND (k1, k2) <= (...)": the rows of a range; empty for all.
base::StatusOr<std::string> RangeCondition(const model::Table& table, std::string_view after,
                                           std::string_view upto);

// "ONLY t" where what inherits from a table is one of its own, else "t".
std::string FromTable(const model::TableName& name, bool partitioned);

}  // namespace godwit::connectors::postgres
