#include "connectors/postgres/destination.h"

#include <absl/strings/str_join.h>
#include <spdlog/spdlog.h>

#include "connector/check_list.h"
#include "connectors/postgres/apply/absent_keys.h"
#include "connectors/postgres/apply/applier.h"
#include "connectors/postgres/catalog.h"
#include "connectors/postgres/check/target_check.h"
#include "connectors/postgres/compare/row_reader.h"
#include "connectors/postgres/copy/chunk_writer.h"
#include "connectors/postgres/copy/large_object_writer.h"
#include "connectors/postgres/from_mysql/column_types.h"
#include "connectors/postgres/schema/ddl_executor.h"
#include "connectors/postgres/schema/object_writer.h"
#include "connectors/postgres/schema/partition_trees.h"
#include "connectors/postgres/schema/schema_writer.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

// A definition that the state has, of a table of that name.
connector::TableDefinition DefinitionOf(const connector::TableState& table,
                                        const std::string& dialect) {
  model::Table named;
  named.name = table.name;
  return {std::make_shared<const model::Table>(std::move(named)), table.definition, dialect};
}

// Changes are applied to it, and none was left out that would have made it another.
bool IsAsDefined(const connector::TableState& table) {
  return table.stage == connector::TableStage::kStreaming &&
         table.form == connector::TargetForm::kAsDefined;
}

}  // namespace

template <typename Use>
auto PostgresDestination::WithControl(Use use) -> decltype(use(std::declval<Connection&>())) {
  std::lock_guard lock(mutex_);
  if (control_ == nullptr) {
    GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                            Connection::Open(endpoint_, "target"));
    if (claimed_) GODWIT_RETURN_IF_ERROR(store_.Reclaim(*connection));
    control_ = std::move(connection);
  }
  auto result = use(*control_);
  base::Status status;
  if constexpr (std::is_same_v<decltype(result), base::Status>)
    status = result;
  else
    status = result.status();
  if (absl::IsUnavailable(status)) control_.reset();
  return result;
}

connector::CheckReport PostgresDestination::Check(const connector::CheckScope& scope,
                                                  const connector::Catalog& catalog) {
  const std::string dialect = catalog.tables.empty() ? "" : catalog.tables[0].definition.dialect;
  connector::CheckList translation("target");
  const connector::Catalog here = from_.CatalogHere(catalog, translation);
  auto report = WithControl([&](Connection& control) {
    return CheckTarget(control, store_, scope, here, DifferenceFrom(dialect));
  });
  if (!report.ok()) return connector::CheckList::Unreachable("target", report.status());
  connector::CheckReport of_translation = translation.Take();
  report->insert(report->end(), of_translation.begin(), of_translation.end());
  return *std::move(report);
}

base::StatusOr<std::string> PostgresDestination::Dialect() { return std::string(kDialect); }

base::StatusOr<std::optional<connector::TaskState>> PostgresDestination::LoadState() {
  return WithControl([&](Connection& control) { return store_.Load(control); });
}

base::Status PostgresDestination::MakeWay(uint64_t generation) {
  return WithControl([&](Connection& control) { return store_.MakeWay(control, generation); });
}

base::StatusOr<connector::TaskState> PostgresDestination::Claim(uint64_t generation) {
  if (generation != 0) finishing_.Close();  // the target ends them
  auto state = WithControl([&](Connection& control) { return store_.Claim(control, generation); });
  std::lock_guard lock(mutex_);
  claimed_ = claimed_ || state.ok();
  return state;
}

base::StatusOr<std::optional<connector::TaskState>> PostgresDestination::ClaimIfKnown(
    uint64_t generation) {
  if (generation != 0) finishing_.Close();
  auto state =
      WithControl([&](Connection& control) { return store_.ClaimIfKnown(control, generation); });
  std::lock_guard lock(mutex_);
  claimed_ = claimed_ || (state.ok() && state->has_value());
  return state;
}

base::StatusOr<connector::Forgotten> PostgresDestination::Forget() {
  return WithControl([&](Connection& control) -> base::StatusOr<connector::Forgotten> {
    // A state that cannot be understood can be removed all the same.
    const base::StatusOr<std::vector<std::string>> unmade = KeysUnmade(control);
    GODWIT_ASSIGN_OR_RETURN(connector::Forgotten forgotten, store_.Forget(control));
    if (unmade.ok())
      forgotten.left.insert(forgotten.left.end(), unmade->begin(), unmade->end());
    else
      forgotten.left.push_back(fmt::format("foreign keys unmade, which are not known: {}",
                                           std::string(unmade.status().message())));
    return forgotten;
  });
}

base::Status PostgresDestination::SaveHead(const connector::TaskState& state) {
  return WithControl([&](Connection& control) { return store_.SaveHead(control, state); });
}

base::Status PostgresDestination::SaveServer(const connector::TaskState& state) {
  return WithControl([&](Connection& control) { return store_.SaveServer(control, state); });
}

base::Status PostgresDestination::SaveTables(const std::vector<connector::TableState>& tables) {
  return WithControl([&](Connection& control) { return store_.SaveTables(control, tables); });
}

base::Status PostgresDestination::CreateSchemas(
    const std::vector<connector::CatalogSchema>& schemas) {
  std::vector<connector::CatalogSchema> here;
  for (const connector::CatalogSchema& schema : schemas)
    here.push_back(ForeignSource::SchemaHere(schema));
  return WithControl([&](Connection& control) { return postgres::CreateSchemas(control, here); });
}

base::StatusOr<std::string> PostgresDestination::PlanSchema(
    const connector::CatalogSchema& schema) {
  return ForeignSource::SchemaHere(schema).statement;
}

base::StatusOr<std::string> PostgresDestination::PlanObject(
    const connector::CatalogObject& object) {
  if (IsForeign(object.dialect)) return fmt::format("-- {}: left out", object.name);
  if (object.kind == connector::ObjectKind::kPartitioned) {
    GODWIT_ASSIGN_OR_RETURN(const std::vector<std::string> statements, TreeStatements(object));
    return absl::StrJoin(statements, ";\n");
  }
  return object.statement.empty() ? object.after : object.statement;  // of rights
}

base::StatusOr<model::TablePtr> PostgresDestination::TableHere(
    const connector::TableDefinition& table) {
  if (!IsForeign(table.dialect)) return table.table;
  GODWIT_ASSIGN_OR_RETURN(const Definition definition, from_.TableHere(table));
  return std::make_shared<const model::Table>(ToTable(definition));
}

base::StatusOr<model::TablePtr> PostgresDestination::TableWithDefaultsHere(
    const connector::TableDefinition& table) {
  return TableHere(table);
}

base::StatusOr<connector::TablePlan> PostgresDestination::PlanTable(
    const connector::TableDefinition& table, const connector::Catalog& /*catalog*/,
    connector::IfExists if_exists) {
  GODWIT_ASSIGN_OR_RETURN(const Definition definition, from_.TableHere(table));
  GODWIT_ASSIGN_OR_RETURN(connector::TablePlan plan, WithControl([&](Connection& control) {
                            return postgres::PlanTable(control, definition, if_exists,
                                                       DifferenceFrom(table.dialect));
                          }));
  GODWIT_ASSIGN_OR_RETURN(plan.notes, from_.NotesOn(table));
  return plan;
}

base::StatusOr<bool> PostgresDestination::NeedsCreating(const connector::TableDefinition& table,
                                                        connector::IfExists if_exists) {
  GODWIT_ASSIGN_OR_RETURN(const Definition definition, from_.TableHere(table));
  return WithControl([&](Connection& control) {
    return postgres::NeedsCreating(control, definition, if_exists, DifferenceFrom(table.dialect));
  });
}

base::Status PostgresDestination::CreateTable(const connector::TableDefinition& table) {
  GODWIT_ASSIGN_OR_RETURN(const Definition definition, from_.TableHere(table));
  return WithControl([&](Connection& control) -> base::Status {
    GODWIT_RETURN_IF_ERROR(MakeOwn(control, {definition.name}));
    return WithoutKeysTo(control, definition.name,
                         [&] { return postgres::CreateTable(control, definition); });
  });
}

base::Status PostgresDestination::DropTable(const model::TableName& name) {
  return WithControl([&](Connection& control) -> base::Status {
    GODWIT_RETURN_IF_ERROR(MakeOwn(control, {name}));
    return WithoutKeysTo(control, name, [&] {
      return control.Execute("DROP TABLE IF EXISTS " + QuoteName(name)).status();
    });
  });
}

// A run may have ended with what they are partitions of put together.
base::Status PostgresDestination::MakeOwn(Connection& control,
                                          const std::vector<model::TableName>& tables) {
  if (!control.by_leaf()) return base::OkStatus();
  return TakeApart(control, tables, [&]() -> base::StatusOr<std::set<model::TableName>> {
    GODWIT_ASSIGN_OR_RETURN(const auto state, store_.Load(control));
    std::set<model::TableName> all;
    if (state) {
      for (const connector::TableState& one : state->tables) all.insert(one.name);
    }
    return all;
  });
}

// CreateForeignKeys gives them their keys again.
base::Status PostgresDestination::WithoutKeysTo(Connection& control, const model::TableName& table,
                                                const std::function<base::Status()>& drop) {
  const base::Status dropped = drop();
  if (dropped.ok() || !IsDependedUpon(control)) return dropped;
  GODWIT_ASSIGN_OR_RETURN(const std::optional<connector::TaskState> state, store_.Load(control));
  if (!state) return dropped;
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<Definition> tables, DefinitionsOf(state->tables, [](const auto& child) {
        return child.stage < connector::TableStage::kStreaming || IsAsDefined(child);
      }));
  GODWIT_RETURN_IF_ERROR(DropKeysTo(control, table, tables));
  return drop();
}

base::StatusOr<bool> PostgresDestination::HasTable(const model::TableName& name) {
  return WithControl([&](Connection& control) { return postgres::HasTable(control, name); });
}

base::Status PostgresDestination::FinishTable(const connector::TableDefinition& table,
                                              connector::UniqueKeys unique_keys) {
  GODWIT_ASSIGN_OR_RETURN(const Definition definition, from_.TableHere(table));
  return finishing_.With([&](Connection& connection) {
    return postgres::FinishTable(connection, spare_, definition, unique_keys);
  });
}

// With those of tables in the stream to these, which WithoutKeysTo may have dropped.
base::Status PostgresDestination::CreateForeignKeys(
    const std::vector<connector::TableDefinition>& tables) {
  if (holding_ == Holding::kByAbsence) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(std::vector<Definition> definitions, from_.TablesHere(tables));
  return WithControl([&](Connection& control) -> base::Status {
    GODWIT_ASSIGN_OR_RETURN(const std::optional<connector::TaskState> state, store_.Load(control));
    GODWIT_ASSIGN_OR_RETURN(
        std::vector<Definition> children,
        DefinitionsOf(state ? state->tables : std::vector<connector::TableState>(), IsAsDefined));
    std::set<model::TableName> parents;
    for (const Definition& parent : definitions) {
      parents.insert(parent.name);
      for (const PartitionDefinition& part : parent.partitions) parents.insert(part.name);
    }
    for (Definition& child : children) {
      std::erase_if(child.constraints, [&](const ConstraintDefinition& key) {
        return key.kind != 'f' || !parents.contains(key.parent);
      });
      if (!child.constraints.empty()) definitions.push_back(std::move(child));
    }
    return postgres::CreateForeignKeys(control, definitions);
  });
}

base::Status PostgresDestination::HoldKeysBack(
    const std::vector<connector::TableDefinition>& tables) {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<Definition> definitions, from_.TablesHere(tables));
  return WithControl([&](Connection& control) -> base::Status {
    if (!tables.empty()) dialect_of_source_ = tables[0].dialect;
    std::vector<model::TableName> names;
    for (const Definition& definition : definitions) names.push_back(definition.name);
    GODWIT_RETURN_IF_ERROR(MakeOwn(control, names));
    GODWIT_ASSIGN_OR_RETURN(const bool by_role, MayHoldKeysBack(control));
    holding_ = by_role ? Holding::kByRole : Holding::kByAbsence;
    return by_role ? base::OkStatus() : TakeKeysAway(control, definitions);
  });
}

// Those that CreateForeignKeys may have left out in an earlier run too.
base::Status PostgresDestination::LetKeysAct(
    const std::vector<connector::TableDefinition>& tables) {
  GODWIT_ASSIGN_OR_RETURN(std::vector<Definition> definitions, from_.TablesHere(tables));
  return WithControl([&](Connection& control) -> base::Status {
    GODWIT_ASSIGN_OR_RETURN(const bool by_role, MayHoldKeysBack(control));
    if (by_role) return base::OkStatus();
    for (Definition& definition : definitions)
      GODWIT_RETURN_IF_ERROR(LeaveOutKeysToNone(control, definition));
    return postgres::CreateForeignKeys(control, definitions);
  });
}

base::StatusOr<std::vector<std::string>> PostgresDestination::KeysUnmade(Connection& control) {
  GODWIT_ASSIGN_OR_RETURN(const bool by_role, MayHoldKeysBack(control));
  if (by_role) return std::vector<std::string>();
  GODWIT_ASSIGN_OR_RETURN(const std::optional<connector::TaskState> state, store_.Load(control));
  if (!state) return std::vector<std::string>();
  GODWIT_ASSIGN_OR_RETURN(const std::vector<Definition> tables, ExistingHere(state->tables));
  return FindMissingKeys(control, tables);
}

base::StatusOr<std::vector<Definition>> PostgresDestination::ExistingHere(
    const std::vector<connector::TableState>& states) const {
  return DefinitionsOf(states, [](const auto& table) {
    return table.stage == connector::TableStage::kCopied ||
           table.stage == connector::TableStage::kStreaming;
  });
}

base::StatusOr<std::vector<Definition>> PostgresDestination::DefinitionsOf(
    const std::vector<connector::TableState>& states,
    const std::function<bool(const connector::TableState&)>& wanted) const {
  // The state does not say whose they are.
  std::vector<std::string> dialects = {dialect_of_source_};
  if (dialect_of_source_.empty()) dialects = {std::string(kDialect), "mysql", "mariadb"};
  base::StatusOr<std::vector<Definition>> definitions = std::vector<Definition>();
  for (const std::string& dialect : dialects) {
    std::vector<connector::TableDefinition> tables;
    for (const connector::TableState& table : states) {
      if (wanted(table) && !table.definition.empty())
        tables.push_back(DefinitionOf(table, dialect));
    }
    definitions = from_.TablesHere(tables);
    if (definitions.ok()) break;
  }
  return definitions;
}

base::StatusOr<KeysAround> PostgresDestination::KeysAroundDdl(
    Connection& control, const model::DdlChange& ddl,
    const std::vector<connector::TableState>& changed) {
  if (holding_ == Holding::kByRole) return KeysAround();
  GODWIT_ASSIGN_OR_RETURN(const std::optional<connector::TaskState> state, store_.Load(control));
  if (!state) return KeysAround();
  GODWIT_ASSIGN_OR_RETURN(const std::vector<Definition> before, ExistingHere(state->tables));
  GODWIT_ASSIGN_OR_RETURN(const std::vector<Definition> after, ExistingHere(changed));
  return postgres::KeysAroundDdl(before, after, ddl);
}

base::Status PostgresDestination::CreateObjects(
    const std::vector<connector::CatalogObject>& objects, connector::IfExists if_exists) {
  std::vector<std::string> left_out;
  std::vector<connector::CatalogObject> here = ForeignSource::ObjectsHere(objects, left_out);
  if (!left_out.empty()) {
    spdlog::warn("target: objects of another family are not translated, and left out: {}",
                 connector::Enumerate(left_out));
  }
  return WithControl([&](Connection& control) {
    return postgres::CreateObjects(control, std::move(here), if_exists);
  });
}

base::Status PostgresDestination::DropObjects(
    const std::vector<connector::CatalogObject>& objects) {
  std::vector<std::string> left_out;
  const std::vector<connector::CatalogObject> here = ForeignSource::ObjectsHere(objects, left_out);
  return WithControl([&](Connection& control) { return postgres::DropObjects(control, here); });
}

base::Status PostgresDestination::DropObjectsOf(
    const model::TableName& table, const std::vector<connector::CatalogObject>& objects) {
  return WithControl(
      [&](Connection& control) { return postgres::DropObjectsOf(control, table, objects); });
}

base::StatusOr<connector::DdlOutcome> PostgresDestination::ApplyDdl(
    const model::DdlChange& ddl, const model::Position& position, int64_t commit_time_us,
    const std::vector<connector::TableState>& tables, const connector::DdlOrder& order) {
  return WithControl([&](Connection& control) -> base::StatusOr<connector::DdlOutcome> {
    GODWIT_ASSIGN_OR_RETURN(const KeysAround keys, KeysAroundDdl(control, ddl, tables));
    return ExecuteDdl(control, store_, ddl, position, commit_time_us, tables, order, keys);
  });
}

base::Status PostgresDestination::DecideDdl(connector::DdlVerb verb,
                                            const std::vector<std::string>& replacement) {
  GODWIT_ASSIGN_OR_RETURN(const std::optional<connector::TaskState> state, LoadState());
  const base::Status none =
      base::FailedPrecondition("no DDL of the task waits for a decision; `godwit ddl` shows it");
  if (!state || !state->pending_ddl || state->pending_ddl->waits_for.empty()) return none;
  GODWIT_ASSIGN_OR_RETURN(const connector::TaskState held, Claim(0));
  if (!held.pending_ddl || held.pending_ddl->waits_for.empty()) return none;
  return WithControl(
      [&](Connection& control) { return store_.DecideDdl(control, verb, replacement); });
}

base::StatusOr<std::vector<connector::DdlRecord>> PostgresDestination::ReadDdlRecords() {
  return WithControl([&](Connection& control) { return store_.ReadDdlRecords(control); });
}

base::StatusOr<std::unique_ptr<connector::ChunkWriter>> PostgresDestination::OpenChunkWriter(
    connector::RowFormat) {
  return std::unique_ptr<connector::ChunkWriter>(
      std::make_unique<CopyChunkWriter>(endpoint_, &store_, value_rules_, holding_));
}

base::StatusOr<std::unique_ptr<connector::ChangeApplier>> PostgresDestination::OpenApplier(bool) {
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<connector::ChangeApplier> applier,
                          PostgresApplier::Open(endpoint_, &store_, value_rules_, holding_));
  return applier;
}

// On a connection of its own: it takes long.
base::StatusOr<connector::LargeObjectCounts> PostgresDestination::TakeLargeObjects(
    connector::LargeObjectReader& source, const connector::LargeObjectOrder& order) {
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, store_.Open(endpoint_));
  return postgres::TakeLargeObjects(*connection, store_, source, order);
}

base::StatusOr<std::vector<connector::CatalogTable>> PostgresDestination::ReadTables(
    const connector::TableFilter& filter) {
  GODWIT_ASSIGN_OR_RETURN(connector::Catalog catalog, WithControl([&](Connection& control) {
                            return postgres::ReadCatalog(control, filter, {});
                          }));
  return std::move(catalog.tables);
}

base::StatusOr<std::unique_ptr<connector::RowReader>> PostgresDestination::OpenRowReader(
    const std::string& other) {
  return std::unique_ptr<connector::RowReader>(
      std::make_unique<PostgresRowReader>(endpoint_, "target", other));
}

}  // namespace godwit::connectors::postgres
