#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "wire/mysql/table_map.h"

// SQL for the scalars of JSON documents, as arguments of JSON_OBJECT and JSON_ARRAY. What is said
// of AppendJsonExpression (json_expression.h) holds for each of them.
namespace godwit::wire::mysql {

// A string literal in utf8mb4: a key, or the text of a document.
void AppendUtf8Sql(std::string_view text, std::string& out);
// What a JSON text says all of.
void AppendPlainJsonSql(std::string_view text, std::string& out);
void AppendJsonIntegerSql(std::string_view digits, bool is_signed, std::string& out);
// A DECIMAL from its text, stored with this precision and scale.
void AppendJsonDecimalSql(std::string_view text, int precision, int scale, std::string& out);
// A DATE, TIME, DATETIME or TIMESTAMP from its text without quotes. False: `type` is none of them.
bool AppendJsonTimeSql(ColumnType type, std::string_view text, std::string& out);
// Any other opaque value. kUnimplemented: of a type that no expression makes, named.
base::Status AppendJsonBytesSql(uint8_t type, std::string_view content, std::string& out);

}  // namespace godwit::wire::mysql
