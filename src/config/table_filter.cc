#include "config/table_filter.h"

#include <re2/re2.h>

#include <algorithm>

#include "base/status.h"
#include "config/quoted.h"

namespace godwit::config {
namespace {

RE2::Options Options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  return options;
}

std::shared_ptr<const RE2> CompileGlob(std::string_view glob) {
  std::string expression;
  for (size_t i = 0; i < glob.size(); ++i) {
    if (glob[i] == '*') {
      expression += ".*";
    } else if (glob[i] == '?') {
      expression += '.';
    } else {
      size_t end = std::min(glob.find_first_of("*?", i), glob.size());
      expression += RE2::QuoteMeta({glob.data() + i, end - i});
      i = end - 1;
    }
  }
  return std::make_shared<const RE2>(expression, Options());
}

bool FullMatch(std::string_view text, const RE2& expression) {
  return RE2::FullMatch({text.data(), text.size()}, expression);
}

bool AnyMatches(const std::vector<TablePattern>& patterns, std::string_view schema,
                std::string_view table) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const TablePattern& p) { return p.Matches(schema, table); });
}

}  // namespace

bool IsSystemSchema(std::string_view schema, std::string_view scheme) {
  if (schema == "information_schema") return true;
  if (scheme == "postgres") return schema.starts_with("pg_");
  return schema == "mysql" || schema == "performance_schema" || schema == "sys";
}

absl::StatusOr<TablePattern> TablePattern::Parse(std::string_view text) {
  TablePattern pattern;
  pattern.text_ = text;
  if (text.starts_with('~')) {
    std::string_view expression = text.substr(1);
    if (expression.empty()) return base::InvalidArgument("there is no expression after the ~");
    pattern.table_ = std::make_shared<const RE2>(
        re2::StringPiece(expression.data(), expression.size()), Options());
    if (!pattern.table_->ok()) {
      return base::InvalidArgument("{} is not a regular expression: {}", Quoted(text),
                                   Quoted(pattern.table_->error()));
    }
    return pattern;
  }
  size_t dot = text.find('.');
  if (dot == std::string_view::npos) {
    return base::InvalidArgument("{} has no dot; write schema.table, such as \"shop.*\"",
                                 Quoted(text));
  }
  std::string_view schema = text.substr(0, dot), table = text.substr(dot + 1);
  if (schema.empty() || table.empty()) {
    return base::InvalidArgument("{} needs a name on both sides of its dot, such as \"shop.*\"",
                                 Quoted(text));
  }
  if (schema.find_first_of("*?") == std::string_view::npos) pattern.literal_schema_ = schema;
  pattern.all_tables_ = table == "*";
  pattern.schema_ = CompileGlob(schema);
  pattern.table_ = CompileGlob(table);
  if (!pattern.schema_->ok() || !pattern.table_->ok()) {
    return base::InvalidArgument("bad pattern: it has to be valid UTF-8 of a moderate length");
  }
  return pattern;
}

bool TablePattern::Matches(std::string_view schema, std::string_view table) const {
  if (schema_ == nullptr) return FullMatch(fmt::format("{}.{}", schema, table), *table_);
  return FullMatch(schema, *schema_) && FullMatch(table, *table_);
}

bool TablePattern::MayMatchIn(std::string_view schema) const {
  return schema_ == nullptr || FullMatch(schema, *schema_);
}

bool TablePattern::MatchesAllOf(std::string_view schema) const {
  return all_tables_ && FullMatch(schema, *schema_);
}

TableFilter::TableFilter(std::vector<TablePattern> include, std::vector<TablePattern> exclude,
                         std::string meta_schema, std::string source_scheme)
    : include_(std::move(include)),
      exclude_(std::move(exclude)),
      meta_schema_(std::move(meta_schema)),
      source_scheme_(std::move(source_scheme)) {}

bool TableFilter::IsReserved(std::string_view schema) const {
  return schema == meta_schema_ || IsSystemSchema(schema, source_scheme_);
}

bool TableFilter::Matches(std::string_view schema, std::string_view table) const {
  return !IsReserved(schema) && AnyMatches(include_, schema, table) &&
         !AnyMatches(exclude_, schema, table);
}

bool TableFilter::MatchesAllOf(std::string_view schema) const {
  const auto may_exclude = [&](const TablePattern& pattern) { return pattern.MayMatchIn(schema); };
  const auto includes_all = [&](const TablePattern& pattern) {
    return pattern.MatchesAllOf(schema);
  };
  return !IsReserved(schema) && std::none_of(exclude_.begin(), exclude_.end(), may_exclude) &&
         std::any_of(include_.begin(), include_.end(), includes_all);
}

bool TableFilter::MatchesSchema(std::string_view schema) const {
  return !IsReserved(schema) &&
         std::any_of(include_.begin(), include_.end(),
                     [&](const TablePattern& p) { return p.MayMatchIn(schema); }) &&
         std::none_of(exclude_.begin(), exclude_.end(),
                      [&](const TablePattern& p) { return p.MatchesAllOf(schema); });
}

}  // namespace godwit::config
