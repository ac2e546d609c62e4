#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "sql/definition.h"
#include "sql/statement.h"

namespace godwit::sql {

// What a statement did to one table. No `before`: it did not exist; no `after`: it does not any
// more. Neither: a table that the tracker does not know (or a view).
struct TableChange {
  model::TableName name;  // the name afterwards
  model::TableName
      renamed_from;  // empty unless renamed; `before` is the definition under that name
  DefinitionPtr before, after;
};

// The definitions of a source's tables at one position of its log, moved forward by the statements
// that the log holds. A statement in the log succeeded on the source, so it is followed rather than
// checked. Not thread-safe; the definitions handed out are immutable and outlive the tracker.
class SchemaTracker {
 public:
  // `server_default` is for schemas that are not known; `flavour` is that of the statements.
  explicit SchemaTracker(CharsetChoice server_default, Flavour flavour = Flavour::kMariaDb)
      : server_default_(std::move(server_default)), flavour_(flavour) {}

  // Of tables that are made without one; unknown by default.
  void SetDefaultEngine(std::string engine) { default_engine_ = std::move(engine); }
  const std::string& default_engine() const { return default_engine_; }
  void PutSchema(const std::string& schema, const CharsetChoice& charset);
  // Of a schema that is not known: as it is at a later place.
  void PutLaterSchema(const std::string& schema, const CharsetChoice& charset);
  bool KnowsSchema(const std::string& schema) const { return schemas_.contains(schema); }
  void PutTable(TableDefinition definition);  // must be complete
  void RemoveTable(const model::TableName& table);

  DefinitionPtr Find(const model::TableName& table) const;  // null: not known
  CharsetChoice SchemaDefault(const std::string& schema) const;
  const std::map<model::TableName, DefinitionPtr>& tables() const { return tables_; }

  // Does what the statement did on the source, and tells the tables changed, in the order of their
  // changes; a table whose rows alone change (TRUNCATE) is told with `before` and `after` the same.
  // Temporary tables are passed over. On an error (kFailedPrecondition: the statement does not fit
  // the definitions known, or its columns come from a SELECT) nothing has changed.
  base::StatusOr<std::vector<TableChange>> Apply(const Statement& statement);

 private:
  class Edit;

  CharsetChoice server_default_;
  Flavour flavour_;
  std::string default_engine_;
  std::map<std::string, CharsetChoice> schemas_, later_schemas_;
  std::map<model::TableName, DefinitionPtr> tables_;
};

}  // namespace godwit::sql
