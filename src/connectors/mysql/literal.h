#pragma once

#include <string>
#include <string_view>

#include "model/cell.h"
#include "model/table.h"
#include "sql/flavour.h"

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

// The charset that text for columns of this kind has to be said to be in: bytes without one they
// refuse, or take for their stored form. Empty: none.
std::string_view TextCharset(model::TypeKind kind);
// "_latin1 ", which says what the bytes of the literal that follows are; nothing for no charset.
void AppendIntroducer(std::string& out, std::string_view charset);

// A value to be stored in `column`, over a connection with binary text.
void AppendValue(std::string& out, const model::Cell& cell, const model::Column& column);

// A value to be compared with `column`: text carries the column's charset, so that the column's
// collation decides and an index serves.
// `target` says in whose SQL.
void AppendComparand(std::string& out, const model::Cell& cell, const model::Column& column,
                     sql::Flavour target);

}  // namespace godwit::connectors::mysql
