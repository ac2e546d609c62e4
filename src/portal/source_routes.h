#pragma once

#include <vector>

#include "portal/api.h"
#include "portal/control.h"

namespace godwit::portal {

class SubtaskStatuses;

// Sources, their databases and their relays. All is borrowed.
std::vector<Route> SourceRoutes(Control& control, SubtaskStatuses& statuses);

}  // namespace godwit::portal
