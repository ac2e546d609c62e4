#include "connectors/postgres/schema/copied_key.h"

#include <gtest/gtest.h>

namespace godwit::connectors::postgres {
namespace {

struct Field {
  std::string name;
  uint32_t type;
  std::string type_name;
};

Definition Keyed(const std::vector<Field>& fields, std::vector<std::string> key) {
  Definition definition;
  definition.name = {"shop", "t"};
  for (const Field& field : fields) {
    definition.columns.push_back(
        {.name = field.name, .type = field.type_name, .type_oid = field.type, .not_null = true});
  }
  definition.constraints = {
      {.name = "t_pkey", .kind = 'p', .definition = "PRIMARY KEY", .columns = std::move(key)}};
  return definition;
}

std::optional<CopiedKey> Find(const Definition& definition, bool binary) {
  return CopiedKey::Find(definition, ToTable(definition), binary);
}

std::string Row(const std::vector<std::string>& values) {
  std::string row = {'\0', static_cast<char>(values.size())};
  for (const std::string& value : values)
    row += std::string("\0\0\0", 3) + static_cast<char>(value.size()) + value;
  return row;
}

std::string Bytes(uint64_t number, size_t size) {
  std::string bytes;
  for (size_t i = size; i-- > 0;) bytes += static_cast<char>(number >> (8 * i));
  return bytes;
}

TEST(CopiedKeyTest, NumbersOfEachSize) {
  const Definition definition =
      Keyed({{"a", 21, "smallint"}, {"b", 23, "integer"}, {"c", 20, "bigint"}}, {"a", "b", "c"});
  const auto key = Find(definition, true);
  ASSERT_TRUE(key);
  const auto read = [&](int64_t a, int64_t b, int64_t c) {
    return *key->Read(Row({Bytes(static_cast<uint64_t>(a), 2), Bytes(static_cast<uint64_t>(b), 4),
                           Bytes(static_cast<uint64_t>(c), 8)}));
  };
  EXPECT_EQ(read(1, 70'000, 5'000'000'000), "1\t70000\t5000000000");
  EXPECT_EQ(read(-32'768, INT32_MIN, INT64_MIN), "-32768\t-2147483648\t-9223372036854775808");
  EXPECT_EQ(read(-1, 0, INT64_MAX), "-1\t0\t9223372036854775807");
}

TEST(CopiedKeyTest, ColumnsComeInTheOrderOfTheKey) {
  const Definition definition =
      Keyed({{"pad", 17, "bytea"}, {"id", 2950, "uuid"}, {"code", 1043, "character varying(9)"}},
            {"code", "id"});
  const auto key = Find(definition, true);
  ASSERT_TRUE(key);
  const std::string header("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
  const std::string uuid = Bytes(0x0123456789abcdef, 8) + Bytes(0xfedcba9876543210, 8);
  EXPECT_EQ(*key->Read(header + Row({"x", uuid, "a\tb\\"})),
            "a\\tb\\\\\t01234567-89ab-cdef-fedc-ba9876543210");
}

TEST(CopiedKeyTest, OfTextAnyType) {
  const Definition definition = Keyed({{"at", 1114, "timestamp without time zone"}}, {"at"});
  EXPECT_FALSE(Find(definition, true));
  const auto key = Find(definition, false);
  ASSERT_TRUE(key);
  EXPECT_EQ(*key->Read("2020-01-01 00:00:00\n"), "2020-01-01 00:00:00");
}

TEST(CopiedKeyTest, AKeyThatTheServerComputesIsNotInTheRow) {
  Definition definition = Keyed({{"a", 23, "integer"}, {"b", 23, "integer"}}, {"a"});
  definition.columns[0].generated = 's';
  EXPECT_FALSE(Find(definition, true));
  EXPECT_FALSE(Find(definition, false));
}

TEST(CopiedKeyTest, NoKeyAndNoRow) {
  Definition definition = Keyed({{"a", 23, "integer"}}, {"a"});
  const auto key = Find(definition, true);
  ASSERT_TRUE(key);
  EXPECT_FALSE(key->Read("").ok());
  EXPECT_FALSE(key->Read(Row({"abc"})).ok());
  EXPECT_FALSE(key->Read(std::string("\0\1\377\377\377\377", 6)).ok()) << "NULL";
  definition.constraints.clear();
  EXPECT_FALSE(Find(definition, true));
}

}  // namespace
}  // namespace godwit::connectors::postgres
