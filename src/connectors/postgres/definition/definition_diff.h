#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "connectors/postgres/definition/definition.h"
#include "connectors/postgres/definition/definition_text.h"
#include "model/ddl_kind.h"

namespace godwit::connectors::postgres {

// Statements of one transaction's changes, of all its tables; each list is executed before the
// next.
struct DdlSteps {
  std::vector<std::string> foreign_keys_off, keys_off, drops, renames, columns, creates, keys,
      foreign_keys, rest;
  // `catching_up`: foreign keys are not validated, as tables are of several moments; that is done
  // when the target has caught up.
  std::string ToSql(bool catching_up = false) const;
};

// What is known of how a table came from one definition to another, but for the two.
struct DiffContext {
  Renames renames;                                       // of tables: all of the transaction
  std::map<std::string, std::set<std::string>> missing;  // as CapturedMessage has it
  std::set<int> not_null_at_once;                        // columns that came as NOT NULL
  std::set<uint32_t> made;      // tables and partitions that the transaction has made
  std::set<uint32_t> dropped;   // ... and those that it has dropped
  std::set<uint32_t> followed;  // tables of the task
  bool rewritten = false;       // with other values, maybe
  bool has_rows = false;        // the transaction changes rows
};

struct DefinitionDiff {
  std::set<model::DdlKind> kinds;  // none: nothing is to be done on the target
  std::string obstacle, by_copy;   // as of model::DdlChange
  std::vector<std::string> notes;
  // What the target then has; where the source's NOT NULL could not be told yet, without that.
  Definition after;
  std::vector<uint32_t> attached;  // tables of the task that are partitions by now
};

// What makes `after` of `known`, added to `steps` where it is not by a copy.
DefinitionDiff DiffDefinitions(const Definition& known, const Definition& after,
                               const DiffContext& context, DdlSteps& steps);

// What makes the table.
void AddCreation(const Definition& definition, DdlSteps& steps);

}  // namespace godwit::connectors::postgres
