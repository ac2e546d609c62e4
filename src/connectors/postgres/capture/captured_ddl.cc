#include "connectors/postgres/capture/captured_ddl.h"

#include <algorithm>

#include "connectors/postgres/capture/ddl_capture.h"
#include "connectors/postgres/log/visibility.h"

namespace godwit::connectors::postgres {
namespace {

constexpr std::string_view kEndedBetween =
    "a run ended between a change of its definition and the rows of the same transaction";
constexpr std::string_view kToldApartOtherwise =
    "its rows are told apart by other columns from within a transaction that changes them";

// Whether a relation of this form is described so; its columns come in the order of their numbers.
bool IsOf(const Definition& form, const wire::postgres::Relation& relation) {
  if (!Compare(form, relation).none()) return false;
  if (relation.id != form.oid) return true;  // a partition may have them in another order
  int last = 0;
  for (const wire::postgres::RelationColumn& column : relation.columns) {
    const int number =
        std::ranges::find(form.columns, column.name, &ColumnDefinition::name)->number;
    if (number < last) return false;
    last = number;
  }
  return true;
}

base::Status NotCaptured(const model::TableName& table) {
  return base::FailedPrecondition(
      "source: the log has rows of {} in another form than the one known, and no message of the "
      "event triggers that says so: they were disabled, or removed. Copy anew with `godwit run "
      "--restart`",
      table.ToString());
}

}  // namespace

CapturedDdl::CapturedDdl(const Server& server, std::string hold, connector::TableFilter filter,
                         wire::postgres::Lsn after, EarlyCapture& early)
    : hold_(std::move(hold)),
      prefix_(CapturePrefix(hold_)),
      filter_(std::move(filter)),
      after_(after),
      early_(early),
      connection_(server, "source") {}

base::StatusOr<ComposedDdl> CapturedDdl::ComposeFrom(const CapturedChanges& changes,
                                                     const FollowedTables& tables) {
  const AskSource ask_source = [&](uint32_t oid) {
    return connection_.With([&](Connection& connection) -> base::StatusOr<std::optional<TableNow>> {
      GODWIT_RETURN_IF_ERROR(WaitUntilVisible(connection, begin_.xid));
      GODWIT_ASSIGN_OR_RETURN(
          const std::vector<ResultRow> rows,
          connection.Query(fmt::format(
              "SELECT n.nspname, c.relname, c.relispartition AND {} FROM pg_class c JOIN "
              "pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = {}",
              !connection.by_leaf(), oid)));
      if (rows.empty()) return std::optional<TableNow>();
      const ResultRow& row = rows.front();
      return std::optional(TableNow{{*row[0], *row[1]}, *row[2] == "t"});
    });
  };
  return Compose(changes, tables, filter_, begin_, ask_source);
}

base::StatusOr<ComposedDdl> CapturedDdl::Begin(const wire::postgres::Begin& begin,
                                               const FollowedTables& tables) {
  begin_ = begin;
  with_rows_.clear();
  last_with_rows_ = 0;
  gathered_.reset();
  early_changes_.reset();
  forms_.clear();
  suspects_.clear();
  missing_.clear();
  {
    std::lock_guard lock(early_.mutex);
    if (const auto known = early_.by_commit.find(begin.commit); known != early_.by_commit.end())
      early_changes_ = known->second;
  }
  if (early_changes_ == nullptr) return ComposedDdl();
  GODWIT_ASSIGN_OR_RETURN(ComposedDdl composed, ComposeFrom(*early_changes_, tables));
  if (composed.ddl == nullptr) return composed;
  missing_ = composed.missing;
  for (const model::DdlChange::Effect& effect : composed.ddl->effects) {
    if (effect.after == nullptr || effect.made) continue;
    GODWIT_ASSIGN_OR_RETURN(const Definition after, FromJson(effect.definition));
    if (const FollowedTable* table = tables.FindTable(after.oid))
      forms_[after.oid] = table->definition;
  }
  return composed;
}

base::StatusOr<ComposedDdl> CapturedDdl::End(const FollowedTables& tables, bool rows_are_told) {
  early_changes_.reset();
  forms_.clear();
  const std::shared_ptr<CapturedChanges> gathered = std::exchange(gathered_, nullptr);
  if (gathered == nullptr) return ComposedDdl();
  if (!rows_are_told && !gathered->has_rows()) return ComposeFrom(*gathered, tables);
  gathered->SawRow();
  for (const auto& [oid, suspect] : suspects_) {
    if (!gathered->tables().contains(oid)) return suspect.otherwise;
    gathered->CopyAgain(oid, suspect.why_copied);
  }
  std::lock_guard lock(early_.mutex);
  early_.by_commit[begin_.commit] = gathered;
  return base::Unavailable(
      "source: the transaction at {} is read once more: it changes a definition among its rows",
      wire::postgres::LsnText(begin_.commit));
}

base::Status CapturedDdl::Take(const wire::postgres::LogicalMessage& message,
                               const FollowedTables& tables) {
  if (!message.transactional || message.prefix != prefix_) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(const CapturedMessage captured, ParseCapturedMessage(message.content));
  if (early_changes_ != nullptr) {
    for (const Definition& table : captured.tables) {
      if (tables.FindTable(table.oid) != nullptr) forms_[table.oid] = table;
    }
    return base::OkStatus();
  }
  if (gathered_ == nullptr) {
    if (!CapturedChanges::Concerns(captured, tables, filter_, begin_.xid, begin_.commit))
      return base::OkStatus();
    gathered_ = std::make_shared<CapturedChanges>();
  }
  gathered_->Add(captured, tables, with_rows_);
  return base::OkStatus();
}

bool CapturedDdl::LeavesOutRow(uint32_t relation) {
  if (std::exchange(last_with_rows_, relation) != relation) with_rows_.insert(relation);
  if (gathered_ == nullptr) return false;
  gathered_->SawRow();
  return true;
}

base::Status CapturedDdl::UnknownForm(const FollowedTable& table) {
  base::Status not_captured = NotCaptured(table.definition.name);
  if (begin_.commit != after_) return not_captured;
  return LeaveToCopy(table, kEndedBetween, std::move(not_captured));
}

base::Status CapturedDdl::LeaveToCopy(const FollowedTable& table, std::string_view why,
                                      base::Status otherwise) {
  const uint32_t oid = table.definition.oid;
  if (early_changes_ == nullptr) {
    if (gathered_ == nullptr) gathered_ = std::make_shared<CapturedChanges>();
    suspects_[oid] = {std::string(why), std::move(otherwise)};
    return base::OkStatus();
  }
  // Told already, and not done: a rule, or the operator, has left it out.
  const bool is_told = early_changes_->copied_again().contains(oid);
  if (is_told || !early_changes_->tables().contains(oid)) return otherwise;
  std::lock_guard lock(early_.mutex);
  early_changes_->CopyAgain(oid, std::string(why));
  return base::Unavailable(
      "source: the transaction at {} is read once more: table {} is to be copied before it",
      wire::postgres::LsnText(begin_.commit), table.definition.name.ToString());
}

base::Status CapturedDdl::Map(const wire::postgres::Relation& relation, FollowedRelation& described,
                              FollowedTables& tables) {
  const FollowedTable& table = *described.table;
  const uint32_t oid = table.definition.oid;
  const auto changed = forms_.find(oid);
  const Definition& form = changed == forms_.end() ? table.definition : changed->second;
  // The target has the DDL from before the stream began, and what was before it is not known any
  // more, whatever it looks like.
  const bool unknown = changed == forms_.end() && begin_.commit == after_ &&
                       early_changes_ != nullptr && early_changes_->tables().contains(oid);
  if (unknown || !IsOf(form, relation)) return UnknownForm(table);
  std::map<std::string, EarlierValue> earlier;
  for (const ColumnDefinition& column : table.definition.columns) {
    const bool is_there = std::ranges::find(form.columns, column.number,
                                            &ColumnDefinition::number) != form.columns.end();
    if (is_there || column.generated != 0) continue;
    EarlierValue& value = earlier[column.name];
    if (const auto kept = missing_.find(table.definition.name); kept != missing_.end()) {
      if (const auto one = kept->second.find(column.name); one != kept->second.end())
        value = one->second;
    }
  }
  base::Status mapped = tables.MapAs(form, relation, described, earlier);
  const bool may_be_of_change = early_changes_ != nullptr || begin_.commit == after_;
  if (!absl::IsFailedPrecondition(mapped) || !may_be_of_change) return mapped;
  return LeaveToCopy(table, kToldApartOtherwise, std::move(mapped));
}

base::Status CapturedDdl::ExpectOfOthers(const wire::postgres::Relation& relation,
                                         const FollowedTables& tables) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      connection_.With([&](Connection& connection) -> base::StatusOr<std::vector<ResultRow>> {
        GODWIT_RETURN_IF_ERROR(WaitUntilVisible(connection, begin_.xid));
        return connection.Query(fmt::format(
            "SELECT pg_partition_root(oid)::oid FROM pg_class WHERE oid = {} AND relispartition",
            relation.id));
      }));
  const uint32_t root =
      rows.empty() ? 0 : static_cast<uint32_t>(std::stoul(rows[0][0].value_or("0")));
  const FollowedTable* table = tables.FindTable(root);
  if (table == nullptr || table->HasSeen(begin_.xid, begin_.commit)) return base::OkStatus();
  return base::FailedPrecondition(
      "source: {}.{} is a partition of {}, and no message of the event triggers in the log has "
      "said so: they were disabled, or removed. Copy anew with `godwit run --restart`",
      relation.schema, relation.name, table->definition.name.ToString());
}

base::Status CapturedDdl::ExpectInstalled() {
  return connection_.With([&](Connection& connection) { return ExpectCapture(connection, hold_); });
}

}  // namespace godwit::connectors::postgres
