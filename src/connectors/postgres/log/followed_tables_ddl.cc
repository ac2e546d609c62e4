// FollowedTables::Follow: what a DDL of the event triggers makes of the tables.
#include <algorithm>
#include <vector>

#include "connectors/postgres/log/followed_tables.h"

namespace godwit::connectors::postgres {
namespace {

using Effect = model::DdlChange::Effect;

// For each column of one definition, where it is in the other; -1: nowhere.
std::vector<int> Places(const Definition& before, const Definition& after) {
  std::vector<int> places;
  for (const ColumnDefinition& column : before.columns) {
    const auto now =
        column.number == 0
            ? std::ranges::find(after.columns, column.name, &ColumnDefinition::name)
            : std::ranges::find(after.columns, column.number, &ColumnDefinition::number);
    places.push_back(now == after.columns.end() ? -1
                                                : static_cast<int>(now - after.columns.begin()));
  }
  return places;
}

// The rows that it describes, as rows of the definition that has come.
void Remap(FollowedRelation& relation, const std::vector<int>& places, const Definition& after,
           const std::map<std::string, EarlierValue>& missing) {
  for (int& column : relation.column_of)
    column = column < 0 ? -1 : places[static_cast<size_t>(column)];
  auto earlier = std::exchange(relation.earlier, {});
  for (auto& [column, value] : earlier) {
    const int place = places[static_cast<size_t>(column)];
    if (place >= 0) relation.earlier.emplace_back(place, std::move(value));
  }
  for (size_t c = 0; c < after.columns.size(); ++c) {
    const bool is_new = std::ranges::find(places, static_cast<int>(c)) == places.end();
    if (!is_new || after.columns[c].generated != 0) continue;
    const auto value = missing.find(after.columns[c].name);
    relation.earlier.emplace_back(static_cast<int>(c), value == missing.end()
                                                           ? std::optional<std::string>()
                                                           : value->second.value);
  }
}

}  // namespace

void FollowedTables::Leave(FollowedTable& table) {
  for (Relations* relations : {&relations_, &of_replay_}) {
    for (auto& [oid, relation] : *relations) {
      if (relation.table != &table) continue;
      relation.fits = false;
      relation.table = nullptr;
    }
  }
  absl::erase_if(parts_, [&](const auto& entry) { return entry.second.table == &table; });
}

base::Status FollowedTables::Transform(FollowedTable& table, const Effect& effect,
                                       const std::map<std::string, EarlierValue>& missing) {
  GODWIT_ASSIGN_OR_RETURN(Definition after, FromJson(effect.definition));
  const std::vector<int> places = Places(table.definition, after);
  table.definition = std::move(after);
  table.table = effect.after;
  table.identity = table.table->RowIdentity();
  absl::erase_if(parts_, [&](const auto& entry) { return entry.second.table == &table; });
  Number(table);
  for (Relations* relations : {&relations_, &of_replay_}) {
    for (auto& [oid, relation] : *relations) {
      if (relation.table != &table) continue;
      const auto part = parts_.find(oid);
      if (part == parts_.end() || part->second.table != &table) {
        relation.table = nullptr;
        relation.fits = false;
        continue;
      }
      relation.name = std::make_shared<const model::TableName>(part->second.name);
      if (relation.fits) Remap(relation, places, table.definition, missing);
    }
  }
  return base::OkStatus();
}

base::Status FollowedTables::Follow(
    const model::DdlChange& ddl, wire::postgres::Lsn commit,
    const std::map<model::TableName, std::map<std::string, EarlierValue>>& missing) {
  using Node = std::map<model::TableName, FollowedTable>::node_type;
  std::vector<std::pair<Node, const Effect*>> stay;
  for (const Effect& effect : ddl.effects) {
    if (effect.after == nullptr) {
      const auto gone = tables_.find(effect.table);
      if (gone == tables_.end()) continue;
      Leave(gone->second);
      tables_.erase(gone);
    } else if (!effect.made) {
      // A node keeps its place in memory under another name.
      stay.emplace_back(
          tables_.extract(effect.renamed_from.table.empty() ? effect.table : effect.renamed_from),
          &effect);
      if (stay.back().first.empty())
        return base::Internal("source: a DDL of table {}, which is not followed",
                              effect.table.ToString());
    }
  }
  const std::map<std::string, EarlierValue> none;
  const auto missing_of = [&](const model::TableName& name) -> const auto& {
    const auto found = missing.find(name);
    return found == missing.end() ? none : found->second;
  };
  for (auto& [node, effect] : stay) {
    node.key() = effect->table;
    FollowedTable& table = tables_.insert(std::move(node)).position->second;
    table.redefined_at = commit;
    GODWIT_RETURN_IF_ERROR(Transform(table, *effect, missing_of(effect->table)));
  }
  for (const Effect& effect : ddl.effects) {
    if (effect.after == nullptr || !effect.made) continue;
    FollowedTable& table = tables_[effect.table];
    table = FollowedTable();
    table.redefined_at = commit;
    GODWIT_RETURN_IF_ERROR(Transform(table, effect, none));
  }
  return base::OkStatus();
}

}  // namespace godwit::connectors::postgres
