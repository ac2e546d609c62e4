#pragma once

#include <string>
#include <string_view>

#include "model/cell.h"
#include "model/table.h"

// SQL text of names and values. Sessions run without ANSI_QUOTES and NO_BACKSLASH_ESCAPES.
namespace godwit::connectors::mysql {

std::string QuoteName(std::string_view name);         // `name`
std::string QuoteName(const model::TableName& name);  // `schema`.`table`
std::string QuoteText(std::string_view text);         // 'text'
void AppendName(std::string& out, std::string_view name);
void AppendText(std::string& out, std::string_view bytes);  // quoted and escaped, byte by byte

// Whether rows are written with a value for this column: one that the server computes from others
// has none, but the period of a row's version has.
bool IsWritten(const model::Column& column);

// Whether columns of this kind take bytes without a character set for their stored form, so that
// their text has to say that it is text.
bool TakesTextOnly(model::TypeKind kind);

// A value to be stored in `column`, over a connection with binary text.
void AppendValue(std::string& out, const model::Cell& cell, const model::Column& column);

// A value to be compared with `column`: text carries the column's charset, so that the column's
// collation decides and an index serves.
void AppendComparand(std::string& out, const model::Cell& cell, const model::Column& column);

}  // namespace godwit::connectors::mysql
