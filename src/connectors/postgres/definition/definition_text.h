#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/table.h"

namespace godwit::connectors::postgres {

// Names that are others by now.
struct Renames {
  std::map<model::TableName, model::TableName> tables;
  std::map<std::string, std::string> columns;  // of the table that a text is of
};

// A text of the catalogue (pg_get_constraintdef and its like) word for word, with the new names in
// it and `own`, the name of what it makes, left out: two that come out the same mean the same. A
// name that is no column's, and reads like one, makes them differ, which costs making the thing
// anew and no more.
std::string Normalized(std::string_view text, const Renames& renames, std::string_view own = "");

// A foreign key (pg_get_constraintdef) with the new names of its parent and that one's columns; all
// else word for word.
std::string WithNewParent(std::string_view foreign_key, const Renames& of_parent);

}  // namespace godwit::connectors::postgres
