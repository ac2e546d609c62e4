#pragma once

#include <string>

#include "sql/parser.h"
#include "sql/statement.h"

// The text of statements of a log as a target is to execute them.
namespace godwit::connectors::mysql {

// A statement about views that may meet what it makes, or miss what it drops: views are not
// followed, and are made from the source's catalogue when the copy has been caught up with.
std::string Repeatable(const sql::ViewStatement& statement, const std::string& text,
                       const sql::ParseOptions& options);

// Of a CREATE TABLE: a table that the source had not. What the target has of its name is in the
// way, and no reason to do nothing.
std::string WithoutIfNotExists(const std::string& text, const sql::ParseOptions& options);

// MySQL logs CREATE TABLE ... SELECT with this at its end; after it a session may only be sent rows
// in the log's own form.
void DropStartTransaction(std::string& statement);

}  // namespace godwit::connectors::mysql
