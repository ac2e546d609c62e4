#include "connectors/mysql/from_postgres/from_postgres_keys.h"

#include <absl/algorithm/container.h>
#include <absl/strings/str_join.h>
#include <fmt/format.h>

#include <set>

#include "base/text.h"
#include "connectors/mysql/from_postgres/expression_cursor.h"
#include "connectors/mysql/from_postgres/postgres_expression.h"
#include "sql/data_type.h"
#include "sql/writer.h"

namespace godwit::connectors::mysql {
namespace {

using sql::KeyKind;
using sql::NoteTaker;
using sql::postgres::ConstraintDefinition;
using sql::postgres::Definition;
using sql::postgres::IndexDefinition;

constexpr size_t kMostKeys = 64;
constexpr size_t kKeyComment = 1024;
constexpr size_t kLongestName = 64;  // characters
constexpr std::string_view kApart = "; the target does not keep rows apart by it";

// The beginning of a text in UTF-8, or all of it.
std::string_view FirstCharacters(std::string_view text, size_t characters) {
  for (size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<uint8_t>(text[i]) & 0xC0) != 0x80;
    if (begins && characters-- == 0) return text.substr(0, i);
  }
  return text;
}

std::string PlaceOf(const std::string& name) { return "key " + sql::QuoteIdentifier(name); }

// What pg_get_indexdef says of an index.
struct IndexText {
  std::string method;
  std::vector<PlannedKey::Part> parts;
  bool known = true;  // false: a part is not understood
};

class IndexReader {
 public:
  IndexReader(const Definition& table, const IndexDefinition& index)
      : table_(table), cursor_(Lex(index.definition)) {}

  // CREATE [UNIQUE] INDEX name ON [ONLY] table USING method (part, ...) ...
  IndexText Read() {
    while (!cursor_.AtEnd() && !cursor_.Is("USING")) cursor_.Skip();
    cursor_.Accept("USING");
    text_.method = cursor_.Peek().text;
    cursor_.Skip();
    text_.known = cursor_.AcceptSymbol("(");
    while (text_.known && !cursor_.AtEnd()) {
      ReadPart();
      if (!cursor_.AcceptSymbol(",")) break;
    }
    text_.known = text_.known && cursor_.AcceptSymbol(")") && !text_.parts.empty();
    return std::move(text_);
  }

 private:
  static ExpressionCursor Lex(const std::string& definition) {
    base::StatusOr<std::vector<PostgresToken>> tokens = LexPostgres(definition);
    return ExpressionCursor(tokens.ok() ? *std::move(tokens)
                                        : std::vector<PostgresToken>{PostgresToken{}});
  }

  // All up to where its parenthesis closes.
  std::string Parentheses() {
    std::string text;
    int depth = 0;
    do {
      if (cursor_.IsSymbol("(")) ++depth;
      if (cursor_.IsSymbol(")")) --depth;
      text += (text.empty() ? "" : " ") + cursor_.Peek().raw;
      cursor_.Skip();
    } while (depth > 0 && !cursor_.AtEnd());
    return text;
  }

  // A column, a function, or an expression in parentheses; how it sorts.
  void ReadPart() {
    PlannedKey::Part part;
    if (cursor_.IsSymbol("(")) {
      part.expression = Parentheses();
    } else {
      const std::string first = cursor_.Peek().text;
      std::string name;
      if (auto qualified = cursor_.QualifiedName(); qualified.ok()) name = *std::move(qualified);
      if (cursor_.IsSymbol("(")) {
        part.expression = name + Parentheses();
      } else {
        part.column = ColumnOf(table_, first);
        text_.known = text_.known && part.column >= 0;
      }
    }
    if (cursor_.Accept("COLLATE")) cursor_.QualifiedName().IgnoreError();
    const auto sorts = [&] {
      return cursor_.Is("ASC") || cursor_.Is("DESC") || cursor_.Is("NULLS");
    };
    if (!sorts() && !cursor_.IsSymbol(",") && !cursor_.IsSymbol(")")) {
      cursor_.QualifiedName().IgnoreError();  // its operators
      if (cursor_.IsSymbol("(")) Parentheses();
    }
    cursor_.Accept("ASC");
    part.descending = cursor_.Accept("DESC");
    if (cursor_.Accept("NULLS")) cursor_.Skip();
    text_.parts.push_back(std::move(part));
  }

  const Definition& table_;
  ExpressionCursor cursor_;
  IndexText text_;
};

class KeyReading {
 public:
  KeyReading(const Definition& table, NoteTaker& notes) : table_(table), notes_(notes) {
    names_.insert("primary");
    names_.insert("gen_clust_index");  // InnoDB's own
  }

  std::vector<PlannedKey> Run() {
    for (const ConstraintDefinition& one : table_.constraints) {
      if (one.kind == 'p' || one.kind == 'u' || one.kind == 'x') TakeConstraint(one);
    }
    absl::c_stable_sort(keys_, [](const PlannedKey& a, const PlannedKey& b) {
      return (a.kind == KeyKind::kPrimary) > (b.kind == KeyKind::kPrimary);
    });
    for (const IndexDefinition& one : table_.indexes) {
      if (one.unique) TakeIndex(one);
    }
    for (const IndexDefinition& one : table_.indexes) {
      if (!one.unique) TakeIndex(one);
    }
    return std::move(keys_);
  }

 private:
  // The server compares them without case, by its own rules beyond ASCII, where they may be more
  // alike than by these.
  std::string Name(const std::string& name) {
    const std::string fitting = FittingName(name);
    std::string free = fitting;
    for (int number = 2; !names_.insert(Lower(free)).second; ++number)
      free = FittingName(fmt::format("{}_{}", fitting, number));
    return free;
  }

  static std::string Lower(std::string text) {
    absl::c_transform(text, text.begin(), base::ToLowerAscii);
    return text;
  }

  void LeaveOut(const std::string& place, const std::string& why, bool unique) {
    notes_.Lossy(place, fmt::format("is left out: {}{}", why, unique ? kApart : ""));
  }

  void TakeConstraint(const ConstraintDefinition& one) {
    const std::string place = one.kind == 'p' ? "primary key" : PlaceOf(one.name);
    if (one.kind == 'x') return LeaveOut(place, "the target has no exclusion constraints", true);
    if (!one.table.table.empty())
      return LeaveOut(place, fmt::format("partition {} alone has it", one.table.ToString()), true);
    if (one.definition.find(" WITHOUT OVERLAPS") != std::string::npos)
      return LeaveOut(place, "WITHOUT OVERLAPS keeps periods apart, which the target does not",
                      true);
    PlannedKey key;
    key.kind = one.kind == 'p' ? KeyKind::kPrimary : KeyKind::kUnique;
    key.place = place;
    key.comment = one.comment;
    for (const std::string& column : one.columns)
      key.parts.push_back({.column = ColumnOf(table_, column)});
    if (absl::c_any_of(key.parts, [](const auto& part) { return part.column < 0; }))
      return LeaveOut(place, "its columns are not known", true);
    key.name = one.kind == 'p' ? "PRIMARY" : Name(one.name);
    if (one.definition.starts_with("UNIQUE NULLS NOT DISTINCT")) NoteNulls(place);
    if (one.deferrable)
      notes_.Lossy(place, "is checked with each row, and not DEFERRABLE any more");
    keys_.push_back(std::move(key));
  }

  void NoteNulls(const std::string& place) {
    notes_.Lossy(place, "takes any number of rows with NULL: NULLS NOT DISTINCT is left out");
  }

  void TakeIndex(const IndexDefinition& one) {
    const std::string place = PlaceOf(one.name);
    if (!one.table.table.empty())
      return LeaveOut(place, fmt::format("partition {} alone has it", one.table.ToString()),
                      one.unique);
    if (one.partial) return LeaveOut(place, "the target has no keys with WHERE", one.unique);
    IndexText text = IndexReader(table_, one).Read();
    if (text.method != "btree" && text.method != "hash")
      return LeaveOut(place, fmt::format("the target has no indexes of the kind {}", text.method),
                      one.unique);
    if (!text.known) return LeaveOut(place, "its definition is not understood", one.unique);
    PlannedKey key;
    key.kind = one.unique ? KeyKind::kUnique : KeyKind::kIndex;
    key.place = place;
    key.comment = one.comment;
    key.parts = std::move(text.parts);
    // What INCLUDE adds is not among the columns, and at the end of what is in parentheses.
    if (text.method == "hash") notes_.Same(place, "USING hash becomes a B-tree");
    if (one.nulls_not_distinct) NoteNulls(place);
    key.name = Name(one.name);
    keys_.push_back(std::move(key));
  }

  const Definition& table_;
  NoteTaker& notes_;
  std::set<std::string> names_;
  std::vector<PlannedKey> keys_;
};

void NoteDifference(const PlannedKey& key, const std::string& why, NoteTaker& notes) {
  notes.Lossy(key.place,
              fmt::format("is left out, as rows that the source keeps apart may be the same to the "
                          "target: {}{}",
                          why, kApart));
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
  const std::string_view apart = key.IsUnique() ? kApart : "";
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

std::vector<PlannedKey> ReadKeys(const Definition& table, NoteTaker& notes) {
  return KeyReading(table, notes).Run();
}

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
                                           most_parts, key.IsUnique() ? kApart : ""));
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
                                         kMostKeys, key.IsUnique() ? kApart : ""));
      continue;
    }
    const std::string comment = FittingComment(key.comment, kKeyComment, key.place, notes);
    if (!comment.empty()) result.options = "COMMENT " + sql::QuoteString(comment);
    here.keys.push_back(std::move(result));
  }
}

int ColumnOf(const Definition& table, std::string_view name) {
  const auto found =
      absl::c_find_if(table.columns, [&](const auto& column) { return column.name == name; });
  return found == table.columns.end() ? -1 : static_cast<int>(found - table.columns.begin());
}

std::vector<int> ColumnsIn(const Definition& table, std::string_view expression) {
  std::vector<int> columns;
  const auto tokens = LexPostgres(expression);
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const std::string& name = table.columns[i].name;
    const bool named =
        tokens.ok()
            ? absl::c_any_of(*tokens, [&](const PostgresToken& t) { return t.text == name; })
            : expression.find(name) != std::string_view::npos;
    if (named) columns.push_back(static_cast<int>(i));
  }
  return columns;
}

std::string FittingName(std::string name) {
  constexpr size_t kHash = 9;
  while (name.ends_with(' ')) name.back() = '_';
  if (FirstCharacters(name, kLongestName).size() == name.size()) return name;
  uint32_t hash = 2166136261u;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return fmt::format("{}_{:08x}", FirstCharacters(name, kLongestName - kHash), hash);
}

std::string NameInDatabase(const std::string& table, const std::string& own) {
  return FittingName(own.starts_with(table + "_") ? own : fmt::format("{}_{}", table, own));
}

std::string FittingComment(const std::string& comment, size_t most_characters,
                           const std::string& place, NoteTaker& notes) {
  const std::string_view fitting = FirstCharacters(comment, most_characters);
  if (fitting.size() < comment.size()) {
    notes.Lossy(place, fmt::format("its comment is cut off after {} characters, which is what the "
                                   "target takes",
                                   most_characters));
  }
  return std::string(fitting);
}

}  // namespace godwit::connectors::mysql
