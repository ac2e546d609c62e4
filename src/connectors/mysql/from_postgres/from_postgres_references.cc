#include "connectors/mysql/from_postgres/from_postgres_references.h"

#include <absl/algorithm/container.h>
#include <fmt/format.h>

#include "base/text.h"
#include "connectors/mysql/from_postgres/fitting_names.h"
#include "connectors/mysql/from_postgres/from_postgres.h"
#include "connectors/mysql/from_postgres/planned_keys.h"
#include "sql/data_type.h"
#include "sql/writer.h"

namespace godwit::connectors::mysql {
namespace {

using model::ReferenceAction;
using sql::NoteTaker;
using sql::TableDefinition;
using sql::postgres::ConstraintDefinition;

std::string PlaceOf(const std::string& name) { return "foreign key " + sql::QuoteIdentifier(name); }

class ReferenceTranslator {
 public:
  ReferenceTranslator(const sql::postgres::Definition& table,
                      const std::vector<PlannedColumn>& columns, TableDefinition& here,
                      NoteTaker& notes)
      : table_(table), columns_(columns), here_(here), notes_(notes) {}

  void Take(const ConstraintDefinition& one) {
    place_ = PlaceOf(one.name);
    if (!one.table.table.empty())
      return LeaveOut(fmt::format("partition {} alone has it", one.table.ToString()));
    if (!one.validated)
      return LeaveOut("it is NOT VALID, so that rows may be without their parents");
    for (const std::string& name : one.columns) {
      const int column = ColumnOf(table_, name);
      if (column < 0) return LeaveOut("its columns are not known");
      if (columns_[static_cast<size_t>(column)].IsDocument())
        return LeaveOut("the target has none over documents");
      if (here_.columns[static_cast<size_t>(column)].generated == sql::Generated::kVirtual)
        return LeaveOut("the target has none over VIRTUAL columns");
    }
    model::ForeignKey key;
    key.name = NameInDatabase(table_.name.table, one.name);
    key.columns = one.columns;
    key.parent = one.parent;
    key.parent_columns = one.parent_columns;
    key.on_delete = Action(one, one.on_delete, "DELETE");
    key.on_update = Action(one, one.on_update, "UPDATE");
    if (one.definition.find(" MATCH FULL") != std::string::npos)
      notes_.Lossy(place_,
                   "MATCH FULL is left out: a row with NULL in one column refers to nothing");
    if (one.deferrable)
      notes_.Lossy(place_, "is checked with each row, and not DEFERRABLE any more");
    if (const std::string base = BaseOfStored(key); !base.empty()) {
      return LeaveOut(
          fmt::format("it changes {}, of which a stored column is generated, and the "
                      "target does not take both",
                      sql::QuoteIdentifier(base)));
    }
    here_.foreign_keys.push_back(std::move(key));
  }

 private:
  void LeaveOut(const std::string& why) { notes_.Lossy(place_, "is left out: " + why); }

  ReferenceAction Action(const ConstraintDefinition& one, char action, std::string_view event) {
    switch (action) {
      case 'c':
        return ReferenceAction::kCascade;
      case 'n':
        return SetNull(one, event);
      case 'd':
        notes_.Lossy(place_,
                     fmt::format("ON {} SET DEFAULT is left out, which InnoDB has not: such "
                                 "a statement is an error while rows refer to the parent",
                                 event));
        return ReferenceAction::kRestrict;
      default:
        // NO ACTION and RESTRICT are the same to InnoDB, and what neither server shows.
        return ReferenceAction::kRestrict;
    }
  }

  ReferenceAction SetNull(const ConstraintDefinition& one, std::string_view event) {
    std::string why;
    if (one.definition.find(fmt::format("ON {} SET NULL (", event)) != std::string::npos)
      why = "of some columns, which the target has not";
    for (const std::string& name : one.columns) {
      if (!here_.columns[static_cast<size_t>(ColumnOf(table_, name))].nullable)
        why = fmt::format("as {} is NOT NULL", sql::QuoteIdentifier(name));
    }
    if (why.empty()) return ReferenceAction::kSetNull;
    notes_.Lossy(place_, fmt::format("ON {} SET NULL is left out, {}: such a statement is an error "
                                     "while rows refer to the parent",
                                     event, why));
    return ReferenceAction::kRestrict;
  }

  // A column that the key changes by itself, and a stored one is generated of.
  std::string BaseOfStored(const model::ForeignKey& key) const {
    const auto changes = [](ReferenceAction action) {
      return action == ReferenceAction::kCascade || action == ReferenceAction::kSetNull;
    };
    if (!changes(key.on_update) && key.on_delete != ReferenceAction::kSetNull) return "";
    for (const std::string& name : key.columns) {
      for (const sql::postgres::ColumnDefinition& column : table_.columns) {
        if (column.generated != 's') continue;
        const std::vector<int> of = ColumnsIn(table_, column.default_value);
        if (absl::c_linear_search(of, ColumnOf(table_, name))) return name;
      }
    }
    return "";
  }

  const sql::postgres::Definition& table_;
  const std::vector<PlannedColumn>& columns_;
  TableDefinition& here_;
  NoteTaker& notes_;
  std::string place_;
};

const sql::ColumnDefinition* FindColumn(const TableDefinition& table, const std::string& name) {
  const int column = table.FindColumn(name);
  return column < 0 ? nullptr : &table.columns[static_cast<size_t>(column)];
}

// Whether the server compares one with an index of the other.
bool CanRefer(const sql::DataType& child, const sql::DataType& parent) {
  const auto is_string = [](const sql::DataType& type) {
    return type.name == "char" || type.name == "varchar";
  };
  if (is_string(child) && is_string(parent)) return child.charset == parent.charset;
  if (child.name == "varbinary" && parent.name == "varbinary") return true;
  const sql::TypeTraits* traits = sql::FindType(child.name);
  if (traits != nullptr && traits->kind == model::TypeKind::kInt)
    return child.name == parent.name && child.is_unsigned == parent.is_unsigned;
  return child == parent;
}

// The place of each of the key's columns in a unique key of the parent over just these; empty: this
// is none. (Keys that are not unique MySQL takes for it by a setting alone.)
std::vector<size_t> PlacesIn(const sql::KeyDefinition& key,
                             const std::vector<std::string>& columns) {
  const bool unique = key.kind == sql::KeyKind::kPrimary || key.kind == sql::KeyKind::kUnique;
  if (!unique || key.parts.size() != columns.size()) return {};
  std::vector<size_t> order;
  for (const sql::KeyPart& part : key.parts) {
    const auto found = absl::c_find_if(columns, [&](const std::string& name) {
      return part.prefix == 0 && part.expression.empty() &&
             base::EqualsIgnoreCase(name, part.column);
    });
    if (found == columns.end()) return {};
    order.push_back(static_cast<size_t>(found - columns.begin()));
  }
  return order;
}

// Why the parent does not bear the key, whose columns come in the order of the parent's key; empty:
// it does.
std::string WhyNot(const TableDefinition& child, const TableDefinition& parent,
                   model::ForeignKey& key) {
  if (parent.partitioning) return "the parent is partitioned";
  std::vector<size_t> order;
  for (const sql::KeyDefinition& one : parent.keys) {
    if (order.empty()) order = PlacesIn(one, key.parent_columns);
  }
  if (order.empty()) return "the columns of the parent have no unique key there";
  const model::ForeignKey before = key;
  for (size_t i = 0; i < order.size(); ++i) {
    const sql::ColumnDefinition* from = FindColumn(child, before.columns[order[i]]);
    const sql::ColumnDefinition* to = FindColumn(parent, before.parent_columns[order[i]]);
    if (from == nullptr || to == nullptr) return "its columns are not there";
    if (to->generated == sql::Generated::kVirtual) return "a column of the parent is VIRTUAL";
    if (!CanRefer(from->type, to->type)) {
      return fmt::format(
          "the target does not compare {}, which is {}, with {} of the parent, which is {}; a cast "
          "can make them alike",
          sql::QuoteIdentifier(from->name), sql::TypeText(from->type, child.flavour),
          sql::QuoteIdentifier(to->name), sql::TypeText(to->type, child.flavour));
    }
    key.columns[i] = from->name;
    key.parent_columns[i] = to->name;
  }
  return "";
}

// Whether the key is one that the server makes for a foreign key.
bool IsMadeFor(const sql::KeyDefinition& key, const model::ForeignKey& foreign_key) {
  return key.kind == sql::KeyKind::kIndex && key.name == foreign_key.name &&
         absl::c_equal(key.parts, foreign_key.columns,
                       [](const sql::KeyPart& part, const std::string& column) {
                         return part.column == column && part.prefix == 0 && !part.descending;
                       });
}

// Whether rows are found by the key's first columns, in the order of the foreign key's.
bool Serves(const sql::KeyDefinition& key, const model::ForeignKey& foreign_key) {
  if (key.parts.size() < foreign_key.columns.size()) return false;
  for (size_t i = 0; i < foreign_key.columns.size(); ++i) {
    const sql::KeyPart& part = key.parts[i];
    if (part.column != foreign_key.columns[i] || part.prefix != 0 || part.descending) return false;
  }
  return true;
}

// The keys that the server makes for foreign keys that have none.
void AddNeededKeys(TableDefinition& table) {
  for (const model::ForeignKey& foreign_key : table.foreign_keys) {
    if (absl::c_any_of(table.keys, [&](const auto& key) { return Serves(key, foreign_key); }))
      continue;
    sql::KeyDefinition key;
    key.name = foreign_key.name;
    key.for_foreign_key = true;
    for (const std::string& column : foreign_key.columns) key.parts.push_back({.column = column});
    table.keys.push_back(std::move(key));
  }
}

}  // namespace

void AddForeignKeys(const sql::postgres::Definition& table,
                    const std::vector<PlannedColumn>& columns, TableDefinition& here,
                    NoteTaker& notes) {
  ReferenceTranslator translator(table, columns, here, notes);
  for (const ConstraintDefinition& one : table.constraints) {
    if (one.kind == 'f') translator.Take(one);
  }
  AddNeededKeys(here);
}

void FitForeignKeys(sql::Translation& child,
                    const std::function<const TableDefinition*(const model::TableName&)>& parent,
                    const std::function<bool(const model::ForeignKey&)>& stay) {
  TableDefinition& table = child.definition;
  if (child.refused() || table.foreign_keys.empty()) return;
  NoteTaker notes(child.notes);
  const TableDefinition self = table;
  std::erase_if(table.foreign_keys, [&](model::ForeignKey& key) {
    model::TableName name = key.parent;
    if (name.schema.empty()) name.schema = self.name.schema;
    const TableDefinition* of = name == self.name ? &self : parent(name);
    if (of == nullptr && stay(key)) return false;
    const std::string why =
        of == nullptr ? "its parent is no table of the task, and the target has none of its name"
                      : WhyNot(self, *of, key);
    if (why.empty()) return false;
    notes.Lossy(PlaceOf(key.name), "is left out: " + why);
    return true;
  });
  if (table.foreign_keys == self.foreign_keys) return;
  std::erase_if(table.keys, [&](const sql::KeyDefinition& key) {
    return absl::c_any_of(self.foreign_keys,
                          [&](const auto& foreign_key) { return IsMadeFor(key, foreign_key); });
  });
  AddNeededKeys(table);
}

}  // namespace godwit::connectors::mysql
