#include <algorithm>

#include "fakes.h"

namespace godwit::pipeline::testing {

using model::ChangeKind;

void Log::AddTable(model::Table table, const Rows& rows) {
  const model::TableName name = table.name;
  const std::string statement = name.table + "#" + std::to_string(tables_.size());
  tables_[statement] = std::make_shared<const model::Table>(std::move(table));
  definitions_.back()[name] = statement;
  states_.back()[name] = now_[name] = rows;
}

model::TablePtr Log::Current(const std::string& table) const {
  return tables_.at(definitions_.back().at({"shop", table}));
}

bool Log::Insert(const std::string& table, const Values& row) {
  return Do(ChangeKind::kInsert, table, {}, row);
}
bool Log::Update(const std::string& table, const Values& before, const Values& after) {
  return Do(ChangeKind::kUpdate, table, before, after);
}
bool Log::Delete(const std::string& table, const Values& row) {
  return Do(ChangeKind::kDelete, table, row, {});
}

bool Log::Do(ChangeKind kind, const std::string& table, Values before, Values after) {
  const model::TablePtr definition = Current(table);
  const Database saved = now_;
  Rows& rows = now_[definition->name];
  if (!before.empty()) {
    auto it = rows.find(before);
    if (it == rows.end()) return false;
    rows.erase(it);
  }
  if (!after.empty()) rows.insert(after);
  if (!before.empty() && keys_act_) {
    connector::ForeignKeyGraph graph;
    for (const auto& [name, statement] : definitions_.back()) {
      for (const model::ForeignKey& key : tables_.at(statement)->foreign_keys)
        graph.children[key.parent].push_back({tables_.at(statement), key});
    }
    Cascade(now_, graph, definition->name, *definition, before, after);
  }
  for (const auto& [name, statement] : definitions_.back()) {
    const model::Table& one = *tables_.at(statement);
    bool broken = !one.primary_key.empty() && HasDuplicates(now_[name], one.primary_key);
    for (const model::Key& key : one.unique_keys)
      broken = broken || HasDuplicates(now_[name], key.columns);
    if (broken) {
      now_ = saved;
      return false;
    }
  }
  open_.rows.push_back({kind, definition, std::move(before), std::move(after), keys_act_});
  return true;
}

uint64_t Log::Commit() {
  transactions_.push_back(std::exchange(open_, {}));
  states_.push_back(now_);
  definitions_.push_back(definitions_.back());
  return end();
}

uint64_t Log::Ddl(const std::string& statement, const std::string& table,
                  std::optional<model::Table> after, const std::function<void(Rows&)>& rows) {
  const model::TableName name{"shop", table};
  auto change = std::make_shared<model::DdlChange>();
  change->statement = statement;
  model::DdlChange::Effect& effect = change->effects.emplace_back();
  effect.table = name;
  std::map<model::TableName, std::string> definitions = definitions_.back();
  definitions.erase(name);
  if (after) {
    effect.definition = table + "#" + std::to_string(tables_.size());
    effect.after = tables_[effect.definition] =
        std::make_shared<const model::Table>(*std::move(after));
    definitions[name] = effect.definition;
  }
  const bool dropped = effect.after == nullptr;
  effects_[statement] = [name, dropped, rows](Database& database) {
    if (rows) rows(database[name]);
    if (dropped) database.erase(name);
    if (!dropped) database.try_emplace(name);
  };
  effects_[statement](now_);
  transactions_.push_back({{}, std::move(change)});
  states_.push_back(now_);
  definitions_.push_back(std::move(definitions));
  return end();
}

uint64_t Log::ViewStatement(std::string statement) {
  auto change = std::make_shared<model::DdlChange>();
  change->statement = std::move(statement);
  change->only_views = true;
  transactions_.push_back({{}, std::move(change)});
  states_.push_back(now_);
  definitions_.push_back(definitions_.back());
  return end();
}

}  // namespace godwit::pipeline::testing
