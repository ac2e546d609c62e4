#include "log_reading.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "wire/mysql/transaction_payload.h"

namespace godwit::wire::mysql {
namespace {

std::vector<std::string> Split(const std::string& line, char separator) {
  std::vector<std::string> parts{""};
  for (char c : line) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

ColumnHint HintFor(const std::string& letter) {
  ColumnHint hint;
  if (letter == "u") hint.is_unsigned = true;
  if (letter == "b") hint.is_binary = true;
  if (letter == "U") hint.special = ColumnHint::Special::kUuid;
  if (letter == "4") hint.special = ColumnHint::Special::kInet4;
  if (letter == "6") hint.special = ColumnHint::Special::kInet6;
  return hint;
}

ColumnHint FractionHint(const std::string& digits) {
  ColumnHint hint;
  if (digits != "-") hint.fraction_digits = static_cast<uint8_t>(digits[0] - '0');
  return hint;
}

}  // namespace

std::string ReadTestFile(const std::string& name) {
  std::ifstream file(std::string(GODWIT_UNIT_TESTS) + "/wire/testdata/" + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::map<std::string, ExpectedTable> ReadExpected(const std::string& name) {
  std::map<std::string, ExpectedTable> tables;
  std::istringstream lines(ReadTestFile(name));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#table ")) {
      std::vector<std::string> words = Split(line, ' ');
      bool temporal = words[1].starts_with("old_");
      for (size_t i = 2; i < words.size(); ++i) {
        tables[words[1]].hints.push_back(temporal ? FractionHint(words[i]) : HintFor(words[i]));
      }
    } else {
      std::vector<std::string> cells = Split(line, '\t');
      tables[cells[0]].rows.emplace_back(cells.begin() + 1, cells.end());
    }
  }
  return tables;
}

bool SameCell(const std::string& rendered, const std::string& selected) {
  if (rendered.find('e') == rendered.npos || rendered.find('.') == rendered.npos)
    return rendered == selected;
  return std::strtod(rendered.c_str(), nullptr) == std::strtod(selected.c_str(), nullptr);
}

std::vector<Event> ReadEvents(std::string_view bytes) {
  std::vector<Event> events;
  auto file = BinlogFile::Open(bytes);
  EXPECT_TRUE(file.ok()) << file.status();
  while (file.ok()) {
    auto event = file->Next();
    EXPECT_TRUE(event.ok()) << event.status();
    if (!event.ok() || !*event) break;
    events.push_back(**event);
  }
  return events;
}

void ForEachEvent(std::string_view bytes, const std::function<void(const Event&)>& handle) {
  for (const Event& event : ReadEvents(bytes)) {
    if (event.header.type != EventType::kTransactionPayload) {
      handle(event);
      continue;
    }
    auto payload = TransactionPayload::Open(event.body);
    EXPECT_TRUE(payload.ok()) << payload.status();
    while (payload.ok()) {
      auto inner = payload->Next();
      EXPECT_TRUE(inner.ok()) << inner.status();
      if (!inner.ok() || !*inner) break;
      handle(**inner);
    }
  }
}

std::vector<LoggedRows> ReadRows(std::string_view bytes,
                                 const std::map<std::string, ExpectedTable>& tables) {
  std::vector<LoggedRows> logged;
  std::map<uint64_t, TableMap> maps;
  std::string inflated;
  ForEachEvent(bytes, [&](const Event& event) {
    if (event.header.type == EventType::kTableMap) {
      auto map = DecodeTableMap(event.body);
      EXPECT_TRUE(map.ok()) << map.status();
      if (!map.ok()) return;
      const uint64_t id = map->table_id;
      maps[id] = *std::move(map);
    }
    if (!IsRowsEvent(event.header.type)) return;
    auto rows = DecodeRowsEvent(event, inflated);
    EXPECT_TRUE(rows.ok()) << rows.status();
    if (!rows.ok()) return;
    const TableMap& map = maps[rows->table_id];
    auto known = tables.find(map.table);
    std::vector<ColumnHint> hints =
        known != tables.end() ? known->second.hints : std::vector<ColumnHint>(map.columns.size());
    auto layout = RowLayout::Compile(map, hints);
    EXPECT_TRUE(layout.ok()) << layout.status();
    if (!layout.ok()) return;
    RenderingSink sink;
    auto status = DecodeRows(*rows, *layout, sink);
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(sink.ended, sink.rows.size());
    logged.push_back({map.table, rows->kind, std::move(sink.rows)});
  });
  return logged;
}

}  // namespace godwit::wire::mysql
