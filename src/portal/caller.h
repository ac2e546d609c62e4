#pragma once

#include <functional>
#include <string>

#include "base/status.h"

namespace godwit::portal {

enum class Role : uint8_t { kRead, kOperate };  // each may do what those before it may

// Who asks, for the log and for what he may do.
struct Caller {
  std::string name;
  Role role = Role::kRead;
};

// By the header `Authorization`, empty where there is none. kUnauthenticated: it is nobody's.
// Thread-safe.
using CheckCaller = std::function<base::StatusOr<Caller>(const std::string& authorization)>;

}  // namespace godwit::portal
