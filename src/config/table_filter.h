#pragma once

#include <absl/status/statusor.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/table.h"

namespace re2 {
class RE2;
}

namespace godwit::config {

// Schemas that belong to the server and are never migrated; of a server whose urls have `scheme`,
// MySQL's and MariaDB's where it is empty.
bool IsSystemSchema(std::string_view schema, std::string_view scheme = "");

// One pattern for table names: a glob "schema.table" in which * stands for any run of characters
// and ? for any one, split at its first dot; or, after a leading ~, a regular expression (RE2) that
// has to match all of "schema.table". Case-sensitive. Immutable; copies share the compiled
// expressions.
class TablePattern {
 public:
  // kInvalidArgument with what is wrong and how to write it.
  static absl::StatusOr<TablePattern> Parse(std::string_view text);

  bool Matches(std::string_view schema, std::string_view table) const;
  // False when no table of `schema` can match.
  bool MayMatchIn(std::string_view schema) const;
  // True when every table of `schema` matches, whatever its name. A regular expression never says
  // so.
  bool MatchesAllOf(std::string_view schema) const;
  // The schema when the pattern names exactly one, else empty.
  std::string_view literal_schema() const { return literal_schema_; }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::string literal_schema_;
  bool all_tables_ = false;
  std::shared_ptr<const re2::RE2> schema_;  // of a glob; null for a regular expression
  std::shared_ptr<const re2::RE2>
      table_;  // of a glob: the table; of a regular expression: the full name
};

// Which tables belong to a task: those that some include pattern matches and no exclude pattern
// does; never one of a system schema or of the schema that holds Godwit's own tables. Immutable,
// and so safe to share between threads.
class TableFilter {
 public:
  TableFilter() = default;  // matches nothing
  TableFilter(std::vector<TablePattern> include, std::vector<TablePattern> exclude,
              std::string meta_schema, std::string source_scheme = "");

  bool Matches(std::string_view schema, std::string_view table) const;
  bool Matches(const model::TableName& name) const { return Matches(name.schema, name.table); }
  // A hint that saves reading the catalogue of a schema: false when none of its tables can match.
  bool MatchesSchema(std::string_view schema) const;

  // True when every table of the schema matches, whatever its name.
  bool MatchesAllOf(std::string_view schema) const;

  std::span<const TablePattern> include() const { return include_; }
  std::span<const TablePattern> exclude() const { return exclude_; }

 private:
  bool IsReserved(std::string_view schema) const;

  std::vector<TablePattern> include_;
  std::vector<TablePattern> exclude_;
  std::string meta_schema_, source_scheme_;
};

}  // namespace godwit::config
