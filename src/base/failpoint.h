#pragma once

#include <string_view>

namespace godwit::base {

// A named place where a test can end the process as SIGKILL would, to prove that what follows a
// restart is right. GODWIT_FAILPOINTS="name", or "name:N" for the Nth passage, several with commas;
// with "/stop" behind it, the process is stopped there as by SIGSTOP, until SIGCONT. It says so on
// standard error. Costs one load of a flag when none is set.
// Thread-safe.
void Failpoint(std::string_view name);

}  // namespace godwit::base
