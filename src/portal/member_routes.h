#pragma once

#include <vector>

#include "portal/api.h"
#include "portal/control.h"

namespace godwit::portal {

// "free": with a free slot; "bound", "offline".
std::string_view StateOf(const cluster::View::Worker& worker);

// Masters and workers. `control` is borrowed.
std::vector<Route> MemberRoutes(Control& control);

}  // namespace godwit::portal
