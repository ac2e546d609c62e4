#include "sql/difference.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_join.h>

#include <algorithm>

#include "base/text.h"
#include "sql/alter.h"
#include "sql/parser.h"
#include "sql/writer.h"

namespace godwit::sql {
namespace {

// A literal: the same whenever, and wherever, it is asked for.
bool IsConstant(std::string_view expression) {
  const std::string text = absl::AsciiStrToLower(std::string(expression));
  if (text.empty() || text == "null" || text == "true" || text == "false") return true;
  const char first = text.front();
  if (first == '\'' || first == '-' || first == '.' ||
      absl::ascii_isdigit(static_cast<unsigned char>(first)))
    return true;
  const size_t quote = text.find('\'');
  return quote != std::string::npos && (first == '_' || quote == 1);  // _utf8mb4'', b'', x''
}

// What CREATE TABLE says within its brackets.
std::string ElementText(const TableDefinition& one) {
  const std::string text = WriteCreateTable(one);
  const size_t begin = text.find("(\n  ") + 4;
  return text.substr(begin, text.rfind("\n)") - begin);
}

class Difference {
 public:
  Difference(const TableDefinition& from, const TableDefinition& to,
             std::span<const ColumnRename> renames)
      : original_(from), from_(from), to_(to), renames_(renames.begin(), renames.end()) {
    std::erase_if(renames_, [&](const ColumnRename& rename) {
      return from.FindColumn(rename.from) < 0 || to.FindColumn(rename.to) < 0;
    });
    RenameReferences(from_, renames_);
  }

  std::optional<std::string> Write() {
    if (from_.system_versioned || to_.system_versioned || from_.periods != to_.periods)
      return std::nullopt;
    DropKeys();
    const bool sound = WriteColumns() && WriteOptions();
    if (!sound) return std::nullopt;
    AddKeys();
    const std::string partitioning = PartitioningClause();
    if (clauses_.empty() && partitioning.empty()) return "";
    std::string statement = "ALTER TABLE " + QuoteName(to_.name);
    if (!clauses_.empty()) statement += " " + absl::StrJoin(clauses_, ", ");
    statement += partitioning;
    return LeadsThere(statement) ? std::optional(statement) : std::nullopt;
  }

 private:
  TableDefinition Bare() const {
    TableDefinition bare;
    bare.name = to_.name;
    bare.flavour = to_.flavour;
    return bare;
  }
  std::string Text(const ColumnDefinition& column) const {
    TableDefinition one = Bare();
    one.options.charset = to_.options.charset;  // which a column takes that names none
    one.columns = {column};
    return ElementText(one);
  }
  std::string Text(const KeyDefinition& key) const {
    TableDefinition one = Bare();
    one.keys = {key};
    return ElementText(one);
  }
  std::string Text(const model::ForeignKey& key) const {
    TableDefinition one = Bare();
    one.foreign_keys = {key};
    return ElementText(one);
  }
  std::string Text(const CheckDefinition& check) const {
    TableDefinition one = Bare();
    one.checks = {check};
    return ElementText(one);
  }

  // Those of one side that the other has not, or has otherwise.
  template <typename Items>
  static Items Without(const Items& these, const Items& others) {
    Items rest;
    for (const auto& item : these) {
      if (std::find(others.begin(), others.end(), item) == others.end()) rest.push_back(item);
    }
    return rest;
  }

  void DropKeys() {
    for (const auto& key : Without(from_.foreign_keys, to_.foreign_keys))
      clauses_.push_back("DROP FOREIGN KEY " + QuoteIdentifier(key.name));
    for (const auto& check : Without(from_.checks, to_.checks))
      clauses_.push_back("DROP CONSTRAINT " + QuoteIdentifier(check.name));
    for (const auto& key : Without(from_.keys, to_.keys)) {
      clauses_.push_back(key.kind == KeyKind::kPrimary ? "DROP PRIMARY KEY"
                                                       : "DROP KEY " + QuoteIdentifier(key.name));
    }
  }

  void AddKeys() {
    for (const auto& key : Without(to_.keys, from_.keys)) clauses_.push_back("ADD " + Text(key));
    for (const auto& key : Without(to_.foreign_keys, from_.foreign_keys))
      clauses_.push_back("ADD " + Text(key));
    for (const auto& check : Without(to_.checks, from_.checks))
      clauses_.push_back("ADD " + Text(check));
  }

  // The column that one of `to` was; -1: none.
  int OriginOf(const ColumnDefinition& column) const {
    for (const ColumnRename& rename : renames_) {
      if (base::EqualsIgnoreCase(rename.to, column.name)) return from_.FindColumn(rename.from);
    }
    for (const ColumnRename& rename : renames_) {
      if (base::EqualsIgnoreCase(rename.from, column.name)) return -1;
    }
    return from_.FindColumn(column.name);
  }

  // Which of the columns that stay keep their places: the longest run of them that is in order
  // already.
  std::vector<bool> KeepPlace(const std::vector<int>& origins) const {
    std::vector<size_t> length(origins.size(), 0);
    std::vector<int> before(origins.size(), -1);
    int best = -1;
    for (size_t i = 0; i < origins.size(); ++i) {
      if (origins[i] < 0) continue;
      length[i] = 1;
      for (size_t j = 0; j < i; ++j) {
        if (origins[j] < 0 || origins[j] > origins[i] || length[j] + 1 <= length[i]) continue;
        length[i] = length[j] + 1;
        before[i] = static_cast<int>(j);
      }
      if (best < 0 || length[i] > length[static_cast<size_t>(best)]) best = static_cast<int>(i);
    }
    std::vector<bool> keep(origins.size(), false);
    for (int i = best; i >= 0; i = before[static_cast<size_t>(i)])
      keep[static_cast<size_t>(i)] = true;
    return keep;
  }

  // False where rows could get other values than a tool's copy has.
  static bool IsSound(const ColumnDefinition* before, const ColumnDefinition& after) {
    // A time as text means another moment in each session's time zone.
    const bool same_default = before != nullptr && before->default_value == after.default_value;
    if (after.type.name == "timestamp" && after.default_value.find('\'') != std::string::npos &&
        !same_default)
      return false;
    if (before == nullptr)
      return !after.auto_increment &&
             (after.generated != Generated::kNo || IsConstant(after.default_value));
    const bool zones = (before->type.name == "timestamp") != (after.type.name == "timestamp");
    return before->generated == after.generated && !zones &&
           (before->auto_increment || !after.auto_increment);
  }

  bool WriteColumns() {
    std::vector<int> origins;
    for (const ColumnDefinition& column : to_.columns) origins.push_back(OriginOf(column));
    for (size_t i = 0; i < from_.columns.size(); ++i) {
      if (std::find(origins.begin(), origins.end(), static_cast<int>(i)) == origins.end())
        clauses_.push_back("DROP COLUMN " + QuoteIdentifier(from_.columns[i].name));
    }
    const std::vector<bool> keeps_place = KeepPlace(origins);
    for (size_t i = 0; i < to_.columns.size(); ++i) {
      const ColumnDefinition& column = to_.columns[i];
      const ColumnDefinition* before =
          origins[i] < 0 ? nullptr : &from_.columns[static_cast<size_t>(origins[i])];
      if (before != nullptr && *before == column && keeps_place[i]) continue;
      if (!IsSound(before, column)) return false;
      std::string clause =
          before == nullptr ? "ADD COLUMN " : "CHANGE " + QuoteIdentifier(before->name) + " ";
      clause += Text(column);
      if (!keeps_place[i])
        clause += i == 0 ? " FIRST" : " AFTER " + QuoteIdentifier(to_.columns[i - 1].name);
      clauses_.push_back(std::move(clause));
    }
    return true;
  }

  bool WriteOptions() {
    const TableOptions &before = from_.options, &after = to_.options;
    if (before.engine != after.engine) clauses_.push_back("ENGINE=" + after.engine);
    if (before.charset != after.charset) {
      std::string clause = "DEFAULT CHARACTER SET " + after.charset.charset;
      if (!after.charset.collation.empty()) clause += " COLLATE " + after.charset.collation;
      clauses_.push_back(std::move(clause));
    }
    if (before.comment != after.comment)
      clauses_.push_back("COMMENT=" + QuoteString(after.comment.value_or("")));
    for (const auto& option : Without(after.other, before.other))
      clauses_.push_back(option.first + "=" + option.second);
    // How an option is taken back differs from one to the next.
    return std::all_of(before.other.begin(), before.other.end(), [&](const auto& option) {
      return std::any_of(after.other.begin(), after.other.end(),
                         [&](const auto& other) { return other.first == option.first; });
    });
  }

  std::string PartitioningClause() const {
    if (from_.partitioning == to_.partitioning) return "";
    if (!to_.partitioning)
      return clauses_.empty() ? " REMOVE PARTITIONING" : ", REMOVE PARTITIONING";
    TableDefinition one = Bare();
    one.partitioning = to_.partitioning;
    const std::string text = WriteCreateTable(one);
    return text.substr(text.rfind("\n PARTITION BY"));
  }

  static TableDefinition Comparable(TableDefinition definition) {
    definition.options.auto_increment.reset();
    auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
    std::sort(definition.keys.begin(), definition.keys.end(), by_name);
    std::sort(definition.foreign_keys.begin(), definition.foreign_keys.end(), by_name);
    std::sort(definition.checks.begin(), definition.checks.end(), by_name);
    std::sort(definition.options.other.begin(), definition.options.other.end());
    return definition;
  }

  // The statement's own effect, by what is known of ALTER TABLE, is what was asked for.
  bool LeadsThere(const std::string& statement) const {
    ParseOptions options;
    options.flavour = to_.flavour;
    auto parsed = ParseStatement(statement, options);
    const auto* alter = parsed.ok() ? std::get_if<AlterTable>(&*parsed) : nullptr;
    if (alter == nullptr) return false;
    TableDefinition start = original_;
    start.name = to_.name;
    auto reached = ApplyActions(start, alter->actions, to_.options.charset);
    return reached.ok() && Comparable(*std::move(reached)) == Comparable(to_);
  }

  const TableDefinition& original_;
  TableDefinition from_;  // its references under the columns' new names
  const TableDefinition& to_;
  std::vector<ColumnRename> renames_;
  std::vector<std::string> clauses_;
};

}  // namespace

std::optional<std::string> WriteAlter(const TableDefinition& from, const TableDefinition& to,
                                      std::span<const ColumnRename> renames) {
  return Difference(from, to, renames).Write();
}

}  // namespace godwit::sql
