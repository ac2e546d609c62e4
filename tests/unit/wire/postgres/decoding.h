#pragma once

#include <fmt/format.h>

#include <deque>

#include "message_bytes.h"
#include "wire/postgres/pgoutput.h"

namespace godwit::wire::postgres {

// Microseconds of the year 2000, and what is made of them.
inline constexpr uint64_t kPostgresTime = 5;
inline constexpr int64_t kUnixTime = 946'684'800'000'005;

inline const std::string kStreamStart = MessageBytes('S').U32(745).U8(1);

// Where a message comes to a decoder.
struct Context {
  bool in_stream = false;
  bool parallel = false;
};

inline PgOutputDecoder DecoderIn(Context context) {
  PgOutputDecoder decoder(context.parallel);
  RowTuples rows;
  if (context.in_stream) {
    EXPECT_TRUE(decoder.Decode(kStreamStart, rows).ok());
  }
  return decoder;
}

// The message that all of `from` is and no part of it is, and its rows where they are asked for.
// Both point into bytes that are kept until the program ends.
template <typename Message>
Message DecodeWhole(const std::string& from, Context context = {}, RowTuples* rows = nullptr) {
  static std::deque<std::string> kept;
  const std::string& bytes = kept.emplace_back(from);
  ExpectWholeOnly(bytes, [&](std::string_view part) {
    RowTuples unused;
    return DecoderIn(context).Decode(part, unused).status();
  });
  RowTuples unused;
  auto message = DecoderIn(context).Decode(bytes, rows != nullptr ? *rows : unused);
  EXPECT_TRUE(message.ok()) << message.status();
  if (!message.ok()) return {};
  const auto* found = std::get_if<Message>(&*message);
  EXPECT_NE(found, nullptr) << "a message of kind " << message->index();
  return found != nullptr ? *found : Message{};
}

inline std::string ErrorOf(const std::string& bytes, Context context = {}) {
  RowTuples rows;
  const auto status = DecoderIn(context).Decode(bytes, rows).status();
  EXPECT_EQ(status.code(), base::StatusCode::kDataLoss);
  return std::string(status.message());
}

// "NULL", "(unchanged)", "'text'" and "b'binary'", with commas.
inline std::string Render(const Tuple& tuple) {
  std::string text;
  for (const TupleColumn& column : tuple) {
    if (!text.empty()) text += ",";
    switch (column.kind) {
      case TupleValue::kNull:
        text += "NULL";
        break;
      case TupleValue::kUnchanged:
        text += "(unchanged)";
        break;
      case TupleValue::kText:
        text += fmt::format("'{}'", column.value);
        break;
      case TupleValue::kBinary:
        text += fmt::format("b'{}'", column.value);
        break;
    }
  }
  return text;
}

}  // namespace godwit::wire::postgres
