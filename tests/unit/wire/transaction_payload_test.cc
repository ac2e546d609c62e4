#include "wire/mysql/transaction_payload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include "log_reading.h"

namespace godwit::wire::mysql {
namespace {

using ::testing::ElementsAre;

// An event whose body is `size` times `fill`; its header says `claimed` bytes more than it has.
std::string EventOf(size_t size, char fill, size_t claimed = 0,
                    EventType type = EventType::kRowsQuery) {
  const size_t all = kEventHeaderSize + size + claimed;
  std::string event(4, '\0');
  event += static_cast<char>(type);
  event += std::string(4, '\0');
  for (int shift = 0; shift < 32; shift += 8) event += static_cast<char>(all >> shift & 0xff);
  event += std::string(6, '\0');
  return event + std::string(size, fill);
}

std::string Zstd(const std::string& plain) {
  std::string packed(ZSTD_compressBound(plain.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), plain.data(), plain.size(), 3));
  return packed;
}

// The event's body around `payload`.
std::string Body(const std::string& payload, uint8_t compression) {
  std::string body("\2", 1);
  body += compression < 251 ? std::string(1, '\1') : std::string(1, '\3');
  if (compression >= 251) body += '\xfc';
  body += static_cast<char>(compression);
  if (compression >= 251) body += '\0';
  body += std::string("\1\x9\xfe", 3);
  for (int shift = 0; shift < 64; shift += 8)
    body += static_cast<char>(static_cast<uint64_t>(payload.size()) >> shift & 0xff);
  return body + std::string("\7\3new\0", 6) + payload;
}

struct Outcome {
  std::vector<size_t> sizes;  // of the bodies
  base::Status status;
};
Outcome ReadAll(const std::string& body) {
  Outcome outcome;
  auto payload = TransactionPayload::Open(body);
  outcome.status = payload.status();
  while (outcome.status.ok()) {
    auto event = payload->Next();
    outcome.status = event.status();
    if (!event.ok() || !*event) break;
    const std::string_view bytes = (*event)->body;
    EXPECT_EQ(bytes.find_first_not_of(bytes.empty() ? 'x' : bytes.front()), bytes.npos);
    outcome.sizes.push_back(bytes.size());
  }
  return outcome;
}

TEST(TransactionPayload, OfARealLog) {
  const std::string bytes = ReadTestFile("mysql_compressed.binlog");
  std::vector<std::string> types;
  for (const Event& event : ReadEvents(bytes)) {
    if (event.header.type != EventType::kTransactionPayload) continue;
    auto payload = TransactionPayload::Open(event.body);
    ASSERT_TRUE(payload.ok()) << payload.status();
    EXPECT_GT(payload->claimed_size(), event.body.size());
    uint64_t inflated = 0;
    std::string shown;
    for (auto inner = payload->Next(); inner.ok() && *inner; inner = payload->Next()) {
      inflated += (*inner)->header.event_size;
      const std::string name(EventTypeName((*inner)->header.type));
      if (!shown.ends_with(name + " ")) shown += name + " ";
    }
    EXPECT_EQ(inflated, payload->claimed_size());
    types.push_back(shown);
  }
  EXPECT_THAT(types,
              ElementsAre("Query Table_map Write_rows Table_map Update_rows Xid ",
                          "Query Table_map Write_rows Xid ", "Query Table_map Delete_rows Xid "));
  size_t rows = 0;
  for (const LoggedRows& event : ReadRows(bytes, {})) rows += event.rows.size();
  EXPECT_EQ(rows, 2u + 2u + 2000u + 2u);
}

TEST(TransactionPayload, StoredAsItIs) {
  Outcome outcome = ReadAll(Body(EventOf(5, 'a') + EventOf(0, 'b') + EventOf(300, 'c'), 255));
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_THAT(outcome.sizes, ElementsAre(5, 0, 300));
  EXPECT_TRUE(ReadAll(Body("", 255)).status.ok());
}

TEST(TransactionPayload, EventsOfAllSizesInOneStreamOrMore) {
  std::string plain, frames;
  std::vector<size_t> sizes;
  for (size_t i = 0; i < 200; ++i) {
    const size_t size = i % 7 == 0 ? i * 40000 : i * 13;
    sizes.push_back(size);
    plain += EventOf(size, static_cast<char>('a' + i % 26));
    frames += Zstd(EventOf(size, static_cast<char>('a' + i % 26)));
  }
  for (const std::string& packed : {Zstd(plain), frames}) {
    Outcome outcome = ReadAll(Body(packed, 0));
    EXPECT_TRUE(outcome.status.ok()) << outcome.status;
    EXPECT_EQ(outcome.sizes, sizes);
  }
}

TEST(TransactionPayload, WhatIsCutOffOrCorruptIsDataLoss) {
  const std::string packed = Zstd(EventOf(1000, 'a') + EventOf(100, 'b'));
  const std::string body = Body(packed, 0);
  for (size_t size = 0; size < body.size(); ++size)
    EXPECT_EQ(ReadAll(body.substr(0, size)).status.code(), base::StatusCode::kDataLoss) << size;
  for (size_t size = 0; size < packed.size(); ++size) {
    EXPECT_EQ(ReadAll(Body(packed.substr(0, size), 0)).status.code(), base::StatusCode::kDataLoss)
        << size;
  }
  EXPECT_EQ(ReadAll(Body("not zstd at all", 0)).status.code(), base::StatusCode::kDataLoss);
  EXPECT_EQ(ReadAll(Body(packed + "x", 0)).status.code(), base::StatusCode::kDataLoss);
  for (uint8_t compression : {0, 255}) {
    const auto wrap = [&](const std::string& plain) {
      return Body(compression == 0 ? Zstd(plain) : plain, compression);
    };
    EXPECT_EQ(ReadAll(wrap(EventOf(5, 'a').substr(0, 23))).status.code(),
              base::StatusCode::kDataLoss);
    EXPECT_EQ(ReadAll(wrap("short")).status.code(), base::StatusCode::kDataLoss);
    // Announces 900 MB, which must not be made room for.
    EXPECT_EQ(ReadAll(wrap(EventOf(5, 'a', 900'000'000))).status.code(),
              base::StatusCode::kDataLoss);
    EXPECT_EQ(ReadAll(wrap(EventOf(5, 'a', 2'000'000'000))).status.code(),
              base::StatusCode::kDataLoss);
    EXPECT_EQ(ReadAll(wrap(EventOf(5, 'a', 0, EventType::kTransactionPayload))).status.code(),
              base::StatusCode::kDataLoss);
  }
}

TEST(TransactionPayload, UnknownCompressionIsRefused) {
  EXPECT_EQ(ReadAll(Body("x", 1)).status.code(), base::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace godwit::wire::mysql
