#include "connectors/mysql/schema/target_definition.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_replace.h>
#include <absl/strings/str_split.h>

#include <algorithm>

#include "base/text.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/literal.h"
#include "sql/collation_twin.h"
#include "sql/parser.h"
#include "sql/placement.h"
#include "sql/statement_translation.h"
#include "sql/translate_expression.h"
#include "sql/writer.h"

namespace godwit::connectors::mysql {
namespace {

using sql::Flavour;

// A default as either kind may write it; of an expression only that it is one.
std::string PlainDefault(std::string text) {
  while (text.size() > 2 && text.front() == '(' && text.back() == ')')
    text = text.substr(1, text.size() - 2);
  if (base::EqualsIgnoreCase(text, "NULL")) return "";
  if (text.starts_with("_")) {  // a charset before a string
    if (const size_t quote = text.find('\''); quote != std::string::npos) text.erase(0, quote);
  }
  if (text.size() >= 2 && text.front() == '\'' && text.back() == '\'')
    text = text.substr(1, text.size() - 2);
  absl::AsciiStrToLower(&text);
  text = absl::StrReplaceAll(text, {{"current_timestamp()", "current_timestamp"}});
  const bool literal =
      text.find_first_of("(`") == std::string::npos || text.starts_with("current_timestamp");
  return literal ? text : "(...)";
}

void MakePlain(sql::TableDefinition& definition) {
  for (sql::ColumnDefinition& column : definition.columns) {
    column.default_value = PlainDefault(column.default_value);
    column.on_update = PlainDefault(column.on_update);
    if (!column.expression.empty()) column.expression = "...";
    if (!column.check.empty()) column.check = "...";
  }
  for (sql::KeyDefinition& key : definition.keys) {
    for (sql::KeyPart& part : key.parts) {
      if (!part.expression.empty()) part.expression = "...";
    }
  }
  for (sql::CheckDefinition& check : definition.checks) check.expression = "...";
  std::ranges::sort(definition.checks, {}, &sql::CheckDefinition::name);
}

// Replaces the quoted value that follows `name` in the settings of a session.
template <typename Translate>
void ReplaceQuoted(std::string& session, std::string_view name, Translate translate) {
  size_t begin = session.find(name);
  if (begin == std::string::npos || session[begin += name.size()] != '\'') return;
  const size_t end = session.find('\'', ++begin);
  if (end == std::string::npos) return;
  session.replace(begin, end - begin,
                  translate(std::string_view(session).substr(begin, end - begin)));
}

std::string Refusals(const sql::Translation& translation) {
  std::string text;
  for (const sql::TranslationNote& note : translation.notes) {
    if (note.kind == sql::NoteKind::kRefused)
      text += fmt::format("\n  {}; {}", sql::ToText(note), note.remedy);
  }
  return text;
}

}  // namespace

bool IsTranslated(const Connection& target, std::string_view dialect) {
  return dialect != DialectName(target.flavour());
}

base::StatusOr<sql::Translation> TranslationFor(const Connection& target,
                                                const connector::TableDefinition& table) {
  GODWIT_ASSIGN_OR_RETURN(const sql::TableDefinition definition, DefinitionOf(table));
  return sql::Translate(definition, target.flavour());
}

base::StatusOr<sql::TableDefinition> DefinitionFor(const Connection& target,
                                                   const connector::TableDefinition& table) {
  GODWIT_ASSIGN_OR_RETURN(sql::Translation translation, TranslationFor(target, table));
  if (!translation.refused()) return std::move(translation.definition);
  return base::FailedPrecondition("target: it cannot hold table {}:{}",
                                  table.table->name.ToString(), Refusals(translation));
}

std::string DescribeDifference(const sql::TableDefinition& source,
                               const sql::TableDefinition& target, bool translated) {
  auto lines = [&](sql::TableDefinition definition) {
    definition.options.auto_increment.reset();
    definition.name = {};
    sql::TakeOutPlaces(definition);
    if (translated) MakePlain(definition);
    std::vector<std::string> all = absl::StrSplit(sql::WriteCreateTable(definition), '\n');
    for (std::string& line : all) {
      if (!line.empty() && line.back() == ',') line.pop_back();
    }
    return all;
  };
  const std::vector<std::string> ours = lines(source), theirs = lines(target);
  std::string difference;
  auto add = [&](const char* side, const std::vector<std::string>& these,
                 const std::vector<std::string>& others) {
    for (const std::string& line : these) {
      if (std::find(others.begin(), others.end(), line) == others.end())
        difference += fmt::format("\n  {}: {}", side, line);
    }
  };
  add("source", ours, theirs);
  add("target", theirs, ours);
  return difference;
}

base::StatusOr<std::string> SchemaStatementFor(const Connection& target,
                                               const connector::CatalogSchema& schema) {
  const Flavour from = FlavourOf(schema.dialect);
  if (from == target.flavour()) return schema.statement;
  GODWIT_ASSIGN_OR_RETURN(sql::Statement statement,
                          sql::ParseStatement(schema.statement, {.flavour = from}));
  const auto* create = std::get_if<sql::CreateDatabase>(&statement);
  if (create == nullptr)
    return base::Internal("not a statement that creates a schema: {}", schema.statement);
  sql::TranslatedStatement translated = sql::TranslateCreateDatabase(
      *create, sql::Resolve(create->charset, {}, from), target.flavour());
  if (translated.refused.empty()) return std::move(translated.sql);
  return base::FailedPrecondition("target: it cannot hold schema {}: {}", schema.name,
                                  translated.refused);
}

base::StatusOr<connector::CatalogObject> ObjectFor(const Connection& target,
                                                   connector::CatalogObject object) {
  const Flavour to = target.flavour();
  if (FlavourOf(object.dialect) == to) return object;
  const std::string name = fmt::format("{}.{}", object.schema, object.name);
  if (object.kind == connector::ObjectKind::kSequence) {
    return base::FailedPrecondition(
        "target: MySQL has no sequences, as {} is: leave `sequences` out of `objects` in the task "
        "file, or exclude it",
        name);
  }
  sql::TranslatedExpression translated = sql::TranslateExpression(object.statement, to);
  if (!translated.unknown.empty()) {
    return base::FailedPrecondition(
        "target: it has no {}, which is in the definition of {}: write that without on the source, "
        "or exclude it and make the target's by hand",
        absl::StrJoin(translated.unknown, ", "), name);
  }
  object.statement = std::move(translated.text);
  ReplaceQuoted(object.session,
                "sql_mode=", [&](std::string_view modes) { return TranslateSqlModes(modes, to); });
  ReplaceQuoted(object.session, "collation_connection=", [&](std::string_view collation) {
    const auto twin = sql::TwinOf(collation, to);
    return twin ? twin->collation : std::string("utf8mb4_unicode_520_ci");
  });
  return object;
}

std::string TranslateSqlModes(std::string_view modes, Flavour to) {
  // What the other kind has not. How fractions of seconds are cut is said by the opposite word.
  constexpr std::string_view kMariaDbOnly[] = {"NO_AUTO_CREATE_USER",
                                               "IGNORE_BAD_TABLE_OPTIONS",
                                               "POSTGRESQL",
                                               "ORACLE",
                                               "MSSQL",
                                               "DB2",
                                               "MAXDB",
                                               "NO_KEY_OPTIONS",
                                               "NO_TABLE_OPTIONS",
                                               "NO_FIELD_OPTIONS",
                                               "MYSQL323",
                                               "MYSQL40",
                                               "EMPTY_STRING_IS_NULL",
                                               "SIMULTANEOUS_ASSIGNMENT",
                                               "TIME_ROUND_FRACTIONAL"};
  constexpr std::string_view kMySqlOnly[] = {"TIME_TRUNCATE_FRACTIONAL"};
  std::vector<std::string> kept;
  bool rounds = to == Flavour::kMariaDb;
  const std::vector<std::string> named = absl::StrSplit(std::string(modes), ',', absl::SkipEmpty());
  for (const std::string& mode : named) {
    if (mode == "TIME_ROUND_FRACTIONAL") rounds = true;
    if (mode == "TIME_TRUNCATE_FRACTIONAL") rounds = false;
    const bool known = to == Flavour::kMySql
                           ? std::ranges::find(kMariaDbOnly, mode) == std::end(kMariaDbOnly)
                           : std::ranges::find(kMySqlOnly, mode) == std::end(kMySqlOnly);
    if (known) kept.push_back(mode);
  }
  if (to == Flavour::kMySql && !rounds) kept.emplace_back("TIME_TRUNCATE_FRACTIONAL");
  if (to == Flavour::kMariaDb && rounds) kept.emplace_back("TIME_ROUND_FRACTIONAL");
  return absl::StrJoin(kept, ",");
}

}  // namespace godwit::connectors::mysql
