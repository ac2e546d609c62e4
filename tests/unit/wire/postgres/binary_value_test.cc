// What the types' receive functions read; tests/e2e/families compares what servers make of it.
#include "wire/postgres/binary_value.h"

#include <gtest/gtest.h>

#include <optional>

#include "wire/postgres/copy_binary.h"

namespace godwit::wire::postgres {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

// The bytes of the field as digits, by which its length is known; nothing: it has to go as text.
std::optional<std::string> Written(BinaryType type, std::string_view text) {
  std::string row;
  AppendBinaryRowHead(row, 2);
  AppendBinaryNull(row);
  if (!AppendBinaryField(row, type, text)) return std::nullopt;
  std::vector<std::optional<std::string_view>> values;
  if (!ParseBinaryRow(row, values) || values.size() != 2 || values[0] || !values[1]) return "?";
  std::string digits;
  for (const char c : *values[1]) {
    digits += kDigits[static_cast<uint8_t>(c) / 16];
    digits += kDigits[static_cast<uint8_t>(c) % 16];
  }
  return digits;
}

TEST(BinaryValueTest, IsWhatTheTypeMakesOfTheText) {
  using enum BinaryForm;
  const struct {
    BinaryForm form;
    std::string_view text, digits;
  } kCases[] = {
      {kBool, "1", "01"},
      {kBool, "0", "00"},
      {kInt2, "-32768", "8000"},
      {kInt4, "2147483647", "7fffffff"},
      {kInt8, "-9223372036854775808", "8000000000000000"},
      {kInt8, "9223372036854775807", "7fffffffffffffff"},
      {kFloat4, "0.1", "3dcccccd"},
      {kFloat4, "3.4028235e+38", "7f7fffff"},
      {kFloat4, "1e-45", "00000001"},
      {kFloat8, "-0", "8000000000000000"},
      {kFloat8, "0.0", "0000000000000000"},
      {kFloat8, "0.1", "3fb999999999999a"},
      {kFloat8, "1.7976931348623157e308", "7fefffffffffffff"},
      {kFloat8, "5e-324", "0000000000000001"},
      {kNumeric, "0", "0000000000000000"},
      {kNumeric, "-0.00", "0000000000000002"},
      {kNumeric, "-123.4500", "0002000040000004007b1194"},
      {kNumeric, "10000", "00010001000000000001"},
      {kNumeric, "00010000.0", "00010001000000010001"},
      {kNumeric, "1.5", "000200000000000100011388"},
      {kNumeric, "0.00001", "0001fffe0000000503e8"},
      {kNumeric, "100000000.00000001", "000500020000000800010000000000000001"},
      {kNumeric, "18446744073709551615", "000500040000000007341a5802e103bb064f"},
      {kText, "", ""},
      {kText, "a\t\xc3\xa9\\N", "6109c3a95c4e"},
      {kJsonb, "{}", "017b7d"},
      {kBytea, "\\x", ""},
      {kBytea, "\\x007fFF", "007fff"},
      {kBits, "1", "0000000180"},
      {kBits, "101010101", "00000009aa80"},
      {kBits, "", "00000000"},
      {kUuid, "123e4567-e89b-12d3-A456-426614174000", "123e4567e89b12d3a456426614174000"},
      {kDate, "2000-01-01", "00000000"},
      {kDate, "2000-03-01", "0000003c"},
      {kDate, "0001-01-01", "fff4dbf9"},
      {kDate, "9999-12-31 10:11:12.5+00", "002c95d3"},
      {kTime, "00:00:00", "0000000000000000"},
      {kTime, "23:59:59.999999", "000000141dd75fff"},
      {kTime, "24:00:00", "000000141dd76000"},
      {kTimestamp, "2000-01-01", "0000000000000000"},
      {kTimestamp, "1999-12-31 23:59:59.999999", "ffffffffffffffff"},
      {kTimestamp, "2000-01-01 00:00:01.5+00", "000000000016e360"},
      {kTimestamp, "2000-02-29 00:00:00.000001", "000004a2e0a32001"},
  };
  for (const auto& [form, text, digits] : kCases) EXPECT_EQ(Written({form}, text), digits) << text;
}

TEST(BinaryValueTest, WhatIsNotPlainIsForTheServer) {
  using enum BinaryForm;
  const struct {
    BinaryForm form;
    std::string_view text;
  } kCases[] = {
      {kBool, "t"},
      {kBool, ""},
      {kInt2, "32768"},
      {kInt4, "+1"},
      {kInt4, "1 "},
      {kInt4, ""},
      {kInt8, "18446744073709551615"},
      {kFloat4, "1e39"},
      {kFloat4, "1e-46"},
      {kFloat8, "1e-400"},
      {kFloat8, "1e400"},
      {kFloat8, "inf"},
      {kFloat8, "nan"},
      {kFloat8, "1.5x"},
      {kNumeric, ""},
      {kNumeric, "-"},
      {kNumeric, ".5"},
      {kNumeric, "5."},
      {kNumeric, "1e5"},
      {kNumeric, "NaN"},
      {kNumeric, "1.2.3"},
      {kBytea, "00"},
      {kBytea, "\\x0"},
      {kBytea, "\\x0g"},
      {kBits, "102"},
      {kUuid, "123e4567e89b12d3a456426614174000"},
      {kUuid, "123e4567-e89b-12d3-a456-42661417400g"},
      {kUuid, "123e4567-e89b-12d3-a45-6426614174000"},
      {kUuid, "123e4567-e89b-12d3-a456-426614174000-"},
      {kDate, "0000-01-01"},
      {kDate, "2023-02-29"},
      {kDate, "2024-1-1"},
      {kDate, "2024-01-01T10:00:00"},
      {kTime, "-00:00:01"},
      {kTime, "838:59:59"},
      {kTime, "24:00:00.000001"},
      {kTime, "10:60:00"},
      {kTime, "10:00:60"},
      {kTime, "10:00:00."},
      {kTime, "10:00:00.1234567"},
      {kTimestamp, "2024-01-01 24:00:00"},
      {kTimestamp, "2024-01-01 10:00:00+01"},
      {kTimestamp, "2024-01-01 10:00"},
      {kTimestamp, "infinity"},
  };
  for (const auto& [form, text] : kCases) EXPECT_EQ(Written({form}, text), std::nullopt) << text;
}

// So that its error has the value.
TEST(BinaryValueTest, WhatDoesNotFitIsForTheServer) {
  EXPECT_EQ(Written({BinaryForm::kText, 2}, "\xc3\xa9\xc3\xa9"), "c3a9c3a9");
  EXPECT_EQ(Written({BinaryForm::kText, 2}, "abc"), std::nullopt);
  EXPECT_EQ(Written({BinaryForm::kText, 2}, "a  "), std::nullopt);
  EXPECT_EQ(Written({BinaryForm::kBits, 2}, "10"), "0000000280");
  EXPECT_EQ(Written({BinaryForm::kBits, 2}, "100"), std::nullopt);
  const BinaryType numeric{BinaryForm::kNumeric, 3, 2};
  EXPECT_EQ(Written(numeric, "-999.99"), "000200004000000203e726ac");
  EXPECT_EQ(Written(numeric, "1000"), std::nullopt);
  EXPECT_EQ(Written(numeric, "1.005"), std::nullopt);
  EXPECT_EQ(Written({BinaryForm::kNumeric}, std::string(1001, '1')), std::nullopt);
  EXPECT_EQ(
      Written({BinaryForm::kNumeric}, std::string(999, '0') + "1." + std::string(999, '1'))->size(),
      16 + 4 + 4 * 250);
}

}  // namespace
}  // namespace godwit::wire::postgres
