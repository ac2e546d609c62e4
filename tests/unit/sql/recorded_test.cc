// Follows the statements of testdata/recorded.txt and compares every definition with the one that a
// MariaDB 10.11 server showed after the same statement (testdata/record.py writes that file).

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "sql/parser.h"
#include "sql/tracker.h"
#include "sql/writer.h"

namespace godwit::sql {
namespace {

const CharsetChoice kServerDefault{"utf8mb4", "utf8mb4_general_ci"};

// What the server writes in its own words (expressions, options) left out: written by the user, it
// reads differently.
std::string Comparable(TableDefinition table) {
  for (ColumnDefinition& column : table.columns) {
    column.default_value.clear();
    column.on_update.clear();
    if (!column.expression.empty()) column.expression = "1";
    if (!column.check.empty()) column.check = "1";
    column.attributes.clear();
    column.type.reference_system.clear();
  }
  for (KeyDefinition& key : table.keys) key.options.clear();
  for (CheckDefinition& check : table.checks) check.expression = "1";
  table.options.engine.clear();
  table.options.auto_increment.reset();
  for (auto& [name, value] : table.options.other) value = "1";
  std::ranges::sort(table.options.other);
  if (table.partitioning) {
    table.partitioning->method = table.partitioning->subpartition = "1";
    for (Partition& partition : table.partitioning->partitions) partition.text.clear();
  }
  return WriteCreateTable(table);
}

// As rows see it. The server writes defaults in its own way.
model::Table Rows(const TableDefinition& definition) {
  model::Table table = *ToTable(definition);
  for (model::Column& column : table.columns) {
    column.default_value.clear();
    column.on_update.clear();
  }
  return table;
}

// The text as the lexer sees it: line breaks and the markers of version comments do not count.
std::string Words(const std::string& text) {
  auto tokens = Lex(text, ParseOptions());
  EXPECT_TRUE(tokens.ok()) << tokens.status();
  std::string out;
  if (!tokens.ok()) return out;
  for (const Token& token : *tokens) out += Render({&token, 1}) + " ";
  return out;
}

model::TableName Split(const std::string& name) {
  size_t dot = name.find('.');
  return {name.substr(0, dot), name.substr(dot + 1)};
}

class Follower {
 public:
  void Run(const std::string& head, const std::string& text) {
    std::string argument = head.substr(head.find(' ') + 1);
    if (head.starts_with("use ")) options_.default_schema = argument;
    if (head == "statement") Apply(text);
    if (head.starts_with("table ")) Compare(Split(argument), text);
    if (head.starts_with("dropped ")) {
      EXPECT_EQ(tracker_.Find(Split(argument)), nullptr) << argument << " after " << last_;
    }
  }
  int compared() const { return compared_; }

 private:
  void Apply(const std::string& text) {
    last_ = text;
    auto statement = ParseStatement(text, options_);
    ASSERT_TRUE(statement.ok()) << text << ": " << statement.status();
    auto changes = tracker_.Apply(*statement);
    ASSERT_TRUE(changes.ok()) << text << ": " << changes.status();
  }

  void Compare(const model::TableName& name, const std::string& shown) {
    ParseOptions options;
    options.default_schema = name.schema;
    auto expected = ParseDefinition(shown, options, kServerDefault);
    ASSERT_TRUE(expected.ok()) << shown << ": " << expected.status();
    CreateTableParts parts;
    parts.name = model::TableName{"", name.table};
    EXPECT_EQ(Words(WriteCreateTable(*expected, parts)), Words(shown))
        << "written as the server does";

    DefinitionPtr followed = tracker_.Find(name);
    ASSERT_NE(followed, nullptr) << name.ToString() << " after " << last_;
    EXPECT_EQ(Comparable(*followed), Comparable(*expected)) << "after " << last_;
    EXPECT_EQ(Rows(*followed), Rows(*expected)) << name.ToString() << " after " << last_;
    ++compared_;
  }

  SchemaTracker tracker_{kServerDefault};
  ParseOptions options_;
  std::string last_;
  int compared_ = 0;
};

TEST(Recorded, IsFollowedAsTheServerDid) {
  std::ifstream file(GODWIT_UNIT_TESTS "/sql/testdata/recorded.txt");
  ASSERT_TRUE(file);
  Follower follower;
  std::string head, text, line;
  auto finish = [&] {
    if (!head.empty()) follower.Run(head, text);
    text.clear();
  };
  while (std::getline(file, line)) {
    if (line.starts_with("-- ")) {
      finish();
      head = line.substr(3);
    } else {
      text += line + "\n";
    }
  }
  finish();
  EXPECT_GT(follower.compared(), 200);
}

}  // namespace
}  // namespace godwit::sql
