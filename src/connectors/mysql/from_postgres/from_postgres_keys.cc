#include "connectors/mysql/from_postgres/from_postgres_keys.h"

#include <absl/algorithm/container.h>
#include <absl/strings/str_join.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "connectors/mysql/from_postgres/fitting_names.h"
#include "connectors/mysql/from_postgres/postgres_expression.h"
#include "sql/data_type.h"
#include "sql/writer.h"

namespace godwit::connectors::mysql {
namespace {

using sql::KeyKind;
using sql::NoteTaker;
using sql::postgres::Definition;

constexpr size_t kMostKeys = 64;
constexpr size_t kKeyComment = 1024;

void NoteDifference(const PlannedKey& key, const std::string& why, NoteTaker& notes) {
  notes.Lossy(key.place,
              fmt::format("is left out, as rows that the source keeps apart may be the same to the "
                          "target: {}{}",
                          why, kNotKeptApart));
}

// Whether a unique key is over what the target may make the same of two values: it would refuse
// rows of the source, or write one over another. Columns are no longer here than keys take them.
bool MayBeStricter(const PlannedKey& key, const Definition& table,
                   const std::vector<PlannedColumn>& columns, sql::Flavour to, NoteTaker& notes) {
  if (!key.IsUnique() || to == sql::Flavour::kMariaDb) return false;
  sql::TableDefinition here;
  here.flavour = to;
  here.options.charset = UsualCharset(to);
  for (const PlannedColumn& column : columns) {
    sql::ColumnDefinition one{.name = column.source->name, .type = column.type};
    if (IsTooLongForExpression(one.type) && sql::IsCharacterType(one.type))
      one.type = TextOfLength(kLongestInExpression, one.type.charset);
    here.columns.push_back(std::move(one));
  }
  for (const PlannedKey::Part& part : key.parts) {
    if (part.column >= 0) continue;
    std::vector<std::string> caveats;
    ExpressionContext context;
    context.here = &here;
    context.caveats = &caveats;
    const auto expression =
        FromPostgresExpression(part.expression, table, ExpressionUse::kKey, to, context);
    if (!expression.ok() || caveats.empty()) continue;
    NoteDifference(key, absl::StrJoin(caveats, "; "), notes);
    return true;
  }
  return false;
}

// A generated column among those of a unique key that is not surely the source's.
const PlannedColumn* FindDiffering(const PlannedKey& key, const Definition& table,
                                   const std::vector<PlannedColumn>& columns) {
  for (const PlannedKey::Part& part : key.parts) {
    const std::vector<int> over =
        part.column >= 0 ? std::vector<int>{part.column} : ColumnsIn(table, part.expression);
    for (const int column : over) {
      const PlannedColumn& one = columns[static_cast<size_t>(column)];
      if (one.may_differ && key.IsUnique()) return &one;
    }
  }
  return nullptr;
}

// A part of a key as the target has it; nothing, with a note: the key is left out.
std::optional<sql::KeyPart> PartHere(const PlannedKey& key, const PlannedKey::Part& part,
                                     const Definition& table,
                                     const std::vector<PlannedColumn>& columns,
                                     const sql::TableDefinition& here, NoteTaker& notes) {
  sql::KeyPart result;
  result.descending = part.descending;
  const std::string_view apart = key.IsUnique() ? kNotKeptApart : "";
  if (part.column >= 0) {
    result.column = table.columns[static_cast<size_t>(part.column)].name;
    result.prefix = part.prefix;
    return result;
  }
  if (here.flavour == sql::Flavour::kMariaDb) {
    notes.Lossy(key.place,
                fmt::format("is left out: MariaDB has no keys over expressions{}", apart));
    return std::nullopt;
  }
  for (const int column : ColumnsIn(table, part.expression)) {
    if (!IsTooLongForExpression(columns[static_cast<size_t>(column)].type)) continue;
    notes.Lossy(key.place, fmt::format("is left out: MySQL has no keys over expressions of long "
                                       "text and documents, as `{}` is{}",
                                       table.columns[static_cast<size_t>(column)].name, apart));
    return std::nullopt;
  }
  std::vector<std::string> caveats;
  ExpressionContext context;
  context.here = &here;
  context.caveats = &caveats;
  base::StatusOr<std::string> expression =
      FromPostgresExpression(part.expression, table, ExpressionUse::kKey, here.flavour, context);
  if (!expression.ok()) {
    notes.Lossy(key.place, fmt::format("is left out: {} in its expression is not known to be the "
                                       "same on the target{}",
                                       std::string(expression.status().message()), apart));
    return std::nullopt;
  }
  for (const std::string& caveat : caveats) notes.Lossy(key.place, caveat);
  result.expression = *std::move(expression);
  return result;
}

}  // namespace

void LeaveOutStricterKeys(std::vector<PlannedKey>& keys, const Definition& table,
                          const std::vector<PlannedColumn>& columns, sql::Flavour to,
                          NoteTaker& notes) {
  std::erase_if(
      keys, [&](const PlannedKey& key) { return MayBeStricter(key, table, columns, to, notes); });
}

void AddKeys(const std::vector<PlannedKey>& keys, const Definition& table,
             const std::vector<PlannedColumn>& columns, sql::TableDefinition& here,
             NoteTaker& notes) {
  const size_t most_parts = here.flavour == sql::Flavour::kMySql ? 16 : 32;
  // Each foreign key may need one that the server makes for it.
  const auto references = static_cast<size_t>(
      absl::c_count_if(table.constraints, [](const auto& one) { return one.kind == 'f'; }));
  const size_t most_keys = kMostKeys - std::min(references, kMostKeys / 2);
  for (const PlannedKey& key : keys) {
    if (key.parts.size() > most_parts) {
      if (key.kind == KeyKind::kPrimary) {
        notes.Refuse(
            key.place,
            fmt::format("has {} columns, and the target takes {}", key.parts.size(), most_parts),
            "give the table a shorter one on the source, or exclude the table");
      } else {
        notes.Lossy(key.place, fmt::format("is left out: the target takes keys of {} columns{}",
                                           most_parts, key.IsUnique() ? kNotKeptApart : ""));
      }
      continue;
    }
    if (const PlannedColumn* column = FindDiffering(key, table, columns)) {
      NoteDifference(key,
                     fmt::format("{} is computed there, and may come to another value",
                                 sql::QuoteIdentifier(column->source->name)),
                     notes);
      continue;
    }
    sql::KeyDefinition result;
    result.kind = key.kind;
    result.name = key.name;
    bool whole = true;
    for (const PlannedKey::Part& part : key.parts) {
      std::optional<sql::KeyPart> translated = PartHere(key, part, table, columns, here, notes);
      whole = translated.has_value();
      if (!whole) break;
      result.parts.push_back(*std::move(translated));
    }
    if (!whole) continue;
    if (here.keys.size() >= most_keys) {
      notes.Lossy(key.place, fmt::format("is left out: the target takes {} keys of a table{}",
                                         kMostKeys, key.IsUnique() ? kNotKeptApart : ""));
      continue;
    }
    const std::string comment = FittingComment(key.comment, kKeyComment, key.place, notes);
    if (!comment.empty()) result.options = "COMMENT " + sql::QuoteString(comment);
    here.keys.push_back(std::move(result));
  }
}

}  // namespace godwit::connectors::mysql
