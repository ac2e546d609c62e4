#pragma once

#include <optional>
#include <string>

#include "cli/member/member_options.h"
#include "portal/etcd/options.h"

namespace godwit::cli {

// What a master is told of the etcd that it runs beside itself.
struct ManagedEtcdArguments {
  bool is_on = false;
  std::string peers, data_dir, binary = "etcd";

  void AddTo(LayeredOptions& options);
  // After `layers` is resolved; nothing: it runs none. kInvalidArgument: options that do not go
  // together.
  base::StatusOr<std::optional<portal::ManagedEtcdOptions>> Resolved(
      const LayeredOptions& layers, const MemberOptions& member) const;
};

}  // namespace godwit::cli
