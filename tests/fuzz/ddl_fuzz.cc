// Statements through the lexer, the parser and the schema tracker. What a definition is written as
// must be read as the same definition again.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sql/complete.h"
#include "sql/parser.h"
#include "sql/tracker.h"
#include "sql/writer.h"

namespace {

using godwit::sql::CharsetChoice;
using godwit::sql::CreateTable;
using godwit::sql::ParseOptions;

const CharsetChoice kCharset{"utf8mb4", "utf8mb4_general_ci"};

void CheckRoundTrip(const CreateTable& create) {
  if (create.like || create.select || create.definition.columns.empty()) return;
  godwit::sql::TableDefinition definition = create.definition;
  Complete(definition, kCharset, godwit::sql::KeyOrder::kSorted);
  ParseOptions plain;
  plain.default_schema = definition.name.schema;
  plain.flavour = definition.flavour;
  auto again = ParseDefinition(WriteCreateTable(definition), plain, kCharset);
  if (!again.ok() || *again != definition) std::abort();
}

}  // namespace

// The first byte chooses the session's settings; statements are separated by ";\n".
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  ParseOptions options;
  options.default_schema = "d";
  options.ansi_quotes = (data[0] & 1) != 0;
  options.no_backslash_escapes = (data[0] & 2) != 0;
  options.explicit_defaults_for_timestamp = (data[0] & 4) == 0;
  options.lower_case_names = (data[0] & 8) != 0;
  options.real_as_float = (data[0] & 16) != 0;
  if ((data[0] & 32) != 0) options.flavour = godwit::sql::Flavour::kMySql;
  options.oracle_types = (data[0] & 64) != 0;
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  godwit::sql::SchemaTracker tracker(kCharset, options.flavour);
  while (!text.empty()) {
    std::string_view statement_text = text.substr(0, text.find(";\n"));
    text.remove_prefix(std::min(statement_text.size() + 2, text.size()));
    auto statement = ParseStatement(statement_text, options);
    if (!statement.ok()) continue;
    (void)TablesOf(*statement);
    if (const auto* create = std::get_if<CreateTable>(&*statement)) CheckRoundTrip(*create);
    auto changes = tracker.Apply(*statement);
    if (!changes.ok()) continue;
    for (const godwit::sql::TableChange& change : *changes) {
      if (change.after == nullptr) continue;
      (void)ToTable(*change.after);
      (void)WriteAddKeys(*change.after, change.name, DeferrableKeys(*change.after));
      (void)WriteAddForeignKeys(*change.after, change.name);
    }
  }
  return 0;
}
