#pragma once

#include <string>
#include <vector>

#include "portal/api.h"
#include "portal/control.h"

namespace godwit::portal {

class SubtaskStatuses;

// What is asked of tasks' servers, from here: checks, plans, DDL that waits, removal. All but
// `state_dir`, where locks are kept meanwhile, is borrowed.
std::vector<Route> TaskEndsRoutes(Control& control, SubtaskStatuses& statuses,
                                  std::string state_dir);

}  // namespace godwit::portal
