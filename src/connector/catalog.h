#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/table.h"

namespace godwit::connector {

// What a table is to another in the hands of a tool for online schema changes.
enum class OnlineDdlRole : uint8_t {
  kNone,
  kShadow,  // its new form, which takes its place in the end
  kTrash,   // what it was, put aside, or the tool's notes
};

// Says what belongs to the task. Callable from any thread.
struct TableFilter {
  std::function<bool(std::string_view schema, std::string_view table)> table;
  std::function<bool(std::string_view schema)> some_of_schema;  // false: no table of it can belong
  std::function<bool(std::string_view schema)>
      whole_schema;  // every table of it belongs, whatever its name
  // What `table` is to the task's table `real`; to any of them where `real` is empty. None of these
  // belongs to the task. Unset: such tools are not looked for.
  std::function<OnlineDdlRole(std::string_view schema, std::string_view table,
                              std::string_view real)>
      online_ddl;
};

// A table with the statement that creates it.
struct TableDefinition {
  model::TablePtr table;
  std::string statement;
  std::string dialect;  // whose SQL the statement is: that of the server it was read from
};

struct CatalogTable {
  TableDefinition definition;
  uint64_t estimated_rows = 0;
  uint64_t estimated_bytes = 0;
};

enum class ObjectKind : uint8_t {
  kView,
  kTrigger,
  kRoutine,
  kEvent,
  kSequence,
  kType,       // that columns of tables have
  kExtension,  // a part of the server that has to be switched on in a database
  // That a column of a table takes its values from, and which is made with the table: only its
  // value is to be set, by `after`.
  kTableSequence,
  kTableRoutine,  // a routine that tables, views or triggers cannot do without
  kStatistics,    // what the server is told to find out about columns of a table together
  // A partitioned table above tables of the task that are its partitions: made of these once all is
  // applied, as they are tables of their own until then.
  kPartitioned,
  kRights,  // of a role, that it is called by, on what is migrated: given by `after` alone, where
            // the target has the role
};

// An object that is not a table, with the statement that creates it.
struct CatalogObject {
  ObjectKind kind;
  std::string schema;
  std::string name;
  std::string statement;
  std::string session;  // sets what the statement must run under; may be empty
  std::string
      after;  // brings the object, once it is there, to the state it should have; may be empty
  std::string dialect;    // as of TableDefinition
  std::string time_zone;  // of an event: in which its times are; else empty
  std::string table;      // of a trigger whose name is its table's own, or of a column: the table;
                          // else empty
  // Of kTableSequence without statements, whose `name` is the column's: what it gives next.
  std::optional<uint64_t> next_value;
  // Tables may be made of it, and it is made of none.
  bool before_tables = false;
  // One of this name serves, whatever it is like.
  bool any_serves = false;
  // It does things with the rights of its owner, and those that are to call it are given by the
  // rights that follow: until then nobody else may.
  bool guarded = false;
};

struct CatalogSchema {
  std::string name;
  std::string statement;  // creates the schema with its defaults
  std::string dialect;    // as of TableDefinition
};

// What is to be done with a table or object that the target has already.
enum class IfExists : uint8_t { kError, kAppend, kReplace };

// What the filter lets through, as read at one moment.
struct Catalog {
  std::vector<CatalogSchema> schemas;
  std::vector<CatalogTable> tables;
  std::vector<CatalogObject> objects;
  // Server settings that a target of the same family is compared with, by the server's own names.
  std::map<std::string, std::string> settings;
};

}  // namespace godwit::connector
