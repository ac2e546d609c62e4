#include <absl/strings/str_join.h>
#include <fmt/format.h>

#include "base/text.h"
#include "sql/definition_text.h"
#include "sql/writer.h"

namespace godwit::sql {
namespace {

// "binary" is its own collation; that of a charset not known to us is not either.
bool HasOwnCollation(const CharsetChoice& choice) {
  return !choice.collation.empty() && choice.charset != "binary";
}

}  // namespace

std::string CharsetText(const CharsetChoice& choice) {
  std::string out = " CHARACTER SET " + choice.charset;
  if (HasOwnCollation(choice)) out += " COLLATE " + choice.collation;
  return out;
}

std::string ColumnText(const ColumnDefinition& column, const TableDefinition& table) {
  const bool mysql = table.flavour == Flavour::kMySql;
  std::string out = QuoteIdentifier(column.name) + " " + TypeText(column.type, table.flavour);
  if (!column.type.compressed.empty()) out += " " + column.type.compressed;
  if (!column.type.reference_system.empty())
    out += (mysql ? " SRID " : " REF_SYSTEM_ID=") + column.type.reference_system;
  if (!column.type.charset.charset.empty() && column.type.charset != table.options.charset) {
    out += CharsetText(column.type.charset);
  }
  switch (column.generated) {
    case Generated::kNo:
      if (!column.nullable) out += " NOT NULL";
      if (column.nullable && column.type.name == "timestamp") out += " NULL";
      break;
    case Generated::kVirtual:
      out += " GENERATED ALWAYS AS (" + column.expression + ") VIRTUAL";
      break;
    case Generated::kStored:
      out += " GENERATED ALWAYS AS (" + column.expression + ") STORED";
      break;
    case Generated::kRowStart:
      out += " GENERATED ALWAYS AS ROW START";
      break;
    case Generated::kRowEnd:
      out += " GENERATED ALWAYS AS ROW END";
      break;
  }
  const bool computed =
      column.generated == Generated::kVirtual || column.generated == Generated::kStored;
  if (mysql && computed && !column.nullable) out += " NOT NULL";
  if (column.invisible) out += " INVISIBLE";
  if (!column.default_value.empty()) out += " DEFAULT " + column.default_value;
  if (!column.on_update.empty()) out += " ON UPDATE " + column.on_update;
  if (column.without_versioning) out += " WITHOUT SYSTEM VERSIONING";
  if (column.auto_increment) out += " AUTO_INCREMENT";
  if (!column.comment.empty()) out += " COMMENT " + QuoteString(column.comment);
  if (!column.attributes.empty()) out += " " + column.attributes;
  if (!column.check.empty()) out += " CHECK (" + column.check + ")";
  return out;
}

namespace {

std::string_view KeyWords(KeyKind kind) {
  switch (kind) {
    case KeyKind::kPrimary:
      return "PRIMARY KEY";
    case KeyKind::kUnique:
      return "UNIQUE KEY";
    case KeyKind::kIndex:
      return "KEY";
    case KeyKind::kFulltext:
      return "FULLTEXT KEY";
    case KeyKind::kSpatial:
      return "SPATIAL KEY";
  }
  return "";
}

}  // namespace

std::string KeyText(const KeyDefinition& key, Flavour flavour) {
  std::string out(KeyWords(key.kind));
  if (key.kind != KeyKind::kPrimary) out += " " + QuoteIdentifier(key.name);
  out += " (" + absl::StrJoin(key.parts, ",", [](std::string* text, const KeyPart& part) {
           *text +=
               part.expression.empty() ? QuoteIdentifier(part.column) : "(" + part.expression + ")";
           if (part.prefix != 0) *text += fmt::format("({})", part.prefix);
           if (part.descending) *text += " DESC";
         });
  if (!key.without_overlaps.empty())
    out += "," + QuoteIdentifier(key.without_overlaps) + " WITHOUT OVERLAPS";
  out += ")";
  if (!key.options.empty()) out += " " + key.options;
  if (key.ignored) out += flavour == Flavour::kMySql ? " INVISIBLE" : " IGNORED";
  return out;
}

namespace {

std::string NamesText(const std::vector<std::string>& names) {
  return "(" +
         absl::StrJoin(
             names, ", ",
             [](std::string* out, const std::string& name) { *out += QuoteIdentifier(name); }) +
         ")";
}

std::string ActionText(std::string_view event, model::ReferenceAction action) {
  switch (action) {
    case model::ReferenceAction::kRestrict:
      return "";  // the default
    case model::ReferenceAction::kNoAction:
      return fmt::format(" ON {} NO ACTION", event);
    case model::ReferenceAction::kCascade:
      return fmt::format(" ON {} CASCADE", event);
    case model::ReferenceAction::kSetNull:
      return fmt::format(" ON {} SET NULL", event);
    case model::ReferenceAction::kSetDefault:
      return fmt::format(" ON {} SET DEFAULT", event);
  }
  return "";
}

}  // namespace

// A parent in the table's own schema is named without it, so that both can be created in another
// one.
std::string ForeignKeyText(const model::ForeignKey& foreign_key, const std::string& schema) {
  model::TableName parent = foreign_key.parent;
  if (parent.schema == schema) parent.schema.clear();
  std::string out =
      fmt::format("CONSTRAINT {} FOREIGN KEY {} REFERENCES {}", QuoteIdentifier(foreign_key.name),
                  NamesText(foreign_key.columns), QuoteName(parent));
  if (!foreign_key.parent_columns.empty()) out += " " + NamesText(foreign_key.parent_columns);
  return out + ActionText("DELETE", foreign_key.on_delete) +
         ActionText("UPDATE", foreign_key.on_update);
}

namespace {

std::string PeriodText(const PeriodDefinition& period) {
  std::string name = period.name == "SYSTEM_TIME" ? period.name : QuoteIdentifier(period.name);
  return fmt::format("PERIOD FOR {} ({}, {})", name, QuoteIdentifier(period.start),
                     QuoteIdentifier(period.end));
}

std::string OptionsText(const TableDefinition& definition) {
  const TableOptions& options = definition.options;
  std::string out;
  if (!options.engine.empty()) out += " ENGINE=" + options.engine;
  if (options.auto_increment) out += fmt::format(" AUTO_INCREMENT={}", *options.auto_increment);
  if (!options.charset.charset.empty()) {
    out += " DEFAULT CHARSET=" + options.charset.charset;
    if (HasOwnCollation(options.charset)) out += " COLLATE=" + options.charset.collation;
  }
  for (const auto& [name, value] : options.other) out += fmt::format(" {}={}", name, value);
  if (options.comment) out += " COMMENT=" + QuoteString(*options.comment);
  if (definition.system_versioned) out += " WITH SYSTEM VERSIONING";
  return out;
}

}  // namespace

std::string PartitionText(const Partition& partition) {
  return "PARTITION " + QuoteIdentifier(partition.name) + (partition.text.empty() ? "" : " ") +
         partition.text;
}

std::string PartitioningText(const Partitioning& partitioning) {
  std::string out = "\n PARTITION BY " + partitioning.method;
  if (partitioning.count) out += fmt::format("\nPARTITIONS {}", *partitioning.count);
  if (!partitioning.subpartition.empty()) out += "\nSUBPARTITION BY " + partitioning.subpartition;
  if (partitioning.partitions.empty()) return out;
  return out + "\n(" +
         absl::StrJoin(partitioning.partitions, ",\n ",
                       [](std::string* text, const Partition& p) { *text += PartitionText(p); }) +
         ")";
}

namespace {

bool Contains(std::span<const std::string> names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

std::string AlterText(const model::TableName& name, const std::vector<std::string>& additions) {
  if (additions.empty()) return "";
  return "ALTER TABLE " + QuoteName(name) + " ADD " + absl::StrJoin(additions, ", ADD ");
}

// The key that makes an AUTO_INCREMENT column possible: one that begins with it, or else one that
// has it.
const KeyDefinition* AutoIncrementKey(const TableDefinition& definition) {
  auto column = std::ranges::find_if(definition.columns, &ColumnDefinition::auto_increment);
  if (column == definition.columns.end()) return nullptr;
  const KeyDefinition* found = nullptr;
  for (const KeyDefinition& key : definition.keys) {
    for (size_t i = 0; i < key.parts.size(); ++i) {
      if (!base::EqualsIgnoreCase(key.parts[i].column, column->name)) continue;
      if (i == 0) return &key;
      if (found == nullptr) found = &key;
    }
  }
  return found;
}

// The key that rows are stored by: the primary key, or the first unique key of whole columns
// without NULLs.
const KeyDefinition* StorageKey(const TableDefinition& definition) {
  int primary = definition.FindKey("PRIMARY");
  if (primary >= 0) return &definition.keys[static_cast<size_t>(primary)];
  auto can_store_by = [&](const KeyDefinition& key) {
    return key.kind == KeyKind::kUnique && std::ranges::all_of(key.parts, [&](const KeyPart& part) {
             int column = definition.FindColumn(part.column);
             return part.prefix == 0 && column >= 0 &&
                    !definition.columns[static_cast<size_t>(column)].nullable;
           });
  };
  auto found = std::ranges::find_if(definition.keys, can_store_by);
  return found == definition.keys.end() ? nullptr : &*found;
}

}  // namespace

std::string CheckText(const CheckDefinition& check) {
  return fmt::format("CONSTRAINT {} CHECK ({}){}", QuoteIdentifier(check.name), check.expression,
                     check.enforced ? "" : " NOT ENFORCED");
}

std::string WriteCreateTable(const TableDefinition& definition, const CreateTableParts& parts) {
  std::vector<std::string> elements;
  for (const ColumnDefinition& column : definition.columns) {
    elements.push_back(ColumnText(column, definition));
  }
  for (const PeriodDefinition& period : definition.periods) {
    if (period.name != "SYSTEM_TIME") elements.push_back(PeriodText(period));
  }
  for (const KeyDefinition& key : definition.keys) {
    if (!Contains(parts.left_out_keys, key.name))
      elements.push_back(KeyText(key, definition.flavour));
  }
  if (const PeriodDefinition* period = definition.FindPeriod("SYSTEM_TIME"))
    elements.push_back(PeriodText(*period));
  if (parts.foreign_keys) {
    for (const model::ForeignKey& foreign_key : definition.foreign_keys) {
      elements.push_back(ForeignKeyText(foreign_key, definition.name.schema));
    }
  }
  for (const CheckDefinition& check : definition.checks) {
    elements.push_back(CheckText(check));
  }
  return fmt::format("CREATE TABLE {}{} (\n  {}\n){}{}",
                     parts.if_not_exists ? "IF NOT EXISTS " : "",
                     QuoteName(parts.name.value_or(definition.name)),
                     absl::StrJoin(elements, ",\n  "), OptionsText(definition),
                     definition.partitioning ? PartitioningText(*definition.partitioning) : "");
}

std::vector<std::string> DeferrableKeys(const TableDefinition& definition) {
  const KeyDefinition* needed = AutoIncrementKey(definition);
  const KeyDefinition* stored_by = StorageKey(definition);
  const auto is_fulltext = [](const KeyDefinition& key) { return key.kind == KeyKind::kFulltext; };
  // An ALTER TABLE of MySQL's makes one full-text key at most.
  const bool with_fulltext = definition.flavour == Flavour::kMariaDb ||
                             std::ranges::count_if(definition.keys, is_fulltext) < 2;
  std::vector<std::string> names;
  for (const KeyDefinition& key : definition.keys) {
    if (&key == needed || &key == stored_by || (is_fulltext(key) && !with_fulltext)) continue;
    names.push_back(key.name);
  }
  return names;
}

std::string WriteAddKeys(const TableDefinition& definition, const model::TableName& name,
                         std::span<const std::string> keys) {
  std::vector<std::string> additions;
  for (const KeyDefinition& key : definition.keys) {
    if (Contains(keys, key.name)) additions.push_back(KeyText(key, definition.flavour));
  }
  return AlterText(name, additions);
}

std::string WriteAddForeignKeys(const TableDefinition& definition, const model::TableName& name) {
  std::vector<std::string> additions;
  for (const model::ForeignKey& foreign_key : definition.foreign_keys) {
    additions.push_back(ForeignKeyText(foreign_key, definition.name.schema));
  }
  return AlterText(name, additions);
}

}  // namespace godwit::sql
