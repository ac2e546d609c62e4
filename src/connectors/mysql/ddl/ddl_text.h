#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sql/definition.h"
#include "sql/parser.h"
#include "sql/statement.h"

// The text of statements of a log as a target is to execute them.
namespace godwit::connectors::mysql {

// A statement about views that may meet what it makes, or miss what it drops: views are not
// followed, and are made from the source's catalogue when the copy has been caught up with.
std::string Repeatable(const sql::ViewStatement& statement, const std::string& text,
                       const sql::ParseOptions& options);

// OR REPLACE: a server that dies in the midst of it has done the first half alone, the DROP.
bool Replaces(const sql::Statement& statement);

// The text by which a statement that may have been done by halves is executed once more, whatever
// there is of it; nothing where the catalogue tells whether it has been.
std::optional<std::string> ToRepeat(const sql::Statement& statement, const std::string& text,
                                    const sql::ParseOptions& options);

// Of a CREATE TABLE: a table that the source had not. What the target has of its name is in the
// way, and no reason to do nothing.
std::string WithoutIfNotExists(const std::string& text, const sql::ParseOptions& options);

// Of a CREATE TABLE with a list of columns: the same with the charset that it leaves to the
// database.
std::string WithCharset(const std::string& text, const sql::ParseOptions& options,
                        const sql::CharsetChoice& charset);

// MySQL logs CREATE TABLE ... SELECT with this at its end; after it a session may only be sent rows
// in the log's own form.
void DropStartTransaction(std::string& statement);

// The ALTER DATABASE that gives one that is there what `text`, a CREATE DATABASE, gives a new one;
// `charset` is its default.
std::string AlterInstead(const sql::CreateDatabase& create, const std::string& text,
                         const sql::ParseOptions& options, const sql::CharsetChoice& charset);

// As much of a statement as a message shows.
std::string Beginning(std::string_view statement);

// Why a statement cannot be executed on a target of the other kind (DdlChange::obstacle).
std::string NotOnTheTarget(const std::string& why);

}  // namespace godwit::connectors::mysql
