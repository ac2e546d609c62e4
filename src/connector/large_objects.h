#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/status.h"
#include "connector/catalog.h"

// Large objects: values that a server keeps apart from its tables, under numbers that columns hold.
// Its log does not tell what becomes of them, so that both ends are compared by digests.
namespace godwit::connector {

// They are read, compared and written in parts of so many bytes; the last may be shorter.
inline constexpr uint64_t kLargeObjectPart = 512 * 1024;

struct LargeObject {
  uint64_t number = 0;
  uint64_t size = 0;
  std::string digest;   // of its first part
  std::string comment;  // a statement that gives it the comment that it has, or none
};

struct LargeObjectPart {
  uint64_t number = 0;
  uint64_t part = 0;
};

// Reads those of a source. One thread; holds one connection.
class LargeObjectReader {
 public:
  virtual ~LargeObjectReader() = default;

  // What is read from here on, until the next call, is of one moment.
  virtual base::Status NewSnapshot() = 0;
  // The first `most` with numbers above `after`, in their order.
  virtual base::StatusOr<std::vector<LargeObject>> List(uint64_t after, size_t most) = 0;
  // Of `count` parts of one; of parts beyond its end none.
  virtual base::StatusOr<std::vector<std::string>> Digests(LargeObjectPart first, size_t count) = 0;
  // Their bytes, as the target takes them.
  virtual base::StatusOr<std::vector<std::string>> Read(std::span<const LargeObjectPart> parts) = 0;
  // Owners and rights: as of kind kRights, of all of these together.
  virtual base::StatusOr<std::vector<CatalogObject>> Rights(
      const std::vector<LargeObject>& objects) = 0;
  // Ends what waits for the server, with kCancelled. From any thread.
  virtual void Cancel() = 0;
};

struct LargeObjectOrder {
  IfExists if_exists = IfExists::kError;
  bool rights = false;  // owners too
  std::stop_token stop;
};

struct LargeObjectCounts {
  uint64_t seen = 0, written = 0, removed = 0;  // objects
  uint64_t bytes = 0;                           // written
};

}  // namespace godwit::connector
