#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sql/alter_action.h"
#include "sql/definition.h"

// What a statement of the log says. All names are resolved with the session's default schema.
namespace godwit::sql {

struct CreateTable {
  std::string session_schema;  // the session's default schema, which CHARACTER SET DEFAULT means
  TableDefinition definition;  // as typed, not completed; only the name with `like`
  std::optional<model::TableName> like;
  bool select = false;  // the rest of its columns come from a SELECT
  bool or_replace = false;
  bool if_not_exists = false;
  bool temporary = false;
};

struct AlterTable {
  std::string session_schema;  // as of CreateTable
  model::TableName table;
  bool if_exists = false;
  bool ignore = false;  // rows that do not fit are changed, or dropped
  std::vector<AlterAction> actions;
};

struct DropTable {
  std::vector<model::TableName> tables;
  bool if_exists = false;
  bool temporary = false;
};

struct RenameTable {
  struct Pair {
    model::TableName from, to;
  };
  std::vector<Pair> pairs;  // done one after the other
  bool if_exists = false;
};

struct TruncateTable {
  model::TableName table;
};

struct CreateIndex {
  model::TableName table;
  KeyDefinition key;
  bool or_replace = false;
  bool if_not_exists = false;
};

struct DropIndex {
  model::TableName table;
  std::string key;
  bool if_exists = false;
};

struct CreateDatabase {
  std::string schema;
  CharsetChoice charset;  // as typed
  bool or_replace = false;
  bool if_not_exists = false;
};

struct AlterDatabase {
  std::string schema;
  CharsetChoice charset;  // as typed
};

struct DropDatabase {
  std::string schema;
  bool if_exists = false;
};

enum class ViewAction : uint8_t { kCreate, kAlter, kDrop };

// Views are not followed; only their names are known.
struct ViewStatement {
  ViewAction action = ViewAction::kCreate;
  std::vector<model::TableName> views;
};

enum class OtherKind : uint8_t {
  kTrigger,  // CREATE, ALTER, DROP
  kRoutine,  // procedures, functions, packages
  kEvent,
  kSequence,
  kAccount,      // users, roles, GRANT, REVOKE
  kSession,      // SET, USE
  kTransaction,  // BEGIN, COMMIT, ROLLBACK, SAVEPOINT, XA
  kRows,  // INSERT, REPLACE, UPDATE, DELETE, LOAD DATA: a change of rows logged as a statement
  kMaintenance,  // ANALYZE, OPTIMIZE, REPAIR, CHECK, FLUSH: changes no row and no definition
  kServer,       // plugins, servers, tablespaces, log files
};

struct OtherStatement {
  OtherKind kind = OtherKind::kSession;
  // Of kTrigger, kRoutine, kEvent and kSequence the object's own name; of kRows the tables written
  // to, as far as the statement shows them; of kMaintenance its tables.
  std::vector<model::TableName> names;
};

using Statement = std::variant<CreateTable, AlterTable, DropTable, RenameTable, TruncateTable,
                               CreateIndex, DropIndex, CreateDatabase, AlterDatabase, DropDatabase,
                               ViewStatement, OtherStatement>;

// Every table (or view) that the statement names as its object, in its order; of foreign keys and
// views not those that they refer to. Empty for databases.
std::vector<model::TableName> TablesOf(const Statement& statement);

// The table that changes its rows with a partition by ALTER TABLE ... EXCHANGE PARTITION; an empty
// name for other statements.
model::TableName ExchangedIn(const Statement& statement);

// The schema that CREATE, ALTER or DROP DATABASE is about; empty for other statements.
std::string SchemaOf(const Statement& statement);

}  // namespace godwit::sql
