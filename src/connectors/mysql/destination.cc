#include "connectors/mysql/destination.h"

#include <spdlog/spdlog.h>

#include <map>

#include "connector/check_list.h"
#include "connectors/mysql/apply/applier.h"
#include "connectors/mysql/apply/ddl_executor.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/check/target_check.h"
#include "connectors/mysql/compare/row_reader.h"
#include "connectors/mysql/copy/chunk_writer.h"
#include "connectors/mysql/from_postgres/foreign_ddl.h"
#include "connectors/mysql/literal.h"
#include "connectors/mysql/schema/defaults_as_written.h"
#include "connectors/mysql/schema/next_values.h"
#include "connectors/mysql/schema/object_writer.h"
#include "connectors/mysql/schema/schema_writer.h"
#include "connectors/mysql/schema/target_definition.h"

namespace godwit::connectors::mysql {
namespace {

// Tables that the target has. Borrows the connection.
class TablesThere {
 public:
  explicit TablesThere(Connection& connection) : connection_(connection) {}

  // Null: there is none of this name, or it could not be read, as status() says then.
  const sql::TableDefinition* Find(const model::TableName& name) {
    const auto [found, is_new] = tables_.try_emplace(name);
    if (is_new && status_.ok()) {
      status_ = Read(name, found->second);
    }
    return found->second ? &*found->second : nullptr;
  }
  const base::Status& status() const { return status_; }
  // Borrows this.
  FindDefinition Finder() {
    return [this](const model::TableName& name) { return Find(name); };
  }

 private:
  base::Status Read(const model::TableName& name, std::optional<sql::TableDefinition>& table) {
    GODWIT_ASSIGN_OR_RETURN(const std::optional<connector::CatalogTable> found,
                            ReadTable(connection_, name));
    if (!found) return base::OkStatus();
    GODWIT_ASSIGN_OR_RETURN(table, DefinitionOf(found->definition));
    return base::OkStatus();
  }

  Connection& connection_;
  std::map<model::TableName, std::optional<sql::TableDefinition>> tables_;
  base::Status status_;
};

}  // namespace

template <typename Use>
auto MysqlDestination::WithControl(Use use) -> decltype(use(std::declval<Connection&>())) {
  std::lock_guard lock(mutex_);
  if (control_ == nullptr) {
    GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                            Connection::Open(endpoint_, "target", Connection::Text::kUtf8));
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

connector::CheckReport MysqlDestination::Check(const connector::CheckScope& scope,
                                               const connector::Catalog& catalog) {
  const std::string source = catalog.tables.empty() ? "" : catalog.tables[0].definition.dialect;
  auto report = WithControl([&](Connection& control) -> base::StatusOr<connector::CheckReport> {
    connector::CheckList translation("target");
    TablesThere others(control);
    const connector::Catalog here =
        from_.CatalogHere(catalog, control.flavour(), others.Finder(), translation);
    GODWIT_RETURN_IF_ERROR(others.status());
    connector::CheckReport items = CheckTarget(control, store_, scope, here, source);
    connector::CheckReport of_translation = translation.Take();
    items.insert(items.end(), of_translation.begin(), of_translation.end());
    return items;
  });
  return report.ok() ? *std::move(report)
                     : connector::CheckList::Unreachable("target", report.status());
}

base::StatusOr<std::optional<connector::TaskState>> MysqlDestination::LoadState() {
  return WithControl([&](Connection& control) { return store_.Load(control); });
}

base::StatusOr<connector::TaskState> MysqlDestination::Claim(uint64_t generation) {
  if (generation != 0) finishing_.Close();  // the target ends them
  auto state = WithControl([&](Connection& control) { return store_.Claim(control, generation); });
  std::lock_guard lock(mutex_);
  claimed_ = claimed_ || state.ok();
  return state;
}

base::StatusOr<std::optional<connector::TaskState>> MysqlDestination::ClaimIfKnown(
    uint64_t generation) {
  if (generation != 0) finishing_.Close();
  auto state =
      WithControl([&](Connection& control) { return store_.ClaimIfKnown(control, generation); });
  std::lock_guard lock(mutex_);
  claimed_ = claimed_ || (state.ok() && state->has_value());
  return state;
}

base::StatusOr<connector::Forgotten> MysqlDestination::Forget() {
  return WithControl([&](Connection& control) { return store_.Forget(control); });
}

base::Status MysqlDestination::SaveHead(const connector::TaskState& state) {
  return WithControl([&](Connection& control) { return store_.SaveHead(control, state); });
}

base::Status MysqlDestination::SaveServer(const connector::TaskState& state) {
  return WithControl([&](Connection& control) { return store_.SaveServer(control, state); });
}

base::Status MysqlDestination::SaveTables(const std::vector<connector::TableState>& tables) {
  return WithControl([&](Connection& control) { return store_.SaveTables(control, tables); });
}

base::Status MysqlDestination::CreateSchemas(const std::vector<connector::CatalogSchema>& schemas) {
  return WithControl([&](Connection& control) {
    std::vector<connector::CatalogSchema> here;
    for (const connector::CatalogSchema& schema : schemas)
      here.push_back(ForeignTables::SchemaHere(schema, control.flavour()));
    return mysql::CreateSchemas(control, here);
  });
}

base::StatusOr<std::string> MysqlDestination::Dialect() {
  return WithControl([](Connection& control) -> base::StatusOr<std::string> {
    return std::string(DialectName(control.flavour()));
  });
}

base::StatusOr<std::string> MysqlDestination::PlanSchema(const connector::CatalogSchema& schema) {
  return WithControl([&](Connection& control) {
    return SchemaStatementFor(control, ForeignTables::SchemaHere(schema, control.flavour()));
  });
}

base::StatusOr<std::string> MysqlDestination::PlanObject(const connector::CatalogObject& object) {
  if (IsForeign(object.dialect)) return fmt::format("-- {}: left out", object.name);
  return WithControl([&](Connection& control) -> base::StatusOr<std::string> {
    GODWIT_ASSIGN_OR_RETURN(connector::CatalogObject here, ObjectFor(control, object));
    return std::move(here.statement);
  });
}

base::StatusOr<model::TablePtr> MysqlDestination::TableHere(
    const connector::TableDefinition& table) {
  return WithControl([&](Connection& control) -> base::StatusOr<model::TablePtr> {
    if (table.dialect == DialectName(control.flavour())) return table.table;
    GODWIT_ASSIGN_OR_RETURN(const connector::TableDefinition here, Translated(control, table));
    GODWIT_ASSIGN_OR_RETURN(const sql::TableDefinition definition, DefinitionFor(control, here));
    return sql::ToTable(definition);
  });
}

base::StatusOr<model::TablePtr> MysqlDestination::TableWithDefaultsHere(
    const connector::TableDefinition& table) {
  return WithControl([&](Connection& control) -> base::StatusOr<model::TablePtr> {
    GODWIT_ASSIGN_OR_RETURN(const connector::TableDefinition here, Translated(control, table));
    GODWIT_ASSIGN_OR_RETURN(sql::TableDefinition definition, DefinitionFor(control, here));
    GODWIT_RETURN_IF_ERROR(TakeDefaultsAsWritten(control, store_.schema(), definition));
    return sql::ToTable(definition);
  });
}

base::StatusOr<connector::TablePlan> MysqlDestination::PlanTable(
    const connector::TableDefinition& table, const connector::Catalog& catalog,
    connector::IfExists if_exists) {
  return WithControl([&](Connection& control) -> base::StatusOr<connector::TablePlan> {
    if (!IsForeign(table.dialect))
      return mysql::PlanTable(control, table, if_exists, table.dialect);
    TablesThere others(control);
    GODWIT_ASSIGN_OR_RETURN(
        const sql::Translation here,
        from_.TranslateAmong(table, catalog, control.flavour(), others.Finder()));
    GODWIT_RETURN_IF_ERROR(others.status());
    GODWIT_ASSIGN_OR_RETURN(
        connector::TablePlan plan,
        mysql::PlanTable(control, ToTableDefinition(here.definition), if_exists, table.dialect));
    for (const sql::TranslationNote& note : here.notes) plan.notes.push_back(sql::ToText(note));
    return plan;
  });
}

base::StatusOr<connector::TableDefinition> MysqlDestination::Translated(
    Connection& connection, const connector::TableDefinition& table) const {
  TablesThere others(connection);
  GODWIT_ASSIGN_OR_RETURN(connector::TableDefinition here,
                          from_.TableHere(table, connection.flavour(), others.Finder()));
  GODWIT_RETURN_IF_ERROR(others.status());
  return here;
}

base::StatusOr<bool> MysqlDestination::NeedsCreating(const connector::TableDefinition& table,
                                                     connector::IfExists if_exists) {
  return WithControl([&](Connection& control) -> base::StatusOr<bool> {
    GODWIT_ASSIGN_OR_RETURN(const connector::TableDefinition here, Translated(control, table));
    return mysql::NeedsCreating(control, here, if_exists, table.dialect);
  });
}

base::Status MysqlDestination::CreateTable(const connector::TableDefinition& table) {
  return WithControl([&](Connection& control) -> base::Status {
    GODWIT_ASSIGN_OR_RETURN(const connector::TableDefinition here, Translated(control, table));
    return mysql::CreateTable(control, here);
  });
}

base::Status MysqlDestination::DropTable(const model::TableName& name) {
  return WithControl([&](Connection& control) {
    return control.Execute("DROP TABLE IF EXISTS " + QuoteName(name)).status();
  });
}

base::StatusOr<bool> MysqlDestination::HasTable(const model::TableName& name) {
  return WithControl([&](Connection& control) { return mysql::HasTable(control, name); });
}

base::Status MysqlDestination::FinishTable(const connector::TableDefinition& table,
                                           connector::UniqueKeys unique_keys) {
  return finishing_.With([&](Connection& connection) -> base::Status {
    GODWIT_ASSIGN_OR_RETURN(const connector::TableDefinition here, Translated(connection, table));
    return mysql::FinishTable(connection, here, unique_keys);
  });
}

base::Status MysqlDestination::CreateForeignKeys(
    const std::vector<connector::TableDefinition>& tables) {
  return WithControl([&](Connection& control) -> base::Status {
    TablesThere others(control);
    GODWIT_ASSIGN_OR_RETURN(const std::vector<connector::TableDefinition> here,
                            from_.TablesHere(tables, control.flavour(), others.Finder()));
    GODWIT_RETURN_IF_ERROR(others.status());
    for (const connector::TableDefinition& table : here)
      GODWIT_RETURN_IF_ERROR(mysql::CreateForeignKeys(control, table));
    return base::OkStatus();
  });
}

base::Status MysqlDestination::CreateObjects(const std::vector<connector::CatalogObject>& objects,
                                             connector::IfExists if_exists) {
  std::vector<std::string> left_out;
  std::vector<connector::CatalogObject> here = ForeignTables::ObjectsHere(objects, left_out);
  if (!left_out.empty()) {
    spdlog::warn("target: objects of another family are not translated, and left out: {}",
                 connector::Enumerate(left_out));
  }
  std::vector<connector::CatalogObject> counting;
  std::erase_if(here, [&](const connector::CatalogObject& object) {
    if (object.next_value) counting.push_back(object);
    return object.next_value.has_value();
  });
  return WithControl([&](Connection& control) -> base::Status {
    GODWIT_RETURN_IF_ERROR(mysql::CreateObjects(control, here, if_exists));
    return SetNextValues(control, counting);
  });
}

base::Status MysqlDestination::DropObjects(const std::vector<connector::CatalogObject>& objects) {
  std::vector<std::string> left_out;
  const std::vector<connector::CatalogObject> here = ForeignTables::ObjectsHere(objects, left_out);
  return WithControl([&](Connection& control) { return mysql::DropObjects(control, here); });
}

base::StatusOr<model::DdlChange> MysqlDestination::DdlHere(
    const model::DdlChange& ddl, const std::vector<connector::TableDefinition>& known) {
  if (!IsForeign(ddl.dialect)) return ddl;
  return WithControl([&](Connection& control) -> base::StatusOr<model::DdlChange> {
    TablesThere others(control);
    GODWIT_ASSIGN_OR_RETURN(model::DdlChange here,
                            mysql::DdlHere(ddl, from_, control.flavour(), known, others.Finder()));
    GODWIT_RETURN_IF_ERROR(others.status());
    return here;
  });
}

base::StatusOr<connector::DdlOutcome> MysqlDestination::ApplyDdl(
    const model::DdlChange& ddl, const model::Position& position, int64_t commit_time_us,
    const std::vector<connector::TableState>& tables, const connector::DdlOrder& order) {
  return WithControl([&](Connection& control) {
    return ExecuteDdl(endpoint_, control, store_, ddl, position, commit_time_us, tables, order);
  });
}

base::Status MysqlDestination::DecideDdl(connector::DdlVerb verb,
                                         const std::vector<std::string>& replacement) {
  GODWIT_ASSIGN_OR_RETURN(std::optional<connector::TaskState> state, LoadState());
  const base::Status none =
      base::FailedPrecondition("no DDL of the task waits for a decision; `godwit ddl` shows it");
  if (!state || !state->pending_ddl || state->pending_ddl->waits_for.empty()) return none;
  GODWIT_ASSIGN_OR_RETURN(const connector::TaskState held, Claim(0));
  if (!held.pending_ddl || held.pending_ddl->waits_for.empty()) return none;
  return WithControl(
      [&](Connection& control) { return store_.DecideDdl(control, verb, replacement); });
}

base::StatusOr<std::vector<connector::DdlRecord>> MysqlDestination::ReadDdlRecords() {
  return WithControl([&](Connection& control) { return store_.ReadDdlRecords(control); });
}

base::StatusOr<std::unique_ptr<connector::ChunkWriter>> MysqlDestination::OpenChunkWriter(
    connector::RowFormat) {
  if (!local_infile_) {
    GODWIT_ASSIGN_OR_RETURN(std::string value, WithControl([](Connection& control) {
                              return control.Variable("local_infile");
                            }));
    local_infile_ = value == "ON";
  }
  return std::unique_ptr<connector::ChunkWriter>(
      std::make_unique<LoadTextChunkWriter>(endpoint_, &store_, value_rules_, *local_infile_));
}

base::StatusOr<std::unique_ptr<connector::ChangeApplier>> MysqlDestination::OpenApplier(
    bool others) {
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<connector::ChangeApplier> applier,
                          MysqlApplier::Open(endpoint_, &store_, value_rules_, others));
  return applier;
}

base::StatusOr<std::vector<connector::CatalogTable>> MysqlDestination::ReadTables(
    const connector::TableFilter& filter) {
  GODWIT_ASSIGN_OR_RETURN(connector::Catalog catalog, WithControl([&](Connection& control) {
                            return mysql::ReadCatalog(control, filter, {});
                          }));
  return std::move(catalog.tables);
}

base::StatusOr<std::unique_ptr<connector::RowReader>> MysqlDestination::OpenRowReader(
    const std::string& other) {
  return std::unique_ptr<connector::RowReader>(
      std::make_unique<MysqlRowReader>(endpoint_, "target", FlavourInFamily(other)));
}

}  // namespace godwit::connectors::mysql
