#pragma once

#include "portal/api.h"

namespace godwit::portal {

// What the documents of requests and answers are made of, by name: the OpenAPI document's
// components/schemas.
const Json& Schemas();

}  // namespace godwit::portal
