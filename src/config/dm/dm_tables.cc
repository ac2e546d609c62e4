#include "config/dm/dm_tables.h"

#include <re2/re2.h>

#include <algorithm>

#include "base/status.h"
#include "config/dm/dm_keys.h"
#include "config/quoted.h"
#include "config/table_filter.h"
#include "config/yaml_value.h"

namespace godwit::config {
namespace {

struct DmName {
  std::string pattern;
  FilePlace place;
};
struct DmTableName {
  std::string schema, table;
  FilePlace place;
};

bool IsRegular(const std::string& pattern) { return pattern.starts_with('~'); }
bool IsLiteral(const std::string& pattern) {
  return !IsRegular(pattern) && pattern.find_first_of("*?[") == std::string::npos;
}
// Whether a glob of ours says the same, the schema's part without a dot.
bool IsGlob(const std::string& pattern) {
  return !IsRegular(pattern) && pattern.find_first_of("[.") == std::string::npos;
}

std::vector<DmName> ReadNames(const YAML::Node& rule, std::string_view key) {
  std::vector<DmName> names;
  const YAML::Node list = DmChild(rule, key);
  if (!list.IsSequence()) return names;
  for (const YAML::Node& item : list) {
    if (item.IsScalar()) names.push_back({item.Scalar(), DmPlace(item)});
  }
  return names;
}

std::vector<DmTableName> ReadTableNames(const YAML::Node& rule, std::string_view key) {
  std::vector<DmTableName> names;
  const YAML::Node list = DmChild(rule, key);
  if (!list.IsSequence()) return names;
  for (const YAML::Node& item : list) {
    names.push_back({DmText(item, "db-name"), DmText(item, "tbl-name"), DmPlace(item)});
  }
  return names;
}

std::string OfGlob(std::string_view glob) {
  std::string expression;
  for (size_t i = 0; i < glob.size(); ++i) {
    const size_t close = glob[i] == '[' ? glob.find(']', i) : std::string_view::npos;
    if (close != std::string_view::npos) {
      std::string set(glob.substr(i, close - i + 1));
      if (set.starts_with("[!")) set[1] = '^';
      expression += set;
      i = close;
    } else if (glob[i] == '*') {
      expression += ".*";
    } else if (glob[i] == '?') {
      expression += '.';
    } else {
      expression += RE2::QuoteMeta({&glob[i], 1});
    }
  }
  return expression;
}

// The alternatives of a regular expression that are not inside of a group.
std::vector<std::string> Alternatives(std::string_view expression) {
  std::vector<std::string> parts(1);
  int depth = 0;
  bool in_set = false;
  for (size_t i = 0; i < expression.size(); ++i) {
    const char c = expression[i];
    if (c == '\\' && i + 1 < expression.size()) {
      parts.back() += c;
      parts.back() += expression[++i];
      continue;
    }
    if (c == '[') in_set = true;
    if (c == ']') in_set = false;
    if (!in_set && c == '(') ++depth;
    if (!in_set && c == ')') --depth;
    if (c == '|' && depth == 0 && !in_set)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

// Whether there are assertions in it, which hold nowhere inside of a longer expression.
bool HasAnchor(std::string_view expression) {
  bool in_set = false;
  for (size_t i = 0; i < expression.size(); ++i) {
    const char c = expression[i];
    if (c == '\\') {
      if (++i < expression.size() &&
          std::string_view("AzbBQ").find(expression[i]) != std::string_view::npos) {
        return true;
      }
      continue;
    }
    if (c == '[') in_set = true;
    if (c == ']') in_set = false;
    if (!in_set && (c == '^' || c == '$')) return true;
  }
  return false;
}

bool EndsWithDollar(const std::string& expression) {
  if (!expression.ends_with('$')) return false;
  size_t escapes = 0;
  for (size_t i = expression.size() - 1; i > 0 && expression[i - 1] == '\\'; --i) ++escapes;
  return escapes % 2 == 0;
}

class DmTableReader {
 public:
  DmTableReader(bool case_sensitive, Problems& problems)
      : case_sensitive_(case_sensitive), problems_(problems) {}

  // One of our patterns for the tables of `schema`; none, and a report, where there is none.
  void Add(const std::string& schema, const std::string& table, FilePlace place,
           std::vector<std::string>& patterns) {
    std::string pattern;
    if (IsGlob(schema) && !IsRegular(table) && table.find('[') == std::string::npos) {
      pattern = fmt::format("{}.{}", schema, table);
    } else {
      const auto of_schema = DmNameExpression(schema), of_table = DmNameExpression(table);
      if (!of_schema || !of_table) {
        problems_.Error(place,
                        "{}: has ^, $ or the like in its middle, which cannot be carried over; "
                        "write a pattern for the tables into `tables`",
                        Quoted(of_schema ? table : schema));
        return;
      }
      pattern = fmt::format("~{}{}\\.{}", case_sensitive_ ? "" : "(?i)", *of_schema, *of_table);
    }
    const auto parsed = TablePattern::Parse(pattern);
    if (!parsed.ok()) {
      problems_.Error(place, "left out: {}", parsed.status().message());
    } else if (std::ranges::find(patterns, pattern) == patterns.end()) {
      patterns.push_back(std::move(pattern));
    }
  }

  // Whether a pattern of DM's takes the name of a schema.
  bool Takes(const std::string& pattern, const std::string& name) const {
    const auto expression = DmNameExpression(pattern);
    return expression &&
           RE2::FullMatch(name, fmt::format("{}{}", case_sensitive_ ? "" : "(?i)", *expression));
  }

  // A table of do-tables, if its schema is also one of do-dbs.
  void AddWithin(const DmTableName& table, const std::vector<DmName>& schemas,
                 std::vector<std::string>& patterns) {
    bool found = schemas.empty(), exact = schemas.empty();
    if (exact) Add(table.schema, table.table, table.place, patterns);
    for (const DmName& schema : schemas) {
      if (exact) break;
      if (schema.pattern == table.schema || schema.pattern == "*" || schema.pattern == "~.*" ||
          (IsLiteral(table.schema) && Takes(schema.pattern, table.schema))) {
        Add(table.schema, table.table, table.place, patterns);
        found = exact = true;
      } else if (IsLiteral(schema.pattern) && Takes(table.schema, schema.pattern)) {
        Add(schema.pattern, table.table, table.place, patterns);
        found = true;
      }
    }
    const bool open = std::ranges::any_of(
        schemas, [](const DmName& schema) { return !IsLiteral(schema.pattern); });
    if (exact) return;
    if (open && !IsLiteral(table.schema)) {
      problems_.Error(table.place,
                      "do-tables: which schemas are of {} and of do-dbs at once cannot be said by "
                      "patterns; write them out into `tables.include`",
                      Quoted(table.schema));
    } else if (!found) {
      problems_.Warn(table.place,
                     "do-tables: takes nothing, as do-dbs has no such schema; left out");
    }
  }

 private:
  const bool case_sensitive_;
  Problems& problems_;
};

}  // namespace

std::optional<std::string> DmNameExpression(const std::string& pattern) {
  if (!IsRegular(pattern)) return OfGlob(pattern);
  std::vector<std::string> parts = Alternatives(std::string_view(pattern).substr(1));
  std::string expression;
  for (std::string& part : parts) {
    const bool from_start = part.starts_with('^');
    if (from_start) part.erase(0, 1);
    const bool to_end = EndsWithDollar(part);
    if (to_end) part.pop_back();
    if (HasAnchor(part)) return std::nullopt;
    const bool reaches_start = from_start || part.starts_with(".*");
    const bool reaches_end = to_end || (part.ends_with(".*") && !part.ends_with("\\.*"));
    expression += fmt::format("{}{}{}{}", expression.empty() ? "" : "|", reaches_start ? "" : ".*",
                              part, reaches_end ? "" : ".*");
  }
  return parts.size() == 1 ? expression : fmt::format("(?:{})", expression);
}

DmTables ReadDmTables(const YAML::Node& rule, bool case_sensitive, Problems& problems) {
  DmTables tables;
  DmTableReader reader(case_sensitive, problems);
  const std::vector<DmName> do_schemas = ReadNames(rule, "do-dbs");
  const std::vector<DmName> ignored_schemas = ReadNames(rule, "ignore-dbs");
  const std::vector<DmTableName> do_tables = ReadTableNames(rule, "do-tables");
  const std::vector<DmTableName> ignored_tables = ReadTableNames(rule, "ignore-tables");

  for (const DmTableName& table : do_tables) reader.AddWithin(table, do_schemas, tables.include);
  if (do_tables.empty()) {
    for (const DmName& schema : do_schemas) {
      if (IsSystemSchema(schema.pattern)) {
        problems.Warn(schema.place, "do-dbs: {} belongs to the server and is never migrated",
                      schema.pattern);
        continue;
      }
      reader.Add(schema.pattern, "*", schema.place, tables.include);
    }
    if (do_schemas.empty()) tables.include = {"*.*"};
  }
  if (do_schemas.empty()) {
    for (const DmName& schema : ignored_schemas) {
      reader.Add(schema.pattern, "*", schema.place, tables.exclude);
    }
  } else if (!ignored_schemas.empty()) {
    problems.Warn(ignored_schemas.front().place,
                  "ignore-dbs: of no effect beside do-dbs; left out");
  }
  if (do_tables.empty()) {
    for (const DmTableName& table : ignored_tables) {
      reader.Add(table.schema, table.table, table.place, tables.exclude);
    }
  } else if (!ignored_tables.empty()) {
    problems.Warn(ignored_tables.front().place,
                  "ignore-tables: of no effect beside do-tables; left out");
  }
  return tables;
}

}  // namespace godwit::config
