#include "connectors/postgres/copy/large_objects.h"

#include "connectors/postgres/definition/catalog_sql.h"
#include "connectors/postgres/schema/rights.h"

namespace godwit::connectors::postgres {
namespace {

using connector::kLargeObjectPart;
using connector::LargeObject;
using connector::LargeObjectPart;

// {0}: which of them, as `m`; {1}: the bytes of a part. 262144 is INV_READ, 2 is SEEK_END.
constexpr std::string_view kDescription = R"(
SELECT m.oid, lo_lseek64(lo_open(m.oid, 262144), 0, 2),
       encode(sha256(lo_get(m.oid, 0, {1})), 'hex'),
       format('COMMENT ON LARGE OBJECT %s IS %L', m.oid, obj_description(m.oid, 'pg_largeobject'))
  FROM ({0}) m ORDER BY m.oid)";

// {0}: the number; {1} and {2}: the first and the last part; {3}: the bytes of one.
constexpr std::string_view kDigests = R"(
SELECT encode(sha256(q.data), 'hex')
  FROM (SELECT p, lo_get({0}, p * {3}, {3}) AS data FROM generate_series({1}::bigint, {2}::bigint) p)
       q
 WHERE octet_length(q.data) > 0 ORDER BY q.p)";

base::StatusOr<std::vector<LargeObject>> Describe(Connection& connection, std::string_view which) {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows,
                          connection.Query(fmt::format(kDescription, which, kLargeObjectPart)));
  std::vector<LargeObject> objects;
  for (const ResultRow& row : rows)
    objects.push_back({NumberOf(row[0]), NumberOf(row[1]), TextOf(row[2]), TextOf(row[3])});
  return objects;
}

}  // namespace

base::StatusOr<std::vector<LargeObject>> DescribeLargeObjects(
    Connection& connection, const std::vector<std::string>& numbers) {
  return Describe(connection,
                  fmt::format("SELECT oid FROM pg_largeobject_metadata WHERE oid = ANY({})",
                              OidArray(numbers)));
}

base::StatusOr<std::vector<std::string>> DigestParts(Connection& connection, LargeObjectPart first,
                                                     size_t count) {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows,
                          connection.Query(fmt::format(kDigests, first.number, first.part,
                                                       first.part + count - 1, kLargeObjectPart)));
  std::vector<std::string> digests;
  for (const ResultRow& row : rows) digests.push_back(TextOf(row[0]));
  return digests;
}

std::string NoLargeObjectComment(uint64_t number) {
  return fmt::format("COMMENT ON LARGE OBJECT {} IS NULL", number);
}

std::vector<std::string> NumbersOf(std::span<const LargeObject> objects) {
  std::vector<std::string> numbers;
  for (const LargeObject& object : objects) numbers.push_back(std::to_string(object.number));
  return numbers;
}

base::Status SourceLargeObjects::NewSnapshot() {
  GODWIT_RETURN_IF_ERROR(connection_->Execute("COMMIT").status());  // of none: only a warning
  return connection_->Execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").status();
}

base::StatusOr<std::vector<LargeObject>> SourceLargeObjects::List(uint64_t after, size_t most) {
  return Describe(*connection_,
                  fmt::format("SELECT oid FROM pg_largeobject_metadata WHERE oid > {}::oid ORDER "
                              "BY oid LIMIT {}",
                              after, most));
}

base::StatusOr<std::vector<std::string>> SourceLargeObjects::Digests(LargeObjectPart first,
                                                                     size_t count) {
  return DigestParts(*connection_, first, count);
}

base::StatusOr<std::vector<std::string>> SourceLargeObjects::Read(
    std::span<const LargeObjectPart> parts) {
  std::string list;
  for (const LargeObjectPart& part : parts) {
    list += fmt::format("{}({}::oid, {}::bigint)", list.empty() ? "" : ", ", part.number,
                        part.part * kLargeObjectPart);
  }
  std::vector<std::string> bytes;
  if (parts.empty()) return bytes;
  GODWIT_ASSIGN_OR_RETURN(
      std::vector<ResultRow> rows,
      connection_->Query(fmt::format("SELECT lo_get(q.number, q.begin, {}) FROM (VALUES {}) AS "
                                     "q(number, begin)",
                                     kLargeObjectPart, list)));
  for (ResultRow& row : rows) bytes.push_back(std::move(row[0]).value_or(""));
  if (bytes.size() != parts.size()) return base::Internal("source: large objects were not read");
  return bytes;
}

base::StatusOr<std::vector<connector::CatalogObject>> SourceLargeObjects::Rights(
    const std::vector<LargeObject>& objects) {
  return ReadLargeObjectRights(*connection_, NumbersOf(objects));
}

}  // namespace godwit::connectors::postgres
