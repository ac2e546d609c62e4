#pragma once

#include <string>
#include <vector>

#include "portal/api.h"
#include "portal/control.h"

namespace godwit::portal {

class SubtaskStatuses;

// Tasks: what the books have of them. All is borrowed.
std::vector<Route> TaskRoutes(Control& control, SubtaskStatuses& statuses);

}  // namespace godwit::portal
