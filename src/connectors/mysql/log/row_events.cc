#include "connectors/mysql/log/row_events.h"

#include <algorithm>

#include "connectors/mysql/literal.h"
#include "connectors/mysql/log/column_hints.h"
#include "connectors/mysql/log/row_sink.h"
#include "sql/implicit_default.h"
#include "wire/mysql/control_events.h"

namespace godwit::connectors::mysql {

base::Status RowEvents::TakeTableMap(const wire::mysql::Event& event) {
  GODWIT_ASSIGN_OR_RETURN(uint64_t id, wire::mysql::PeekTableId(event.body));
  MappedTable& mapped = mapped_[id];
  if (mapped.body == event.body) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(wire::mysql::TableMap map, wire::mysql::DecodeTableMap(event.body));
  mapped = {};
  mapped.body = std::string(event.body);
  return Map(map, mapped);
}

ImplicitDefaults RowEvents::DefaultsOf(const model::Table& table) const {
  ImplicitDefaults defaults;
  if (!follower_.translates()) return defaults;
  for (size_t c = 0; c < table.columns.size(); ++c) {
    const model::Column& column = table.columns[c];
    const std::string_view text = sql::ImplicitDefault(column.kind);
    if (text.empty() || column.nullable || !column.default_value.empty() || !IsWritten(column))
      continue;
    const bool json = column.kind == model::TypeKind::kJson;
    defaults.emplace_back(c, json ? model::Cell::Bytes(text) : model::Cell::Text(text));
  }
  return defaults;
}

base::Status RowEvents::Map(const wire::mysql::TableMap& map, MappedTable& mapped) {
  mapped.name = {map.schema, map.table};
  mapped.shadow = follower_.filling().Knows(mapped.name);
  if (!filter_.table(map.schema, map.table) || follower_.IsIgnored(mapped.name) ||
      follower_.IsGone(mapped.name))
    return base::OkStatus();
  mapped.wanted = true;
  mapped.table = follower_.Find(mapped.name);
  if (mapped.table == nullptr) {
    return base::FailedPrecondition(
        "table {}: the source's log changes its rows, but its definition at that place is not "
        "known; copy anew with `godwit run --restart`",
        mapped.name.ToString());
  }
  GODWIT_RETURN_IF_ERROR(CheckAgainstDefinition(map, *mapped.table));
  GODWIT_ASSIGN_OR_RETURN(mapped.layout,
                          wire::mysql::RowLayout::Compile(map, ColumnHints(map, *mapped.table)));
  mapped.defaults = DefaultsOf(*mapped.table);
  return base::OkStatus();
}

base::Status RowEvents::TakeStatement(const wire::mysql::Event& annotation) {
  GODWIT_ASSIGN_OR_RETURN(wire::mysql::AnnotateRowsEvent event,
                          wire::mysql::DecodeAnnotateRows(annotation.body));
  statement_ = event.sql;
  return base::OkStatus();
}

base::StatusOr<const RowEvents::MappedTable*> RowEvents::TableOf(const wire::mysql::Event& rows) {
  GODWIT_ASSIGN_OR_RETURN(uint64_t id, wire::mysql::PeekTableId(rows.body));
  const auto found = mapped_.find(id);
  if (found != mapped_.end()) {
    if (found->second.shadow) follower_.TakeOtherRows(found->second.name);
    return found->second.wanted ? &found->second : nullptr;
  }
  if (id == wire::mysql::RowsEvent::kDummyTableId) return nullptr;
  return base::DataLoss("rows of table id {}, which no table map has announced", id);
}

base::Status RowEvents::Append(const wire::mysql::Event& event, const MappedTable& mapped,
                               model::ChangeBatch& batch) {
  // The inflated rows of a compressed event are pinned with the batch: cells point into them.
  auto inflated = std::make_shared<std::string>();
  GODWIT_ASSIGN_OR_RETURN(wire::mysql::RowsEvent rows,
                          wire::mysql::DecodeRowsEvent(event, *inflated));
  if (!inflated->empty()) {
    batch.bytes += inflated->size();
    batch.pinned.push_back(inflated);
  }
  if (std::find(batch.tables.begin(), batch.tables.end(), mapped.table) == batch.tables.end())
    batch.tables.push_back(mapped.table);
  // Where MySQL's keys are the server's and no more the storage engine's, what they did to other
  // rows is in the log.
  const bool keys_act = (rows.flags & (wire::mysql::RowsEvent::kNoForeignKeyChecks |
                                       wire::mysql::RowsEvent::kSqlForeignKeys)) == 0;
  GODWIT_ASSIGN_OR_RETURN(const AbsentMeans absent, WhatAbsentMeans(rows, mapped));
  RowSink sink(batch, mapped.table.get(), rows.kind, keys_act, json_is_text_, absent,
               mapped.defaults, history_);
  GODWIT_RETURN_IF_ERROR(wire::mysql::DecodeRows(rows, *mapped.layout, sink));
  return sink.status();
}

void RowEvents::EndEvent(const wire::mysql::Event& event) {
  if (wire::mysql::EndsStatement(event)) statement_.clear();
}

base::StatusOr<AbsentMeans> RowEvents::WhatAbsentMeans(const wire::mysql::RowsEvent& rows,
                                                       const MappedTable& mapped) const {
  if (log_ == sql::Flavour::kMySql || rows.kind != wire::mysql::RowsKind::kUpdate ||
      rows.has_all_columns()) {
    return AbsentMeans::kUnchanged;
  }
  if (!has_statements_) {
    needs_statements_->store(true);
    return base::Aborted("rows lack columns: the log is read again with the statements of rows");
  }
  return AbsentIn(statement_, mapped.name);
}

}  // namespace godwit::connectors::mysql
