#pragma once

#include <string>
#include <vector>

#include "portal/etcd/joining.h"
#include "portal/etcd/options.h"

namespace godwit::portal {

// The program's path. kFailedPrecondition: it is not there, or cannot be executed.
base::StatusOr<std::string> FindEtcd(const std::string& binary);

// What etcd is told, without the program's path before it.
std::vector<std::string> EtcdFlags(const ManagedEtcdOptions& options, const std::string& data_path,
                                   const EtcdBeginning& beginning);

// What it gets of this process's environment, `all` as in environ(7): its own variables (ETCD_...)
// but for those of `flags`, which it would stumble over, and Go's; no secret of ours.
std::vector<std::string> EtcdEnvironment(char** all, const std::vector<std::string>& flags);

}  // namespace godwit::portal
