#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connector/chunk.h"
#include "model/table.h"
#include "sql/flavour.h"

namespace godwit::connectors::mysql {

// How the columns of a table are read as text with nothing lost, and how a row's key is written
// down.
//
// A key is the list of its values as SQL literals with commas between, none of which stands inside
// a literal: 17,_utf8mb4 0x6162,'2024-01-01'.
class SelectList {
 public:
  enum class Columns {
    kWritten,   // those that are written (IsWritten), in the text that writes them again
    kCompared,  // all, in the canonical form of connector::ComparedRow
    // Those that are written: numbers as digits, labels as text, all else as it is stored.
    kForPostgres,
  };
  // How much of values is read.
  enum class Detail {
    kText,        // of JSON documents their text, all that there is to MariaDB's
    kTyped,       // besides, of what types JSON values are that it does not tell (json_types.h)
    kHeldByBoth,  // of all values what both kinds of server hold, of JSON documents their text
  };
  // For rows of one kind of server that go to one of the other, or are compared with its rows.
  static Detail DetailBetween(sql::Flavour here, sql::Flavour there) {
    if (here != there) return Detail::kHeldByBoth;
    return here == sql::Flavour::kMySql ? Detail::kTyped : Detail::kText;
  }

  explicit SelectList(const model::Table& table, Columns columns = Columns::kWritten,
                      Detail detail = Detail::kText);

  struct Field {
    int column;  // of the table
    std::string expression;
    bool escaped;  // its text may hold bytes that LOAD DATA takes for more than themselves
    std::optional<std::string_view>
        warns;  // the text whose writing raises a warning: an ENUM's error value
    std::optional<size_t> json_types = std::nullopt;  // where a row has the two lists of types
  };
  // The columns, in the order of the table.
  const std::vector<Field>& fields() const { return fields_; }

  bool has_json_types() const { return compared_values_ > fields_.size(); }
  // How many values of a row, the first, say what it is: the fields, and the types in documents.
  size_t compared_values() const { return compared_values_; }

  // All expressions of the SELECT: the fields, the types in JSON documents, then what the key needs
  // besides.
  const std::string& text() const { return text_; }

  // The names of the columns, as a list.
  const std::string& column_names() const { return column_names_; }

  // The same as LOAD DATA takes them: "(`a`, @c1) SET `b` = ...".
  std::string LoadTarget() const { return "(" + load_columns_ + ")" + load_assignments_; }

  bool has_key() const { return !key_.empty(); }
  // The columns of the key as ORDER BY takes them.
  const std::string& order_by() const { return order_by_; }
  // The key of a row, from its values in the order of text(). None of a key's values is NULL.
  std::string KeyOf(const std::vector<std::string_view>& values) const;
  // "rows after (up to and with) this key", as a condition that an index serves.
  std::string After(std::string_view key) const { return Compare(key, ">", ">"); }
  std::string UpTo(std::string_view key) const { return Compare(key, "<", "<="); }
  // "the row with this key".
  std::string EqualTo(std::string_view key) const;
  // " WHERE ..." for the rows of a range; empty for all rows.
  std::string Where(const connector::KeyRange& range) const;

 private:
  struct KeyPart {
    std::string name;    // as SQL
    size_t value_index;  // into the row's values
    model::TypeKind kind;
    std::string charset;
  };
  std::string Compare(std::string_view key, std::string_view before_last,
                      std::string_view last) const;

  std::vector<Field> fields_;
  size_t compared_values_ = 0;
  std::vector<KeyPart> key_;
  std::string text_, column_names_, load_columns_, load_assignments_, order_by_;
};

// What stands after FROM for all rows of a table, with their history, read by the index that orders
// them as their key does.
std::string FromClause(const model::Table& table);

// The literals of a key.
std::vector<std::string_view> SplitKey(std::string_view key);

}  // namespace godwit::connectors::mysql
