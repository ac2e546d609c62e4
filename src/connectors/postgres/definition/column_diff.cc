#include "connectors/postgres/definition/column_diff.h"

#include <absl/strings/str_join.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "connectors/postgres/schema/schema_writer.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using model::DdlKind;
using model::TableName;

// Whether all values of the one are values of the other, by the same text: else rows are copied
// again, though the source has not written them anew. (A time zone of the session may decide what
// others become.)
bool IsWidened(const ColumnDefinition& before, const ColumnDefinition& now) {
  if (before.type_oid == now.type_oid) return true;  // to another modifier
  const std::string from = CastType(before.type), to = CastType(now.type);
  const auto is_string = [](const std::string& type) {
    return type == "text" || type == "character varying";
  };
  if (is_string(from) && is_string(to)) return true;
  constexpr std::array<std::string_view, 3> kIntegers = {"smallint", "integer", "bigint"};
  const auto narrow = std::ranges::find(kIntegers, from), wide = std::ranges::find(kIntegers, to);
  return wide != kIntegers.end() && narrow < wide;
}

// What the column's type has by itself, by its name where it is one of the server's own: servers
// before PostgreSQL 16 take no DEFAULT.
std::string_view OwnStorage(const ColumnDefinition& column) {
  constexpr std::array<std::string_view, 3> kMain = {"numeric", "inet", "cidr"};
  const std::string type = CastType(column.base_type.empty() ? column.type : column.base_type);
  if (type.find('.') != std::string::npos) return "DEFAULT";
  return StorageText(std::ranges::find(kMain, type) == kMain.end() ? 'x' : 'm');
}

const ColumnDefinition* Find(const Definition& definition, int number) {
  const auto found = std::ranges::find(definition.columns, number, &ColumnDefinition::number);
  return found == definition.columns.end() ? nullptr : &*found;
}

}  // namespace

ColumnDiff::ColumnDiff(const Definition& known, const Definition& after, const DiffContext& context,
                       const Renames& renames, DdlSteps& steps, DefinitionDiff& diff)
    : known_(known),
      after_(after),
      context_(context),
      renames_(renames),
      steps_(steps),
      diff_(diff),
      alter_("ALTER TABLE " + QuoteName(after.name) + " ") {}

void ColumnDiff::Alter(const std::string& what) { steps_.columns.push_back(alter_ + what); }

void ColumnDiff::ByCopy(const std::string& why) {
  if (diff_.by_copy.empty()) diff_.by_copy = why;
}

void ColumnDiff::Run() {
  // What is generated of others goes before them.
  for (const bool generated : {true, false}) {
    for (const ColumnDefinition& column : known_.columns) {
      if ((column.generated != 0) == generated && Find(after_, column.number) == nullptr)
        Drop(column);
    }
  }
  Rename();
  for (const ColumnDefinition& column : known_.columns) {
    if (const ColumnDefinition* now = Find(after_, column.number)) Change(column, *now);
  }
  for (const bool generated : {false, true}) {
    for (const ColumnDefinition& column : after_.columns) {
      if ((column.generated != 0) == generated && Find(known_, column.number) == nullptr)
        Add(column);
    }
  }
}

void ColumnDiff::Drop(const ColumnDefinition& column) {
  diff_.kinds.insert(DdlKind::kDropColumn);
  Alter("DROP COLUMN " + QuoteName(column.name));
}

// By way of names that nobody has, where one takes the name of another that has got a new one.
void ColumnDiff::Rename() {
  const bool in_the_way = std::ranges::any_of(
      renames_.columns, [&](const auto& one) { return renames_.columns.contains(one.second); });
  if (!renames_.columns.empty()) diff_.kinds.insert(DdlKind::kModifyColumn);
  int number = 0;
  std::vector<std::string> later;
  for (const auto& [from, to] : renames_.columns) {
    const std::string by = in_the_way ? fmt::format("godwit_renamed_{}", ++number) : to;
    Alter(fmt::format("RENAME COLUMN {} TO {}", QuoteName(from), QuoteName(by)));
    if (in_the_way)
      later.push_back(fmt::format("RENAME COLUMN {} TO {}", QuoteName(by), QuoteName(to)));
  }
  for (const std::string& one : later) Alter(one);
}

void ColumnDiff::Add(const ColumnDefinition& column) {
  diff_.kinds.insert(DdlKind::kAddColumn);
  const auto missing = context_.missing.find(column.name);
  const bool has_value = missing != context_.missing.end() && !missing->second.empty();
  if (has_value && missing->second.size() > 1)
    return ByCopy(
        fmt::format("column {} has another value in each of several partitions", column.name));
  if (column.identity != 0 || !column.sequence.table.empty() || column.generated == 's')
    return ByCopy(fmt::format("column {} has come, with values of each row's own", column.name));
  const std::string name = QuoteName(column.name);
  std::string text = fmt::format("ADD COLUMN {} {}", name, column.type);
  if (!column.compression.empty()) text += " COMPRESSION " + column.compression;
  if (!column.collation.empty()) text += " COLLATE " + column.collation;
  if (column.generated != 0) {
    text += fmt::format(" GENERATED ALWAYS AS ({}) VIRTUAL", column.default_value);
  } else if (has_value) {
    text +=
        fmt::format(" DEFAULT CAST({} AS {})", QuoteText(*missing->second.begin()), column.type);
  }
  const bool at_once = column.not_null && context_.not_null_at_once.contains(column.number) &&
                       (has_value || !context_.rows_before);
  if (at_once) text += " NOT NULL";
  Alter(text);
  if (column.generated == 0) {
    if (!column.default_value.empty())
      Alter(fmt::format("ALTER COLUMN {} SET DEFAULT {}", name, column.default_value));
    else if (has_value)
      Alter(fmt::format("ALTER COLUMN {} DROP DEFAULT", name));
  }
  if (column.not_null && !at_once) {
    if (context_.rows_before)
      LeaveNullable(column);
    else
      Alter(fmt::format("ALTER COLUMN {} SET NOT NULL", name));
  }
  if (column.storage != 0)
    Alter(fmt::format("ALTER COLUMN {} SET STORAGE {}", name, StorageText(column.storage)));
  if (!column.comment.empty()) {
    steps_.rest.push_back(fmt::format("COMMENT ON COLUMN {}.{} IS {}", QuoteName(after_.name), name,
                                      QuoteText(column.comment)));
  }
}

void ColumnDiff::LeaveNullable(const ColumnDefinition& column) {
  std::ranges::find(diff_.after.columns, column.number, &ColumnDefinition::number)->not_null =
      false;
}

void ColumnDiff::Change(const ColumnDefinition& before, const ColumnDefinition& now) {
  const std::string name = QuoteName(now.name);
  const size_t statements = steps_.columns.size() + steps_.rest.size();
  if (before.type == now.type && before.labels != now.labels) {
    diff_.notes.push_back(fmt::format(
        "type {} of column {} of {} has other labels by now: {}. Types are not altered on the "
        "target: give its type the same (ALTER TYPE ... ADD VALUE, RENAME VALUE) if it is not so",
        now.type, now.name, after_.name.ToString(), absl::StrJoin(now.labels, ", ")));
  }
  if (before.collation != now.collation)
    return ByCopy(fmt::format("column {} has another collation", now.name));
  ChangeType(before, now);
  ChangeSequence(before, now);
  ChangeDefault(before, now);
  ChangeNotNull(before, now);
  if (before.storage != now.storage) {
    Alter(fmt::format("ALTER COLUMN {} SET STORAGE {}", name,
                      now.storage == 0 ? OwnStorage(now) : StorageText(now.storage)));
  }
  if (before.compression != now.compression) {
    Alter(fmt::format("ALTER COLUMN {} SET COMPRESSION {}", name,
                      now.compression.empty() ? "default" : now.compression));
  }
  if (before.comment != now.comment) {
    steps_.rest.push_back(fmt::format("COMMENT ON COLUMN {}.{} IS {}", QuoteName(after_.name), name,
                                      QuoteText(now.comment)));
  }
  if (steps_.columns.size() + steps_.rest.size() > statements)
    diff_.kinds.insert(DdlKind::kModifyColumn);
}

void ColumnDiff::ChangeType(const ColumnDefinition& before, const ColumnDefinition& now) {
  const bool same = before.type_oid == now.type_oid && before.type_modifier == now.type_modifier;
  if (same) {
    if (before.type == now.type || !diff_.obstacle.empty()) return;
    diff_.kinds.insert(DdlKind::kModifyColumn);
    diff_.obstacle = fmt::format(
        "column {} of {}: its type {} is called {} by now. Give the target's type that name, and "
        "skip this statement",
        now.name, after_.name.ToString(), before.type, now.type);
    return;
  }
  if (!IsWidened(before, now))
    return ByCopy(fmt::format("column {} was {} and is {}", now.name, before.type, now.type));
  Alter(fmt::format("ALTER COLUMN {} TYPE {}", QuoteName(now.name), now.type));
}

void ColumnDiff::ChangeDefault(const ColumnDefinition& before, const ColumnDefinition& now) {
  const bool same = Normalized(before.default_value, renames_) == Normalized(now.default_value, {});
  const std::string column = "ALTER COLUMN " + QuoteName(now.name);
  if (before.generated != 0 && now.generated == 0) {
    Alter(column + " DROP EXPRESSION");
    if (!now.default_value.empty()) Alter(column + " SET DEFAULT " + now.default_value);
    return;
  }
  if (before.generated != now.generated || (now.generated != 0 && !same))
    return ByCopy(fmt::format("column {} is generated in another way", now.name));
  if (same) return;
  Alter(now.default_value.empty() ? column + " DROP DEFAULT"
                                  : column + " SET DEFAULT " + now.default_value);
}

void ColumnDiff::ChangeSequence(const ColumnDefinition& before, const ColumnDefinition& now) {
  const std::string column = "ALTER COLUMN " + QuoteName(now.name);
  const std::string generated = now.identity == 'a' ? "ALWAYS" : "BY DEFAULT";
  if (before.identity != 0 && now.identity == 0) Alter(column + " DROP IDENTITY");
  if (before.identity == 0 && now.identity != 0) {
    if (!before.default_value.empty()) Alter(column + " DROP DEFAULT");
    if (now.not_null && !before.not_null) Alter(column + " SET NOT NULL");
    Alter(fmt::format("{} ADD GENERATED {} AS IDENTITY (SEQUENCE NAME {} {})", column, generated,
                      QuoteName(now.sequence), now.sequence_options));
    return;
  }
  if (before.identity != 0 && now.identity != 0 && before.identity != now.identity)
    Alter(fmt::format("{} SET GENERATED {}", column, generated));
  if (now.sequence.table.empty()) return;
  if (before.sequence.table.empty() || before.identity != now.identity) {
    if (now.identity != 0) return;
    steps_.columns.push_back(fmt::format("CREATE SEQUENCE IF NOT EXISTS {} {}",
                                         QuoteName(now.sequence), now.sequence_options));
    if (now.sequence_owned) {
      steps_.rest.push_back(fmt::format("ALTER SEQUENCE {} OWNED BY {}.{}", QuoteName(now.sequence),
                                        QuoteName(after_.name), QuoteName(now.name)));
    }
    return;
  }
  // One that the column owns goes with its table to another schema.
  TableName was = before.sequence;
  if (before.sequence_owned && was.schema == known_.name.schema) was.schema = after_.name.schema;
  if (was.schema != now.sequence.schema || before.sequence_owned != now.sequence_owned) {
    diff_.kinds.insert(DdlKind::kModifyColumn);
    if (diff_.obstacle.empty()) {
      diff_.obstacle = fmt::format(
          "column {} of {} has another sequence, {} instead of {}: do it on the target by hand, "
          "and skip this statement, or replace it",
          now.name, after_.name.ToString(), now.sequence.ToString(), before.sequence.ToString());
    }
    return;
  }
  if (was != now.sequence) {
    steps_.columns.push_back(fmt::format("ALTER SEQUENCE {} RENAME TO {}", QuoteName(was),
                                         QuoteName(now.sequence.table)));
  }
  if (before.sequence_options != now.sequence_options) {
    steps_.columns.push_back(
        fmt::format("ALTER SEQUENCE {} {}", QuoteName(now.sequence), now.sequence_options));
  }
}

void ColumnDiff::ChangeNotNull(const ColumnDefinition& before, const ColumnDefinition& now) {
  if (before.not_null == now.not_null) return;
  if (before.identity == 0 && now.identity != 0) return;  // said with it
  if (now.not_null && context_.rows_before) return LeaveNullable(now);
  // One that the primary key brings comes with that.
  const auto in_key = [&](const ConstraintDefinition& one) {
    return one.kind == 'p' && std::ranges::find(one.columns, now.name) != one.columns.end();
  };
  if (now.not_null && std::ranges::any_of(after_.constraints, in_key)) return;
  Alter(fmt::format("ALTER COLUMN {} {} NOT NULL", QuoteName(now.name),
                    now.not_null ? "SET" : "DROP"));
}

}  // namespace godwit::connectors::postgres
