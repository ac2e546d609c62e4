#include "connectors/mysql/from_postgres/planned_keys.h"

#include <absl/algorithm/container.h>
#include <fmt/format.h>

#include <set>

#include "base/text.h"
#include "connectors/mysql/from_postgres/expression_cursor.h"
#include "connectors/mysql/from_postgres/fitting_names.h"
#include "sql/writer.h"

namespace godwit::connectors::mysql {
namespace {

using sql::KeyKind;
using sql::NoteTaker;
using sql::postgres::ConstraintDefinition;
using sql::postgres::Definition;
using sql::postgres::IndexDefinition;

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
  KeyReading(const Definition& table, NoteTaker& notes)
      : table_(table),
        has_no_identity_(sql::postgres::ToTable(table).RowIdentity().empty()),
        notes_(notes) {
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
    notes_.Lossy(place, fmt::format("is left out: {}{}", why, unique ? kNotKeptApart : ""));
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
    if (one.deferrable && has_no_identity_) {
      notes_.Lossy(place, fmt::format("becomes an ordinary index: it is DEFERRABLE, and rows that "
                                      "no other key tells apart are changed one by one{}",
                                      kNotKeptApart));
      key.kind = KeyKind::kIndex;
      if (one.kind == 'p') key.name = Name(one.name);
    } else if (one.deferrable) {
      notes_.Lossy(place, "is checked with each row, and not DEFERRABLE any more");
    }
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
  const bool has_no_identity_;
  NoteTaker& notes_;
  std::set<std::string> names_;
  std::vector<PlannedKey> keys_;
};

}  // namespace

std::vector<PlannedKey> ReadKeys(const Definition& table, NoteTaker& notes) {
  return KeyReading(table, notes).Run();
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

}  // namespace godwit::connectors::mysql
