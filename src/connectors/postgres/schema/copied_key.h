#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "connectors/postgres/definition/definition.h"
#include "model/table.h"

namespace godwit::connectors::postgres {

// Finds the key of a row (row_key.h) in the row itself, as COPY wrote it.
class CopiedKey {
 public:
  // Nothing: the row does not tell it. `table` is the definition's (ToTable); `binary`: COPY's
  // format.
  static std::optional<CopiedKey> Find(const Definition& definition, const model::Table& table,
                                       bool binary);

  // `message`: a row, with COPY's header before it if it is the first. kInternal: it is none.
  base::StatusOr<std::string> Read(std::string_view message) const;

 private:
  struct Part {
    size_t field;   // of the row
    uint32_t type;  // its oid
  };
  explicit CopiedKey(bool binary) : binary_(binary) {}

  bool binary_;
  std::vector<Part> parts_;
};

}  // namespace godwit::connectors::postgres
