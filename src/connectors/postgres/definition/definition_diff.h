#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "connectors/postgres/definition/definition.h"
#include "connectors/postgres/definition/new_names.h"
#include "model/ddl_kind.h"

namespace godwit::connectors::postgres {

// Statements of one transaction's changes, of all its tables; each list is executed before the
// next.
struct DdlSteps {
  std::vector<std::string> foreign_keys_off, keys_off, drops;  // by the names of before
  std::vector<NewName> renames;
  std::vector<std::string> columns, creates, keys, foreign_keys, rest;
  // `catching_up`: foreign keys are not validated, as tables are of several moments; that is done
  // when the target has caught up.
  std::string ToSql(bool catching_up = false) const;
};

// What is known of how a table came from one definition to another, but for the two.
struct DiffContext {
  // Of tables and partitions of the transaction, by the names that they had before it.
  std::map<model::TableName, Renames> names;
  std::map<std::string, std::set<std::string>> missing;  // as CapturedMessage has it
  std::set<int> not_null_at_once;                        // columns that came as NOT NULL
  std::set<uint32_t> made;      // tables and partitions that the transaction has made
  std::set<uint32_t> dropped;   // ... and those that it has dropped
  std::set<uint32_t> followed;  // tables of the task
  bool rewritten = false;       // with other values, maybe
  bool has_rows = false;        // the transaction changes rows
  bool rows_before = false;     // ... of this table, before its definition came to be so
};

struct DefinitionDiff {
  std::set<model::DdlKind> kinds;  // none: nothing is to be done on the target
  std::string obstacle, by_copy;   // as of model::DdlChange
  std::vector<std::string> notes;
  // What the target then has. Where the transaction changes rows it is without what may only hold
  // after them (NOT NULL, new constraints and indexes), and rows that it has changed before are
  // told apart as they were.
  Definition after;
  std::vector<uint32_t> attached;  // tables of the task that are partitions by now

  // Of a table; the first is kept.
  void Obstacle(const model::TableName& table, const std::string& what);
};

// What makes `after` of `known`, added to `steps` where it is not by a copy.
DefinitionDiff DiffDefinitions(const Definition& known, const Definition& after,
                               const DiffContext& context, DdlSteps& steps);

// What makes the table.
void AddCreation(const Definition& definition, DdlSteps& steps);

}  // namespace godwit::connectors::postgres
