#include "cli/text/plan_text.h"

#include <fmt/format.h>

#include "cli/text/quantity_text.h"

namespace godwit::cli {
namespace {

std::string Bytes(const Json& json) {
  return BytesText(static_cast<double>(CountOf(json, "estimated_bytes")));
}

std::string TableLine(const Json& table) {
  return fmt::format("-- {:<40} {:>14} {:>12} {:>7} {:>7}{}", TextOf(table, "name"),
                     CountText(CountOf(table, "estimated_rows")), Bytes(table),
                     CountOf(table, "ranges"), CountOf(table, "chunks"),
                     FlagOf(table, "one_snapshot") ? "  in one piece" : "");
}

// Lines of a comment, so that the whole can be read as SQL.
std::string ConflictLine(std::string text) {
  for (size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 4) {
    text.replace(at, 1, "\n--   ");
  }
  return "-- CONFLICT " + text;
}

void AddStatements(const char* heading, const std::vector<std::string>& statements,
                   std::vector<std::string>& lines) {
  if (statements.empty()) return;
  lines.push_back(fmt::format("\n-- {}", heading));
  for (const std::string& statement : statements) lines.push_back(statement + ";");
}

}  // namespace

std::vector<std::string> PlanLines(const Json& plan, const std::string& ends) {
  std::vector<std::string> lines = {
      fmt::format("-- task {} ({}): {}", TextOf(plan, "task"), TextOf(plan, "mode"), ends)};
  if (const std::string phase = TextOf(plan, "goes_on_from"); !phase.empty()) {
    lines.push_back(fmt::format(
        "-- it has begun, and goes on from the phase {}: nothing is made again", phase));
  }
  const Json& tables = ListOf(plan, "tables");
  lines.push_back(fmt::format("-- {} tables, about {} rows and {}", tables.size(),
                              CountText(CountOf(plan, "estimated_rows")), Bytes(plan)));
  lines.push_back(fmt::format("--\n-- {:<40} {:>14} {:>12} {:>7} {:>7}", "table", "rows (about)",
                              "size", "ranges", "chunks"));
  for (const Json& table : tables) lines.push_back(TableLine(table));
  for (const Json& table : tables) {
    if (const std::string conflict = TextOf(table, "conflict"); !conflict.empty()) {
      lines.push_back(ConflictLine(conflict));
    }
    for (const std::string& note : TextsOf(table, "notes")) {
      lines.push_back(fmt::format("-- NOTE {}: {}", TextOf(table, "name"), note));
    }
  }
  const Json& ddl = FieldOf(plan, "ddl");
  AddStatements("before the copy (databases only where they are missing)",
                TextsOf(ddl, "before_copy"), lines);
  AddStatements("as soon as the rows of each table are in", TextsOf(ddl, "after_table"), lines);
  AddStatements("when all is copied", TextsOf(ddl, "after_copy"), lines);
  return lines;
}

}  // namespace godwit::cli
