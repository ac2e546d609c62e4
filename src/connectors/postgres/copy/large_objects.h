#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "connector/large_objects.h"
#include "connectors/postgres/connection/connection.h"

// Large objects (pg_largeobject) of either end, as SQL functions show them: what one may SELECT of
// a large object is enough, and holes are read as the zeros that they stand for.
namespace godwit::connectors::postgres {

// Those with these numbers that are there, in their order.
base::StatusOr<std::vector<connector::LargeObject>> DescribeLargeObjects(
    Connection& connection, const std::vector<std::string>& numbers);

// As of LargeObjectReader.
base::StatusOr<std::vector<std::string>> DigestParts(Connection& connection,
                                                     connector::LargeObjectPart first,
                                                     size_t count);

// What gives one the comment that a new one has: none.
std::string NoLargeObjectComment(uint64_t number);

std::vector<std::string> NumbersOf(std::span<const connector::LargeObject> objects);

class SourceLargeObjects : public connector::LargeObjectReader {
 public:
  explicit SourceLargeObjects(std::unique_ptr<Connection> connection)
      : connection_(std::move(connection)) {}

  base::Status NewSnapshot() override;
  base::StatusOr<std::vector<connector::LargeObject>> List(uint64_t after, size_t most) override;
  base::StatusOr<std::vector<std::string>> Digests(connector::LargeObjectPart first,
                                                   size_t count) override;
  // As bytea is written in SQL.
  base::StatusOr<std::vector<std::string>> Read(
      std::span<const connector::LargeObjectPart> parts) override;
  base::StatusOr<std::vector<connector::CatalogObject>> Rights(
      const std::vector<connector::LargeObject>& objects) override;
  void Cancel() override { connection_->Cancel(); }

 private:
  const std::unique_ptr<Connection> connection_;
};

}  // namespace godwit::connectors::postgres
