#include "connectors/postgres/from_mysql/from_mysql_keys.h"

#include <absl/algorithm/container.h>
#include <absl/strings/str_join.h>

#include <optional>
#include <vector>

#include "base/text.h"
#include "connectors/postgres/from_mysql/from_mysql_expression.h"
#include "connectors/postgres/sql_text.h"
#include "sql/charset.h"
#include "sql/lexer.h"
#include "sql/writer.h"

namespace godwit::connectors::postgres {
namespace {

using sql::KeyDefinition;
using sql::KeyKind;
using sql::KeyPart;
using sql::NoteTaker;

constexpr uint64_t kLongestEntry = 2704;  // bytes that a B-tree takes of one row

// The COMMENT of a key's options.
std::string CommentOf(const KeyDefinition& key, sql::Flavour flavour) {
  sql::ParseOptions options;
  options.flavour = flavour;
  const auto tokens = sql::Lex(key.options, options);
  if (!tokens.ok()) return "";
  for (size_t i = 0; i + 1 < tokens->size(); ++i) {
    const sql::Token& next = (*tokens)[i + 1];
    if (base::EqualsIgnoreCase((*tokens)[i].raw, "COMMENT") && next.kind == sql::TokenKind::kString)
      return next.value;
  }
  return "";
}

// One part of a key as PostgreSQL has it.
struct IndexPart {
  std::string sql;
  std::string column;  // empty: an expression
  bool descending = false;
};

class KeyTranslator {
 public:
  KeyTranslator(const sql::TableDefinition& table, std::span<const PlannedColumn> columns,
                Definition& definition, ConstraintNames& names, NoteTaker& notes)
      : table_(table), columns_(columns), definition_(definition), names_(names), notes_(notes) {}

  void Translate(const KeyDefinition& key) {
    place_ = (key.kind == KeyKind::kPrimary ? std::string("primary key")
                                            : "key " + sql::QuoteIdentifier(key.name));
    const bool unique = key.kind == KeyKind::kPrimary || key.kind == KeyKind::kUnique;
    if (key.kind == KeyKind::kFulltext || key.kind == KeyKind::kSpatial) {
      return notes_.Lossy(place_,
                          fmt::format("is left out: PostgreSQL has other indexes for {}",
                                      key.kind == KeyKind::kFulltext ? "words of text" : "shapes"));
    }
    if (!key.without_overlaps.empty()) {
      return notes_.Refuse(place_, "WITHOUT OVERLAPS keeps periods apart, which is not translated",
                           "drop the key on the source, or exclude the table");
    }
    std::vector<IndexPart> parts;
    for (const KeyPart& part : key.parts) {
      std::optional<IndexPart> translated = Part(part, unique);
      if (!translated) return;
      parts.push_back(*std::move(translated));
    }
    if (unique) NoteComparison(key);
    NoteLength(key);
    const bool whole = absl::c_all_of(
        parts, [](const IndexPart& part) { return !part.column.empty() && !part.descending; });
    if (key.kind == KeyKind::kPrimary) {
      AddPrimary(key);
      if (absl::c_any_of(parts, [](const IndexPart& part) { return part.column.empty(); }))
        AddIndex(key, parts, true);
    } else if (unique && whole) {
      AddConstraint(key, NameInSchema(table_.name.table, key.name, "_key"), 'u');
    } else {
      AddIndex(key, parts, unique);
    }
  }

 private:
  const PlannedColumn* Find(const std::string& name) const {
    const int column = table_.FindColumn(name);
    return column < 0 ? nullptr : &columns_[static_cast<size_t>(column)];
  }

  // Nothing: the key is left out, and it has been said why.
  std::optional<IndexPart> Part(const KeyPart& part, bool unique) {
    IndexPart result;
    result.descending = part.descending;
    if (!part.expression.empty()) return OfExpression(part, unique);
    const PlannedColumn* column = Find(part.column);
    if (column == nullptr) return std::nullopt;
    const std::string name = QuoteName(column->source->name);
    if (column->base == "json" || column->base == "xml") {
      LeaveOut(fmt::format("PostgreSQL has no keys over {}", column->type), unique);
      return std::nullopt;
    }
    if (column->kind == model::TypeKind::kGeometry && part.prefix != 0 &&
        column->source->type.name != "point") {
      LeaveOut("a beginning of the source's own form of a shape is not in its WKB", unique);
      return std::nullopt;
    }
    if (part.prefix == 0 || column->kind == model::TypeKind::kGeometry) {
      result.column = column->source->name;
      result.sql = name;
    } else if (column->base == "bytea") {
      result.sql = fmt::format("substr({}, 1, {})", name, part.prefix);
    } else if (column->IsString()) {
      result.sql = fmt::format("\"left\"({}, {})", name, part.prefix);
    } else {
      LeaveOut(fmt::format("PostgreSQL has no keys over the beginning of {}", column->type),
               unique);
      return std::nullopt;
    }
    return result;
  }

  std::optional<IndexPart> OfExpression(const KeyPart& part, bool unique) {
    const base::StatusOr<Expression> translated =
        TranslateMysqlExpression(part.expression, table_.flavour, columns_);
    if (!translated.ok()) {
      LeaveOut(fmt::format("{} in its expression is not known to be the same on PostgreSQL",
                           std::string(translated.status().message())),
               unique);
      return std::nullopt;
    }
    if (translated->type == ValueType::kText && unique &&
        translated->comparison != TextComparison::kBytes) {
      notes_.Lossy(place_, "keeps apart text that is equal by the source's collation");
    }
    for (const std::string& caveat : translated->caveats) notes_.Lossy(place_, caveat);
    IndexPart result;
    result.descending = part.descending;
    result.sql = fmt::format("({})", translated->sql);
    return result;
  }

  void LeaveOut(const std::string& why, bool unique) {
    notes_.Lossy(place_, fmt::format("is left out: {}{}", why,
                                     unique ? "; the target does not keep rows apart by it" : ""));
  }

  // By which text is equal on the source that is not on the target.
  void NoteComparison(const KeyDefinition& key) {
    for (const KeyPart& part : key.parts) {
      const PlannedColumn* column = Find(part.column);
      if (column == nullptr || column->kind != model::TypeKind::kText || !column->IsString())
        continue;
      const sql::CharsetChoice& charset = column->source->type.charset;
      const TextComparison comparison = ComparisonOf(charset);
      if (comparison == TextComparison::kBytes) continue;
      notes_.Lossy(place_,
                   fmt::format("keeps apart values of {} that are equal by {} alone, as those "
                               "may be that differ in {}blanks at the end",
                               sql::QuoteIdentifier(part.column), charset.collation,
                               comparison == TextComparison::kPadded ? "" : "case, accents or "));
    }
  }

  void NoteLength(const KeyDefinition& key) {
    uint64_t bytes = 0;
    for (const KeyPart& part : key.parts) {
      const PlannedColumn* column = Find(part.column);
      const bool is_long = column != nullptr && (column->kind == model::TypeKind::kText ||
                                                 column->kind == model::TypeKind::kJson ||
                                                 column->kind == model::TypeKind::kBinary);
      if (!is_long || (!column->IsString() && column->base != "bytea")) continue;
      const sql::DataType& type = column->source->type;
      const uint64_t length = part.prefix != 0 ? part.prefix : type.length.value_or(UINT32_MAX);
      const bool is_text = column->IsString();
      bytes +=
          length * static_cast<uint64_t>(
                       is_text ? std::max(sql::MaxBytesPerCharacter(type.charset.charset), 1) : 1);
    }
    if (bytes > kLongestEntry) {
      notes_.Lossy(place_, fmt::format("takes at most {} bytes of a row: where its values are "
                                       "longer, even after compression, they are errors",
                                       kLongestEntry));
    }
  }

  void AddPrimary(const KeyDefinition& key) {
    AddConstraint(key, ShortName(table_.name.table + "_pkey"), 'p');
  }

  void AddConstraint(const KeyDefinition& key, const std::string& name, char kind) {
    ConstraintDefinition constraint;
    constraint.name = names_.Take(name);
    constraint.kind = kind;
    for (const KeyPart& part : key.parts) {
      if (const PlannedColumn* column = Find(part.column))
        constraint.columns.push_back(column->source->name);
    }
    constraint.definition = fmt::format("{} ({})", kind == 'p' ? "PRIMARY KEY" : "UNIQUE",
                                        QuoteNames(constraint.columns));
    constraint.comment = CommentOf(key, table_.flavour);
    definition_.constraints.push_back(std::move(constraint));
  }

  void AddIndex(const KeyDefinition& key, const std::vector<IndexPart>& parts, bool unique) {
    IndexDefinition index;
    index.name = names_.Take(NameInSchema(table_.name.table, key.name, unique ? "_key" : "_idx"));
    index.unique = unique;
    std::vector<std::string> texts;
    for (const IndexPart& part : parts) {
      texts.push_back(part.sql + (part.descending ? " DESC" : ""));
      if (part.column.empty())
        index.has_expression = true;
      else
        index.columns.push_back(part.column);
    }
    index.definition =
        fmt::format("CREATE {}INDEX {} ON {} USING btree ({})", unique ? "UNIQUE " : "",
                    QuoteName(index.name), QuoteName(table_.name), absl::StrJoin(texts, ", "));
    index.comment = CommentOf(key, table_.flavour);
    definition_.indexes.push_back(std::move(index));
  }

  const sql::TableDefinition& table_;
  const std::span<const PlannedColumn> columns_;
  Definition& definition_;
  ConstraintNames& names_;
  NoteTaker& notes_;
  std::string place_;
};

char ActionOf(model::ReferenceAction action) {
  switch (action) {
    case model::ReferenceAction::kRestrict:
      return 'r';
    case model::ReferenceAction::kNoAction:
      return 'a';
    case model::ReferenceAction::kCascade:
      return 'c';
    case model::ReferenceAction::kSetNull:
      return 'n';
    case model::ReferenceAction::kSetDefault:
      return 'd';
  }
  return 'a';
}

std::string ActionText(std::string_view event, char action) {
  switch (action) {
    case 'r':
      return fmt::format(" ON {} RESTRICT", event);
    case 'c':
      return fmt::format(" ON {} CASCADE", event);
    case 'n':
      return fmt::format(" ON {} SET NULL", event);
    case 'd':
      return fmt::format(" ON {} SET DEFAULT", event);
    default:
      return "";
  }
}

}  // namespace

std::string ShortName(std::string name) {
  constexpr size_t kHash = 9;
  if (name.size() <= kLongestName) return name;
  uint32_t hash = 2166136261u;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  size_t end = kLongestName - kHash;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;  // a character
  name.resize(end);
  return name + fmt::format("_{:08x}", hash);
}

std::string NameInSchema(std::string_view table, std::string_view own, std::string_view suffix) {
  // Two pairs of names that make one are told apart by the hash that those get whose own name could
  // be taken for a part of the table's.
  std::string name = fmt::format("{}__{}{}", table, own, suffix);
  if (own.find("__") == std::string_view::npos && !own.starts_with('_')) return ShortName(name);
  uint32_t hash = 2166136261u;
  for (const char c : fmt::format("{}/{}", table.size(), name))
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return ShortName(fmt::format("{}__{}_{:08x}{}", table, own, hash, suffix));
}

std::string ConstraintNames::Take(std::string name) {
  name = ShortName(std::move(name));
  std::string free = name;
  for (int number = 2; !taken_.insert(free).second; ++number)
    free = ShortName(fmt::format("{}_{}", name, number));
  return free;
}

void TranslateKeys(const sql::TableDefinition& table, std::span<const PlannedColumn> columns,
                   Definition& definition, ConstraintNames& names, NoteTaker& notes) {
  KeyTranslator translator(table, columns, definition, names, notes);
  for (const KeyDefinition& key : table.keys) translator.Translate(key);
}

std::string ForeignKeyText(const ConstraintDefinition& key) {
  return fmt::format("FOREIGN KEY ({}) REFERENCES {}({}){}{}", QuoteNames(key.columns),
                     QuoteName(key.parent), QuoteNames(key.parent_columns),
                     ActionText("UPDATE", key.on_update), ActionText("DELETE", key.on_delete));
}

void TranslateForeignKeys(const sql::TableDefinition& table, std::span<const PlannedColumn> columns,
                          Definition& definition, ConstraintNames& names, NoteTaker& notes) {
  for (const model::ForeignKey& source : table.foreign_keys) {
    const std::string place = "foreign key " + sql::QuoteIdentifier(source.name);
    ConstraintDefinition key;
    key.kind = 'f';
    key.name = names.Take(source.name);
    key.parent = source.parent;
    if (key.parent.schema.empty()) key.parent.schema = table.name.schema;
    key.parent_columns = source.parent_columns;
    key.on_delete = ActionOf(source.on_delete);
    key.on_update = ActionOf(source.on_update);
    bool by_collation = false, known = true;
    for (const std::string& name : source.columns) {
      const int at = table.FindColumn(name);
      known = known && at >= 0;
      if (at < 0) continue;
      const PlannedColumn& column = columns[static_cast<size_t>(at)];
      key.columns.push_back(column.source->name);
      by_collation =
          by_collation || (column.IsString() &&
                           ComparisonOf(column.source->type.charset) != TextComparison::kBytes);
    }
    if (!known) continue;
    if (by_collation) {
      notes.Lossy(place,
                  "rows whose text is equal to their parent's by the collation alone are "
                  "errors: case and blanks count");
    }
    key.definition = ForeignKeyText(key);
    definition.constraints.push_back(std::move(key));
  }
}

}  // namespace godwit::connectors::postgres
