#include "sql/alter_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sql/definition_text.h"
#include "sql/rename.h"
#include "sql/writer.h"

namespace godwit::sql {
namespace {

// Indexes of the longest run of `places` that only rises, those below 0 left out.
std::set<size_t> LongestRise(const std::vector<int>& places) {
  std::vector<size_t> length(places.size(), 0);
  std::vector<int> previous(places.size(), -1);
  int last = -1;
  for (size_t i = 0; i < places.size(); ++i) {
    if (places[i] < 0) continue;
    length[i] = 1;
    for (size_t j = 0; j < i; ++j) {
      if (places[j] < 0 || places[j] >= places[i] || length[j] + 1 <= length[i]) continue;
      length[i] = length[j] + 1;
      previous[i] = static_cast<int>(j);
    }
    if (last < 0 || length[i] > length[static_cast<size_t>(last)]) last = static_cast<int>(i);
  }
  std::set<size_t> rise;
  for (int i = last; i >= 0; i = previous[static_cast<size_t>(i)])
    rise.insert(static_cast<size_t>(i));
  return rise;
}

class ClauseWriter {
 public:
  ClauseWriter(const TableDefinition& before, const TableDefinition& after,
               const std::vector<std::string>& origins)
      : before_(before), after_(after), origins_(origins), renamed_(before) {
    for (size_t i = 0; i < origins.size(); ++i) {
      if (!origins[i].empty() && origins[i] != after.columns[i].name)
        renames_.push_back({origins[i], after.columns[i].name});
    }
    // Where a definition refers to a column the server renames it by itself.
    RenameReferences(renamed_, renames_);
  }

  std::vector<std::string> Run() {
    DropForeignKeys();
    DropChecks();
    Keys();
    Columns();
    clauses_.insert(clauses_.end(), key_additions_.begin(), key_additions_.end());
    AddForeignKeys();
    AddChecks();
    Options();
    return std::move(clauses_);
  }

 private:
  template <typename... Args>
  void Add(fmt::format_string<Args...> format, Args&&... args) {
    clauses_.push_back(fmt::format(format, std::forward<Args>(args)...));
  }

  void DropForeignKeys() {
    for (const model::ForeignKey& key : renamed_.foreign_keys) {
      const int now = after_.FindForeignKey(key.name);
      if (now < 0 || after_.foreign_keys[static_cast<size_t>(now)] != key)
        Add("DROP FOREIGN KEY {}", QuoteIdentifier(key.name));
    }
  }
  void AddForeignKeys() {
    for (const model::ForeignKey& key : after_.foreign_keys) {
      const int then = renamed_.FindForeignKey(key.name);
      if (then < 0 || renamed_.foreign_keys[static_cast<size_t>(then)] != key)
        Add("ADD {}", ForeignKeyText(key, after_.name.schema));
    }
  }

  // A check of MySQL's stands in the way of its columns' new names.
  bool CheckStays(const CheckDefinition& check) const {
    const auto then = std::ranges::find(before_.checks, check.name, &CheckDefinition::name);
    return then != before_.checks.end() && *then == check;
  }
  void DropChecks() {
    for (const CheckDefinition& check : before_.checks) {
      const auto now = std::ranges::find(after_.checks, check.name, &CheckDefinition::name);
      if (now == after_.checks.end() || !(*now == check))
        Add("DROP CONSTRAINT {}", QuoteIdentifier(check.name));
    }
  }
  void AddChecks() {
    for (const CheckDefinition& check : after_.checks) {
      if (!CheckStays(check)) Add("ADD {}", CheckText(check));
    }
  }

  void Keys() {
    for (const KeyDefinition& key : renamed_.keys) {
      const int now = after_.FindKey(key.name);
      if (now < 0 || !SameButVisible(key, after_.keys[static_cast<size_t>(now)])) {
        if (TakeRenamedKey(key)) continue;
        key.kind == KeyKind::kPrimary ? Add("DROP PRIMARY KEY")
                                      : Add("DROP KEY {}", QuoteIdentifier(key.name));
      } else if (const bool ignored = after_.keys[static_cast<size_t>(now)].ignored;
                 ignored != key.ignored) {
        const bool mysql = after_.flavour == Flavour::kMySql;
        Add("ALTER INDEX {} {}", QuoteIdentifier(key.name),
            mysql ? (ignored ? "INVISIBLE" : "VISIBLE") : (ignored ? "IGNORED" : "NOT IGNORED"));
      }
    }
    for (const KeyDefinition& key : after_.keys) {
      if (taken_keys_.contains(key.name)) continue;
      const int then = renamed_.FindKey(key.name);
      if (then < 0 || !SameButVisible(renamed_.keys[static_cast<size_t>(then)], key))
        key_additions_.push_back("ADD " + KeyText(key, after_.flavour));
    }
  }
  static bool SameButVisible(KeyDefinition a, const KeyDefinition& b) {
    a.ignored = b.ignored;
    return a == b;
  }
  // A key that is the same under a new name.
  bool TakeRenamedKey(const KeyDefinition& key) {
    if (key.kind == KeyKind::kPrimary || after_.FindKey(key.name) >= 0) return false;
    for (const KeyDefinition& now : after_.keys) {
      KeyDefinition same = key;
      same.name = now.name;
      if (!(same == now) || renamed_.FindKey(now.name) >= 0 || taken_keys_.contains(now.name))
        continue;
      Add("RENAME INDEX {} TO {}", QuoteIdentifier(key.name), QuoteIdentifier(now.name));
      taken_keys_.insert(now.name);
      return true;
    }
    return false;
  }

  void Columns() {
    std::set<std::string> kept(origins_.begin(), origins_.end());
    for (const ColumnDefinition& column : before_.columns) {
      if (!kept.contains(column.name)) Add("DROP COLUMN {}", QuoteIdentifier(column.name));
    }
    std::vector<int> places;
    places.reserve(origins_.size());
    for (const std::string& origin : origins_)
      places.push_back(origin.empty() ? -1 : before_.FindColumn(origin));
    const std::set<size_t> in_place = LongestRise(places);
    for (size_t i = 0; i < after_.columns.size(); ++i) {
      const ColumnDefinition& column = after_.columns[i];
      const std::string text = ColumnText(column, after_);
      const std::string place =
          i == 0 ? " FIRST" : " AFTER " + QuoteIdentifier(after_.columns[i - 1].name);
      if (places[i] < 0) {
        Add("ADD COLUMN {}{}", text, i + 1 == after_.columns.size() ? "" : place);
        continue;
      }
      const ColumnDefinition& then = before_.columns[static_cast<size_t>(places[i])];
      const bool moved = !in_place.contains(i);
      if (!moved && text == ColumnText(then, after_)) continue;
      if (then.name == column.name) {
        Add("MODIFY COLUMN {}{}", text, moved ? place : "");
      } else {
        Add("CHANGE COLUMN {} {}{}", QuoteIdentifier(then.name), text, moved ? place : "");
      }
    }
  }

  void Options() {
    const TableOptions &then = before_.options, &now = after_.options;
    if (now.engine != then.engine) Add("ENGINE={}", now.engine);
    if (now.charset != then.charset) Add("DEFAULT{}", CharsetText(now.charset));
    if (now.auto_increment && now.auto_increment != then.auto_increment)
      Add("AUTO_INCREMENT={}", *now.auto_increment);
    if (now.comment != then.comment) Add("COMMENT={}", QuoteString(now.comment.value_or("")));
    for (const auto& [name, value] : now.other) {
      if (std::ranges::find(then.other, std::pair(name, value)) == then.other.end())
        Add("{}={}", name, value);
    }
    for (const auto& [name, value] : then.other) {
      const bool there =
          std::ranges::any_of(now.other, [&](const auto& option) { return option.first == name; });
      if (!there) Add("{}=DEFAULT", name);
    }
  }

  const TableDefinition& before_;
  const TableDefinition& after_;
  const std::vector<std::string>& origins_;
  TableDefinition renamed_;
  std::vector<ColumnRename> renames_;
  std::vector<std::string> clauses_, key_additions_;
  std::set<std::string> taken_keys_;
};

}  // namespace

std::vector<std::string> AlterClauses(const TableDefinition& before, const TableDefinition& after,
                                      const std::vector<std::string>& origins) {
  return ClauseWriter(before, after, origins).Run();
}

}  // namespace godwit::sql
