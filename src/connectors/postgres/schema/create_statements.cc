#include <absl/algorithm/container.h>
#include <absl/strings/str_join.h>

#include "connectors/postgres/definition/catalog_sql.h"
#include "connectors/postgres/schema/schema_writer.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using model::TableName;

const TableName& TableOf(const Definition& definition, const TableName& partition) {
  return partition.table.empty() ? definition.name : partition;
}

// Of a column whose sequence is not made by GENERATED AS IDENTITY.
bool NeedsSequence(const ColumnDefinition& column) {
  return column.identity == 0 && !column.sequence.table.empty();
}

std::string ColumnText(const ColumnDefinition& column) {
  std::string text = fmt::format("{} {}", QuoteName(column.name), column.type);
  if (!column.compression.empty()) text += " COMPRESSION " + column.compression;
  if (!column.collation.empty()) text += " COLLATE " + column.collation;
  if (column.generated != 0) {
    text += fmt::format(" GENERATED ALWAYS AS ({}) {}", column.default_value,
                        column.generated == 'v' ? "VIRTUAL" : "STORED");
  } else if (column.identity != 0) {
    text += fmt::format(" GENERATED {} AS IDENTITY (SEQUENCE NAME {} {})",
                        column.identity == 'a' ? "ALWAYS" : "BY DEFAULT",
                        QuoteName(column.sequence), column.sequence_options);
  } else if (!column.default_value.empty()) {
    text += " DEFAULT " + column.default_value;
  }
  if (column.not_null) text += " NOT NULL";
  return text;
}

std::string ConstraintText(const ConstraintDefinition& constraint) {
  return fmt::format("CONSTRAINT {} {}", QuoteName(constraint.name), constraint.definition);
}

std::string PartitionText(const PartitionDefinition& partition) {
  std::string text = fmt::format("CREATE TABLE {} PARTITION OF {} {}", QuoteName(partition.name),
                                 QuoteName(partition.parent), partition.bound);
  if (!partition.key.empty()) text += " PARTITION BY " + partition.key;
  return text + WithOptions(partition.options);
}

std::string SequenceText(const ColumnDefinition& column) {
  return fmt::format("CREATE SEQUENCE IF NOT EXISTS {} {}", QuoteName(column.sequence),
                     column.sequence_options);
}

// By index only of the table itself: what those of partitions are called is the server's choice.
std::string ReplicaIdentityText(const TableName& table, char identity, const std::string& index) {
  const std::string alter = fmt::format("ALTER TABLE {} REPLICA IDENTITY ", QuoteName(table));
  if (identity == 'n') return alter + "NOTHING";
  if (identity == 'f') return alter + "FULL";
  if (identity == 'i' && !index.empty()) return alter + "USING INDEX " + QuoteName(index);
  return "";
}

std::string CommentText(std::string_view kind, const std::string& of, const std::string& comment) {
  if (comment.empty()) return "";
  return fmt::format("COMMENT ON {} {} IS {}", kind, of, QuoteText(comment));
}

// As pg_get_indexdef writes it, but with what it leaves to each partition of a partitioned table.
std::string WithPartitions(const IndexDefinition& index) {
  constexpr std::string_view kOnly = " ON ONLY ";
  const std::string begin = index.unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ";
  for (const std::string& name : {index.name, QuoteName(index.name)}) {
    const std::string head = fmt::format("{}{}{}", begin, name, kOnly);
    if (index.definition.starts_with(head))
      return fmt::format("{}{} ON {}", begin, name, index.definition.substr(head.size()));
  }
  return index.definition;
}

// The constraint or index by which RowIdentity tells rows apart; empty: there is none.
std::string IdentityKey(const Definition& definition) {
  const model::Table table = ToTable(definition);
  const std::vector<int> identity = table.RowIdentity();
  if (identity.empty()) return "";
  const auto replica_index = [&](const auto& one) { return one.name == definition.replica_index; };
  const bool by_index = absl::c_any_of(definition.constraints, replica_index) ||
                        absl::c_any_of(definition.indexes, replica_index);
  if (definition.replica_identity == 'i' && by_index) return definition.replica_index;
  if (!table.primary_key.empty()) {
    return absl::c_find_if(definition.constraints,
                           [](const auto& c) { return c.kind == 'p' && c.table.table.empty(); })
        ->name;
  }
  return absl::c_find_if(
             table.unique_keys,
             [&](const model::Key& key) { return !key.has_prefix && key.columns == identity; })
      ->name;
}

// Whether it is made with the table: one that rows may break, as it is NOT VALID, must not be
// there while they are copied, and an index costs less when it is built of all rows.
bool IsEarly(const ConstraintDefinition& constraint) {
  return constraint.kind == 'c' && constraint.validated;
}

// The statement, and what is to be said of what it makes.
std::string WithComment(std::string statement, const std::string& comment) {
  if (!comment.empty()) statement += ";\n" + comment;
  return statement;
}

std::string CommentOf(const Definition& definition, const ConstraintDefinition& constraint) {
  return CommentText("CONSTRAINT",
                     fmt::format("{} ON {}", QuoteName(constraint.name),
                                 QuoteName(TableOf(definition, constraint.table))),
                     constraint.comment);
}

std::string CommentOf(const Definition& definition, const IndexDefinition& index) {
  const TableName name{TableOf(definition, index.table).schema, index.name};
  return CommentText("INDEX", QuoteName(name), index.comment);
}

std::string IndexText(const Definition& definition, const IndexDefinition& index) {
  std::string text = WithPartitions(index);
  if (index.clustered) {
    text += fmt::format(";\nALTER TABLE {} CLUSTER ON {}",
                        QuoteName(TableOf(definition, index.table)), QuoteName(index.name));
  }
  return WithComment(std::move(text), CommentOf(definition, index));
}

std::string AddConstraintText(const Definition& definition,
                              const ConstraintDefinition& constraint) {
  return fmt::format("ALTER TABLE {} ADD {}", QuoteName(TableOf(definition, constraint.table)),
                     ConstraintText(constraint));
}

// The key's index alone, and then the constraint of it; nothing where the server has no such way.
void CutInTwo(const Definition& definition, const ConstraintDefinition& constraint,
              KeyStatement& key) {
  constexpr std::string_view kDistinct = "UNIQUE NULLS NOT DISTINCT ";
  const std::string_view text = constraint.definition;
  const bool of_columns = constraint.kind == 'p' || constraint.kind == 'u';
  if (!of_columns || constraint.deferrable || !definition.partition_key.empty() ||
      text.find(" WITHOUT OVERLAPS") != std::string_view::npos)
    return;
  const size_t columns = text.find('(');
  if (columns == std::string_view::npos) return;
  const std::string name = QuoteName(constraint.name), table = QuoteName(key.table);
  key.index = fmt::format("CREATE UNIQUE INDEX {} ON {} {}{}", name, table, text.substr(columns),
                          text.starts_with(kDistinct) ? " NULLS NOT DISTINCT" : "");
  key.constraint =
      WithComment(fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {} USING INDEX {}", table, name,
                              constraint.kind == 'p' ? "PRIMARY KEY" : "UNIQUE", name),
                  CommentOf(definition, constraint));
}

std::string TableText(const Definition& definition) {
  std::vector<std::string> parts;
  for (const ColumnDefinition& column : definition.columns) parts.push_back(ColumnText(column));
  for (const ConstraintDefinition& constraint : definition.constraints) {
    if (constraint.table.table.empty() && IsEarly(constraint))
      parts.push_back(ConstraintText(constraint));
  }
  std::string text = fmt::format("CREATE {}TABLE {} (", definition.unlogged ? "UNLOGGED " : "",
                                 QuoteName(definition.name));
  text += (parts.empty() ? "" : "\n  ") + absl::StrJoin(parts, ",\n  ") + ")";
  if (!definition.partition_key.empty()) text += " PARTITION BY " + definition.partition_key;
  return text + WithOptions(definition.options);
}

// As a validated key, or one that is not asked to hold at all, writes itself.
std::string WithoutNotValid(std::string definition) {
  constexpr std::string_view kNotValid = " NOT VALID";
  if (definition.ends_with(kNotValid)) definition.resize(definition.size() - kNotValid.size());
  return definition;
}

// Each line says one thing of a table, in whatever order.
std::vector<std::string> Lines(const Definition& definition) {
  std::vector<std::string> lines;
  for (const ColumnDefinition& column : definition.columns) {
    lines.push_back(ColumnText(column));
    if (column.storage != 0) {
      lines.push_back(
          fmt::format("{} STORAGE {}", QuoteName(column.name), StorageText(column.storage)));
    }
    if (NeedsSequence(column)) {
      lines.push_back(
          fmt::format("SEQUENCE {} {}{}", QuoteName(column.sequence), column.sequence_options,
                      column.sequence_owned ? " OWNED BY " + QuoteName(column.name) : ""));
    }
  }
  const auto on = [](const TableName& partition) {
    return partition.table.empty() ? "" : QuoteName(partition) + ": ";
  };
  for (const ConstraintDefinition& constraint : definition.constraints)
    lines.push_back(on(constraint.table) + ConstraintText(constraint));
  for (const IndexDefinition& index : definition.indexes) lines.push_back(index.definition);
  for (const PartitionDefinition& partition : definition.partitions)
    lines.push_back(PartitionText(partition));
  if (definition.unlogged) lines.emplace_back("UNLOGGED");
  if (!definition.partition_key.empty())
    lines.push_back("PARTITION BY " + definition.partition_key);
  for (const std::string& option : definition.options) lines.push_back("WITH " + option);
  lines.push_back(
      ReplicaIdentityText(definition.name, definition.replica_identity, definition.replica_index));
  return lines;
}

}  // namespace

std::string StorageText(char storage) {
  switch (storage) {
    case 'p':
      return "PLAIN";
    case 'e':
      return "EXTERNAL";
    case 'm':
      return "MAIN";
    default:
      return "EXTENDED";
  }
}

std::vector<std::string> CreateStatements(const Definition& definition) {
  const std::string table = QuoteName(definition.name);
  std::vector<std::string> statements;
  const auto add = [&](std::string statement) {
    if (!statement.empty()) statements.push_back(std::move(statement));
  };
  for (const ColumnDefinition& column : definition.columns) {
    if (NeedsSequence(column)) add(SequenceText(column));
  }
  add(TableText(definition));
  for (const ColumnDefinition& column : definition.columns) {
    const std::string name = QuoteName(column.name);
    if (column.storage != 0) {
      add(fmt::format("ALTER TABLE {} ALTER COLUMN {} SET STORAGE {}", table, name,
                      StorageText(column.storage)));
    }
    if (NeedsSequence(column) && column.sequence_owned) {
      // One that was left behind may have been made otherwise.
      add(fmt::format("ALTER SEQUENCE {} {} OWNED BY {}.{}", QuoteName(column.sequence),
                      column.sequence_options, table, name));
    }
    add(CommentText("COLUMN", fmt::format("{}.{}", table, name), column.comment));
  }
  for (const PartitionDefinition& partition : definition.partitions) {
    add(PartitionText(partition));
    add(ReplicaIdentityText(partition.name, partition.replica_identity, ""));
  }
  for (const ConstraintDefinition& constraint : definition.constraints) {
    if (!IsEarly(constraint)) continue;
    if (!constraint.table.table.empty()) add(AddConstraintText(definition, constraint));
    add(CommentOf(definition, constraint));
  }
  if (LateReplicaIdentity(definition).empty()) {
    add(ReplicaIdentityText(definition.name, definition.replica_identity,
                            definition.replica_index));
  }
  add(CommentText("TABLE", table, definition.comment));
  return statements;
}

std::vector<std::string> PartitionStatements(const Definition& definition,
                                             const PartitionDefinition& partition) {
  std::vector<std::string> statements;
  if (partition.name.schema != definition.name.schema)
    statements.push_back("CREATE SCHEMA IF NOT EXISTS " + QuoteName(partition.name.schema));
  statements.push_back(PartitionText(partition));
  const std::string identity = ReplicaIdentityText(partition.name, partition.replica_identity, "");
  if (!identity.empty()) statements.push_back(identity);
  for (const ConstraintDefinition& constraint : definition.constraints) {
    if (constraint.table == partition.name)
      statements.push_back(AddConstraintText(definition, constraint));
  }
  for (const IndexDefinition& index : definition.indexes) {
    if (index.table == partition.name) statements.push_back(IndexText(definition, index));
  }
  return statements;
}

std::string AttachText(const PartitionDefinition& partition) {
  return fmt::format("ALTER TABLE {} ATTACH PARTITION {} {}", QuoteName(partition.parent),
                     QuoteName(partition.name), partition.bound);
}

std::vector<KeyStatement> KeyStatements(const Definition& definition) {
  const std::string identity = IdentityKey(definition);
  std::vector<KeyStatement> statements;
  for (const ConstraintDefinition& constraint : definition.constraints) {
    if (constraint.kind == 'f' || IsEarly(constraint)) continue;
    KeyStatement& key = statements.emplace_back(
        KeyStatement{.name = constraint.name,
                     .table = TableOf(definition, constraint.table),
                     .unique = constraint.kind != 'c' && constraint.kind != 'n',
                     .is_identity = constraint.name == identity && constraint.table.table.empty(),
                     .sql = WithComment(AddConstraintText(definition, constraint),
                                        CommentOf(definition, constraint))});
    CutInTwo(definition, constraint, key);
  }
  for (const IndexDefinition& index : definition.indexes) {
    KeyStatement& key = statements.emplace_back(
        KeyStatement{.name = index.name,
                     .table = TableOf(definition, index.table),
                     .unique = index.unique,
                     .is_identity = index.name == identity && index.table.table.empty(),
                     .sql = IndexText(definition, index)});
    // To be clustered on an index is a thing of the table.
    if (definition.partition_key.empty() && !index.clustered) key.index = key.sql;
  }
  // Those of partitions come first: names that the server gives the partitions' parts of others
  // then keep clear of theirs.
  std::ranges::stable_partition(
      statements, [&](const KeyStatement& key) { return key.table != definition.name; });
  return statements;
}

std::vector<std::string> ForeignKeyStatements(const Definition& definition,
                                              ConstraintDefinition key) {
  const TableName& table = TableOf(definition, key.table);
  const bool partitioned =
      table == definition.name
          ? !definition.partition_key.empty()
          : absl::c_any_of(definition.partitions, [&](const PartitionDefinition& partition) {
              return partition.name == table && !partition.key.empty();
            });
  // Before PostgreSQL 18 a partitioned table can have none that is not validated.
  const bool in_two = key.validated && !partitioned;
  key.definition = WithoutNotValid(std::move(key.definition));
  const bool enforced = !key.definition.ends_with(" NOT ENFORCED");
  if (enforced && (in_two || !key.validated)) key.definition += " NOT VALID";
  std::vector<std::string> statements = {
      WithComment(AddConstraintText(definition, key), CommentOf(definition, key))};
  if (in_two) {
    statements.push_back(fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", QuoteName(table),
                                     QuoteName(key.name)));
  }
  return statements;
}

std::vector<std::string> ForeignKeyStatements(const Definition& definition) {
  std::vector<std::string> statements;
  for (const ConstraintDefinition& constraint : definition.constraints) {
    if (constraint.kind != 'f') continue;
    for (std::string& statement : ForeignKeyStatements(definition, constraint))
      statements.push_back(std::move(statement));
  }
  return statements;
}

std::string LateReplicaIdentity(const Definition& definition) {
  if (definition.replica_identity != 'i') return "";
  return ReplicaIdentityText(definition.name, 'i', definition.replica_index);
}

std::string DescribeDifference(const Definition& source, const Definition& target) {
  const std::vector<std::string> ours = Lines(source), theirs = Lines(target);
  std::string difference;
  const auto add = [&](const char* side, const std::vector<std::string>& these,
                       const std::vector<std::string>& others) {
    for (const std::string& line : these) {
      if (!line.empty() && !absl::c_linear_search(others, line))
        difference += fmt::format("\n  {}: {}", side, line);
    }
  };
  add("source", ours, theirs);
  add("target", theirs, ours);
  return difference;
}

}  // namespace godwit::connectors::postgres
