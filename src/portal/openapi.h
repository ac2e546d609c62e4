#pragma once

#include "portal/api.h"

namespace godwit::portal {

// The OpenAPI 3 document of the routes.
Json OpenApi(const std::vector<Route>& routes, const std::string& version);

}  // namespace godwit::portal
