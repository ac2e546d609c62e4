#include "sql/alter_columns.h"

#include "base/text.h"
#include "sql/alter.h"
#include "sql/data_type.h"

namespace godwit::sql {
namespace {

// The first action of this kind whose `member` names `column`.
template <typename Action>
const Action* FindAction(std::span<const AlterAction> actions, std::string Action::*member,
                         std::string_view column) {
  for (const AlterAction& action : actions) {
    const Action* candidate = std::get_if<Action>(&action);
    if (candidate != nullptr && base::EqualsIgnoreCase(candidate->*member, column))
      return candidate;
  }
  return nullptr;
}

int IndexOf(const std::vector<ColumnDefinition>& columns, std::string_view name) {
  auto found = std::ranges::find_if(columns, [&](const ColumnDefinition& column) {
    return base::EqualsIgnoreCase(column.name, name);
  });
  return found == columns.end() ? -1 : static_cast<int>(found - columns.begin());
}

base::Status NoColumn(const TableDefinition& table, std::string_view column) {
  return base::FailedPrecondition("table {} has no column {}", table.name.ToString(), column);
}

base::Status CheckNames(const TableDefinition& table, std::span<const AlterAction> actions) {
  auto is_added = [&](const std::string& name) {
    return std::ranges::any_of(actions, [&](const AlterAction& action) {
      const auto* add = std::get_if<AddColumn>(&action);
      return add != nullptr && base::EqualsIgnoreCase(add->column.name, name);
    });
  };
  auto check = [&](const std::string& name, bool if_exists) {
    return if_exists || table.FindColumn(name) >= 0 || is_added(name) ? base::OkStatus()
                                                                      : NoColumn(table, name);
  };
  for (const AlterAction& action : actions) {
    if (const auto* drop = std::get_if<DropColumn>(&action)) {
      GODWIT_RETURN_IF_ERROR(check(drop->name, drop->if_exists));
    } else if (const auto* change = std::get_if<ChangeColumn>(&action)) {
      GODWIT_RETURN_IF_ERROR(check(change->name, change->if_exists));
    } else if (const auto* rename = std::get_if<RenameColumn>(&action)) {
      GODWIT_RETURN_IF_ERROR(check(rename->from, rename->if_exists));
    } else if (const auto* set = std::get_if<SetColumnDefault>(&action)) {
      GODWIT_RETURN_IF_ERROR(check(set->column, set->if_exists));
    } else if (const auto* visible = std::get_if<SetColumnVisible>(&action)) {
      GODWIT_RETURN_IF_ERROR(check(visible->column, false));
    }
  }
  return base::OkStatus();
}

// A text column keeps as many characters as it could hold, which may take a larger type.
void ConvertColumn(ColumnDefinition& column, const CharsetChoice& charset, bool was_there) {
  DataType& type = column.type;
  // What is said relative to a charset, BINARY and COLLATE DEFAULT, is relative to the new one.
  const bool relative =
      type.charset.charset.empty() && (type.charset.collation == "bin" ||
                                       base::EqualsIgnoreCase(type.charset.collation, "DEFAULT"));
  if (relative && IsCharacterType(type)) {
    type.charset.charset = charset.charset;
    return;
  }
  if (!IsCharacterType(type) || base::EqualsIgnoreCase(type.charset.charset, "binary")) return;
  bool grows = was_there &&
               MaxBytesPerCharacter(charset.charset) > MaxBytesPerCharacter(type.charset.charset);
  if (grows && type.name == "mediumtext") type.name = "longtext";
  if (grows && type.name == "text") type.name = "mediumtext";
  if (grows && type.name == "tinytext") type.name = "text";
  type.charset = charset;
}

// What becomes of a column that is neither dropped nor replaced.
ColumnDefinition Kept(const ColumnDefinition& old, std::span<const AlterAction> actions,
                      const std::vector<ColumnRename>& renames, Flavour flavour) {
  ColumnDefinition column = old;
  column.name = NewName(renames, old.name);
  column.expression = RenameInExpression(old.expression, renames);
  column.default_value = RenameInExpression(old.default_value, renames);
  column.check = RenameInExpression(old.check, renames);
  if (const auto* set = FindAction(actions, &SetColumnDefault::column, old.name)) {
    // To MariaDB the current time as default and on update is one thing.
    if (flavour == Flavour::kMariaDb && IsCurrentTime(column.default_value))
      column.on_update.clear();
    column.default_value = set->default_value;
  }
  if (const auto* set = FindAction(actions, &SetColumnVisible::column, old.name)) {
    column.invisible = !set->visible;
  }
  return column;
}

base::Status Place(std::vector<ColumnDefinition>& columns, ColumnDefinition column,
                   const Placement& place, const TableDefinition& table) {
  auto at = columns.end();
  if (place.first) {
    at = columns.begin();
  } else if (!place.after.empty()) {
    int after = IndexOf(columns, place.after);
    if (after < 0) return NoColumn(table, place.after);
    at = columns.begin() + after + 1;
  }
  columns.insert(at, std::move(column));
  return base::OkStatus();
}

// Added columns and moved ones, in the order of their actions.
base::Status PlaceColumns(const TableDefinition& table, std::span<const AlterAction> actions,
                          std::vector<ColumnDefinition>& columns) {
  for (const AlterAction& action : actions) {
    if (const auto* add = std::get_if<AddColumn>(&action)) {
      const bool there =
          table.FindColumn(add->column.name) >= 0 || IndexOf(columns, add->column.name) >= 0;
      if (add->if_not_exists && there) continue;
      if (IndexOf(columns, add->column.name) >= 0) {
        return base::FailedPrecondition("table {} has a column {} already", table.name.ToString(),
                                        add->column.name);
      }
      GODWIT_RETURN_IF_ERROR(
          Place(columns, Kept(add->column, actions, {}, table.flavour), add->place, table));
    } else if (const auto* change = std::get_if<ChangeColumn>(&action)) {
      bool moves = change->place.first || !change->place.after.empty();
      if (int added = IndexOf(columns, change->name);
          added >= 0 && (table.FindColumn(change->name) < 0 ||
                         FindAction(actions, &DropColumn::name, change->name) != nullptr)) {
        columns[static_cast<size_t>(added)] = change->column;  // one added by the same statement
      }
      int index = IndexOf(columns, change->column.name);
      if (!moves || index < 0) continue;
      ColumnDefinition column = std::move(columns[static_cast<size_t>(index)]);
      columns.erase(columns.begin() + index);
      GODWIT_RETURN_IF_ERROR(Place(columns, std::move(column), change->place, table));
    }
  }
  return base::OkStatus();
}

}  // namespace

base::StatusOr<std::vector<ColumnDefinition>> AlterColumns(const TableDefinition& definition,
                                                           std::span<const AlterAction> actions,
                                                           const CharsetChoice& schema_default) {
  GODWIT_RETURN_IF_ERROR(CheckNames(definition, actions));
  std::vector<ColumnRename> renames = RenamedColumns(actions);
  std::vector<ColumnDefinition> columns;
  for (const ColumnDefinition& old : definition.columns) {
    if (FindAction(actions, &DropColumn::name, old.name) != nullptr) continue;
    const auto* change = FindAction(actions, &ChangeColumn::name, old.name);
    columns.push_back(change != nullptr ? change->column
                                        : Kept(old, actions, renames, definition.flavour));
  }
  GODWIT_RETURN_IF_ERROR(PlaceColumns(definition, actions, columns));
  if (columns.empty())
    return base::FailedPrecondition("table {} would have no columns", definition.name.ToString());
  for (const AlterAction& action : actions) {
    const auto* convert = std::get_if<ConvertCharset>(&action);
    if (convert == nullptr) continue;
    CharsetChoice charset = Resolve(convert->charset, schema_default, definition.flavour);
    for (ColumnDefinition& column : columns) {
      const bool changed = std::ranges::any_of(actions, [&](const AlterAction& other) {
        const auto* change = std::get_if<ChangeColumn>(&other);
        return change != nullptr && base::EqualsIgnoreCase(change->column.name, column.name);
      });
      ConvertColumn(column, charset, definition.FindColumn(column.name) >= 0 && !changed);
    }
  }
  return columns;
}

}  // namespace godwit::sql
